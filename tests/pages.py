"""The book's pages and the explorers on them, as tests meet them in a browser."""

import re
from pathlib import Path

from sevenlenses.lens import Knob
from sevenlenses.lenses import EXPERIMENTS

ROOT = Path(__file__).resolve().parent.parent
CHAPTERS = re.findall(r"(?:root|file): (\S+)", (ROOT / "_toc.yml").read_text())
SOURCES = {page: (ROOT / f"{page}.md").read_text() for page in CHAPTERS}
EXPLORERS = {page: re.findall(r"^explore\((\w+)", source, re.MULTILINE) for page, source in SOURCES.items()}
EXPLORING = [page for page in CHAPTERS if EXPLORERS[page]]

UNFOLD = """() => {
    document.querySelectorAll("details").forEach((folded) => { folded.open = true; });
    document.getAnimations().forEach((animation) => animation.finish());
}"""


def in_theme(tab, theme: str) -> None:
    """The page in this theme, which it takes from the reader's system; all is unfolded, and nothing moves any more."""
    tab.emulate_media(color_scheme=theme)
    tab.wait_for_function("(theme) => document.documentElement.dataset.theme === theme", arg=theme)
    tab.evaluate(UNFOLD)


KERNEL = "window.jupyterapp.shell.currentWidget.sessionContext"  # of the notebook in front, in JupyterLab


def round_trip(tab) -> None:
    """The notebook's kernel answers: what was sent before has been taken."""
    tab.evaluate(f"() => {KERNEL}.session.kernel.requestExecute({{ code: '0' }}).done.then(() => 0)")


class OnPage:
    """One explorer on an open page: its controls by name, and what it shows."""

    def __init__(self, tab, index: int):
        self.tab, self.root = tab, tab.locator("figure.sl-explorer:has(.sl-data)").nth(index)
        self.experiment = EXPERIMENTS[self.root.get_attribute("id").removeprefix("explore-")]
        found = self.root.locator("[data-knob]").evaluate_all("(all) => all.map((one) => one.id)")
        self.controls = {one.removeprefix(f"{self.experiment.name}-"): tab.locator(f"#{one}") for one in found}

    def knob(self, name: str) -> Knob:
        return self.experiment.knobs[name]

    def turn(self, name: str, value) -> None:
        control, position = self.controls[name], self.knob(name).stops.index(value)
        if self.knob(name).is_choice:
            control.select_option(index=position)
        else:
            control.fill(str(position))

    def shown(self) -> tuple[str, str]:
        """The picture's markup and its description."""
        words = self.root.locator(".sl-said").text_content()
        return self.root.locator(".sl-picture").inner_html(), " ".join(words.split())


def luminance(color: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    shares = [float(part) / 255 for part in re.findall(r"[\d.]+", color)[:3]]
    red, green, blue = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(colors: list[str]) -> float:
    low, high = sorted(map(luminance, colors))
    return (high + 0.05) / (low + 0.05)
