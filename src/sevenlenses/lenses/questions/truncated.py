"""Unrolling only the last steps: how wrong is the gradient, and what is saved? And does the gradient need it at all?"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks

from ... import figures
from ...lens import Experiment, Knob, Result
from ...models.initialise import initialise
from ...models.lstm import LSTM
from ...runtime import generator, one_thread, pick_device, setup

BATCH, INPUTS, UNITS, STEPS = 4, 4, 16, 64
KEPT = (1, 2, 4, 8, 16, 32, 64)  # steps that are unrolled, the last ones

KNOBS = {
    "init": Knob(
        "Start of the LSTM",
        "forget-1",
        ("forget-0", "forget-1", "forget-3", "chrono"),
        names={
            "forget-0": "forget bias 0",
            "forget-1": "forget bias 1",
            "forget-3": "forget bias 3",
            "chrono": "chrono",
        },
    )
}


@dataclass(frozen=True, kw_only=True)
class Truncated(Result):
    """The gradient of a loss at the last of STEPS steps, in all recurrent weights.

    error: (seeds, KEPT), ‖truncated - whole‖ / ‖whole‖ when only the last steps are unrolled.
    stored: (seeds, KEPT), bytes that the forward pass of so many steps stores for the backward pass.
    carried: (seeds, KEPT), bytes that the forward mode carries from step to step instead, for one direction.
    forward: (seeds,), relative difference of the forward mode's slope along one direction from the whole gradient's.
    """

    error: np.ndarray
    stored: np.ndarray
    carried: np.ndarray
    forward: np.ndarray


def run(*, seeds, device, init) -> Truncated:
    """All in float64."""
    pick_device(device)  # a wrong name is refused here too, though this probe always runs on the CPU
    start = time.perf_counter()
    found = [cut_short(init, seed) for seed in seeds]
    error, stored, carried, forward = (np.stack(column) for column in zip(*found, strict=True))
    return Truncated(
        knobs={"init": init},
        seeds=tuple(seeds),
        setup=setup(torch.device("cpu"), time.perf_counter() - start),
        error=error,
        stored=stored,
        carried=carried,
        forward=forward,
    )


@lru_cache(maxsize=64)
@one_thread()
def cut_short(init: str, seed: int) -> tuple[np.ndarray, ...]:
    """The four arrays of `Truncated` for one seed."""
    weights = generator(seed, "weights")
    model = initialise(LSTM(INPUTS, UNITS, 1, generator=weights), init, longest=STEPS, generator=weights).double()
    x = torch.randn(BATCH, STEPS, INPUTS, generator=generator(seed, "inputs"), dtype=torch.float64)  # (B, T, n_in)
    whole = last_gradient(model, x, STEPS)
    error = [((last_gradient(model, x, kept) - whole).norm() / whole.norm()).item() for kept in KEPT]
    stored = [float(bytes_stored(model, x[:, :kept])) for kept in KEPT]
    direction = torch.randn(len(whole), generator=generator(seed, "direction"), dtype=torch.float64)  # (weights,)
    slope, carried = along(model, x, direction)
    expected = whole @ direction
    return np.array(error), np.array(stored), np.full(len(KEPT), carried), ((slope - expected) / expected).abs().item()


def last_gradient(model: LSTM, x: Tensor, kept: int) -> Tensor:
    """(weights,): the gradient of the last output; the steps before the last `kept` give a state, and no graph."""
    state = None
    if kept < x.shape[1]:
        with torch.no_grad():
            _, state = model.rnn(x[:, :-kept])
    loss = model.head(model.rnn(x[:, -kept:], state)[0][:, -1]).sum()
    return torch.cat([slope.flatten() for slope in torch.autograd.grad(loss, tuple(model.rnn.parameters()))])


def bytes_stored(model: LSTM, x: Tensor) -> int:
    """What a pass over x (B, T, n_in), step by step, keeps for its backward pass, beside the weights."""
    own = {weight.untyped_storage().data_ptr() for weight in model.parameters()}
    kept: dict[int, Tensor] = {}

    def keep(tensor: Tensor) -> Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    state = model.start(x)
    with saved_tensors_hooks(keep, lambda tensor: tensor):
        for x_t in x.unbind(1):
            state, _ = model.cell(x_t, state)
    return sum(one.untyped_storage().nbytes() for address, one in kept.items() if address not in own)


@torch.no_grad()
def along(model: LSTM, x: Tensor, direction: Tensor) -> tuple[Tensor, float]:
    """The slope of the last output as the weights move in one direction, carried forward; and the bytes carried.

    Beside h and c go their slopes dh and dc, by the product rule at each step. For all directions at once it is
    real-time recurrent learning (Williams & Zipser 1989), here for an LSTM.
    """
    w = model.rnn
    parts = direction.split([weight.numel() for weight in w.parameters()])
    d_in, d_back, d_bias, d_bias_too = (
        part.view_as(weight) for part, weight in zip(parts, w.parameters(), strict=True)
    )
    h, c = model.start(x)  # (B, H) each
    dh, dc = model.start(x)  # (B, H) each
    for x_t in x.unbind(1):
        rows = x_t @ w.weight_ih_l0.T + h @ w.weight_hh_l0.T + w.bias_ih_l0 + w.bias_hh_l0  # (B, 4H)
        d_rows = x_t @ d_in.T + h @ d_back.T + dh @ w.weight_hh_l0.T + d_bias + d_bias_too  # (B, 4H)
        i, f, g, o = rows.chunk(4, 1)  # (B, H) each
        i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
        di, df, dg, do = d_rows.chunk(4, 1)  # (B, H) each
        di, df, dg, do = di * i * (1 - i), df * f * (1 - f), dg * (1 - g**2), do * o * (1 - o)
        c, dc = f * c + i * g, df * c + f * dc + di * g + i * dg  # (B, H) each
        bent = c.tanh()  # (B, H)
        h, dh = o * bent, do * bent + o * (1 - bent**2) * dc  # (B, H) each
    carried = float(sum(one.numel() * one.element_size() for one in (h, c, dh, dc)))
    return (dh @ model.head.weight.T).sum(), carried


def draw(result: Truncated, axes, own=None) -> None:
    """Left: the error. Right: bytes."""
    wrong, memory = axes
    steps = np.array(KEPT)
    figures.band(wrong, steps, result.error, figures.STYLES["lstm"], layer="error")
    wrong.set(ylim=(-0.04, 1.04), title="gradient's relative error")
    for name in ("stored", "carried"):
        figures.band(memory, steps, getattr(result, name) / 1024, figures.STYLES[f"bytes-{name}"], layer="frame")
    figures.log_axis(memory, 0, 4, 1)
    memory.set(title="kilobytes for the gradient")
    for ax in axes:
        figures.octave_axis(ax, STEPS)
        figures.room(ax)
        ax.set(xlabel="steps unrolled")


def describe(result: Truncated) -> dict[str, str]:
    """A few lengths."""
    error = np.median(result.error, 0)
    said = ", ".join(f"{figures.scientific(error[KEPT.index(kept)])} with {kept}" for kept in (1, 4, 16, 32))
    return {
        "frame": f"To unroll {STEPS} steps stores {result.stored[0, -1] / 1024:,.0f} kB, one step "
        f"{result.stored[0, 0] / 1024:,.0f} kB; forward mode carries {result.carried[0, 0] / 1024:,.0f} kB.",
        "error": f"Loss at step {STEPS}. Relative error of the gradient by steps unrolled: {said}. Forward mode's "
        f"slope along one direction differs by at most {figures.scientific(result.forward.max())}.",
    }


TRUNCATED = Experiment(
    name="questions-truncated",
    question="How many steps must be unrolled?",
    knobs=KNOBS,
    run=run,
    draw=draw,
    describe=describe,
    layers={"frame": (), "error": ("init",)},
    result=Truncated,
    models=lambda result: ["lstm", "bytes-stored", "bytes-carried"],
    panels=2,
)
