"""What does the last step read, from rung to rung?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Knob, Result
from ..tables import table
from .ladder import NAMES
from .rungs import KNOBS as RUN_KNOBS
from .rungs import LADDER, PLACE, RUNGS

READERS = LADDER[1:]  # the LSTM has no weights on steps

KNOBS = {"test": Knob("Test", "many", ("few", "many", "kin"), names=RUN_KNOBS["test"].names)}


@dataclass(frozen=True, kw_only=True)
class Sight(Result):
    """read: (seeds, READERS, T), the share of each step in the last step's weights."""

    read: np.ndarray


def gather(load, settings) -> Sight:
    """From the rungs' records."""
    found = table(load, RUNGS, {"variant": READERS}, "read", test=settings["test"])
    return Sight(knobs=dict(settings), **found)


def draw(result: Sight, axes, own=None) -> None:
    """A row of bars a rung, one bar a step; what holds the answer stands out."""
    (ax,) = axes
    mean = result.read.mean(0)  # (READERS, T)
    steps, place = np.arange(mean.shape[1]), PLACE[result.knobs["test"]]
    wide = 0.78 * 430 * 0.66 / len(steps)
    for i, name in enumerate(READERS):
        floor = len(READERS) - 1 - i
        tall = floor + 0.8 * mean[i]
        others = steps != place
        ax.text(
            -0.03,
            floor + 0.3,
            f"{i + 1}  {NAMES[i + 1]}",
            ha="right",
            transform=ax.get_yaxis_transform(),
            gid=f"frame/name{i}",
        )
        ax.hlines(floor, -0.5, len(steps) - 0.5, color=figures.INK, linewidth=0.8, gid=f"bars/floor{i}")
        ax.vlines(
            steps[others], floor, tall[others], color=figures.INK, alpha=0.45, linewidth=wide, gid=f"bars/others{i}"
        )
        color = figures.STYLES[name].color
        ax.vlines(place, floor, tall[place], color=color, linewidth=wide, gid=f"bars/right{i}")
        ax.text(len(steps) - 0.4, floor + 0.5, f"{mean[i, place]:.2f}", color=color, ha="right", gid=f"bars/number{i}")
    ax.set(xlim=(-0.5, len(steps) - 0.5), ylim=(-0.05, len(READERS)), yticks=[])
    ax.set_xticks([place, len(steps) - 1], ["answer", "asks"])
    ax.tick_params(axis="x", length=0)
    ax.grid(False)
    ax.spines[:].set_visible(False)
    ax.set_position((0.28, 0.12, 0.7, 0.86))


def describe(result: Sight) -> dict[str, str]:
    """The share on the right step."""
    place, mean = PLACE[result.knobs["test"]], result.read.mean(0)
    said = ", ".join(f"{NAMES[i + 1]} {mean[i, place]:.2f}" for i in range(len(READERS)))
    return {
        "frame": "How the last step's weights are shared out.",
        "bars": f"{KNOBS['test'].say(result.knobs['test'])}; share of the step that holds the answer: {said}.",
    }


SIGHT = Experiment(
    name="synthesis-sight",
    question="What does the last step read?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": ("test",), "bars": ("test",)},
    result=Sight,
    models=lambda result: [],
    recorded=True,
    gather=gather,
    height=3.6,
)
