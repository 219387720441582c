"""Is a trained LSTM's memory a leaky pipe? What its gates would leave of a cell, and what is there."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ... import figures
from ...lens import Experiment, Result
from ..tables import table
from .lags import LAG_RUN, LEARNERS, TESTED
from .reach import KNOBS as REACH_KNOBS

NAMES = tuple(name for name in LEARNERS if name != "attention")
FLOOR = -40  # power of ten at which the picture of shares ends

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
    """Left: what the gates leave of the first cell. Right: how far apart two runs are."""
    shares, apart = axes
    lags = np.array(TESTED)
    for i, name in enumerate(NAMES):
        style = figures.STYLES[name]
        figures.band(shares, lags, result.share[:, i], style, layer="runs", floor=10.0**FLOOR)
        figures.band(apart, lags, result.apart[:, i], style, layer="runs", floor=1e-12)
    for ax in axes:
        figures.octave_axis(ax, TESTED[-1])
        ax.set(xlim=(12, 5400), xlabel="steps after the cue")
    figures.log_axis(shares, FLOOR, 2, 8)
    shares.set(title="what the gates leave of it")
    figures.log_axis(apart, -10, 4, 2)
    figures.reference(apart, 1.0, "as at first", "frame")
    apart.set(title="distance of two runs")


def describe(result: Pipe) -> dict[str, str]:
    """The gate, its power, the distance and the accuracy at the end."""
    gate, share = np.median(result.gate, 0), np.median(result.share[..., -1], 0)
    apart, held = np.median(result.apart[..., -1], 0), result.held[..., -1].mean(0)
    rows = [
        f"{figures.STYLES[name].label}: the best unit's gate is {gate[i]:.4f}, so its gates leave "
        f"{figures.scientific(share[i])} of what was in the cell at first; two runs are "
        f"{figures.scientific(apart[i])} of their first distance apart; accuracy {held[i]:.2f}"
        for i, name in enumerate(NAMES)
    ]
    return {
        "frame": "Two runs that differ in their cue alone.",
        "runs": f"Trained at a lag of {result.knobs['lag']:,}; after {TESTED[-1]:,} steps, medians over seeds (of "
        "accuracy, means):\n" + "\n".join(rows),
    }


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
