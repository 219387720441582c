"""What is bounded in an LSTM, what is not, and what is lost where they meet?"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import torch

from ... import figures
from ...lens import Experiment, Knob, Result
from ...runtime import setup
from ..gradient.decay import held
from ..probes import float64_device

STEPS = 256
RESOLVED = 2.0**-24  # below 1, float32 has no number nearer to 1 than this

KNOBS = {"gate": Knob("Forget gate", 0.999, (0.5, 0.9, 0.99, 0.999), 0.01, 0.9999)}


@dataclass(frozen=True, kw_only=True)
class Bounded(Result):
    """One LSTM unit that is given the same input at every step, with open input and output gates; t = 1 … STEPS.

    cell: (1, STEPS), |c(t)|.
    shown: (1, STEPS), |h(t)| = tanh |c(t)|.
    slope: (1, STEPS), ∂h(t)/∂c(t) = 1 - tanh² c(t), from e^(-2c), since tanh itself rounds to 1.
    """

    cell: np.ndarray
    shown: np.ndarray
    slope: np.ndarray


def run(*, seeds, device, gate) -> Bounded:
    """In float64. No chance is involved, so there is one seed."""
    where, start = float64_device(device), time.perf_counter()
    x = torch.ones(1, STEPS, 1, dtype=torch.float64).to(where)
    trace = held(gate).to(where)(x, watch=True)
    cell = trace.inside["cell"][0, :, 0].abs().cpu().numpy()  # (T,)
    far = np.exp(-2 * cell)  # (T,)
    return Bounded(
        knobs={"gate": gate},
        seeds=tuple(seeds[:1]),
        setup=setup(where, time.perf_counter() - start),
        cell=cell[None],
        shown=trace.states[0, :, 0].detach().abs().cpu().numpy()[None],
        slope=(4 * far / (1 + far) ** 2)[None],
    )


def blind(result: Bounded) -> int | None:
    """The first step from which on float32 cannot tell h from 1; None if there is no such step."""
    there = np.flatnonzero(1 - np.tanh(result.cell[0]) < RESOLVED)
    return int(there[0]) + 1 if len(there) else None


def draw(result: Bounded, axes, own=None) -> None:
    """Left: the cell and what is shown of it. Right: what a change of the cell does to what is shown."""
    size, slope = axes
    t = figures.octaves(STEPS)
    for values, name in ((result.cell, "lstm"), (result.shown, "shown")):
        style = figures.STYLES[name]
        figures.band(size, t, values[:, t - 1], style, layer="lstm")
    figures.log_axis(size, -1, 3, 1)
    size.axhline(1, color=figures.INK, linewidth=1.0, linestyle=":", gid="frame/one")
    style = figures.STYLES["shown"]
    figures.band(slope, t, result.slope[:, t - 1], style, layer="lstm", floor=1e-29)
    figures.log_axis(slope, -28, 2, 4)
    figures.reference(slope, RESOLVED, "float32 sees nothing below", "frame")
    for ax in axes:
        figures.octave_axis(ax, STEPS)
        figures.room(ax)
        ax.set(xlabel="steps of the same input, t")
    size.set(title="sizes of c and of h")
    slope.set(title="change of h for a change of c")


def describe(result: Bounded) -> dict[str, str]:
    """How large the cell gets, what is shown, and from where on nothing changes."""
    since = blind(result)
    seen = f"From step {since} on, h is 1 in float32." if since else "In float32, h never is exactly 1."
    return {
        "frame": f"One LSTM unit is given the same input {STEPS:,} times, with its input and output gates open.",
        "lstm": f"Forget gate {result.knobs['gate']:g}: after {STEPS:,} steps the cell is {result.cell[0, -1]:.3g}, "
        f"what is shown of it {result.shown[0, -1]:.3g}. A small change of the cell then changes h by "
        f"{figures.scientific(result.slope[0, -1])} of it. {seen}",
    }


BOUNDED = Experiment(
    name="questions-bounded",
    question="What is bounded in an LSTM, and what is not?",
    knobs=KNOBS,
    run=run,
    draw=draw,
    describe=describe,
    layers={"frame": (), "lstm": ("gate",)},
    result=Bounded,
    models=lambda result: ["lstm", "shown"],
    panels=2,
    seeds=(0,),
)
