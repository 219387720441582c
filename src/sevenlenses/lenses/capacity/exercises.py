"""The answers to the chapter's exercises."""

from __future__ import annotations

from functools import lru_cache
from math import comb, log2, perm

import numpy as np
import torch

from ...exercises import Answers, Band, Formula, Function, Judgement, Number, partly, right, wrong
from ...exercises.values import Returned, arrays, off
from ...runtime import generator
from .echo import echo

LEAST, SEEDS = 0.5, (10, 11, 12, 13, 14)


def bits(*, pairs: int, keys: int, values: int) -> Answers:
    """What it takes to write down these pairs."""
    of_values = pairs * log2(values)
    exact, ordered = log2(comb(keys, pairs)) + of_values, log2(perm(keys, pairs)) + of_values
    kept = f"{ordered:.1f} bits would also keep the order of the pairs, which no question asks for."
    return Answers(
        (
            Band(
                exact, 0.6, right(f"Right: {exact:.1f} bits, less than {int(exact / 32) + 1} numbers of 32 bits hold.")
            ),
            Band(ordered, 0.6, partly(0.5, kept)),
        ),
        wrong(f"Which sets of {pairs} keys are there, out of {keys}? And how many bits is one value of {values}?"),
    )


def writes(seed: int) -> list[tuple]:
    """Seven steps: the sums before each, its key and its value; S (B, heads, D, D), the others (B, heads, D)."""
    source = generator(seed, "exercise")
    k = torch.rand(7, 3, 4, 4, generator=source, dtype=torch.float64) + 0.1  # (T, B, heads, D)
    v = torch.randn(7, 3, 4, 4, generator=source, dtype=torch.float64)  # (T, B, heads, D)
    products = (k.unsqueeze(-1) * v.unsqueeze(-2)).cumsum(0)  # (T, B, heads, D, D)
    before = [torch.cat([torch.zeros_like(sums[:1]), sums[:-1]]) for sums in (products, k.cumsum(0))]
    return list(zip(*before, k, v, strict=True))


def running_sums(found: list[Returned], cases: list[tuple]) -> Judgement:
    """One step of linear attention's memory, S + k vᵀ and z + k, at every step of a sequence."""
    shapes = [tuple(one.shape) for one in cases[0][:2]]
    what = "S and z, of shapes {} and {}".format(*shapes)
    given = [arrays(one.value, shapes, what) for one in found]
    exact = [(S + k.unsqueeze(-1) * v.unsqueeze(-2), z + k) for S, z, k, v in cases]
    misses = [[off(a, b, terms=2) for a, b in zip(*both, strict=True)] for both in zip(given, exact, strict=True)]
    worst_S, worst_z = np.array(misses).max(0)  # NaN is the greatest
    if not worst_S and not worst_z:
        return right("Right: at each of seven steps your S and z are the sums over all steps so far.")
    said = "S gains the outer product of k and v, with k along its rows; z gains k."
    if not worst_S or not worst_z:
        return partly(0.5, f"One of the two is right, and {'z' if not worst_S else 'S'} is off. {said}")
    return wrong(f"S and z are off by up to {np.array(misses).max():.2g}. {said}")


@lru_cache
def readable(size: int, lag: int) -> float:
    """The share of the input so many steps ago that an orthogonal RNN's state still holds: the median of five seeds."""
    return float(np.median([echo("rnn", "orthogonal", size, seed)[0][lag - 1] for seed in SEEDS]))


def room(given: float, *, lag: int) -> Judgement:
    """The smallest orthogonal RNN in whose state the input of so many steps ago is half readable."""
    size = int(given)
    if size != given or size % 4 or not 4 <= size <= 256:
        return wrong(f"The size should be a multiple of 4 from 4 to 256; got {given:g}.")
    here, larger, smaller = (readable(min(max(4, of), 256), lag) for of in (size, size + 4, size - 8))
    said = f"With {size} units a share of {here:.2f} of the input {lag} steps ago is readable (five fresh seeds)"
    if larger >= LEAST > smaller:
        return right(f"{said}; with {size - 8} units it is {smaller:.2f}, and with {size + 4} it is {larger:.2f}.")
    if here < LEAST:
        said = f"{said}: not yet half. Go larger."
        near = readable(size + 8, lag) >= LEAST
    else:
        said = f"{said}, and with {max(4, size - 8)} units still {smaller:.2f}. Go smaller."
        near = readable(max(4, size - 12), lag) < LEAST
    return partly(0.5, said) if near else wrong(said)


EXERCISES = (
    Formula(
        name="pair-bits",
        kind="predict",
        answer="answer",
        rubric="The sets of keys and the bits of the values, to within a bit; half of the points where the order of "
        "the pairs is kept too.",
        judge=bits,
        practice={"pairs": 16, "keys": 64, "values": 16},
        fresh={"pairs": (8, 10, 12, 20, 24), "keys": (32, 48, 96, 128), "values": (4, 8, 32)},
    ),
    Function(
        name="running-sums",
        kind="implement",
        answer="write",
        rubric="S gains the outer product, its rows the key's, and z gains the key; half of the points for one.",
        judge=running_sums,
        given=writes,
    ),
    Number(
        name="room-for-forty",
        kind="investigate",
        answer="units",
        rubric="The smallest multiple of 4, or the one before or after it; half of the points for two multiples off.",
        judge=room,
        practice={"lag": 40},
        fresh={"lag": (24, 28, 32)},
    ),
)
