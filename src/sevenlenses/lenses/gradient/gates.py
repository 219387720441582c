"""Is the signal in an LSTM's cell the product of its forget gates, as is often written?"""

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
from ..probes import BATCH, N_IN, build, by_distance, float64_device
from .flow import KNOBS as FLOW_KNOBS

KNOBS = {
    "init": FLOW_KNOBS["init"],
    "recurrence": Knob("Matrix scaled by", 1.0, (0.0, 0.25, 0.5, 1.0, 2.0), 0.0, 4.0, group="lstm"),
    "length": Knob("Sequence length", 64, (16, 64, 256), 3, 512, "log", "steps"),
}


@dataclass(frozen=True, kw_only=True)
class Gates(Result):
    """Two answers to "how much of ∂L/∂c(T-1) reaches c(T-1-k)?", for k = 0 … T-1.

    exact: (seeds, T), ‖∂L/∂c(T-1-k)‖ through every path; geometric mean over sequences.
    product: (seeds, T), ‖∂L/∂c(T-1) ⊙ f(T-1) ⊙ … ⊙ f(T-k)‖, the path through the cells alone.
    off: (seeds, T), ‖exact - product‖ / ‖exact‖, mean over sequences.
    """

    exact: np.ndarray
    product: np.ndarray
    off: np.ndarray


def run(*, seeds, device, init, recurrence, length) -> Gates:
    """Both derivatives in float64: small sizes are exact zeros in float32."""
    where = float64_device(device)
    found = [derivatives(init, recurrence, length, seed, str(where)) for seed in seeds]
    exact, product, off = (np.stack(column) for column in list(zip(*found, strict=True))[:3])
    return Gates(
        knobs={"init": init, "recurrence": recurrence, "length": length},
        seeds=tuple(seeds),
        setup=setup(where, sum(one[3] for one in found)),
        exact=exact,
        product=product,
        off=off,
    )


@lru_cache(maxsize=1024)
@one_thread()
def derivatives(init: str, recurrence: float, length: int, seed: int, device: str):
    """Exact sizes, product sizes and relative differences, (T,) each, for one seed at state size 64; seconds."""
    start = time.perf_counter()
    model: LSTM = build("lstm", init, recurrence, length, 64, seed).double().to(device)
    x = torch.randn(BATCH, length, N_IN, generator=generator(seed, "inputs"), dtype=torch.float64).to(device)
    at_states, _, _ = state_gradients(model, x, lambda outputs: outputs[:, -1].sum())
    trace = model(x, watch=True)
    exact = cell_gradients(trace, at_states)  # (B, T, H)
    later = trace.inside["forget"][:, 1:].flip(1).cumprod(1).flip(1)  # (B, T - 1, H): products of all later gates
    product = exact[:, -1:] * torch.nn.functional.pad(later, (0, 0, 0, 1), value=1.0)  # (B, T, H)
    off = (exact - product).norm(dim=-1) / exact.norm(dim=-1)  # (B, T)
    return by_distance(exact), by_distance(product), off.mean(0).flip(0).cpu().numpy(), time.perf_counter() - start


def draw(result: Gates, axes, own=None) -> None:
    """Left: both sizes. Right: how far the formula is off, relative to the exact derivative."""
    size, error = axes
    length = result.exact.shape[1]
    k = figures.thin(length)
    figures.band(size, k, result.exact[:, k], figures.STYLES["lstm"], layer="lstm", floor=1e-41)
    figures.band(size, k, result.product[:, k], figures.STYLES["product"], layer="lstm", floor=1e-41)
    figures.log_axis(size, -40, 4, 8)
    size.set(xlim=(0, length - 1), xlabel="steps back, k", title="size of ∂L/∂c(T−k)")
    figures.band(error, k, result.off[:, k], figures.STYLES["product"], layer="lstm")
    error.set(xlim=(0, length - 1), ylim=(0, 1.45), xlabel="steps back, k", title="formula's relative error")


def describe(result: Gates) -> dict[str, str]:
    """How far off the formula is, near and far."""
    off = np.median(result.off, 0)
    last = len(off) - 1
    places = [k for k in (1, 8, 16) if k < last] + [last]
    return {
        "frame": "The forget gates' product against the exact derivative at the cells.",
        "lstm": "Relative error of the formula: " + ", ".join(f"{off[k]:.2f} at k = {k}" for k in places) + ". "
        f"At k = {last} the exact size is {figures.scientific(np.median(result.exact[:, last]))}, "
        f"the formula's {figures.scientific(np.median(result.product[:, last]))}.",
    }


GATES = Experiment(
    name="gradient-gates",
    question="Is the signal in an LSTM's cell the product of its forget gates?",
    knobs=KNOBS,
    run=run,
    draw=draw,
    describe=describe,
    layers={"frame": ("length",), "lstm": ("init", "recurrence", "length")},
    result=Gates,
    models=lambda result: ["lstm", "product"],
    panels=2,
)
