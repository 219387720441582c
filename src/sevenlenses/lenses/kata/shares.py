"""The table of constant forget gates, and what its shares do not say."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache
from math import erf

import numpy as np
import torch

from ... import figures
from ...kata import FORGET_RATES, FORGET_STEPS
from ...lens import Experiment, Knob, Result
from ...runtime import one_thread, pick_device, setup
from .told import gaussian

SENT = 400  # signals, each 1 or -1
STEPS = FORGET_STEPS[-1]
POINTS = tuple(int(one) for one in np.unique(np.geomspace(1, STEPS, 19).round()))
STYLED = tuple(f"gate-{rate:.2f}" for rate in FORGET_RATES)
FORMULA = "formula-told"

KNOBS = {"noise": Knob("Noise a step", 0.1, (0.0, 0.001, 0.01, 0.1, 0.3), 0.0, 1.0)}


@dataclass(frozen=True, kw_only=True)
class Shares(Result):
    """A cell whose gate is held at f, at the steps POINTS after the signal.

    left: (seeds, FORGET_RATES, POINTS), f^k.
    right: (seeds, FORGET_RATES, POINTS), the share of signals 1 or -1 that the cell's sign still tells.
    expected: (seeds, FORGET_RATES, POINTS), the same by the formula.
    """

    left: np.ndarray
    right: np.ndarray
    expected: np.ndarray


def run(*, seeds, device, noise) -> Shares:
    """A seed draws signals and noise."""
    start = time.perf_counter()
    pick_device(device)  # a wrong name is refused here too, though this probe always runs on the CPU
    right = np.array([decoded(noise, seed) for seed in seeds])
    left = np.array(FORGET_RATES)[:, None] ** np.array(POINTS)  # (FORGET_RATES, POINTS)
    return Shares(
        knobs={"noise": noise},
        seeds=tuple(seeds),
        setup=setup(torch.device("cpu"), time.perf_counter() - start),
        left=np.repeat(left[None], len(seeds), 0),
        right=right,
        expected=np.repeat(expected(noise)[None], len(seeds), 0),
    )


@lru_cache(maxsize=256)
@one_thread()
def decoded(noise: float, seed: int) -> np.ndarray:
    """(FORGET_RATES, POINTS): c(k) = f c(k-1) + noise, from c(0) = 1 or -1; is its sign still that of c(0)?"""
    rates = np.array(FORGET_RATES)[:, None]  # (FORGET_RATES, 1)
    drawn = noise * gaussian(seed, STEPS, SENT)  # (STEPS, SENT)
    cell, found = np.ones((len(rates), SENT)), []  # by symmetry all signals are 1
    for k, now in enumerate(drawn, 1):
        cell = rates * cell + now  # (FORGET_RATES, SENT)
        if k in POINTS:
            found.append((cell > 0).mean(1))
    return np.stack(found, 1)


def expected(noise: float) -> np.ndarray:
    """(FORGET_RATES, POINTS): Φ(f^k / s), where s² = noise² (1 - f^2k) / (1 - f²) is what the noise has added up to."""
    rates, k = np.array(FORGET_RATES)[:, None], np.array(POINTS)
    if noise == 0:
        return np.ones((len(FORGET_RATES), len(POINTS)))
    spread = noise * np.sqrt((1 - rates ** (2 * k)) / (1 - rates**2))
    return np.vectorize(lambda z: 0.5 * (1 + erf(z / 2**0.5)))(rates**k / spread)


def draw(result: Shares, axes, own=None) -> None:
    """Left: the table as curves. Right: what the sign still tells, and the formula for it, on top."""
    shares, told = axes
    for i, name in enumerate(STYLED):
        style = figures.STYLES[name]
        look = {"color": style.color, "linestyle": style.line, "marker": style.marker}
        shares.plot(POINTS, np.maximum(result.left[0, i], 1e-12), markevery=3, gid=f"frame/{name}", **look)
        figures.band(told, np.array(POINTS), result.right[:, i], style, layer="runs")
        look = {"color": figures.STYLES[FORMULA].color, "linestyle": figures.STYLES[FORMULA].line, "zorder": 3}
        told.plot(POINTS, result.expected[0, i], gid=f"runs/formula{i}", **look)
    for ax in axes:
        ax.set_xscale("log")
        ax.set_xlim(0.85, 1.6 * STEPS)  # room for the last word
        ax.set_xticks([1, 10, 100, 1000], ["1", "10", "100", "1,000"])
        ax.minorticks_off()
        ax.set_xlabel("steps, k")
    figures.log_axis(shares, -10, 0, 2)
    shares.set(title="share left, fᵏ")
    figures.reference(told, 0.5, "chance", "frame")
    told.set(ylim=(0.4, 1.03), title="signals told")


def describe(result: Shares) -> dict[str, str]:
    """What the sign tells, nearest to 100 and to 1,000 steps."""
    near = [min(range(len(POINTS)), key=lambda i, k=k: abs(POINTS[i] - k)) for k in (10, 100, STEPS)]
    right = result.right.mean(0)
    rows = [
        f"{figures.STYLES[name].label}: " + ", ".join(f"{right[i, at]:.2f} after {POINTS[at]:,}" for at in near)
        for i, name in enumerate(STYLED)
    ]
    return {
        "frame": "Share left by a constant gate; the table's values.",
        "runs": f"Noise {result.knobs['noise']:g} a step. Signals of 1 or −1 whose sign is still told:\n"
        + "\n".join(rows),
    }


SHARES = Experiment(
    name="kata-shares",
    question="What does a constant forget gate leave, and what can still be told from it?",
    knobs=KNOBS,
    run=run,
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": ("noise",)},
    result=Shares,
    models=lambda result: [*STYLED, FORMULA],
    panels=2,
    height=3.8,
)
