"""One matrix on the joined vector, or two matrices on its parts: trained side by side."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from ... import figures
from ...lens import Experiment, Knob, Result
from ...runtime import generator, one_thread, pick_device, setup

BATCH, STEPS, INPUTS, UPDATES = 16, 6, 4, 15
WAYS = ("joined", "apart")
FLOOR = -18  # power of ten at which the picture of distances ends

KNOBS = {
    "size": Knob("State size", 16, (4, 16, 64), 1, 64),
    "rate": Knob("Learning rate", 4.0, (0.5, 4.0, 16.0), 0.01, 16.0, "log"),
}


@dataclass(frozen=True, kw_only=True)
class Joined(Result):
    """Two LSTMs with the same numbers as weights, trained alike: WAYS.

    loss: (seeds, WAYS, UPDATES + 1), mean squared error before each update and after the last.
    moved: (seeds, UPDATES + 1), how far the joined matrix has moved from its start, relative to its size.
    apart: (seeds, UPDATES + 1), how far the two nets' matrices are apart, relative to their size.
    parameters: (seeds, WAYS).
    """

    loss: np.ndarray
    moved: np.ndarray
    apart: np.ndarray
    parameters: np.ndarray


def run(*, seeds, device, size, rate) -> Joined:
    """Train both in float64."""
    pick_device(device)  # a wrong name is refused here too, though this probe always runs on the CPU
    start = time.perf_counter()
    loss, moved, apart, count = (np.stack(f) for f in zip(*(side_by_side(size, rate, s) for s in seeds), strict=True))
    return Joined(
        knobs={"size": size, "rate": rate},
        seeds=tuple(seeds),
        setup=setup(torch.device("cpu"), time.perf_counter() - start),
        loss=loss,
        moved=moved,
        apart=apart,
        parameters=count,
    )


def last_state(weights: list[Tensor], x: Tensor) -> Tensor:
    """h(T) (B, H) of x (B, T, n_in); weights: one matrix (4H, H + n_in) or two, (4H, H) and (4H, n_in); and a bias."""
    *matrices, bias = weights
    h = c = x.new_zeros(len(x), len(bias) // 4)  # (B, H)
    for x_t in x.unbind(1):
        parts = [torch.cat([h, x_t], 1)] if len(matrices) == 1 else [h, x_t]
        rows = sum(part @ matrix.T for part, matrix in zip(parts, matrices, strict=True))  # (B, 4H)
        i, f, g, o = (rows + bias).chunk(4, 1)  # (B, H) each
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()  # (B, H)
        h = o.sigmoid() * c.tanh()  # (B, H)
    return h


@lru_cache(maxsize=256)
@one_thread()
def side_by_side(size: int, rate: float, seed: int) -> tuple[np.ndarray, ...]:
    """The four arrays of `Joined` for one seed: gradient descent towards random targets."""
    source = generator(seed, "weights")
    both = (2 * torch.rand(4 * size, size + INPUTS, generator=source, dtype=torch.float64) - 1) / size**0.5
    bias = torch.zeros(4 * size, dtype=torch.float64)  # (4H,)
    x = torch.randn(BATCH, STEPS, INPUTS, generator=source, dtype=torch.float64)  # (B, T, n_in)
    wanted = 2 * torch.rand(BATCH, size, generator=source, dtype=torch.float64) - 1  # (B, H)
    nets = {"joined": [both, bias], "apart": [both[:, :size], both[:, size:], bias]}
    nets = {name: [one.clone().requires_grad_() for one in weights] for name, weights in nets.items()}
    losses, moved, apart = [], [], []
    for _ in range(UPDATES + 1):
        one, other = nets["joined"][0].detach(), torch.cat(nets["apart"][:2], 1).detach()
        moved.append(((one - both).norm() / both.norm()).item())
        apart.append(((one - other).norm() / both.norm()).item())
        found = {name: (last_state(weights, x) - wanted).square().mean() for name, weights in nets.items()}
        losses.append([loss.item() for loss in found.values()])
        for name, weights in nets.items():
            for weight, slope in zip(weights, torch.autograd.grad(found[name], weights), strict=True):
                weight.data -= rate * slope
    counts = np.array([float(sum(weight.numel() for weight in weights)) for weights in nets.values()])
    return np.array(losses).T, np.array(moved), np.array(apart), counts


def draw(result: Joined, axes, own=None) -> None:
    """Left: both losses. Right: how far the matrices moved, and how far they are apart."""
    losses, distances = axes
    updates = np.arange(UPDATES + 1)
    for i, name in enumerate(WAYS):
        figures.band(losses, updates, result.loss[:, i], figures.STYLES[f"matrix-{name}"], layer="runs")
    losses.set(xlim=(0, UPDATES), ylim=(0, 0.4), xlabel="update", title="loss")
    figures.band(distances, updates, result.moved, figures.STYLES["matrix-moved"], layer="runs", floor=10.0**FLOOR)
    figures.band(distances, updates, result.apart, figures.STYLES["matrix-between"], layer="runs", floor=10.0**FLOOR)
    figures.log_axis(distances, FLOOR, 1, 3, floor=True)
    distances.set(xlim=(0, UPDATES), xlabel="update", title="relative distance")
    for ax in axes:
        figures.room(ax)
        ax.set_xticks(range(0, UPDATES + 1, 5))


def describe(result: Joined) -> dict[str, str]:
    """Where both end."""
    loss, count = np.median(result.loss, 0), result.parameters[0]
    start, one, two = loss[0, 0], *loss[:, -1]
    return {
        "frame": f"One matrix on the joined vector and two on its parts; {count[0]:,.0f} and {count[1]:,.0f} numbers. "
        f"Distances below {figures.power_of_ten(10.0**FLOOR)}, also 0, are drawn there.",
        "runs": f"After {UPDATES} updates the losses are {one:.3f} and {two:.3f}, from {start:.3f}. "
        f"The matrix has moved by {np.median(result.moved[:, -1]):.2g} of its size; the two nets are apart by at most "
        f"{figures.scientific(result.apart.max())}.",
    }


JOINED = Experiment(
    name="questions-joined",
    question="Does joining h and x change what is computed, or learned?",
    knobs=KNOBS,
    run=run,
    draw=draw,
    describe=describe,
    layers={"frame": ("size",), "runs": ("size", "rate")},
    result=Joined,
    models=lambda result: ["matrix-joined", "matrix-apart", "matrix-moved", "matrix-between"],
    panels=2,
)
