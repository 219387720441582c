"""Which gates bear noise?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures, records
from ...lens import Experiment, Knob, Result
from ..rates import RATES, SEEDS
from ..tables import table
from .noise import COMPARED, NOISE_RUN, NOISES, TASK

KNOBS = {
    "rate": Knob(
        "Learning rate",
        "chosen",
        ("chosen", *RATES),
        names={"chosen": "each model's own", **{rate: f"{rate:g} for all" for rate in RATES}},
    )
}


@dataclass(frozen=True, kw_only=True)
class Noisy(Result):
    """right: (seeds, COMPARED, NOISES), accuracy by noise. shut: (seeds, COMPARED), share of gates near 0 or 1."""

    right: np.ndarray
    shut: np.ndarray


def gather(load, settings) -> Noisy:
    """From the trained models; at one rate for all, from the trials, which have three seeds of their own."""

    def tried(experiment, at):
        return records.load(experiment, at, SEEDS)

    fixed = settings["rate"] != "chosen"
    found = table(tried if fixed else load, NOISE_RUN, {"variant": COMPARED}, "right", "shut", rate=settings["rate"])
    return Noisy(knobs=dict(settings), **found)


def draw(result: Noisy, axes, own=None) -> None:
    """Left: accuracy against noise. Right: how many gates are nearly open or nearly shut."""
    right, shut = axes
    for i, name in enumerate(COMPARED):
        style = figures.STYLES[name]
        figures.band(right, np.array(NOISES), result.right[:, i], style, layer="runs")
        figures.spread(shut, np.array([i]), result.shut[:, [i]], style, layer="runs")
    figures.reference(right, TASK.chance, "chance", "frame")
    right.set(xlim=(0, NOISES[-1]), ylim=(0, 1.04), xlabel="noise on the gates", title="accuracy")
    figures.room(right)
    shut.set_xticks(range(len(COMPARED)), ["LSTM", "shared", "LSTM*", "shared*"])
    shut.set(xlim=(-0.5, len(COMPARED) - 0.5), ylim=(0, 1.04), xlabel="*: noise in training")
    shut.set(title="gates nearly open or shut")


def describe(result: Noisy) -> dict[str, str]:
    """Each model at some noises."""
    right, shut = result.right.mean(0), result.shut.mean(0)
    rows = [
        f"{figures.STYLES[name].label}: "
        + ", ".join(f"{right[i, NOISES.index(noise)]:.2f} at {noise:g}" for noise in (0.0, 1.0, 2.0, 4.0))
        + f"; {shut[i]:.0%} of its gates are nearly open or shut"
        for i, name in enumerate(COMPARED)
    ]
    return {
        "frame": f"Trained to keep the one flagged value; chance is {TASK.chance:.3g}.",
        "runs": f"Learning rate: {KNOBS['rate'].say(result.knobs['rate'])}. Mean accuracy by the noise's standard "
        "deviation:\n" + "\n".join(rows),
    }


NOISY = Experiment(
    name="questions-noisy",
    question="Which gates bear noise?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": ("rate",)},
    result=Noisy,
    models=lambda result: [*COMPARED],
    recorded=True,
    gather=gather,
    panels=2,
)
