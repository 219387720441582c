"""Which kind of position does what, in one layer or two, with a feed-forward part and without."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from ... import figures
from ...lens import Experiment, Knob, Result
from ..tables import table
from .block import BLOCK, MARKS, PAIRS, TASKS
from .block import KNOBS as RUN_KNOBS

DESIGNS = tuple(product(RUN_KNOBS["part"].stops, RUN_KNOBS["layers"].stops))
NAMES = tuple(f"{part}-{layers}" for part, layers in DESIGNS)
POSITIONS = RUN_KNOBS["positions"].stops
SUBJECT = {
    "relation": "pairs",
    "reads": "four pairs, trained for one read",
    "parity": f"parity, trained on {TASKS['parity'].length} steps",
    "first": f"asked first, trained on {PAIRS[0]} pairs",
}
MEASURED = {f"{task}-{i}": (task, i) for task, marks in MARKS.items() for i in range(len(marks))}

KNOBS = {
    "measured": Knob(
        "Measured",
        "relation-1",
        tuple(MEASURED),
        names={name: f"{SUBJECT[task]}, {MARKS[task][i]}" for name, (task, i) in MEASURED.items()},
    ),
}


@dataclass(frozen=True, kw_only=True)
class Places(Result):
    """marks: (seeds, DESIGNS, POSITIONS), one accuracy of each trained model."""

    marks: np.ndarray


def gather(load, settings) -> Places:
    """From the records of the blocks."""
    task, which = MEASURED[settings["measured"]]
    over = {"part": RUN_KNOBS["part"].stops, "layers": RUN_KNOBS["layers"].stops, "positions": POSITIONS}
    found = table(load, BLOCK, over, "marks", task=task)
    marks = found.pop("marks")[..., which]  # (seeds, parts, layers, POSITIONS)
    return Places(knobs=dict(settings), marks=marks.reshape(len(marks), len(DESIGNS), len(POSITIONS)), **found)


def draw(result: Places, axes, own=None) -> None:
    """For each kind of position the four designs: a mark for the mean, a bar from the lowest seed to the highest."""
    (ax,) = axes
    kinds = [RUN_KNOBS["positions"].say(one) for one in POSITIONS]
    figures.beside(ax, kinds, [(figures.STYLES[name], result.marks[:, i]) for i, name in enumerate(NAMES)], 0.5)
    figures.reference(ax, TASKS[MEASURED[result.knobs["measured"]][0]].chance, "", "runs")
    ax.set(ylim=(0, 1.05), xlabel="positions (dotted: chance)", title="accuracy")


def describe(result: Places) -> dict[str, str]:
    """Each design under each kind of position."""
    mean, task = result.marks.mean(0), MEASURED[result.knobs["measured"]][0]
    rows = [
        f"{figures.STYLES[name].label}: "
        + ", ".join(f"{v:.2f} {RUN_KNOBS['positions'].say(p)}" for v, p in zip(row, POSITIONS, strict=True))
        for name, row in zip(NAMES, mean, strict=True)
    ]
    return {
        "frame": "The bars go from the lowest seed to the highest.",
        "runs": f"{KNOBS['measured'].say(result.knobs['measured']).capitalize()}; chance is {TASKS[task].chance:.3g}. "
        "Mean accuracy by positions:\n" + "\n".join(rows),
    }


PLACES = Experiment(
    name="structure-places",
    question="Which kind of position does what?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": ("measured",)},
    result=Places,
    models=lambda result: list(NAMES),
    recorded=True,
    gather=gather,
    height=4.0,
)
