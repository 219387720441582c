"""From the LSTM to attention in five steps: which number does each of them move?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Knob, Result
from ..tables import table
from . import grid
from .rungs import LADDER, RUNGS, TASKS, TESTS
from .waits import waits

NAMES = ("LSTM", "keep, average", "ask", "choose", "no chain", "three roles")
COLUMNS = {"far": "far", "few": "4\npairs", "many": "32\npairs", "kin": "next\nkey"}
WORDS = {test: words.replace("\n", " ") for test, words in COLUMNS.items()}
MOVES = ("", "far", "few", "many", "waits", "kin")  # what each step was added for
STEPS = TASKS["far"].length  # of the sequence on which waiting operations are counted

KNOBS = {
    "rung": Knob("Up to step", 5, (0, 1, 2, 3, 4, 5), 0, 5, names={i: f"{i}: {name}" for i, name in enumerate(NAMES)})
}


@dataclass(frozen=True, kw_only=True)
class Ladder(Result):
    """final: (seeds, rungs, tests), accuracy. waits: (1, rungs), operations in a row for one pass."""

    final: np.ndarray
    waits: np.ndarray


def gather(load, settings) -> Ladder:
    """From the rungs' records; the waiting operations are counted now."""
    found = table(load, RUNGS, {"variant": LADDER, "test": TESTS}, "final")
    counted = np.array([[waits(name, STEPS) for name in LADDER]], dtype=float)  # (1, rungs)
    return Ladder(knobs=dict(settings), waits=counted, **found)


def quickness(counts: np.ndarray) -> np.ndarray:
    """From 0 for the most operations in a row to 1 for a single one, on a scale of factors."""
    return 1 - np.log(counts) / np.log(counts.max())


def draw(result: Ladder, axes, own=None) -> None:
    """A row a rung, down to the knob's; a number that has moved bears a sign, the one that it was meant for a frame."""
    (ax,) = axes
    mean, counts = result.final.mean(0), result.waits[0]
    grid.frame(ax, len(LADDER), [*COLUMNS.values(), "in a\nrow"])
    for i in range(result.knobs["rung"] + 1):
        color = figures.STYLES[LADDER[i]].color
        grid.label(ax, i, f"{i}  {NAMES[i]}", "rows")
        for j, test in enumerate(TESTS):
            sign = grid.change(mean[i, j], mean[i - 1, j]) if i else ""
            grid.cell(ax, i, j, mean[i, j], f"{mean[i, j]:.2f}{sign}", color, "rows", MOVES[i] == test)
        sign = "▼" if i and counts[i] < counts[i - 1] / 2 else ""
        grid.cell(
            ax, i, len(TESTS), quickness(counts)[i], f"{counts[i]:,.0f}{sign}", color, "rows", MOVES[i] == "waits"
        )


def describe(result: Ladder) -> dict[str, str]:
    """The rows in numbers."""
    mean, counts = result.final.mean(0), result.waits[0]
    rows = [
        f"Step {i}, {NAMES[i]}: "
        + ", ".join(f"{WORDS[test]} {mean[i, j]:.2f}" for j, test in enumerate(TESTS))
        + f"; {counts[i]:,.0f} operations in a row."
        for i in range(result.knobs["rung"] + 1)
    ]
    return {"frame": "Mean accuracy on four tests, and operations that wait for each other.", "rows": "\n".join(rows)}


LADDER_PICTURE = Experiment(
    name="synthesis-ladder",
    question="Which number does each step move?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": (), "rows": ("rung",)},
    result=Ladder,
    models=lambda result: [],
    recorded=True,
    gather=gather,
    height=3.3,
)
