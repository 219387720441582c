"""Which models recall from a text: all of them side by side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Result
from ...models.variants import EVERY
from ..tables import table
from .text import COMPARED, KNOBS, SETTINGS, STEPS, TEXT, levels, task_of


@dataclass(frozen=True, kw_only=True)
class Tokens(Result):
    """final: (seeds, models), accuracy after training; models in the order of COMPARED."""

    final: np.ndarray


def gather(load, settings) -> Tokens:
    """From the records of the runs."""
    found = table(load, TEXT, {"variant": COMPARED}, "final", setting=settings["setting"])
    return Tokens(knobs=dict(settings), **found)


def draw(result: Tokens, axes, own=None) -> None:
    """Models along x: a marker for the mean, a bar from the lowest seed to the highest."""
    (ax,) = axes
    for i, name in enumerate(COMPARED):
        style = figures.STYLES[name]
        figures.spread(ax, np.array([i]), result.final[:, i : i + 1], style, layer="runs")
    levels(ax, task_of(result.knobs), "runs")
    ax.set_xticks([])  # ten names do not fit on a small screen: the legend has them, in this order
    ax.set(xlim=(-0.6, len(COMPARED) - 0.4), ylim=(0, 1.05), title="accuracy")


def describe(result: Tokens) -> dict[str, str]:
    """Each model's accuracy."""
    task, size = task_of(result.knobs), SETTINGS[result.knobs["setting"]][1]
    said = ", ".join(f"{EVERY[name].label} {v:.2f}" for name, v in zip(COMPARED, result.final.mean(0), strict=True))
    return {
        "frame": "The bars go from the lowest seed to the highest.",
        "runs": f"{task.pairs} pairs of two tokens in a sequence of {task.length}, at most {size:,} parameters and "
        f"{STEPS} training steps. Chance is {task.chance:.2g}, and to know only which values were stored is worth "
        f"{task.unbound:.2g}. Mean accuracy: {said}.",
    }


TOKENS = Experiment(
    name="capacity-tokens",
    question="A key, and its value one token later. Who recalls?",
    knobs={"setting": KNOBS["setting"]},
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": ("setting",)},
    result=Tokens,
    models=lambda result: list(COMPARED),
    recorded=True,
    gather=gather,
    height=4.0,
)
