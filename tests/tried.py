"""For every exercise: a near miss with the share that it earns, and three wrong answers with what is said of them.

Where the answer is a number, each is a function of the exercise's parameters; else the function that is handed in.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Tried:
    """near: the miss and its share. wrong: by a piece of the feedback that is theirs; three of them at least."""

    near: tuple[Callable, float]
    wrong: list[tuple[Callable, str]]


def outer(a, b):
    return a.unsqueeze(-1) * b.unsqueeze(-2)


TRIED = {
    # gradient
    "half-life": Tried(
        near=(lambda gate: 1.03 * math.log(0.5) / math.log(gate), 0.5),
        wrong=[
            (lambda gate: 0.5 / (1 - gate), "^k = 1/2 for k."),
            (lambda gate: 1 / (1 - gate), "^k = 1/2 for k."),
            (lambda gate: -math.log(0.5) / math.log(gate), "After -"),
        ],
    ),
    "backward-step": Tried(
        near=(lambda gradient, h, W: (gradient * (1 - h**2)) @ W.T, 0.5),
        wrong=[
            (lambda gradient, h, W: gradient @ W, "Which two factors"),
            (lambda gradient, h, W: gradient * (1 - h**2), "Which two factors"),
            (lambda gradient, h, W: (gradient * (1 - h)) @ W, "Which two factors"),
        ],
    ),
    "steady-gain": Tried(
        near=(lambda words: {60: 1.35}.get(words, 1.25 if words < 40 else 1.3), 0.5),
        wrong=[
            (lambda words: 1.0, "it vanishes. Scale up."),
            (lambda words: 2.5, "it explodes. Scale down."),
            (lambda words: 0, "above 0 and at most 10"),
        ],
    ),
    # capacity
    "pair-bits": Tried(
        near=(lambda pairs, keys, values: math.log2(math.perm(keys, pairs)) + pairs * math.log2(values), 0.5),
        wrong=[
            (lambda pairs, keys, values: pairs * math.log2(keys * values) + 1, "out of"),
            (lambda pairs, keys, values: pairs * math.log2(values), "how many bits is one value"),
            (lambda pairs, keys, values: math.log2(math.comb(keys, pairs)), "Which sets of"),
        ],
    ),
    "running-sums": Tried(
        near=(lambda S, z, k, v: (S + outer(v, k), z + k), 0.5),
        wrong=[
            (lambda S, z, k, v: (outer(k, v), k), "off by up to"),
            (lambda S, z, k, v: (S + outer(v, k), z + v), "S gains the outer product of k and v"),
            (lambda S, z, k, v: (z, S), "should return S and z"),
        ],
    ),
    "room-for-forty": Tried(
        near=(lambda lag: lag + 12 + 4 * (lag > 35), 0.5),
        wrong=[
            (lambda lag: lag - 20 + lag % 2, "not yet half. Go larger."),
            (lambda lag: 4 * lag, "Go smaller."),
            (lambda lag: lag + 1, "should be a multiple of 4"),
        ],
    ),
}
