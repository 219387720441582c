"""The answers to the chapter's exercises."""

from __future__ import annotations

from collections.abc import Callable

import torch

from ... import records
from ...runtime import generator
from ..marking import array, called, number, off, unchanged
from .attribution import METHODS
from .watch import WATCH

STEPS = 63
VALUES = 5


def blind_share(answer: float) -> tuple[bool, str]:
    """The mean share of the responsible step when credit goes by recency alone, and the place is drawn evenly."""
    given = number(answer)
    if abs(given - 1 / STEPS) < 2e-4:
        return True, f"Right: 1/{STEPS} = {1 / STEPS:.4f}. Shares add up to 1, whatever their order."
    if abs(given - 0.5) < 0.02:
        return False, "That is the share of the last step. The responsible one is anywhere."
    return False, f"The {STEPS} shares add up to 1. Each of them is the responsible step's as often as any other."


def left_out(answer: Callable) -> tuple[bool, str]:
    """Occlusion of a sequence of values, against a plain loop."""
    source = generator(0, "exercise")
    values = torch.randint(VALUES, (6,), generator=source)  # (T,)
    table = torch.randn(6, VALUES, generator=source, dtype=torch.float64)  # (T, VALUES)

    def score(one: torch.Tensor) -> float:
        return table[torch.arange(6), one].sum().item()

    given, (_, sequence, _) = called(answer, score, values, VALUES)
    if not unchanged([sequence], [values]):
        return False, "Your function has changed the sequence that it was given. Change a copy (values.clone())."
    found = array(given, tuple(values.shape), f"one number a step, of shape {tuple(values.shape)}")
    change = (table - table[torch.arange(6), values][:, None]).abs()  # (T, VALUES)
    exact = change.sum(1) / (VALUES - 1)
    if not off(found, exact, terms=table.numel()):
        return True, "Right: your credit equals ours at every step."
    if not off(found, change.mean(1), terms=table.numel()):
        return False, "You average over all values, the step's own too. Only the others replace it."
    return (
        False,
        "Replace one step at a time, by each other value; take the size of the change; average over the others.",
    )


def sharper(answer: float) -> tuple[bool, str]:
    """How many times more of the credit occlusion gives to the responsible step than the gradient does."""
    mass = records.load(WATCH, WATCH.settings(variant="lstm-forget-1")).mass[:, -1].mean((0, -1))  # (METHODS,)
    gradient, swap = (mass[METHODS.index(name)] for name in ("gradient", "swap"))
    if abs(number(answer) / (swap / gradient) - 1) < 0.05:
        return True, f"Right: {swap:.2f} by occlusion, {gradient:.2f} by gradient."
    return False, "Take the last look, both methods, and the mean over seeds and places; then divide."


CHECKS = {
    "blind-share": blind_share,
    "leave-one-out": left_out,
    "sharper-by": sharper,
}
