"""Unit, cell, layer: how many numbers each has, and what a push at one unit reaches."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from matplotlib.patches import Rectangle

from ... import figures
from ...lens import Experiment, Knob, Result
from ...models.lstm import LSTM
from ...runtime import generator, one_thread, pick_device, setup

UNITS, INPUTS = 8, 4
LENGTHS = (2, 8, 32, 128)
PUSHED = 12  # the step at which a unit is pushed
AFTER = 4  # steps that are watched from there on

KNOBS = {"unit": Knob("Unit pushed", 3, tuple(range(1, UNITS + 1)), 1, UNITS)}


@dataclass(frozen=True, kw_only=True)
class Parts(Result):
    """A layer of an untrained LSTM.

    used: (seeds, LENGTHS), weights that a gradient reaches when the layer runs over so many steps.
    reached: (seeds, AFTER, UNITS), |Δh| of each unit per push, at the step of the push and at those after it.
    """

    used: np.ndarray
    reached: np.ndarray


def run(*, seeds, device, unit) -> Parts:
    """Push h of one unit a little, in float64."""
    pick_device(device)  # a wrong name is refused here too, though this probe always runs on the CPU
    start = time.perf_counter()
    used = np.stack([weights_used(seed) for seed in seeds])
    reached = np.stack([pushed(unit, seed) for seed in seeds])
    spent = setup(torch.device("cpu"), time.perf_counter() - start)
    return Parts(knobs={"unit": unit}, seeds=tuple(seeds), setup=spent, used=used, reached=reached)


def build(seed: int) -> LSTM:
    """The layer."""
    return LSTM(INPUTS, UNITS, 1, generator=generator(seed, "weights")).double()


@lru_cache(maxsize=64)
@one_thread()
def weights_used(seed: int) -> np.ndarray:
    """(LENGTHS,): weights of the recurrent layer whose gradient is not zero."""
    counts = []
    for length in LENGTHS:
        layer = build(seed).rnn
        x = torch.randn(1, length, INPUTS, generator=generator(seed, "inputs"), dtype=torch.float64)  # (1, T, n_in)
        slopes = torch.autograd.grad(layer(x)[0].sum(), tuple(layer.parameters()))
        counts.append(float(sum((slope != 0).sum().item() for slope in slopes)))
    return np.array(counts)


@lru_cache(maxsize=256)
@one_thread()
def pushed(unit: int, seed: int) -> np.ndarray:
    """(AFTER, UNITS): how far each unit's h moves, per unit of push."""
    model, push = build(seed), 1e-6
    x = torch.randn(1, PUSHED + AFTER, INPUTS, generator=generator(seed, "inputs"), dtype=torch.float64)  # (1, T, n_in)
    nudge = torch.zeros(1, PUSHED + AFTER, UNITS, dtype=torch.float64)  # (1, T, H)
    nudge[0, PUSHED, unit - 1] = push
    with torch.no_grad():
        before, after = (model(x, nudge=one).states[0] for one in (torch.zeros_like(nudge), nudge))  # (T, H) each
    moved = (after - before).abs()  # (T, H)
    moved[PUSHED, unit - 1] = push  # the push itself comes after this step's state
    return (moved[PUSHED:] / push).numpy()


def draw(result: Parts, axes, own=None) -> None:
    """Left: tiles, a row a step, a column a unit. Right: weights against steps."""
    tiles, counts = axes
    style, middle = figures.STYLES["lstm"], np.median(result.reached, 0)  # (AFTER, UNITS)
    strength = np.clip(1 + np.log10(np.maximum(middle, 1e-9)) / 4, 0, 1)
    for row in range(AFTER):
        for u in range(UNITS):
            place, name = (u + 0.06, AFTER - 0.94 - row), f"push/{row}-{u}"
            opacity = 0.04 + 0.9 * strength[row, u]
            tiles.add_patch(Rectangle(place, 0.88, 0.88, facecolor=style.color, alpha=opacity, linewidth=0, gid=name))
    tiles.set(xlim=(0, UNITS), ylim=(0, AFTER), xlabel="unit", title="what a push reaches")
    tiles.set_xticks(np.arange(UNITS) + 0.5, range(1, UNITS + 1))
    tiles.set_yticks(np.arange(AFTER)[::-1] + 0.5, ["push", *(f"+{n}" for n in range(1, AFTER))])
    tiles.grid(False)
    tiles.spines[:].set_visible(False)
    tiles.tick_params(length=0)
    steps = np.array(LENGTHS)
    apiece = figures.STYLES["formula"]
    counts.plot(steps, result.used[0], color=style.color, marker=style.marker, gid="frame/used")
    counts.plot(steps, result.used[0, 0] * steps, color=apiece.color, linestyle=apiece.line, gid="frame/apiece")
    counts.annotate(
        "a cell for each step", (32, result.used[0, 0] * 32), xytext=(-6, 6), textcoords="offset points", ha="right",
        fontsize=10, gid="frame/word",
    )  # fmt: skip
    counts.set_xscale("log", base=4)
    counts.set_xticks(steps, [str(n) for n in LENGTHS])
    figures.log_axis(counts, 2, 6, 1)
    counts.set(xlabel="steps, T", title="weights")


def describe(result: Parts) -> dict[str, str]:
    """The counts, and how many units feel the push."""
    felt = (result.reached[:, 1] > 0).sum(1)
    others = np.delete(np.median(result.reached[:, 1], 0), result.knobs["unit"] - 1)
    return {
        "frame": f"A layer of {UNITS} units with {INPUTS} inputs uses {result.used[0, 0]:,.0f} weights over "
        f"{LENGTHS[0]} steps and {result.used[0, -1]:,.0f} over {LENGTHS[-1]}.",
        "push": f"A push at h of unit {result.knobs['unit']} moves {felt.min()} of {UNITS} units one step later, "
        f"the others by {others.min():.3f} to {others.max():.3f} of the push.",
    }


PARTS = Experiment(
    name="questions-parts",
    question="What is a unit, a cell, a layer?",
    knobs=KNOBS,
    run=run,
    draw=draw,
    describe=describe,
    layers={"frame": (), "push": ("unit",)},
    result=Parts,
    models=lambda result: ["lstm"],
    panels=2,
)
