"""The answers to the chapter's exercises."""

from __future__ import annotations

from collections.abc import Callable
from math import comb, log2

import numpy as np
import torch

from ...models.linear_attention import LinearAttention, memory
from ...runtime import generator
from ...tasks.recall import Recall
from ..marking import arrays, called, number, off
from .echo import echo

BITS_OF = Recall(pairs=16)
LAG, LEAST, SEEDS = 40, 0.5, (10, 11, 12, 13, 14)


def bits(answer: float) -> tuple[bool, str]:
    """What it takes to write down sixteen pairs."""
    exact = log2(comb(BITS_OF.keys, BITS_OF.pairs)) + BITS_OF.pairs * log2(BITS_OF.values)
    ordered = log2(np.prod([float(BITS_OF.keys - i) for i in range(BITS_OF.pairs)])) + BITS_OF.pairs * log2(
        BITS_OF.values
    )
    given = number(answer)
    if abs(given - exact) < 0.6:
        return True, f"Right: {exact:.1f} bits, less than four 32-bit numbers hold."
    if abs(given - ordered) < 0.6:
        return False, f"{ordered:.1f} bits would also keep the order of the pairs, which no question asks for."
    return False, "Which sets of 16 keys are there, out of 64? And how many bits is one value of 16?"


def running_sums(answer: Callable) -> tuple[bool, str]:
    """One step of linear attention's memory, against the sums over all steps."""
    source = generator(0, "exercise")
    model = LinearAttention(5, 16, 2, generator=source).double()
    x = torch.randn(3, 7, 5, generator=source, dtype=torch.float64)  # (B, T, n_in)
    with torch.no_grad():
        _, k, v = (
            part.unflatten(-1, (4, -1)).transpose(1, 2) for part in model.qkv(model.norm(model.embed(x))).chunk(3, -1)
        )
        wanted = memory(model, x)
    k = torch.nn.functional.elu(k) + 1  # (B, heads, T, D)
    sums, shapes = [torch.zeros_like(one) for one in wanted], [tuple(one.shape) for one in wanted]
    for t in range(x.shape[1]):
        given, _ = called(answer, *sums, k[:, :, t], v[:, :, t])
        sums = [torch.from_numpy(one) for one in arrays(given, shapes, "S and z, of shapes {} and {}".format(*shapes))]
    found, right = (torch.cat([one.flatten() for one in both]).numpy() for both in (sums, wanted))
    worst = off(found, right, terms=x.shape[1])
    if not worst:
        return True, "Right: after seven steps your S and z equal the sums over all steps."
    return (
        False,
        f"After seven steps S and z are off by up to {worst:.2g}. S gains the outer product of k and v, with k "
        "along its rows; z gains k.",
    )


def room(answer: float) -> tuple[bool, str]:
    """The smallest orthogonal RNN in whose state the input of 40 steps ago is half readable."""
    size = int(number(answer))
    if size != number(answer) or size % 4 or not 4 <= size <= 256:
        return False, f"The size should be a multiple of 4 from 4 to 256; got {answer!r}."

    def readable(of: int) -> float:
        return float(np.median([echo("rnn", "orthogonal", of, seed)[0][LAG - 1] for seed in SEEDS]))

    here, smaller = readable(size), readable(max(4, size - 8))
    said = f"With {size} units a share of {here:.2f} of the input {LAG} steps ago is readable (five fresh seeds)"
    if here < LEAST:
        return False, f"{said}: not yet half. Go larger."
    if smaller >= LEAST and size > 4:
        return False, f"{said}, and with {max(4, size - 8)} units still {smaller:.2f}. Go smaller."
    return True, f"{said}; with {size - 8} units it is {smaller:.2f}."


CHECKS = {
    "pair-bits": bits,
    "running-sums": running_sums,
    "room-for-forty": room,
}
