"""An LSTM's steps from four operations on plain numbers, each of them counted."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch

from ... import figures
from ...lens import Experiment, Knob, Result
from ...models.lstm import LSTM
from ...runtime import generator, one_thread, pick_device, setup

INPUTS, STEPS = 4, 3
KINDS = ("times", "plus", "exp", "divide")

KNOBS = {"size": Knob("State size", 8, (2, 4, 8, 16), 1, 16)}


@dataclass(frozen=True, kw_only=True)
class Arithmetic(Result):
    """A few steps of an LSTM, computed with Python's numbers alone.

    counts: (seeds, KINDS), operations per step.
    apart: (seeds,), the greatest difference to PyTorch's LSTM in h and c, at any step; float64.
    """

    counts: np.ndarray
    apart: np.ndarray


class Tally:
    """Four operations, and how often each was done."""

    def __init__(self):
        self.done = dict.fromkeys(KINDS, 0)

    def times(self, a: float, b: float) -> float:
        self.done["times"] += 1
        return a * b

    def plus(self, a: float, b: float) -> float:
        self.done["plus"] += 1
        return a + b

    def squash(self, a: float) -> float:
        """σ(a) = 1 / (1 + e^(-a))."""
        self.done["exp"] += 1
        self.done["divide"] += 1
        return 1 / self.plus(1.0, math.exp(self.times(-1.0, a)))

    def bend(self, a: float) -> float:
        """tanh(a) = 2 σ(2a) - 1."""
        return self.plus(self.times(2.0, self.squash(self.times(2.0, a))), -1.0)


def step(do: Tally, weights: list, biases: list, x: list, h: list, c: list) -> tuple[list, list]:
    """The next h and c; weights are rows over [x, h] in the order i, f, g, o."""
    rows = []
    for row, bias in zip(weights, biases, strict=True):
        total = bias
        for weight, value in zip(row, [*x, *h], strict=True):
            total = do.plus(total, do.times(weight, value))
        rows.append(total)
    n = len(h)
    for u in range(n):
        i, f, o = (do.squash(rows[gate * n + u]) for gate in (0, 1, 3))
        c = [*c[:u], do.plus(do.times(f, c[u]), do.times(i, do.bend(rows[2 * n + u]))), *c[u + 1 :]]
        h = [*h[:u], do.times(o, do.bend(c[u])), *h[u + 1 :]]
    return h, c


def run(*, seeds, device, size) -> Arithmetic:
    """Count, and compare with PyTorch."""
    pick_device(device)  # a wrong name is refused here too, though this probe always runs on the CPU
    start = time.perf_counter()
    counts, apart = (np.stack(found) for found in zip(*(counted(size, seed) for seed in seeds), strict=True))
    spent = setup(torch.device("cpu"), time.perf_counter() - start)
    return Arithmetic(knobs={"size": size}, seeds=tuple(seeds), setup=spent, counts=counts, apart=apart)


@lru_cache(maxsize=256)
@torch.no_grad()
@one_thread()
def counted(size: int, seed: int) -> tuple[np.ndarray, float]:
    """The two arrays of `Arithmetic` for one seed."""
    model = LSTM(INPUTS, size, 1, generator=generator(seed, "weights")).double()
    x = torch.randn(1, STEPS, INPUTS, generator=generator(seed, "inputs"), dtype=torch.float64)  # (1, T, n_in)
    rnn, do, off = model.rnn, Tally(), 0.0
    weights = torch.cat([rnn.weight_ih_l0, rnn.weight_hh_l0], 1).tolist()
    biases = (rnn.bias_ih_l0 + rnn.bias_hh_l0).tolist()
    h, c, state = [0.0] * size, [0.0] * size, None
    for t in range(STEPS):
        h, c = step(do, weights, biases, x[0, t].tolist(), h, c)
        _, state = rnn(x[:, t : t + 1], state)
        theirs = torch.cat([one.flatten() for one in state]).tolist()
        off = max(off, *(abs(a - b) for a, b in zip([*h, *c], theirs, strict=True)))
    return np.array([do.done[kind] / STEPS for kind in KINDS]), off


def draw(result: Arithmetic, axes, own=None) -> None:
    """A bar a kind of operation."""
    (ax,) = axes
    counts, places = result.counts[0], np.arange(len(KINDS))
    ax.bar(places, counts, 0.6, color=figures.STYLES["lstm"].color, alpha=0.75, gid="counts/bars")
    for place, count in zip(places, counts, strict=True):
        ax.annotate(
            f"{count:,.0f}",
            (place, count),
            xytext=(0, 4),
            textcoords="offset points",
            ha="center",
            gid=f"counts/{place}",
        )
    ax.set_xticks(places, ("a · b", "a + b", "eᵃ", "1 / a"))
    figures.log_axis(ax, 0, 4, 1)
    ax.set(xlim=(-0.6, len(KINDS) - 0.4), title="operations in one step")


def describe(result: Arithmetic) -> dict[str, str]:
    """The counts and the difference."""
    times, plus, powers, divisions = result.counts[0]
    return {
        "frame": f"A step of an LSTM with {INPUTS} inputs, from operations on single numbers.",
        "counts": f"With {result.knobs['size']} units: {times:,.0f} products, {plus:,.0f} sums, {powers:,.0f} "
        f"exponentials, {divisions:,.0f} divisions. Greatest difference to PyTorch over {STEPS} steps: "
        f"{figures.scientific(result.apart.max())}.",
    }


ARITHMETIC = Experiment(
    name="questions-arithmetic",
    question="What is a step of an LSTM made of?",
    knobs=KNOBS,
    run=run,
    draw=draw,
    describe=describe,
    layers={"frame": (), "counts": ("size",)},
    result=Arithmetic,
    models=lambda result: [],
)
