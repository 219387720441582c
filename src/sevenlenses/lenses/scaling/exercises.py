"""The answers to the chapter's exercises."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from ... import records
from ...runtime import generator, one_thread
from ..marking import array, called, number, off
from .crossing import BATCHES, CROSSING
from .depth import Waiting
from .ways import LENGTHS

BATCH = 16
SHORT, LONG = 64, 256  # steps: a chain may gain a few operations from one to the other


def meeting(answer: float) -> tuple[bool, str]:
    """20 (T / 512) ms meets 2 (T / 512)² ms."""
    given = number(answer)
    if abs(given / 5120 - 1) < 0.03:
        return True, "Right: at 5,120 steps both take 200 ms."
    if abs(given / 1024 - 1) < 0.03:
        return False, "At 1,024 steps the loop takes 40 ms and the other 8 ms."
    return (
        False,
        "Twice the length: how much longer does each take? Write both times as a number times a power of T / 512.",
    )


@one_thread()
def scanned(answer: Callable) -> tuple[bool, str]:
    """h(t) = a(t) h(t-1) + b(t), against the loop; and the operations in a row, which may not grow with T."""
    a, b = (draw(2, 37, 5, seed) for seed in (0, 1))  # (B, T, H)
    given, (used, _) = called(answer, a, b)
    given = array(given, tuple(b.shape), f"all h, a tensor of shape {tuple(b.shape)}")
    h, expected = torch.zeros_like(b[:, 0]), []
    for a_t, b_t in zip(a.unbind(1), b.unbind(1), strict=True):
        h = a_t * h + b_t
        expected.append(h)
    worst = off(given, torch.stack(expected, 1), terms=b.shape[1])
    if worst:
        return False, f"It is off by up to {worst:.2g}. What do two stretches side by side make of the h before them?"
    short, long = (chain(answer, steps, used.dtype) for steps in (SHORT, LONG))
    if long <= 1:
        return False, "Every h is right. Compute with tensors: only there can operations in a row be counted."
    if long - short > 40:
        return False, (
            f"Every h is right, but {long} operations wait for each other at {LONG} steps, and {short} at {SHORT}. "
            "Work on all places at once, and double the distance that you look back."
        )
    return True, f"Right: {short} operations in a row at {SHORT} steps, and only {long} at {LONG}."


def chain(scan: Callable, steps: int, dtype: torch.dtype) -> int:
    """Operations in a row."""
    a, b = (draw(1, steps, 4, seed).to(dtype) for seed in (0, 1))  # (B, T, H)
    with Waiting() as waiting:
        scan(a, b)
    return waiting.depth


def draw(batch: int, steps: int, size: int, seed: int) -> Tensor:
    """Even in 0 to 1."""
    return torch.rand(batch, steps, size, generator=generator(seed, "exercise"), dtype=torch.float64)


def overtaken(answer: float) -> tuple[bool, str]:
    """The first measured length at which a training step of attention is slower than the LSTM's, at batch 16."""
    ratio = np.median(records.load(CROSSING, CROSSING.settings()).ratio[:, BATCHES.index(BATCH)], 0)  # (LENGTHS,)
    first = int(np.argmax(ratio > 1))
    if number(answer) == LENGTHS[first]:
        return True, f"Right: at {LENGTHS[first]:,} steps attention takes {ratio[first]:.1f} times as long."
    return (
        False,
        "Take the curve of batch 16 and the median over the sweeps; then find the first length where it is above 1.",
    )


CHECKS = {
    "meeting-length": meeting,
    "doubling-scan": scanned,
    "overtaken": overtaken,
}
