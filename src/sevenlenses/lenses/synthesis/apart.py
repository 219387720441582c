"""Take one property away from attention: what falls?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Result
from ..tables import table
from . import grid
from .ladder import COLUMNS, WORDS
from .rungs import ABLATIONS, OTHERS, RUNGS, TESTS

WHOLE = "rung-roles"
ROWS = {
    WHOLE: "all five steps",
    "no-growth": "− last 8 kept only",
    "no-asking": "− relevance fixed",
    "no-softmax": "− no softmax",
    "chained-roles": "− chain put back",
    "no-content": "− by distance",
    "rung-unchained": "− one role",
    "no-scale": "− no scale",
    "attention": "four heads",
    "tied-heads": "one role, 4 heads",
    "linear-attention": "linear attention",
}
assert set(ROWS) == {WHOLE, *ABLATIONS, *OTHERS}


@dataclass(frozen=True, kw_only=True)
class Apart(Result):
    """final: (seeds, ROWS, tests), accuracy."""

    final: np.ndarray


def gather(load, settings) -> Apart:
    """From the rungs' records."""
    found = table(load, RUNGS, {"variant": list(ROWS), "test": TESTS}, "final")
    return Apart(knobs=dict(settings), **found)


def draw(result: Apart, axes, own=None) -> None:
    """A row a model; numbers that fall below attention's bear a sign."""
    (ax,) = axes
    mean = result.final.mean(0)
    grid.frame(ax, len(ROWS), list(COLUMNS.values()))
    for i, (name, words) in enumerate(ROWS.items()):
        grid.label(ax, i, words, "rows")
        for j in range(len(TESTS)):
            sign = grid.change(mean[i, j], mean[0, j])
            grid.cell(ax, i, j, mean[i, j], f"{mean[i, j]:.2f}{sign}", figures.STYLES[name].color, "rows", bool(sign))


def describe(result: Apart) -> dict[str, str]:
    """The rows in numbers."""
    mean = result.final.mean(0)
    rows = [
        f"{words}: " + ", ".join(f"{WORDS[test]} {mean[i, j]:.2f}" for j, test in enumerate(TESTS))
        for i, words in enumerate(ROWS.values())
    ]
    return {"frame": "Mean accuracy on four tests.", "rows": "\n".join(rows)}


APART = Experiment(
    name="synthesis-apart",
    question="Take one property away: what falls?",
    knobs={},
    draw=draw,
    describe=describe,
    layers={"frame": (), "rows": ()},
    result=Apart,
    models=lambda result: [],
    recorded=True,
    gather=gather,
    height=4.6,
)
