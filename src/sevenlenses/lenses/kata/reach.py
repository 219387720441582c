"""Learning over a lag and holding over one are two things: what was trained, put to longer and longer streams."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Knob, Result, Value
from ...tasks.cue import Cue
from ..tables import table
from .lags import KNOBS as RUN_KNOBS
from .lags import LAG_RUN, LEARNERS, TESTED, LagRun

NAMES = tuple(LEARNERS)
TRAINED = RUN_KNOBS["lag"].stops

LOWER = 0.003  # for attention at the greatest lag, where the rate chosen at 256 fails on some seeds

KNOBS = {"lag": Knob("Lag in training, tested at all", 16, TRAINED, TRAINED[0], TRAINED[-1], "log", "steps")}


@dataclass(frozen=True, kw_only=True)
class Reach(Result):
    """learned: (seeds, NAMES, TRAINED), accuracy at the lag of training. held: (seeds, NAMES, TESTED), at other lags
    after training at the knob's."""

    learned: np.ndarray
    held: np.ndarray


def gather(load, settings) -> Reach:
    """From the training runs."""

    def lowered(experiment: Experiment, at: dict[str, Value]) -> LagRun:
        wants = (at["learner"], at["lag"]) == ("attention", TRAINED[-1])
        return load(experiment, at | {"rate": LOWER} if wants else at)

    found = table(lowered, LAG_RUN, {"learner": NAMES, "lag": TRAINED}, "held")
    held = found.pop("held")  # (seeds, NAMES, TRAINED, TESTED)
    at = TRAINED.index(settings["lag"])
    learned = np.stack([held[:, :, i, TESTED.index(lag)] for i, lag in enumerate(TRAINED)], -1)
    return Reach(knobs=dict(settings), learned=learned, held=held[:, :, at], **found)


def draw(result: Reach, axes, own=None) -> None:
    """Left: trained and tested at the same lag. Right: trained at one, tested at all."""
    learned, held = axes
    for ax, lags, runs, layer in (
        (learned, TRAINED, result.learned, "frame"),
        (held, TESTED, result.held, "runs"),
    ):
        for i, name in enumerate(NAMES):
            shift = 1.04 ** (i - (len(NAMES) - 1) / 2)
            figures.spread(ax, np.array(lags) * shift, runs[:, i], figures.STYLES[name], layer=layer)
        figures.reference(ax, Cue().chance, "chance", "frame")
        figures.octave_axis(ax, TESTED[-1])
        ax.set(xlim=(12, 5400), ylim=(0, 1.04), xlabel="lag, steps")
    held.axvline(result.knobs["lag"], color=figures.INK, linewidth=1.0, linestyle=(0, (4, 2)), gid="runs/trained")
    learned.set(title="accuracy at the lag of training")
    held.set(xlabel="lag in the test, steps", title="trained at one lag (dashed)")


def describe(result: Reach) -> dict[str, str]:
    """Means at all lags."""

    def rows(lags, runs) -> str:
        means = runs.mean(0)
        return "\n".join(
            f"{figures.STYLES[name].label}: "
            + ", ".join(f"{one:.2f} at {lag:,}" for lag, one in zip(lags, means[i], strict=True))
            for i, name in enumerate(NAMES)
        )

    return {
        "frame": f"Chance is {Cue().chance:.3g}. Mean accuracy at the lag of training:\n"
        + rows(TRAINED, result.learned),
        "runs": f"Trained at a lag of {result.knobs['lag']:,}, and put to others. Mean accuracy:\n"
        + rows(TESTED, result.held),
    }


REACH = Experiment(
    name="kata-reach",
    question="Does it fail to learn over a lag, or to hold over one?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": ("lag",)},
    result=Reach,
    models=lambda result: list(NAMES),
    recorded=True,
    gather=gather,
    panels=2,
    height=4.2,
)
