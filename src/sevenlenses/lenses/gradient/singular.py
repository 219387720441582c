"""How does the RNN's signal over many words hang on its recurrent matrix?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Knob, Result
from ...runtime import setup
from ..probes import float64_device
from .flow import KNOBS as FLOW_KNOBS
from .flow import sizes

GAINS = (0.4, 0.6, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0)

KNOBS = {
    "words": Knob("Words", 50, (10, 25, 50, 100), 3, 200, "log"),
    "recurrence": FLOW_KNOBS["recurrence"],
}


@dataclass(frozen=True, kw_only=True)
class Singular(Result):
    """The share of the gradient that reaches the first of n words, by the recurrent matrix's largest singular value.

    largest: (seeds, gains), largest singular value.
    share: (seeds, gains), ‖∂L/∂x(first word)‖ / ‖∂L/∂x(last word)‖, loss at the last word.
    """

    largest: np.ndarray
    share: np.ndarray


def run(*, seeds, device, words, recurrence) -> Singular:
    """A sweep over scalings of the recurrent matrix of an untrained RNN with 64 units, in float64."""
    where = float64_device(device)
    found = [[sizes("rnn", recurrence, gain, words, 64, seed, str(where)) for gain in GAINS] for seed in seeds]
    return Singular(
        knobs={"words": words, "recurrence": recurrence},
        seeds=tuple(seeds),
        setup=setup(where, sum(one[3] for row in found for one in row)),
        largest=np.array([[one[2] for one in row] for row in found]),
        share=np.array([[one[1][-1] / one[1][0] for one in row] for row in found]),
    )


def draw(result: Singular, axes, own=None) -> None:
    """One mark per seed and scaling; the line joins the medians."""
    (ax,) = axes
    style = figures.STYLES["rnn"]
    shares = np.clip(result.share, 1e-33, 1e13)
    ax.plot(np.median(result.largest, 0), np.median(shares, 0), color=style.color, linestyle=style.line, gid="rnn/line")
    ax.plot(
        result.largest.ravel(),
        shares.ravel(),
        color=style.color,
        linestyle="",
        marker=style.marker,
        alpha=0.6,
        markersize=4,
        gid="rnn/marks",
    )
    figures.log_axis(ax, -32, 12, 8)
    ax.axhline(1.0, color=figures.INK, linewidth=0.8, linestyle=":", gid="frame/whole")
    ax.axvline(1.0, color=figures.INK, linewidth=0.8, linestyle=":", gid="frame/one")
    ax.set(xlim=(0.3, 2.4), xlabel="largest singular value of the recurrent matrix", title="share that reaches word 1")


def describe(result: Singular) -> dict[str, str]:
    """The share at the smallest, the standard and the largest scaling."""
    said = [
        f"{figures.scientific(np.median(result.share[:, i]))} at {np.median(result.largest[:, i]):.2f}"
        for i in (0, GAINS.index(1.0), len(GAINS) - 1)
    ]
    return {
        "frame": f"Share of the gradient at word {result.knobs['words']} that reaches word 1, by singular value.",
        "rnn": "RNN: " + ", ".join(said) + ".",
    }


SINGULAR = Experiment(
    name="gradient-singular",
    question="How does the RNN's signal over many words hang on its recurrent matrix?",
    knobs=KNOBS,
    run=run,
    draw=draw,
    describe=describe,
    layers={"frame": ("words",), "rnn": ("words", "recurrence")},
    result=Singular,
    models=lambda result: ["rnn"],
)
