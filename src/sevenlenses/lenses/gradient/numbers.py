"""The numbers that the text on gradient flow takes from its runs, a function a section; and what its claims share."""

from __future__ import annotations

import numpy as np
import torch

from ...figures import scientific
from ...models.attention import HEADS
from ...models.variants import VARIANTS
from ...records import load
from ..probes import build
from ..tables import by_name, by_names
from .decay import DECAY
from .flow import COMPARED, FLOW, decades_per_step
from .gates import GATES
from .lengths import LENGTHS, LENGTHS_REACHED
from .singular import GAINS, SINGULAR

NEAR, FAR = (1, 8), (256, 511)  # steps back: where a chain's signal is looked at by itself

Reached = dict[tuple[str, int], np.ndarray]  # (seeds,), by model and start, and by length


# What sections and claims share


def flow(**settings) -> dict[str, np.ndarray]:
    """Sizes of the gradient by model (seeds, T), at each place one step further back."""
    return by_name(COMPARED, FLOW.measure(**settings).curves)


def local_factor(start: str, stretch: tuple[int, int], **settings) -> np.ndarray:
    """(seeds,): what an LSTM's signal keeps at a step between two distances in 512 steps, by its start."""
    near, far = stretch
    curves = flow(init=start, length=512, **settings)["lstm"]  # (seeds, T)
    return (curves[:, far] / curves[:, near]) ** (1 / (far - near))


def level(length: int, **settings) -> float:
    """The median size of the gradient at the far end of direct paths."""
    return np.median(flow(length=length, **settings)["attention"][:, -1])


def left(gate: float) -> float:
    """The share of a signal that is left in a real LSTM's cell after 100 steps, its forget gate held."""
    return DECAY.measure(gate=gate, steps=100).measured[0, -1]


def shares(**settings) -> dict[float, np.ndarray]:
    """The share of the gradient that reaches the first of 50 words (seeds,), by the scaling of the RNN's matrix."""
    return by_name(GAINS, SINGULAR.measure(**settings).share)


def reached(load=load) -> tuple[Reached, Reached, dict[str, float]]:
    """Accuracy, and steps used, of every model and start at its best learning rate; and that rate."""
    grid = load(LENGTHS_REACHED, LENGTHS_REACHED.settings())
    final, used = (by_names((VARIANTS, LENGTHS), values) for values in (grid.final, grid.used))
    return final, used, dict(zip(VARIANTS, grid.rate[0].tolist(), strict=True))


# A function a section


def chain() -> dict:
    """How much of the signal is left along the chain."""
    middle = {model: np.median(curves, 0) for model, curves in flow().items()}  # (T,) each
    step = {model: 10 ** decades_per_step(curve) for model, curve in middle.items()}
    return {
        "seeds": len(FLOW.seeds),
        "rnn_step": step["rnn"],
        "lstm_step": step["lstm"],
        "gru_step": step["gru"],
        "rnn_far": scientific(middle["rnn"][-1]),
        "lstm_far": scientific(middle["lstm"][-1]),
    }


def factor() -> dict:
    """What one multiplication can do, and what fifty do."""
    usual = SINGULAR.measure()
    standard, turned = shares(), shares(recurrence="orthogonal")
    return {
        "fifty_largest": np.median(by_name(GAINS, usual.largest)[1.0]),
        "fifty_share": scientific(np.median(standard[1.0])),
        "eigenvalue": np.median([_eigenvalue(seed) for seed in usual.seeds]),
        "turned_one": scientific(np.median(turned[1.0])),
        "turned_more": np.median(turned[1.5]),
    }


def _eigenvalue(seed: int) -> float:
    """The largest absolute eigenvalue of the standard RNN's recurrent matrix."""
    matrix = build("rnn", "default", 1.0, 50, 64, seed).rnn.weight_hh_l0.detach()  # (H, H)
    return torch.linalg.eigvals(matrix).abs().max().item()


def cell() -> dict:
    """Where the forget gate starts, and how long a signal lives."""
    return {
        "gate_1": torch.tensor(1.0).sigmoid(),
        "gate_3": torch.tensor(3.0).sigmoid(),
        "left_99": left(0.99),
    }


def product() -> dict:
    """The product of the forget gates against the whole derivative."""
    gates, chrono = GATES.measure(), GATES.measure(init="chrono")
    off = np.median(gates.off, 0)  # (T,)
    return {
        "off_1": off[1],
        "off_8": off[8],
        "off_63": off[63],
        "product_63": scientific(np.median(gates.product[:, 63])),
        "exact_63": scientific(np.median(gates.exact[:, 63])),
        "off_chrono": np.median(chrono.off[:, 63]),
        "open_3": torch.tensor(3.0).sigmoid(),
        **{
            f"{where}_{start[-1]}": local_factor(start, stretch).mean()
            for where, stretch in (("near", NEAR), ("far", FAR))
            for start in ("forget-1", "forget-3")
        },
    }


def direct() -> dict:
    """The level of direct paths, and its fall with length."""
    curve = np.median(flow()["attention"], 0)  # (T,)
    short, long = level(64), level(512)
    return {
        "direct_first": scientific(curve[0]),
        "direct_near": scientific(curve[1]),
        "direct_far": scientific(curve[-1]),
        "direct_64": scientific(short),
        "direct_512": scientific(long),
        "shrink": short / long,
    }


def term() -> dict:
    """The layer of attention."""
    return {"heads": HEADS}
