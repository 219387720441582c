"""The same LSTM, its loop written out or left to one kernel: are the numbers the same, and how large is the graph?"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from ... import figures
from ...lens import Experiment, Knob, Result
from ...models.lstm import LSTM
from ...models.recurrence import unroll
from ...runtime import generator, one_thread, pick_device, setup

BATCH, INPUTS, UNITS = 2, 4, 16
LENGTHS = (1, 2, 4, 8, 16, 32, 64, 128)
WAYS = ("lstm-loop", "lstm-fused")
COMPARED = ("states", "gradients")
FLOOR = -18  # power of ten at which the picture of differences ends
DIGITS = {"float32": torch.float32, "float64": torch.float64}

KNOBS = {"digits": Knob("Numbers", "float32", tuple(DIGITS), names={"float32": "32 bits", "float64": "64 bits"})}


@dataclass(frozen=True, kw_only=True)
class Unrolled(Result):
    """Two ways through the same LSTM.

    nodes: (seeds, WAYS, LENGTHS), operations that PyTorch notes for the backward pass.
    apart: (seeds, COMPARED, LENGTHS), the greatest difference, relative to the greatest number.
    """

    nodes: np.ndarray
    apart: np.ndarray


def run(*, seeds, device, digits) -> Unrolled:
    """Run both ways at every length."""
    pick_device(device)  # a wrong name is refused here too, though this probe always runs on the CPU
    start = time.perf_counter()
    nodes, apart = (np.stack(found) for found in zip(*(both_ways(digits, seed) for seed in seeds), strict=True))
    spent = setup(torch.device("cpu"), time.perf_counter() - start)
    return Unrolled(knobs={"digits": digits}, seeds=tuple(seeds), setup=spent, nodes=nodes, apart=apart)


def noted(root) -> int:
    """Nodes of the graph behind a result: what the backward pass will visit."""
    seen, waiting = set(), [root]
    while waiting:
        node = waiting.pop()
        if node is not None and node not in seen:
            seen.add(node)
            waiting.extend(before for before, _ in node.next_functions)
    return len(seen)


def apart_by(one: Tensor, other: Tensor) -> float:
    """The greatest difference, relative to the greatest number."""
    return ((one - other).abs().max() / other.abs().max()).item()


@lru_cache(maxsize=64)
@one_thread()
def both_ways(digits: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The two arrays of `Unrolled` for one seed."""
    model = LSTM(INPUTS, UNITS, 1, generator=generator(seed, "weights")).to(DIGITS[digits])
    drawn = torch.randn(BATCH, LENGTHS[-1], INPUTS, generator=generator(seed, "inputs"), dtype=torch.float64)
    nodes, apart = [], []
    for length in LENGTHS:
        x = drawn[:, :length].to(DIGITS[digits])  # (B, T, n_in)
        states = [unroll(model, x).states, model(x).states]  # (B, T, H) each
        losses = [one.square().mean() for one in states]
        nodes.append([noted(loss.grad_fn) for loss in losses])
        slopes = [torch.autograd.grad(loss, tuple(model.rnn.parameters())) for loss in losses]
        loop, whole = (torch.cat([slope.flatten() for slope in one]) for one in slopes)  # (weights,) each
        apart.append([apart_by(*states), apart_by(loop, whole)])
    return np.array(nodes, dtype=float).T, np.array(apart).T


def draw(result: Unrolled, axes, own=None) -> None:
    """Left: the graph. Right: differences."""
    graph, distance = axes
    steps = np.array(LENGTHS)
    for i, name in enumerate(WAYS):
        style = figures.STYLES[name]
        look = {"color": style.color, "linestyle": style.line, "marker": style.marker}
        graph.plot(steps, result.nodes[0, i], gid=f"graph/{i}", **look)
    for i, name in enumerate(COMPARED):
        style = figures.STYLES[f"apart-{name}"]
        figures.band(distance, steps, result.apart[:, i], style, layer="apart", floor=10.0**FLOOR)
    for ax in axes:
        figures.octave_axis(ax, LENGTHS[-1])
        figures.room(ax)
        ax.set(xlabel="steps, T")
    figures.log_axis(graph, 0, 4, 1)
    graph.set(title="nodes in the graph")
    figures.log_axis(distance, FLOOR, -5, 3, floor=True)
    distance.set(title="relative difference")


def describe(result: Unrolled) -> dict[str, str]:
    """The ends."""
    loop, fused = result.nodes[0]
    states, gradients = result.apart.max((0, 2))
    return {
        "graph": f"Nodes in the graph from {LENGTHS[0]} step to {LENGTHS[-1]}: our loop {loop[0]:,.0f} to "
        f"{loop[-1]:,.0f}, PyTorch's module {fused[0]:,.0f} to {fused[-1]:,.0f}.",
        "apart": f"Greatest relative difference between the two: {figures.scientific(states)} in the states, "
        f"{figures.scientific(gradients)} in the gradients. Below "
        f"{figures.power_of_ten(10.0**FLOOR)}, also 0, it is drawn there.",
    }


UNROLLED = Experiment(
    name="questions-unrolled",
    question="Does writing the loop out change anything?",
    knobs=KNOBS,
    run=run,
    draw=draw,
    describe=describe,
    layers={"graph": ("digits",), "apart": ("digits",)},
    result=Unrolled,
    models=lambda result: [*WAYS, "apart-states", "apart-gradients"],
    panels=2,
)
