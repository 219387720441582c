"""Where in the LSTM is the suspect, word by word?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Knob, Result
from ...tasks.sentences import CLAUSE, FIRST, Sentences
from .watching import GATES_RUN, LONG, MOMENTS, NAME
from .watching import KNOBS as RUN_KNOBS

KNOBS = {
    "variant": RUN_KNOBS["variant"],
    "moment": Knob("Network", 1, (0, 1), 0, 1, names=dict(enumerate(MOMENTS))),
}


@dataclass(frozen=True, kw_only=True)
class Rehearsal(Result):
    """What the suspect accounts for, and what is left when units forget.

    cells: (seeds, LONG + 1), share of the variance of the cells, mean over units.
    writes: (seeds, LONG + 1), share of the variance of what is added to the cells, mean over units.
    left: (seeds, H + 1), accuracy after training when so many units forget the sentence just before the stop.
    """

    cells: np.ndarray
    writes: np.ndarray
    left: np.ndarray


def gather(load, settings) -> Rehearsal:
    """From the gates' records."""
    runs, moment = load(GATES_RUN, GATES_RUN.settings(variant=settings["variant"])), settings["moment"]
    return Rehearsal(
        knobs=dict(settings),
        seeds=runs.seeds,
        setup=runs.setup,
        cells=runs.tells[:, moment].mean(-1),
        writes=runs.writes[:, moment],
        left=runs.left,
    )


def draw(result: Rehearsal, axes, own=None) -> None:
    """Left: shares of variance, word by word. Right: accuracy when units forget."""
    telling, forgetting = axes
    steps = np.arange(FIRST, LONG + 2)
    for runs, style in ((result.cells, figures.STYLES["in-cells"]), (result.writes, figures.STYLES["in-writes"])):
        figures.band(telling, steps, runs[:, FIRST - 1 :], style, layer="runs")
    for name in range(NAME, LONG, len(CLAUSE)):
        telling.axvline(name + 1, color=figures.INK, linewidth=0.7, alpha=0.5, linestyle=(0, (1, 3)), gid="frame/name")
    telling.set(xlim=(FIRST, LONG + 1), ylim=(0, 1.03), xlabel="word", title="share that the suspect decides")
    telling.set_xticks([5, 12, 19, 26, 34], ["5", "12", "19", "26", "stop"])
    units = np.arange(result.left.shape[1])
    figures.band(forgetting, units, result.left, figures.STYLES["in-cells"], layer="left")
    figures.reference(forgetting, Sentences().chance, "chance", "frame")
    forgetting.set(xlim=(0, units[-1]), ylim=(0, 1.03), xlabel="units that forget", title="accuracy")


def describe(result: Rehearsal) -> dict[str, str]:
    """The shares at the suspect, at the last word and at the first clause's name; what is left."""
    cells, writes, left = (np.median(found, 0) for found in (result.cells, result.writes, result.left))
    half = len(left) // 2
    return {
        "frame": f"Dotted upright lines: the other names. Chance is {Sentences().chance:.3g}.",
        "runs": f"{KNOBS['variant'].say(result.knobs['variant'])}, {MOMENTS[result.knobs['moment']]}. Median share of "
        f"the variance that the suspect accounts for, at word {LONG}: {cells[LONG - 1]:.2f} of the cells, "
        f"{writes[LONG - 2]:.2f} of what is written at word {LONG - 1}, {writes[NAME]:.2f} of what is written at the "
        f"first other name.",
        "left": f"Right after training: with one unit forgetting {left[1]:.2f}, with {half} of them {left[half]:.2f}, "
        f"with all {left[-1]:.2f}.",
    }


REHEARSAL = Experiment(
    name="reading-rehearsal",
    question="Where in the LSTM is the suspect, word by word?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": ("variant", "moment"), "left": ("variant",)},
    result=Rehearsal,
    models=lambda result: ["in-cells", "in-writes"],
    recorded=True,
    gather=gather,
    panels=2,
)
