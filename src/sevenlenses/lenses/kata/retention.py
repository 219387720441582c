"""The program's own numbers as a picture: how alike is a state to itself, after so many blank steps?"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import torch

from ... import figures, kata
from ...lens import Experiment, Knob, Result
from ...runtime import pick_device, setup

STATES = ("cell", "hidden", "rnn")  # of kata.Path
STYLED = ("kata-cell", "kata-hidden", "rnn")

KNOBS = {"steps": Knob("Blank steps", 50, (10, 20, 50, 100), 5, 200, unit="steps")}


@dataclass(frozen=True, kw_only=True)
class Retention(Result):
    """cosine: (seeds, STATES, steps + 1), with the state right after the signal, as the program computes it.

    Seed 0 is the program's own weights; other seeds are weights made alike from later sines.
    """

    cosine: np.ndarray


def run(*, seeds, device, steps) -> Retention:
    """No chance is involved: a seed chooses weights."""
    start = time.perf_counter()
    pick_device(device)  # a wrong name is refused here too, though this probe always runs on the CPU
    paths = [kata.run(steps, kata.weights(turn=seed)) for seed in seeds]
    return Retention(
        knobs={"steps": steps},
        seeds=tuple(seeds),
        setup=setup(torch.device("cpu"), time.perf_counter() - start),
        cosine=np.array([[path.similarities(name) for name in STATES] for path in paths]),
    )


def draw(result: Retention, axes, own=None) -> None:
    """The first seed's curves with markers; thin lines for the others."""
    (ax,) = axes
    k = figures.thin(result.cosine.shape[-1], 26)
    for i, name in enumerate(STYLED):
        style = figures.STYLES[name]
        look = {"color": style.color, "linestyle": style.line}
        for row in result.cosine[1:, i]:
            ax.plot(k, row[k], linewidth=1.0, alpha=0.6, gid=f"runs/other-{name}", **look)
        ax.plot(k, result.cosine[0, i, k], marker=style.marker, markevery=4, gid=f"runs/{name}", **look)
    ax.axhline(0, color=figures.INK, linewidth=0.8, gid="frame/zero")
    ax.set(
        xlim=(0, result.knobs["steps"]),
        ylim=(-1.08, 1.08),
        xlabel="blank steps",
        title="cosine with the state at first",
    )


def describe(result: Retention) -> dict[str, str]:
    """The program's rows at some steps."""
    steps = result.knobs["steps"]
    at = [step for step in (1, 5, 10, 20, 30, 40, 50, 100) if step <= steps]
    rows = [
        f"{figures.STYLES[name].label}: "
        + ", ".join(f"{figures.minus(result.cosine[0, i, step])} at {step}" for step in at)
        for i, name in enumerate(STYLED)
    ]
    return {
        "frame": "1 is the same direction, 0 a right angle, −1 the opposite.",
        "runs": "Thick lines: the program's own weights. Thin: weights made alike.\n" + "\n".join(rows),
    }


RETENTION = Experiment(
    name="kata-retention",
    question="How alike is a state to itself, after so many blank steps?",
    knobs=KNOBS,
    run=run,
    draw=draw,
    describe=describe,
    layers={"frame": ("steps",), "runs": ("steps",)},
    result=Retention,
    models=lambda result: list(STYLED),
    height=3.8,
)
