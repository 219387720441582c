"""What does the last state still tell of each step: before training, and after?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Knob, Result
from ..tables import table
from .heads import HEADS, KNOBS, READERS, TASKS

ROWS = {"told-trained": "lstm-forget-1", "told-before": "head-alone"}  # whose recurrent part stays as it started
CONTROLS = {
    "test": Knob("Test", "first", tuple(TASKS), names=KNOBS["test"].names),
    "reader": Knob("The reader is", "sharp", tuple(READERS)),
}
INFORMING = {"first": slice(0, -1), "pairs": slice(1, -1), "parity": slice(0, None)}  # steps that bring a token


@dataclass(frozen=True, kw_only=True)
class Summary(Result):
    """told: (seeds, ROWS, steps), the accuracy at which a linear readout of h(T) says each step's token.

    final: (seeds, ROWS), the accuracy on the test itself."""

    told: np.ndarray
    final: np.ndarray


def gather(load, settings) -> Summary:
    """From the heads' records."""
    found = table(load, HEADS, {"variant": list(ROWS.values())}, "told", "final", test=settings["test"])
    reader = list(READERS).index(settings["reader"])
    told = found.pop("told")[:, :, reader, INFORMING[settings["test"]]]
    return Summary(knobs=dict(settings), told=told, **found)


def guess(test: str) -> float:
    """What a guess at a step's token is worth."""
    return {"first": 1 / TASKS["first"].noise, "pairs": 1 / TASKS["pairs"].values, "parity": 0.5}[test]


def answer_alone(right: float) -> float:
    """What it is worth on the pairs to know the value that was asked for, and nothing else: guess it for each pair."""
    pairs, values = TASKS["pairs"].pairs, TASKS["pairs"].values
    return right / pairs + (1 - right / pairs) / values


def draw(result: Summary, axes, own=None) -> None:
    """Accuracy against the step."""
    (ax,) = axes
    steps = np.arange(1, result.told.shape[-1] + 1)
    for i, name in enumerate(ROWS):
        figures.band(ax, steps, result.told[:, i], figures.STYLES[name], layer="told")
    figures.reference(ax, guess(result.knobs["test"]), "a guess", "told")
    ax.set(xlim=(1, steps[-1]), ylim=(0, 1.04), xlabel="step", title="read from h(T): this step's token")
    figures.room(ax)
    every = max(1, round((len(steps) - 1) / 5))
    ax.set_xticks(steps[::every])  # evenly spread


def describe(result: Summary) -> dict[str, str]:
    """First, middle and last."""
    told = np.median(result.told, 0)
    last = told.shape[1]
    said = [
        f"{figures.STYLES[name].label}: {told[i, 0]:.2f} of step 1, {told[i, last // 2]:.2f} of step {last // 2 + 1}, "
        f"{told[i, -1]:.2f} of step {last}"
        for i, name in enumerate(ROWS)
    ]
    test, reader = (CONTROLS[name].say(result.knobs[name]) for name in ("test", "reader"))
    said = [f"{test}, a {reader} reader", *said, f"A guess gets {guess(result.knobs['test']):.3g}."]
    return {
        "frame": "A linear readout of the last state, fitted for each step.",
        "told": ". ".join(one[0].upper() + one[1:] for one in said),
    }


SUMMARY = Experiment(
    name="questions-summary",
    question="What does the last state tell of each step?",
    knobs=CONTROLS,
    draw=draw,
    describe=describe,
    layers={"frame": ("test",), "told": ("test", "reader")},
    result=Summary,
    models=lambda result: list(ROWS),
    recorded=True,
    gather=gather,
)
