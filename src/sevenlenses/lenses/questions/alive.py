"""Does a forget gate near 1 keep the gradient along the cells alive, and does the usual formula say how much?"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch

from ... import figures
from ...lens import Experiment, Knob, Result
from ...models.base import state_gradients
from ...models.lstm import LSTM, cell_gradients
from ...runtime import generator, one_thread, setup
from ..probes import BATCH, N_IN, build, float64_device

LENGTH = 101  # steps, so that the first is 100 back
SIZE = 64

KNOBS = {
    "gate": Knob("Forget gate", 0.99, (0.5, 0.8, 0.9, 0.99, 0.999), 0.1, 0.9999),
    "recurrence": Knob(
        "Recurrent matrix", 1.0, (0.0, 1.0, 2.0), 0.0, 4.0, names={0.0: "none", 1.0: "as it starts", 2.0: "twice that"}
    ),
}


@dataclass(frozen=True, kw_only=True)
class Alive(Result):
    """Root mean squares over units and sequences of ∂L/∂c(T-1-k), k = 0 … LENGTH - 1, and of two formulas for it.

    exact: (seeds, LENGTH), through every path.
    whole: (seeds, LENGTH), ∂L/∂c(T-1) times the product of forget gates.
    bare: (seeds, LENGTH), the product of forget gates.
    off: (seeds, LENGTH), ‖whole - exact‖ / ‖exact‖, mean over sequences.
    """

    exact: np.ndarray
    whole: np.ndarray
    bare: np.ndarray
    off: np.ndarray


def run(*, seeds, device, gate, recurrence) -> Alive:
    """An untrained LSTM whose forget gate is held at `gate`, in float64."""
    where, start = float64_device(device), time.perf_counter()
    found = [derivatives(gate, recurrence, seed, str(where)) for seed in seeds]
    exact, whole, bare, off = (np.stack(column) for column in zip(*found, strict=True))
    return Alive(
        knobs={"gate": gate, "recurrence": recurrence},
        seeds=tuple(seeds),
        setup=setup(where, time.perf_counter() - start),
        exact=exact,
        whole=whole,
        bare=bare,
        off=off,
    )


def held(gate: float, recurrence: float, seed: int) -> LSTM:
    """An LSTM at its usual start, but for a forget gate that is `gate` whatever comes in."""
    model: LSTM = build("lstm", "forget-1", recurrence, LENGTH, SIZE, seed).double()
    forget = slice(SIZE, 2 * SIZE)
    with torch.no_grad():
        for weight in (model.rnn.weight_ih_l0, model.rnn.weight_hh_l0, model.rnn.bias_hh_l0):
            weight[forget] = 0.0
        model.rnn.bias_ih_l0[forget] = float(np.log(gate / (1 - gate)))
    return model


@lru_cache(maxsize=256)
@one_thread()
def derivatives(gate: float, recurrence: float, seed: int, device: str) -> tuple[np.ndarray, ...]:
    """(LENGTH,) each, by distance; see `Alive`."""
    model = held(gate, recurrence, seed).to(device)
    x = torch.randn(BATCH, LENGTH, N_IN, generator=generator(seed, "inputs"), dtype=torch.float64).to(device)
    at_states, _, _ = state_gradients(model, x, lambda outputs: outputs[:, -1].sum())
    exact = cell_gradients(model(x, watch=True), at_states).flip(1)  # (B, T, H), by distance
    bare = gate ** torch.arange(LENGTH, dtype=torch.float64).to(device)  # (T,)
    whole = exact[:, :1] * bare[:, None]  # (B, T, H)
    off = (whole - exact).norm(dim=-1) / exact.norm(dim=-1)  # (B, T)
    size = [part.square().mean((0, 2)).sqrt() for part in (exact, whole)]  # (T,) each
    return tuple(part.cpu().numpy() for part in (*size, bare, off.mean(0)))


SHOWN = {"exact": "lstm", "whole": "product-whole", "bare": "product-bare"}


def draw(result: Alive, axes, own=None) -> None:
    """Left: the exact size and both formulas. Right: the error of the better one."""
    size, error = axes
    k = figures.thin(LENGTH)
    for name, style in SHOWN.items():
        figures.band(size, k, getattr(result, name)[:, k], figures.STYLES[style], layer="lstm", floor=1e-18)
    figures.log_axis(size, -16, 2, 4)
    size.set(xlim=(0, LENGTH - 1), xlabel="steps back, k", title="size of ∂L/∂c(T−k)")
    figures.band(error, k, result.off[:, k], figures.STYLES["product-whole"], layer="lstm")
    error.axhline(1, color=figures.INK, linewidth=1.0, linestyle=":", gid="frame/one")
    error.set(xlim=(0, LENGTH - 1), ylim=(-0.06, 1.6), xlabel="steps back, k", title="formula's relative error")
    for ax in axes:
        figures.room(ax)


def describe(result: Alive) -> dict[str, str]:
    """What is left after 100 steps, by the derivative and by both formulas."""
    exact, whole, bare = (np.median(getattr(result, name), 0) for name in SHOWN)
    say = figures.scientific
    return {
        "frame": f"The forget gate is held at one value; the loss is at the last of {LENGTH} steps.",
        "lstm": f"Forget gate {result.knobs['gate']:g}. {LENGTH - 1} steps back the derivative has the size "
        f"{say(exact[-1])}, which is {say(exact[-1] / exact[0])} times its size at the last step. The product of gates "
        f"is {say(bare[-1])}; times the derivative at the last step, {say(whole[-1])}. That formula's relative error: "
        f"{np.median(result.off[:, -1]):.2f}.",
    }


ALIVE = Experiment(
    name="questions-alive",
    question="Does a forget gate near 1 keep the gradient along the cells alive?",
    knobs=KNOBS,
    run=run,
    draw=draw,
    describe=describe,
    layers={"frame": (), "lstm": ("gate", "recurrence")},
    result=Alive,
    models=lambda result: [*SHOWN.values()],
    panels=2,
)
