"""The answers to the chapter's exercises."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ... import records
from ...exercises import Answers, Band, Formula, Function, Judgement, Number, partly, right, wrong
from ...exercises.values import Returned, array, off, unchanged
from ...runtime import generator
from .attribution import METHODS
from .watch import WATCH

VALUES = 5


def blind_share(*, steps: int) -> Answers:
    """The mean share of the responsible step when credit goes by recency alone, and the place is drawn evenly."""
    exact, counted = 1 / steps, 1 / (steps + 1)
    said = f"The {steps} shares add up to 1. Each of them is the responsible step's as often as any other."
    even = f"Right: 1/{steps} = {exact:.4f}. Shares add up to 1, whatever their order."
    asks = f"That counts the step that asks, too, which gets no share. {said}"
    last = wrong("That is the share of the last step. The responsible one is anywhere.")
    return Answers(
        (
            Band(exact, 0.0126 * exact, right(even)),
            Band(counted, 0.0126 * counted, partly(0.5, asks)),
            Band(0.5, 0.02, last),
        ),
        wrong(said),
    )


@dataclass(frozen=True)
class Score:
    """The network of the exercise: each step adds what its value is worth there.

    table: (T, VALUES).
    """

    table: Tensor

    def __call__(self, values: Tensor) -> float:
        return self.table[torch.arange(len(self.table)), values].sum().item()


def sequences(seed: int) -> list[tuple]:
    """A score, a sequence of values (T,) and how many values there are."""
    source = generator(seed, "exercise")
    values = torch.randint(VALUES, (6,), generator=source)  # (T,)
    return [(Score(torch.randn(6, VALUES, generator=source, dtype=torch.float64)), values, VALUES)]


def left_out(found: list[Returned], cases: list[tuple]) -> Judgement:
    """Occlusion of a sequence of values, against a plain loop."""
    ((score, values, classes),) = cases
    table, shape = score.table, tuple(values.shape)
    given = array(found[0].value, shape, f"one number a step, of shape {shape}")
    change = (table - table.gather(1, values.unsqueeze(1))).abs()  # (T, VALUES)
    miss = off(given, change.sum(1) / (classes - 1), terms=table.numel())
    if not unchanged(found[0].given[1:2], [values]):
        said = "Your function has changed the sequence that it was given. Change a copy (values.clone())."
        return wrong(said) if miss else partly(0.5, said)
    if not miss:
        return right("Right: your credit equals ours at every step.")
    if not off(given, change.mean(1), terms=table.numel()):
        return partly(0.5, "You average over all values, the step's own too. Only the others replace it.")
    return wrong(
        "Replace one step at a time, by each other value; take the size of the change; average over the others."
    )


def sharper(given: float, *, model: str) -> Judgement:
    """How many times more of the credit occlusion gives to the responsible step than the gradient does."""
    mass = records.load(WATCH, WATCH.settings(variant=model)).mass[:, -1].mean((0, -1))  # (METHODS,)
    gradient, swap = (mass[METHODS.index(name)] for name in ("gradient", "swap"))
    if abs(given / (swap / gradient) - 1) < 0.05:
        return right(f"Right: {swap:.2f} by occlusion, {gradient:.2f} by gradient.")
    said = "Take the last look, both methods, and the mean over seeds and places; then divide."
    if abs(given / (gradient / swap) - 1) < 0.05:
        return partly(0.5, f"That is turned round: gradient over occlusion. {said}")
    return wrong(said)


EXERCISES = (
    Formula(
        name="blind-share",
        kind="predict",
        answer="answer",
        rubric="One over the number of steps; half of the points where the step that asks is counted too.",
        judge=blind_share,
        practice={"steps": 63},
        fresh={"steps": (15, 20, 24, 31, 36, 40, 47)},
    ),
    Function(
        name="leave-one-out",
        kind="implement",
        answer="occlusion",
        rubric="The mean size of the change over the other values, at every step; half of the points where the step's "
        "own value is averaged too, or the sequence is overwritten.",
        judge=left_out,
        given=sequences,
    ),
    Number(
        name="sharper-by",
        kind="investigate",
        answer="times",
        rubric="The ratio of the two mean shares after training, to within a twentieth; half of the points where it is "
        "turned round.",
        judge=sharper,
        practice={"model": "lstm-forget-1"},
        fresh={
            "model": ("gru", "attention", "attention-positions", "lstm-forget-3", "min-lstm", "deep-attention"),
        },
    ),
)
