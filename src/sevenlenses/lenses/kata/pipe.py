"""Is a trained LSTM's memory a leaky pipe? What its gates would leave of a cell, and what is there."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ... import figures
from ...lens import Experiment, Result
from ...tasks.cue import Cue
from ..tables import table
from .lags import LAG_RUN, LEARNERS, TESTED
from .reach import KNOBS as REACH_KNOBS

NAMES = tuple(name for name in LEARNERS if name != "attention")
FLOOR = -40  # power of ten at which the picture of shares ends
FAR = TESTED.index(1024)  # of the description

KNOBS = {"lag": replace(REACH_KNOBS["lag"], label="Lag in training")}


@dataclass(frozen=True, kw_only=True)
class Pipe(Result):
    """Trained LSTMs on a cue and then noise.

    gate: (seeds, NAMES), the highest of all units' forget gates, each averaged (geometrically) over steps.
    apart: (seeds, NAMES, TESTED), distance between the cells of two runs that differ in their cue alone, over that
        right after the cue.
    held: (seeds, NAMES, TESTED), accuracy.
    """

    gate: np.ndarray
    apart: np.ndarray
    held: np.ndarray

    @property
    def share(self) -> np.ndarray:
        """(seeds, NAMES, TESTED): the greatest share of its first value that any unit's gates leave, gate^k."""
        return self.gate[..., None] ** np.array(TESTED)


def gather(load, settings) -> Pipe:
    """From the training runs."""
    found = table(load, LAG_RUN, {"learner": NAMES}, "kept", "apart", "held", lag=settings["lag"])
    return Pipe(knobs=dict(settings), gate=found.pop("kept").max(-1), **found)


def draw(result: Pipe, axes, own=None) -> None:
    """Left: what the gates leave of the first cell. Right: accuracy."""
    shares, answers = axes
    lags = np.array(TESTED)
    for i, name in enumerate(NAMES):
        style = figures.STYLES[name]
        figures.band(shares, lags, result.share[:, i], style, layer="runs", floor=1e-300)
        figures.spread(answers, lags * 1.04 ** (i - (len(NAMES) - 1) / 2), result.held[:, i], style, layer="runs")
    for ax in axes:
        figures.octave_axis(ax, TESTED[-1])
        ax.set(xlim=(12, 5400), xlabel="steps after the cue")
    figures.log_axis(shares, FLOOR, 2, 8)
    shares.set(title="what the gates leave of the cell")
    figures.reference(answers, Cue().chance, "chance", "frame")
    answers.set(ylim=(0, 1.04), title="accuracy")


def describe(result: Pipe) -> dict[str, str]:
    """The gate, its power, the distance and the accuracy at the end."""
    gate, apart = np.median(result.gate, 0), np.median(result.apart[..., FAR], 0)
    powers, held = TESTED[FAR] * np.log10(gate), result.held[..., FAR].mean(0)
    rows = [
        f"{figures.STYLES[name].label}: the best unit's gate is {gate[i]:.4f}, so its gates leave "
        f"{figures.power_of_ten(10.0 ** max(powers[i], -300))}{' or less' * bool(powers[i] < -300)} of what was in the "
        f"cell at first; two runs with other cues are {times(apart[i])} their first distance apart; accuracy "
        f"{held[i]:.2f}"
        for i, name in enumerate(NAMES)
    ]
    return {
        "frame": f"A cue, then noise. Lines that leave the picture go on below {figures.power_of_ten(10.0**FLOOR)}. "
        f"Chance is {Cue().chance:.3g}.",
        "runs": f"Trained at a lag of {result.knobs['lag']:,}; after {TESTED[FAR]:,} steps, medians over seeds (of "
        "accuracy, means):\n" + "\n".join(rows),
    }


def times(value: float) -> str:
    """A factor as a reader says it."""
    return f"{value:,.0f} times" if value >= 10 else f"{figures.scientific(value)} times"


PIPE = Experiment(
    name="kata-pipe",
    question="Is a trained memory a leaky pipe?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": ("lag",)},
    result=Pipe,
    models=lambda result: list(NAMES),
    recorded=True,
    gather=gather,
    panels=2,
    height=4.0,
)
