"""What a cosine cannot see: how large the state still is."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from math import ceil

import numpy as np
import torch

from ... import figures, kata
from ...lens import Experiment, Knob, Result
from ...runtime import pick_device, setup
from .retention import STATES, STYLED

FLOOR = 1e-200  # a log axis has no place for zero

KNOBS = {
    "steps": Knob("Blank steps", 50, (20, 50, 100), 5, 200, unit="steps"),
    "threshold": Knob(
        "Too small to say below",
        "program",
        ("program", "none"),
        names={"program": "10⁻¹⁰, as in the program", "none": "no threshold"},
    ),
    "gain": Knob("Recurrent weights of the RNN", 1.0, (1.0, 3.0, 5.0, 7.0), 0.5, 7.0, unit="times", group="rnn"),
}


@dataclass(frozen=True, kw_only=True)
class Size(Result):
    """cosine: (seeds, STATES, steps + 1), with the state right after the signal; size: the norm, over that one's."""

    cosine: np.ndarray
    size: np.ndarray


def run(*, seeds, device, steps, threshold, gain) -> Size:
    """No chance is involved: a seed chooses weights, and 0 the program's own."""
    start = time.perf_counter()
    pick_device(device)  # a wrong name is refused here too, though this probe always runs on the CPU
    found = [measured(kata.run(steps, scaled(kata.weights(turn=seed), gain)), threshold) for seed in seeds]
    cosine, size = (np.array(one) for one in zip(*found, strict=True))
    return Size(
        knobs={"steps": steps, "threshold": threshold, "gain": gain},
        seeds=tuple(seeds),
        setup=setup(torch.device("cpu"), time.perf_counter() - start),
        cosine=cosine,
        size=size,
    )


def scaled(made: kata.Weights, gain: float) -> kata.Weights:
    """The same weights with the RNN's recurrent matrix times `gain`."""
    return replace(made, recurrent=[[gain * one for one in row] for row in made.recurrent])


def measured(path: kata.Path, threshold: str) -> tuple[np.ndarray, np.ndarray]:
    """Cosines and sizes, (STATES, steps + 1) each."""
    states = np.array([getattr(path, name) for name in STATES])  # (STATES, steps + 1, 4)
    unit, size = apart(states)
    cosine = (unit * unit[:, :1]).sum(-1)
    if threshold == "program":
        cosine = np.array([path.similarities(name) for name in STATES])
    return cosine, size / size[:, :1]


def apart(states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Directions (..., 4) and norms (...): the square of a number below 10⁻¹⁶² would be 0, so each is scaled first."""
    largest = np.maximum(np.abs(states).max(-1, keepdims=True), 1e-300)
    norm = np.linalg.norm(states / largest, axis=-1, keepdims=True)
    return states / largest / norm, (largest * norm)[..., 0]


def draw(result: Size, axes, own=None) -> None:
    """Left: direction. Right: size. The first seed's curves with markers, the others thin."""
    k = figures.thin(result.knobs["steps"] + 1, 26)
    for ax, values in zip(axes, (result.cosine, np.maximum(result.size, FLOOR)), strict=True):
        for i, name in enumerate(STYLED):
            style, layer = figures.STYLES[name], "rnn" if name == "rnn" else "lstm"
            look = {"color": style.color, "linestyle": style.line}
            for row in values[1:, i]:
                ax.plot(k, row[k], linewidth=1.0, alpha=0.6, gid=f"{layer}/other-{name}", **look)
            ax.plot(k, values[0, i, k], marker=style.marker, markevery=4, gid=f"{layer}/{name}", **look)
        ax.set(xlim=(0, result.knobs["steps"]), xlabel="blank steps")
    axes[0].axhline(0, color=figures.INK, linewidth=0.8, gid="frame/zero")
    axes[0].set(ylim=(-1.08, 1.08), title="cosine with the state at first")
    every = 5 if result.knobs["steps"] < 30 else 15
    figures.log_axis(axes[1], -every * ceil(0.9 * result.knobs["steps"] / every), 2, every)
    axes[1].set(title="size, as a share of that at first")


def describe(result: Size) -> dict[str, str]:
    """Direction and size at the end."""
    steps = result.knobs["steps"]

    def said(i: int) -> str:
        return (
            f"{figures.STYLES[STYLED[i]].label}: after {steps} blank steps the cosine is "
            f"{figures.minus(result.cosine[0, i, -1], '.4f')} "
            f"and the size {figures.scientific(result.size[0, i, -1])} of that at first"
        )

    threshold = KNOBS["threshold"].say(result.knobs["threshold"])
    return {
        "frame": f"Cosine and size over {steps} blank steps; the program's own weights, and thin others made alike.",
        "lstm": f"Threshold: {threshold}.\n" + "\n".join(said(i) for i in (0, 1)),
        "rnn": f"Recurrent weights {KNOBS['gain'].say(result.knobs['gain'])}. {said(2)}. Threshold: {threshold}.",
    }


SIZE = Experiment(
    name="kata-size",
    question="Which way does the state point, and how large is it still?",
    knobs=KNOBS,
    run=run,
    draw=draw,
    describe=describe,
    layers={"frame": ("steps",), "lstm": ("steps", "threshold"), "rnn": ("steps", "threshold", "gain")},
    result=Size,
    models=lambda result: list(STYLED),
    panels=2,
    height=3.8,
)
