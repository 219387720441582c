"""The answers to the chapter's exercises."""

from __future__ import annotations

from collections.abc import Callable

import torch

from ... import records
from ...runtime import generator
from ...tasks.moments import MOMENTS, Moments
from ..marking import arrays, called, number, off
from .moments import COMPARED
from .when import RIVALS

PAIRS = 32
SLACK = 1e-6  # of a gate that was rounded


def two_pairs(answer: float) -> tuple[bool, str]:
    """What it is worth to know the two values, and not which of them is wanted."""
    of = Moments().values
    exact = 1 / of + (1 - 1 / of) / 2
    given = number(answer)
    if abs(given - exact) < 0.005:
        return True, f"Right: 1/{of} of the time both values are the same; else it is one in two: {exact:.4f}."
    if abs(given - 0.5) < 0.005:
        return False, "Almost: what if the two values happen to be the same?"
    return False, "With two values in hand one guesses one of them. How often is that right?"


def marked(answer: Callable) -> tuple[bool, str]:
    """Gates set by hand, so that one cell holds the value that was marked."""
    source = generator(0, "exercise")
    candidates = torch.randn(64, 12, generator=source)  # (B, T)
    where = torch.randint(12, (64,), generator=source)  # (B,)
    cell = torch.randn(64, generator=source).double().numpy()  # (B,)
    for t in range(12):
        given, _ = called(answer, (where == t).float())
        forget, write = arrays(given, [(64,), (64,)], "two gates: forget, input, each of shape (64,)", spread=True)
        if min(forget.min(), write.min()) < -SLACK or max(forget.max(), write.max()) > 1 + SLACK:
            return False, "A gate is a number from 0 to 1."
        cell = forget * cell + write * candidates[:, t].double().numpy()  # (B,)
    worst = off(cell, candidates[torch.arange(64), where], terms=12)
    if not worst:
        return True, "Right: on 64 sequences of 12 steps the cell ends with the marked value."
    return False, f"The cell is off by up to {worst:.2g}. What should the gates do at a step without a mark?"


def gap(answer: float) -> tuple[bool, str]:
    """What the bidirectional LSTM loses by being asked last, with 32 pairs."""
    final = records.load(RIVALS, RIVALS.settings(pairs=PAIRS)).final[:, COMPARED.index("bidirectional")].mean(0)
    told = dict(zip(MOMENTS, final, strict=True))
    exact = float(told["flag"] - told["last"])
    if abs(number(answer) - exact) < 0.02:
        return (
            True,
            f"Right: {told['flag']:.2f} when marked, {told['last']:.2f} when asked last: a loss of {exact:.2f}.",
        )
    return False, "Take the mean over the five seeds, for 'bidirectional', and subtract 'last' from 'flag'."


CHECKS = {
    "two-values": two_pairs,
    "gates-by-hand": marked,
    "moment-gap": gap,
}
