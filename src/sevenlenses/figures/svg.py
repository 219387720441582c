"""Pictures as SVG that follows the page's theme, taken apart by layer."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from xml.etree import ElementTree

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from ..settings import fixed
from .axes import QuickAxes
from .styles import FAINT, INK, VARIABLES

RC = {
    "svg.fonttype": "none",
    "svg.hashsalt": "seven lenses",
    "font.size": 11.5,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.titlesize": 11.5,
    "axes.titlelocation": "left",
    "axes.titley": 1.03,  # a fixed place spares the search for a free one
    "axes.titlecolor": INK,
    "grid.color": FAINT,
    "grid.linewidth": 0.8,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "lines.linewidth": 2.0,
    "lines.markersize": 5.5,
    "savefig.transparent": True,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
}
# Whole: Matplotlib's own values for all that RC does not say, whatever a matplotlibrc or an earlier cell has set.
WHOLE = {name: matplotlib.rcParamsDefault[name] for name in matplotlib.rcParamsDefault if name != "backend"} | RC


WIDTH = 6.2  # inches; 72 units each in the SVG


@contextmanager
def style() -> Iterator[None]:
    """Matplotlib's settings as the course has them, all of them."""
    with fixed(), matplotlib.rc_context():
        dict.update(matplotlib.rcParams, WHOLE)  # not checked one by one again, which would take longer than to draw
        yield


@contextmanager
def canvas(panels: int = 1, height: float = 3.4) -> Iterator[list[Axes]]:
    """Axes in the course's style, each on a figure of its own, so that a narrow screen can stack them.

    Args:
        height: inches.
    """
    width = WIDTH if panels == 1 else 0.72 * WIDTH
    with style():
        axes = []
        for _ in range(panels):
            fig = Figure(figsize=(width, height))
            FigureCanvasSVG(fig)
            axes.append(fig.add_subplot(axes_class=QuickAxes))
            axes[-1].xaxis.set_label_coords(0.5, -0.37 / (height - 0.96))
            # fixed margins, with room for the larger labels of a narrow screen: axes must not move between frames
            fig.subplots_adjust(left=0.88 / width, right=0.97, top=1 - 0.36 / height, bottom=0.6 / height)
        yield axes


SVG = "http://www.w3.org/2000/svg"
ElementTree.register_namespace("", SVG)
ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")


@dataclass(frozen=True)
class Picture:
    """A drawing taken apart: the view box of each panel, and for each layer the SVG markup in each panel."""

    boxes: list[str]
    layers: dict[str, list[str]]

    def svg(self) -> str:
        """The panels as SVG elements, hidden from screen readers: a description stands beside them."""
        return "".join(
            f'<svg viewBox="{box}" aria-hidden="true" focusable="false">'
            + "".join(f'<g data-layer="{name}">{panels[i]}</g>' for name, panels in self.layers.items())
            + "</svg>"
            for i, box in enumerate(self.boxes)
        )


def picture(axes: Sequence[Axes], layers: Sequence[str], only: str | None = None) -> Picture:
    """Render axes whose artists carry `gid`s like "rnn/line", and take the drawing apart by layer.

    What has no such gid (axes, labels, grid) belongs to the first layer. With `only`, just that layer is rendered,
    which is several times faster.
    """
    boxes, parts = [], {name: [] for name in layers}
    for ax in axes:
        if only not in (None, layers[0]):
            _hide_all_but(ax, only)
        root = _rendered(ax.figure)
        boxes.append(root.get("viewBox"))
        parents = {child: parent for parent in root.iter() for child in parent}
        found = {name: "" for name in layers}
        for group in [g for g in root.iter(f"{{{SVG}}}g") if g.get("id", "").split("/")[0] in layers[1:]]:
            parents[group].remove(group)
            group.tail = None
            found[group.get("id").split("/")[0]] += _markup(group)
        found[layers[0]] = "".join(_markup(child) for child in root)
        for name in layers:
            parts[name].append(found[name])
    return Picture(boxes, parts)


def _hide_all_but(ax: Axes, layer: str) -> None:
    ax.set_axis_off()
    ax.title.set_visible(False)
    for artist in ax.get_children():
        if not str(artist.get_gid()).startswith(f"{layer}/"):
            artist.set_visible(False)


def _rendered(fig: Figure) -> ElementTree.Element:
    with style():
        buffer = io.StringIO()
        fig.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    root = ElementTree.fromstring(buffer.getvalue())
    for metadata in root.findall(f"{{{SVG}}}metadata"):
        root.remove(metadata)
    for parent in [p for p in root.iter() if p.find(f"{{{SVG}}}style") is not None]:
        root.remove(parent)  # it would style the whole page, and each change of it costs a frame; see explorer.css
    return root


def _markup(element: ElementTree.Element) -> str:
    """An element as compact markup: colours that follow the theme, one decimal, the page's own font."""
    text = ElementTree.tostring(element, encoding="unicode")
    text = re.sub(r' xmlns(:\w+)?="[^"]*"', "", text).replace("xlink:href", "href")
    text = re.sub(
        r'(?<= d=")[^"]*', lambda d: re.sub(r"\s*([MLCz])\s*", r"\1", re.sub(r"(\.\d)\d+", r"\1", d[0])), text
    )
    text = re.sub(r'(?<= [xy]=")([-\d]+\.\d)\d+', r"\1", text)
    text = re.sub(r"; font-family: [^;\"]+|font-family: [^;\"]+; ", "", text)
    text = re.sub(r">\s+<", "><", text)
    for stand_in, variable in VARIABLES.items():
        text = text.replace(stand_in, variable)
    return re.sub(r' id="(?!m[0-9a-f]{10}"|p[0-9a-f]{10}")[^"]*"', "", text)  # keep markers and clips, drop names
