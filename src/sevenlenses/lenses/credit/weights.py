"""Do attention weights agree with gradient and occlusion?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Knob, Result
from ..tables import table
from .attribution import METHODS
from .steps import READERS
from .watch import LOOKS, WATCH

WITH = ("gradient", "swap")  # what the weights are compared with
STYLES = {"gradient": "by-gradient", "swap": "by-swap"}
WEIGHTS = METHODS.index("weights")


@dataclass(frozen=True, kw_only=True)
class Weights(Result):
    """One way to attend, through training.

    agree: (seeds, WITH, looks), rank correlation of the weights with the credit by each method.
    mass: (seeds, 1 + WITH, looks), the responsible step's share of the weight, and of the credit by each method.
    top: (seeds, readers, 1 + WITH), precision at 1 after training.
    """

    agree: np.ndarray
    mass: np.ndarray
    top: np.ndarray


def gather(load, settings) -> Weights:
    """From the watched runs."""
    chosen = [METHODS.index(method) for method in WITH]
    runs = table(load, WATCH, {"variant": READERS}, "agree", "mass", "top", length=settings["length"])
    one = READERS.index(settings["variant"])
    agree = runs.pop("agree")[:, one][:, :, WEIGHTS, chosen].swapaxes(1, 2)  # (seeds, WITH, looks)
    mass = runs.pop("mass")[:, one][:, :, [WEIGHTS, *chosen]].mean(-1).swapaxes(1, 2)  # (seeds, 1 + WITH, looks)
    top = runs.pop("top")[:, :, -1, [WEIGHTS, *chosen]].mean(-1)  # (seeds, readers, 1 + WITH)
    return Weights(knobs=dict(settings), agree=agree, mass=mass, top=top, **runs)


def draw(result: Weights, axes, own=None) -> None:
    """Left: whether the order of steps is the same. Right: the share that the responsible step has."""
    order, share = axes
    x = np.arange(len(LOOKS))
    for i, method in enumerate(WITH):
        figures.band(order, x, result.agree[:, i], figures.STYLES[STYLES[method]], layer="runs")
        figures.band(share, x, result.mass[:, 1 + i], figures.STYLES[STYLES[method]], layer="runs")
    figures.band(share, x, result.mass[:, 0], figures.STYLES["by-weights"], layer="runs")
    order.axhline(0, color=figures.INK, linewidth=1.0, linestyle=":", gid="frame/none")
    for ax in axes:
        ax.set_xticks(x, [str(look) for look in LOOKS])
        ax.set(xlim=(0, x[-1] + 0.1), xlabel="training step")
    order.set(ylim=(-1.04, 1.04), title="rank correlation with weights")
    share.set(ylim=(0, 1.04), title="share of the responsible step")


def describe(result: Weights) -> dict[str, str]:
    """Before and after training."""
    agree, mass = result.agree.mean(0), result.mass.mean(0)
    top = result.top[:, READERS.index(result.knobs["variant"])].mean(0)
    return {
        "frame": "A rank correlation of 1: the same order; 0: none in common (dotted line).",
        "runs": f"{figures.STYLES[result.knobs['variant']].label}. Rank correlation of the weights with the gradient "
        f"{agree[0, 0]:.2f} before and {agree[0, -1]:.2f} after training; with occlusion {agree[1, 0]:.2f} and "
        f"{agree[1, -1]:.2f}. After training the responsible step has {mass[0, -1]:.2f} of the weight, "
        f"{mass[1, -1]:.2f} of the gradient and {mass[2, -1]:.2f} of the occlusion; it has most in "
        f"{top[0]:.2f}, {top[1]:.2f} and {top[2]:.2f} of the sequences.",
    }


WEIGHTS_AGREE = Experiment(
    name="credit-weights",
    question="Do the weights agree with gradient and occlusion?",
    knobs={
        "variant": Knob("Model", "attention", READERS, names={name: figures.STYLES[name].label for name in READERS}),
        "length": WATCH.knobs["length"],
    },
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": ("variant", "length")},
    result=Weights,
    models=lambda result: [*STYLES.values(), "by-weights"],
    recorded=True,
    gather=gather,
    panels=2,
)
