"""What both faces of the explorer say in the same words: legend, source line, description."""

from __future__ import annotations

from collections.abc import Collection
from html import escape

from .. import figures
from ..lens import Experiment, Result

SWATCHES = {
    "o": '<circle cx="16" cy="6" r="3.6"/>',
    "s": '<rect x="12.6" y="2.6" width="6.8" height="6.8"/>',
    "^": '<path d="M16 1.6l4.2 7.6h-8.4z"/>',
    "v": '<path d="M16 10.4l4.2-7.6h-8.4z"/>',
    "D": '<path d="M16 1.6l4.4 4.4l-4.4 4.4l-4.4-4.4z"/>',
    "d": '<path d="M16 1.2l3 4.8l-3 4.8l-3-4.8z"/>',
    "P": '<path d="M14.6 2.2h2.8v2.4h2.4v2.8h-2.4v2.4h-2.8v-2.4h-2.4v-2.8h2.4z"/>',
    "X": '<path d="M13.2 2.2l5.6 7.6M18.8 2.2l-5.6 7.6" stroke="currentColor" stroke-width="2.4"/>',
    "*": '<path d="M16 1l1.4 3.5l3.7.2l-2.9 2.3l1 3.6l-3.2-2l-3.2 2l1-3.6l-2.9-2.3l3.7-.2z"/>',
    "<": '<path d="M11.4 6l7.6-4.2v8.4z"/>',
    ">": '<path d="M20.6 6l-7.6-4.2v8.4z"/>',
    "p": '<path d="M16 1.4l4.4 3.2l-1.7 5.2h-5.4l-1.7-5.2z"/>',
    "8": '<path d="M14.3 2h3.4l2.4 2.3v3.4l-2.4 2.3h-3.4l-2.4-2.3v-3.4z"/>',
    "h": '<path d="M16 1.6l3.8 2.2v4.4l-3.8 2.2l-3.8-2.2v-4.4z"/>',
    "H": '<path d="M12 6l2-3.6h4l2 3.6l-2 3.6h-4z"/>',
    "x": '<path d="M13.4 2.6l5.2 6.8M18.6 2.6l-5.2 6.8" stroke="currentColor" stroke-width="1.6"/>',
    "+": '<path d="M16 1.8v8.4M11.8 6h8.4" stroke="currentColor" stroke-width="1.6"/>',
    "1": '<path d="M16 6v4.4M16 6l-3.8-3M16 6l3.8-3" stroke="currentColor" stroke-width="1.6"/>',
    ".": '<circle cx="16" cy="6" r="2"/>',
    "": "",
}


def swatch(name: str) -> str:
    """A small sample of a model's line and marker."""
    style = figures.STYLES[name]
    dashes = "" if style.line == "-" else f' stroke-dasharray="{" ".join(map(str, style.line[1]))}"'
    color = figures.VARIABLES[style.color]
    return (
        f'<svg class="sl-swatch" viewBox="0 0 32 12" aria-hidden="true" focusable="false" style="color:{color}">'
        f'<path d="M0 6h32" fill="none" stroke="currentColor" stroke-width="2"{dashes}/>'
        f'<g fill="currentColor">{SWATCHES[style.marker]}</g></svg>'
    )


def legend(names: list[str], hidden: Collection[str] = ()) -> str:
    """Swatch and label for each model in the picture; those in `hidden` wait until a control brings them in."""
    items = "".join(
        f"<li{' hidden' * (name in hidden)}>{swatch(name)} {escape(figures.STYLES[name].label)}</li>" for name in names
    )
    return f'<ul class="sl-legend">{items}</ul>'


def source_line(result: Result, *, live: bool) -> str:
    """Where the picture comes from: recorded or live, seeds, device, versions, seconds."""
    seeds = result.seeds
    which = f"seed {seeds[0]}" if len(seeds) == 1 else f"{len(seeds)} seeds ({min(seeds)}–{max(seeds)})"
    made = result.setup
    kind = "Live, on your kernel" if live else "Recorded"
    seconds = made["seconds"]
    spent = f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
    return f"{kind}: {which} · {made['device']} · torch {made['torch']} · {spent}"


def description(experiment: Experiment, result: Result) -> str:
    """The picture in words, as one paragraph per layer."""
    said = experiment.describe(result)
    return "".join(f"<span>{escape(said[layer])} </span>" for layer in experiment.layers if layer in said)


def drawn(
    experiment: Experiment, result: Result, own: Result | None = None, only: str | None = None
) -> figures.Picture:
    """The experiment's picture of a result, taken apart by layer; with `only`, just that layer."""
    with figures.canvas(experiment.panels, experiment.height) as axes:
        experiment.draw(result, axes, own)
        return figures.picture(axes, list(experiment.layers), only)


def spoken(experiment: Experiment, result: Result) -> str:
    """The picture in words, as plain text."""
    return " ".join(experiment.describe(result).values())
