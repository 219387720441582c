"""How far does the memory move: with every read, and when nothing is read at all?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Knob, Result
from ...models import MODELS
from ...models.recurrence import RecurrentModel
from ...models.variants import EVERY, MAIN
from .again import values_known
from .reads import KNOBS as RUN_KNOBS
from .reads import READS, READS_RUN, WAITS

SHOWN = [name for name in MAIN if issubclass(MODELS[EVERY[name].model], RecurrentModel)]
FLOOR = -2  # power of ten at which the picture ends; what is smaller, zero included, is drawn there

KNOBS = {
    "variant": Knob(
        "Memory",
        "lstm-forget-1",
        tuple(SHOWN),
        names={name: EVERY[name].label for name in SHOWN},
    ),
    "trained": RUN_KNOBS["trained"],
}


@dataclass(frozen=True, kw_only=True)
class Drift(Result):
    """One trained model, read or left alone.

    drift, idle: (seeds, READS + 1), ‖m(r) - m(0)‖ / ‖m(0)‖ after r reads, after r blank steps.
    right: (seeds, READS), accuracy at the r-th read.
    waited: (seeds, WAITS), accuracy of the first read after so many blank steps.
    """

    drift: np.ndarray
    idle: np.ndarray
    right: np.ndarray
    waited: np.ndarray


def gather(load, settings) -> Drift:
    """From the reads' records."""
    runs = load(READS_RUN, READS_RUN.settings(**settings))
    return Drift(
        knobs=dict(settings),
        seeds=runs.seeds,
        setup=runs.setup,
        drift=runs.drift,
        idle=runs.idle,
        right=runs.right[:, 0],
        waited=runs.waited,
    )


def draw(result: Drift, axes, own=None) -> None:
    """Left: drift of the memory. Right: accuracy after as many steps. Full lines: reads; dotted: blank steps."""
    moving, answering = axes
    color = figures.STYLES[result.knobs["variant"]].color
    read, idle = figures.STYLES["by-reading"], figures.STYLES["by-waiting"]
    points = figures.octaves(READS)
    for runs, style in ((result.drift, read), (result.idle, idle)):
        tinted = figures.Style(style.label, color, style.marker, style.line)
        figures.band(moving, points, runs[:, points], tinted, layer="runs", floor=10.0**FLOOR)
    for x, runs, style in (
        (points, result.right[:, points - 1], read),
        (np.array(WAITS) + 1, result.waited, idle),
    ):
        tinted = figures.Style(style.label, color, style.marker, style.line)
        figures.band(answering, x, runs, tinted, layer="runs")
    for ax in axes:
        figures.octave_axis(ax, READS)
    figures.log_axis(moving, FLOOR, 2, 1)
    moving.set(xlabel="steps after the writes", title="drift, in units of its size")
    figures.reference(answering, values_known(), "", "frame", (0, (4, 2)))
    answering.set(ylim=(0, 1.04), xlabel="steps after the writes", title="accuracy (level: values only)")


def describe(result: Drift) -> dict[str, str]:
    """Drift and accuracy after some steps."""
    drift, idle = np.median(result.drift, 0), np.median(result.idle, 0)
    label = KNOBS["variant"].names[result.knobs["variant"]]
    moved = "; ".join(
        f"after {r}, {figures.scientific(drift[r])} by reads and {figures.scientific(idle[r])} by blank steps"
        for r in (1, 8, 32, 128)
    )
    answers = "; ".join(
        f"{result.right[:, steps].mean():.2f} after {steps} reads and "
        f"{result.waited[:, WAITS.index(steps)].mean():.2f} after "
        f"{steps} blank steps"
        for steps in (7, 31, 127)
    )
    return {
        "frame": f"To know the values, and not the keys, is worth {values_known():.2f}.",
        "runs": f"{label}, reads in a row in training: {result.knobs['trained']}. Its memory has moved, as a share "
        f"of its size: {moved}. Accuracy of the next answer: {answers}.",
    }


DRIFT = Experiment(
    name="access-drift",
    question="How far does the memory move when it is read, and when it is left alone?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": ("variant", "trained")},
    result=Drift,
    models=lambda result: ["by-reading", "by-waiting"],
    recorded=True,
    gather=gather,
    panels=2,
)
