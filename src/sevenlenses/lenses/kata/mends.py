"""What is said to mend a short memory: a larger cell, more layers, a second direction."""

from __future__ import annotations

from typing import NamedTuple

from ... import figures
from ...lens import Knob
from ...tasks.cue import Cue
from ...training import Fit
from ..learning import Learned, Lesson, draw_curves, trained
from ..rates import RATE, rate_of, trials
from .lags import BATCH, BUDGET, STEPS

LONGER = 4


class Change(NamedTuple):
    """Who learns, with how many parameters at most, and how.

    middle: whether the cue stands in the middle of a stream twice as long, or at its edge.
    """

    model: str
    budget: int = BUDGET
    steps: int = STEPS
    middle: bool = False


CHANGES = {  # widths with 17 inputs and 8 outputs
    "plain": Change("lstm-forget-1"),  # 32
    "longer": Change("lstm-forget-1", steps=LONGER * STEPS),
    "larger": Change("lstm-forget-1", 4 * BUDGET),  # 72
    "largest": Change("lstm-forget-1", 16 * BUDGET),  # 152
    "two-layers": Change("deep-lstm", 15_400),  # 32 each
    "three-layers": Change("deeper-lstm", 24_000),  # 32 each
    "two-ways": Change("two-way-lstm", 13_600),  # 32 each
    "two-ways-middle": Change("two-way-lstm", 13_600, middle=True),
    "plain-middle": Change("lstm-forget-1", middle=True),
    "chrono": Change("lstm-chrono"),  # 32
}

KNOBS = {
    "change": Knob(
        "The LSTM",
        "plain",
        tuple(CHANGES),
        names={
            "plain": "as it is, forget bias 1",
            "longer": "four times the steps",
            "larger": "4 times the parameters",
            "largest": "16 times the parameters",
            "two-layers": "two layers",
            "three-layers": "three layers",
            "two-ways": "two directions, cue first",
            "two-ways-middle": "two directions, cue in the middle",
            "plain-middle": "as it is, cue in the middle",
            "chrono": "chrono start, the same size",
        },
    ),
    "lag": Knob("Lag", 64, (32, 64), 4, 256, "log", "steps"),
    "rate": RATE,
}


def lesson(change: str, lag: int, rate: str | float) -> Lesson:
    """The cue is `lag` steps before the last step; in the middle it is as many after the first."""
    made = CHANGES[change]
    tried = min(KNOBS["lag"].stops, key=lambda stop: abs(stop - lag))
    chosen = rate_of(MENDS_RUN, {"change": change, "lag": tried, "rate": rate})
    task = Cue(2 * lag + 1 if made.middle else lag + 1, lag)
    return Lesson(made.model, made.budget, task, Fit(steps=made.steps, batch=BATCH, learning_rate=chosen))


def draw(result: Learned, axes, own: Learned | None = None) -> None:
    """Learning curves, one line a seed."""
    (ax,) = axes
    steps = CHANGES[result.knobs["change"]].steps
    draw_curves(ax, result, own, figures.STYLES[f"lstm-{result.knobs['change']}"], steps)
    figures.reference(ax, Cue().chance, "chance", "frame")


def describe(result: Learned) -> dict[str, str]:
    """Where it ended."""
    made, lag = CHANGES[result.knobs["change"]], result.knobs["lag"]
    solved = int((result.final >= 0.9).sum())
    return {
        "frame": f"One of {Cue().classes} cues, then noise, then the question; chance is {Cue().chance:.3g}.",
        "runs": f"The LSTM {KNOBS['change'].say(result.knobs['change'])}, lag {lag}: mean accuracy "
        f"{result.final.mean():.2f} (from {result.final.min():.2f} to {result.final.max():.2f}) after at most "
        f"{made.steps:,} training steps; {solved} of {len(result.seeds)} seeds reach 0.9.",
    }


MENDS_RUN = trained(
    lesson,
    name="kata-mends",
    question="Does a larger cell, a second layer or a second direction reach further back?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": ("change",), "runs": ("change", "lag"), "own": ()},
    models=lambda result: [f"lstm-{result.knobs['change']}"],
    trials=lambda: trials(MENDS_RUN),
)
