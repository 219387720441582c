"""What matters: can two signals still be told apart?"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch

from ... import figures, kata
from ...lens import Experiment, Knob, Result
from ...runtime import one_thread, pick_device, setup
from .told import RUNS, SIGNALS, copies, gaussian, right

STEPS = 100
READ = (0, 1, 2, 3, 5, 8, 12, 16, 20, 25, 30, 40, 50, 60, 70, 80, 100)  # where the probe reads
STYLED = ("kata-cell", "rnn")
FLOOR = -90  # power of ten at which the picture of distances ends

KNOBS = {
    "other": Knob(
        "Other signal",
        "opposite",
        tuple(SIGNALS),
        names={"opposite": "the opposite", "near": "a near one", "other": "another one"},
    ),
    "noise": Knob("Noise a step", 0.01, (0.0, 0.0001, 0.01, 0.1), 0.0, 1.0),
    "bias": Knob("Forget bias of the LSTM", 1.0, (0.0, 1.0, 2.0, 3.0), 0.0, 3.0, group="lstm"),
}


@dataclass(frozen=True, kw_only=True)
class Apart(Result):
    """Two runs that differ in their signal alone: an LSTM's cells, an RNN's states.

    distance: (seeds, 2, STEPS + 1), ‖a - b‖ over that right after the signal, without noise.
    cosine: (seeds, 2, STEPS + 1), between the two states, without noise.
    right: (seeds, 2, READ), the share that a linear probe gets right, with noise.
    """

    distance: np.ndarray
    cosine: np.ndarray
    right: np.ndarray


def run(*, seeds, device, other, noise, bias) -> Apart:
    """The program's own weights; a seed draws the noise."""
    start = time.perf_counter()
    pick_device(device)  # a wrong name is refused here too, though this probe always runs on the CPU
    found = [told_apart(other, noise, bias, seed) for seed in seeds]
    distance, cosine = clean(other, bias)
    return Apart(
        knobs={"other": other, "noise": noise, "bias": bias},
        seeds=tuple(seeds),
        setup=setup(torch.device("cpu"), time.perf_counter() - start),
        distance=np.repeat(distance[None] / distance[:, :1], len(seeds), 0),
        cosine=np.repeat(cosine[None], len(seeds), 0),
        right=np.array(found),
    )


@lru_cache(maxsize=64)
def clean(other: str, bias: float) -> tuple[np.ndarray, np.ndarray]:
    """Distances and cosines (2, STEPS + 1) of two runs without noise."""
    pair = np.array([kata.SIGNAL, SIGNALS[other]])  # (2, 3)
    states = np.array(copies(kata.weights(bias), pair, STEPS, np.zeros((STEPS, 2, 1, 1))))  # (2, STEPS + 1, 2, 4)
    a, b = states[:, :, 0], states[:, :, 1]  # (2, STEPS + 1, 4) each
    scale = np.abs(states).max((2, 3))[..., None]  # (2, STEPS + 1, 1): squares of small numbers would be 0
    size = scale[..., 0] * np.linalg.norm((a - b) / scale, axis=-1)
    unit = [one / scale / np.linalg.norm(one / scale, axis=-1, keepdims=True) for one in (a, b)]
    return size, (unit[0] * unit[1]).sum(-1)


@lru_cache(maxsize=1024)
@one_thread()
def told_apart(other: str, noise: float, bias: float, seed: int) -> np.ndarray:
    """(2, READ): fitted on some noisy runs and tested on others. Noise is a share of the distance at first."""
    made, labels = kata.weights(bias), np.repeat([1.0, -1.0], 2 * RUNS)  # (runs,)
    signals = np.repeat([kata.SIGNAL, SIGNALS[other]], 2 * RUNS, 0)  # (runs, 3)
    sizes = clean(other, bias)[0][:, 0]  # (2,)
    drawn = gaussian(seed, STEPS, 2, len(labels), kata.HIDDEN)
    states = copies(made, signals, STEPS, noise * sizes[:, None, None] * drawn)
    fit = np.arange(len(labels)) % 2 == 0
    return np.array([[right(one[k][fit], one[k][~fit], labels[fit]) for k in READ] for one in states])


def draw(result: Apart, axes, own=None) -> None:
    """Left: distance without noise. Right: the probe with noise."""
    gone, told = axes
    k = figures.thin(STEPS + 1, 26)
    for i, name in enumerate(STYLED):
        layer = "rnn" if name == "rnn" else "lstm"
        figures.band(gone, k, result.distance[:1, i, k], figures.STYLES[name], layer=layer, floor=10.0**FLOOR)
        figures.band(told, np.array(READ), result.right[:, i], figures.STYLES[name], layer=layer)
    figures.log_axis(gone, FLOOR, 5, 15)
    gone.set(xlim=(0, STEPS), xlabel="blank steps", title="distance, as a share of that at first")
    figures.reference(told, 0.5, "chance", "frame")
    told.set(xlim=(0, STEPS), ylim=(0.4, 1.03), xlabel="blank steps", title="told apart by a linear probe")


def describe(result: Apart) -> dict[str, str]:
    """Distance at 50 and at 100 steps, and how long the probe is nearly always right."""
    probe = result.right.mean(0)

    def said(i: int) -> str:
        far = [figures.scientific(result.distance[0, i, k]) for k in (50, STEPS)]
        least = np.flatnonzero(probe[i] < 0.9)
        until = f"nine of ten right up to step {READ[least[0] - 1]}" if len(least) and least[0] else "nine of ten right"
        until = "less than nine of ten right from the start" if len(least) and not least[0] else until
        return (
            f"distance {far[0]} of that at first after 50 blank steps, {far[1]} after {STEPS}; cosine between the two "
            f"runs {figures.minus(result.cosine[0, i, 50])} after 50. With noise {result.knobs['noise']:g} a step, a "
            f"linear probe gets {until}{'' if len(least) else ' at every step'}"
        )

    other = KNOBS["other"].say(result.knobs["other"])
    return {
        "frame": "Two runs that differ in their signal alone. Noise is a share of their distance at first.",
        "lstm": f"LSTM, forget bias {result.knobs['bias']:g}, other signal {other}: {said(0)}.",
        "rnn": f"RNN, other signal {other}: {said(1)}.",
    }


APART = Experiment(
    name="kata-apart",
    question="Can two signals still be told apart?",
    knobs=KNOBS,
    run=run,
    draw=draw,
    describe=describe,
    layers={"frame": (), "lstm": ("other", "noise", "bias"), "rnn": ("other", "noise")},
    result=Apart,
    models=lambda result: list(STYLED),
    panels=2,
    height=3.8,
)
