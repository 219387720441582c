"""The answers to the chapter's exercises."""

from __future__ import annotations

from collections.abc import Callable
from math import exp

import numpy as np
import torch
from torch.nn.functional import scaled_dot_product_attention

from ... import records
from ...models.variants import MAIN
from ...runtime import generator
from ..marking import array, called, number, off, unchanged
from .again import AGAIN
from .reads import READS, STORE

SCORE = 5.0
HALF = 0.5


def diluted(answer: float) -> tuple[bool, str]:
    """The weight left for the right pair when all 128 reads lie in the store too."""
    others = STORE.pairs - 1 + READS
    exact = exp(SCORE) / (exp(SCORE) + others)
    first = exp(SCORE) / (exp(SCORE) + STORE.pairs)
    given = number(answer)
    if abs(given - exact) < 0.004:
        return True, f"Right: {exact:.2f}. At the first read it was {first:.2f}."
    if abs(given - first) < 0.01:
        return False, f"{first:.2f} is the weight at the first read. At the 128th, {READS} reads lie in the store too."
    return False, "A softmax weight is e^score over the sum of e^score. How many entries are there, with which scores?"


def read_only(answer: Callable) -> tuple[bool, str]:
    """A read of a store of keys and values, against PyTorch; and the store afterwards."""
    source = generator(0, "exercise")
    query = torch.randn(3, 8, generator=source, dtype=torch.float64)  # (B, D)
    keys, values = (torch.randn(3, 6, 8, generator=source, dtype=torch.float64) for _ in range(2))  # (B, t, D)
    given, (_, *store) = called(answer, query, keys, values)
    if not unchanged(store, (keys, values)):
        return False, "Your read has changed the store. Make new tensors in place of changing the ones you were given."
    shape = tuple(query.shape)
    given = array(given, shape, f"what was read, a tensor of shape {shape}")
    expected = scaled_dot_product_attention(query.unsqueeze(1), keys, values).squeeze(1)  # (B, D)
    worst = off(given, expected, terms=sum(keys.shape[1:]))
    if not worst:
        return True, "Right: your read equals PyTorch's, and left the store as it was."
    return (
        False,
        f"It is off by up to {worst:.2g}. Divide the scores by the root of the width, then softmax, then average.",
    )


def half_way(answer: float) -> tuple[bool, str]:
    """The read at which an LSTM that was trained for one read first answers less than half right."""
    right = records.load(AGAIN, AGAIN.settings(trained=1)).right[:, MAIN.index("lstm-forget-1")].mean(0)  # (READS,)
    first = int(np.argmax(right < HALF)) + 1
    if abs(number(answer) - first) <= 1:
        return True, f"Right: read {first} is the first below one half ({right[first - 1]:.2f})."
    return (
        False,
        "Average over the seeds first; then find the first read whose accuracy is below 0.5. Reads count from 1.",
    )


CHECKS = {
    "diluted-weight": diluted,
    "read-only": read_only,
    "half-way-read": half_way,
}
