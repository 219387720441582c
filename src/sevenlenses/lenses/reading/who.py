"""Which networks know at the pronoun whom it stands for, and at the next one?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Knob, Result
from ..tables import table, unnamed
from .pronoun import CLAUSES, COMPARED, PRONOUN, TASK, words

STYLES = unnamed(COMPARED)
SAID = ("the first", "the second: same word", "the second: other word")  # as in `pronoun.READ`

NEAR, FAR = CLAUSES
KNOBS = {
    "clauses": Knob(
        "Words before each pronoun",
        NEAR,
        CLAUSES,
        names={NEAR: f"{words(NEAR)}, the most in training", FAR: f"{words(FAR)}, twice that"},
    )
}


@dataclass(frozen=True, kw_only=True)
class Who(Result):
    """right: (seeds, models, pronouns), accuracy at each of SAID; models in the order of COMPARED."""

    right: np.ndarray


def gather(load, settings) -> Who:
    """From the records of the runs."""
    found = table(load, PRONOUN, {"variant": COMPARED}, "right")
    right = found.pop("right")[:, :, CLAUSES.index(settings["clauses"])]
    return Who(knobs=dict(settings), right=right, **found)


def draw(result: Who, axes, own=None) -> None:
    """For each pronoun all models: a mark for the mean, a bar from the lowest seed to the highest."""
    (ax,) = axes
    rows = [(figures.STYLES[style], result.right[:, i]) for i, style in enumerate(STYLES.values())]
    figures.beside(ax, [said.replace(": ", ":\n") for said in SAID], rows, 0.5)
    figures.reference(ax, TASK.unread, "a person or a thing, not which", "frame", (0, (4, 2)))
    ax.set(ylim=(0, 1.05), title="accuracy at the pronoun")


def describe(result: Who) -> dict[str, str]:
    """Each model's accuracy at each pronoun."""
    rows = [
        f"{figures.STYLES[style].label}: " + ", ".join(f"{v:.2f}" for v in row)
        for style, row in zip(STYLES.values(), result.right.mean(0), strict=True)
    ]
    return {
        "frame": f"To know whether a person or a thing is meant is worth {TASK.unread:.3g}. The bars go from the "
        "lowest seed to the highest.",
        "runs": f"{words(result.knobs['clauses'])} words before each pronoun. Mean accuracy at {'; '.join(SAID)}:\n"
        + "\n".join(rows),
    }


WHO = Experiment(
    name="reading-who",
    question="Who is meant? Asked at the pronoun, while the sentence goes on.",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": ("clauses",)},
    result=Who,
    models=lambda result: list(STYLES.values()),
    recorded=True,
    gather=gather,
    height=4.0,
)
