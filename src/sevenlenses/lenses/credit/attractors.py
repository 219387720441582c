"""Agreement among more and more nouns of the other number: all models side by side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Knob, Result
from ..tables import side_by_side, table
from .agree import AGREE, COMPARED, TASK, TESTED

KNOBS = {
    "measured": Knob(
        "Measured", "right", ("right", "share"), names={"right": "accuracy", "share": "the subject's share of credit"}
    )
}


@dataclass(frozen=True, kw_only=True)
class Attractors(Result):
    """found: (seeds, models, TESTED), accuracy, or the subject's share of the credit; models as in COMPARED."""

    found: np.ndarray


def gather(load, settings) -> Attractors:
    """From the records of the runs."""
    field = settings["measured"]
    runs = table(load, AGREE, {"variant": COMPARED}, field)
    return Attractors(knobs=dict(settings), found=runs.pop(field), **runs)


def draw(result: Attractors, axes, own=None) -> None:
    """A line a model against the nouns of the other number."""
    (ax,) = axes
    x = np.log2(TESTED)
    for i, (shift, name) in enumerate(zip(side_by_side(len(COMPARED), 0.2), COMPARED, strict=True)):
        figures.spread(ax, x + shift, result.found[:, i], figures.STYLES[name], layer="runs")
    if result.knobs["measured"] == "right":
        figures.reference(ax, TASK.chance, "chance", "runs")
    ax.set_xticks(x, [str(n) for n in TESTED])
    ax.set(
        xlim=(-0.2, x[-1] + 0.2),
        ylim=(0, 1.05),
        xlabel=f"other nouns between (trained: {TASK.phrases})",
        title="accuracy" if result.knobs["measured"] == "right" else "share of credit at the subject",
    )


def describe(result: Attractors) -> dict[str, str]:
    """Each model's row."""
    rows = [
        f"{figures.STYLES[name].label}: " + ", ".join(f"{v:.2f} with {n}" for v, n in zip(row, TESTED, strict=True))
        for name, row in zip(COMPARED, result.found.mean(0), strict=True)
    ]
    return {
        "frame": f"Trained with up to {TASK.phrases} nouns between subject and verb, of either number; tested with "
        "nouns of the other number alone. The bars go from the lowest seed to the highest.",
        "runs": f"Mean of {KNOBS['measured'].say(result.knobs['measured'])}, by nouns between:\n" + "\n".join(rows),
    }


ATTRACTORS = Experiment(
    name="credit-attractors",
    question="Who finds the subject among the other nouns?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": ("measured",), "runs": ("measured",)},
    result=Attractors,
    models=lambda result: list(COMPARED),
    recorded=True,
    gather=gather,
    height=4.0,
)
