"""How the course draws: one colour, marker and line style for each model, and pictures that follow the page's theme.

Pictures are SVG whose colours are CSS variables, so one drawing serves light and dark. They are drawn here in stand-in
colours, which `picture` replaces.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from xml.etree import ElementTree

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator


@dataclass(frozen=True)
class Style:
    """How one thing looks everywhere: told apart by colour, by marker and by line."""

    label: str
    color: str
    marker: str
    line: str | tuple


VERMILLION, BLUE, GREEN, PINK = "#d55e00", "#0072b2", "#009e73", "#c2185b"
INK, FAINT = "#010203", "#040506"  # stand-ins for text and for grid lines
DASHED, DOTTED, DASH_DOTTED = (0, (5, 2)), (0, (1, 1.6)), (0, (7, 2, 1.5, 2))

STYLES = {
    "rnn": Style("RNN", VERMILLION, "o", DASHED),
    "rnn-orthogonal": Style("RNN, orthogonal", VERMILLION, "P", DOTTED),
    "lstm": Style("LSTM", BLUE, "s", "-"),
    "lstm-forget-0": Style("LSTM, forget bias 0", BLUE, "X", DOTTED),
    "lstm-forget-1": Style("LSTM, forget bias 1", BLUE, "s", "-"),
    "lstm-forget-3": Style("LSTM, forget bias 3", BLUE, "D", DASHED),
    "lstm-chrono": Style("LSTM, chrono", BLUE, "*", DASH_DOTTED),
    "attention": Style("attention", GREEN, "^", DASH_DOTTED),
    "attention-positions": Style("attention, positions", GREEN, "v", DASH_DOTTED),
    "direct": Style("direct paths", GREEN, "^", DASH_DOTTED),
    "product": Style("product of forget gates", INK, ".", DASHED),
    "formula": Style("formula", INK, "", DASHED),
    "own": Style("your run", PINK, "d", "-"),
}

VARIABLES = {
    INK: "currentColor",
    FAINT: "var(--sl-faint)",
    VERMILLION: "var(--sl-rnn)",
    BLUE: "var(--sl-lstm)",
    GREEN: "var(--sl-attention)",
    PINK: "var(--sl-own)",
}

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


WIDTH = 6.2  # inches; 72 units each in the SVG


@contextmanager
def canvas(panels: int = 1, height: float = 3.4) -> Iterator[list[Axes]]:
    """Axes in the course's style, each on a figure of its own, so that a narrow screen can stack them.

    Args:
        height: inches.
    """
    width = WIDTH if panels == 1 else 0.72 * WIDTH
    with matplotlib.rc_context(RC):
        axes = []
        for _ in range(panels):
            fig = Figure(figsize=(width, height))
            FigureCanvasSVG(fig)
            axes.append(fig.add_subplot())
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
    with matplotlib.rc_context(RC):
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


SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def power_of_ten(value: float) -> str:
    """1e-40 as "10⁻⁴⁰": plain text, so that a small screen can enlarge it."""
    exponent = round(float(np.log10(value)))
    return "1" if exponent == 0 else f"10{str(exponent).translate(SUPERSCRIPT)}"


def scientific(value: float) -> str:
    """A number as a reader says it: 0.031, or 4.1 × 10⁻³⁰."""
    if not np.isfinite(value) or value == 0 or 1e-3 <= abs(value) < 1e4:
        return f"{value:.2g}"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}10{str(int(exponent)).translate(SUPERSCRIPT)}"


def log_axis(axes: Axes, low: int, high: int, every: int) -> None:
    """A logarithmic y axis from 10**low to 10**high, ticks `every` so many powers of ten."""
    axes.set_yscale("log")
    axes.set_ylim(10.0**low, 10.0**high)
    axes.yaxis.set_major_locator(FixedLocator([10.0**e for e in range(low - low % every, high + 1, every)]))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: power_of_ten(value)))


def thin(length: int, points: int = 18) -> np.ndarray:
    """Which of `length` samples a curve needs for the eye: the first few, then evenly spread to the end."""
    return np.unique(np.r_[: min(4, length), np.linspace(0, length - 1, min(points, length)).round().astype(int)])


def band(
    axes: Axes, x: np.ndarray, runs: np.ndarray, style: Style, *, layer: str, label: str | None = None, floor=None
):
    """Median over runs (seeds, points) as a line, least to greatest as a band; grouped under `layer` in the SVG.

    With `floor`, values below it are drawn at it: a log axis has no place for zero.
    """
    runs = runs if floor is None else np.maximum(runs, floor)
    line = np.median(runs, 0)
    if len(runs) > 1:
        axes.fill_between(x, runs.min(0), runs.max(0), color=style.color, alpha=0.18, linewidth=0, gid=f"{layer}/band")
    return axes.plot(
        x,
        line,
        color=style.color,
        linestyle=style.line,
        marker=style.marker,
        markevery=max(1, len(x) // 6),
        label=label or style.label,
        gid=f"{layer}/line",
        solid_capstyle="round",
    )
