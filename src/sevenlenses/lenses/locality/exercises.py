"""The answers to the chapter's exercises."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import torch

from ... import records
from ...exercises import Answers, Band, Formula, Function, Judgement, Number, partly, right, wrong
from ...exercises.values import Returned, arrays, off
from ...runtime import generator
from ...tasks.moments import MOMENTS, Moments
from .moments import COMPARED
from .when import RIVALS

BATCH, STEPS = 64, 12
SLACK = 1e-6  # of a gate that was rounded


def two_pairs(*, values: int) -> Answers:
    """What it is worth to know the two values, and not which of them is wanted."""
    exact = 1 / values + (1 - 1 / values) / 2
    same = f"Right: 1/{values} of the time both values are the same; else it is one in two: {exact:.4f}."
    return Answers(
        (
            Band(exact, 0.005, right(same)),
            Band(0.5, 0.005, partly(0.5, "Almost: what if the two values happen to be the same?")),
        ),
        wrong("With two values in hand one guesses one of them. How often is that right?"),
    )


def marks(seed: int) -> list[tuple]:
    """Twelve steps, of which each sequence has one marked: (B,) each."""
    source = generator(seed, "exercise")
    torch.randn(BATCH, STEPS, generator=source)  # (B, T): once the candidates; they keep the marks where they were
    where = torch.randint(STEPS, (BATCH,), generator=source)  # (B,)
    return [((where == t).double(),) for t in range(STEPS)]


def marked(found: list[Returned], cases: list[tuple]) -> Judgement:
    """Gates set by hand, so that one cell holds the value that was marked."""
    source = generator(0, "candidates")
    candidates = torch.randn(len(cases), BATCH, generator=source, dtype=torch.float64).numpy()  # (T, B)
    cell = torch.randn(BATCH, generator=source, dtype=torch.float64).numpy()  # (B,)
    exact, amiss = cell * 0, set()  # (B,)
    for one, (mark,), candidate in zip(found, cases, candidates, strict=True):
        shape, mark = tuple(mark.shape), mark.numpy()  # (B,)
        what = f"two gates: forget, input, each of shape ({BATCH},)"
        forget, write = arrays(one.value, [shape, shape], what, spread=True)
        if min(forget.min(), write.min()) < -SLACK or max(forget.max(), write.max()) > 1 + SLACK:
            return wrong("A gate is a number from 0 to 1.")
        cell, exact = forget * cell + write * candidate, exact + mark * candidate  # (B,) each
        gates = {"forget": (forget, 1 - mark), "input": (write, mark)}
        amiss |= {name for name, (gate, by_hand) in gates.items() if off(gate, by_hand, terms=1)}
    worst = off(cell, exact, terms=STEPS)
    if not worst:
        return right(f"Right: on {BATCH} sequences of {STEPS} steps the cell ends with the marked value.")
    said = f"The cell is off by up to {worst:.2g}."
    if len(amiss) == 1 and worst < torch.inf:  # and not NaN
        said = f"{said} One of the two gates is right."
        return partly(0.5, f"{said} What should the {amiss.pop()} gate do at the mark, and at a step without one?")
    return wrong(f"{said} What should the gates do at a step without a mark?")


@lru_cache
def accuracy(load: Callable, pairs: int) -> np.ndarray:
    """(models, MOMENTS): the mean over the seeds."""
    return load(RIVALS, RIVALS.settings(pairs=pairs)).final.mean(0)


def gap(given: float, *, pairs: int, model: str) -> Judgement:
    """What a model loses by being asked last."""
    told = dict(zip(MOMENTS, accuracy(records.load, pairs)[COMPARED.index(model)], strict=True))
    exact = float(told["flag"] - told["last"])
    if abs(given - exact) < 0.02:
        return right(
            f"Right: {told['flag']:.2f} when marked, {told['last']:.2f} when asked last: a loss of {exact:.2f}."
        )
    said = f"Take the mean over the five seeds, for {model!r}, and subtract 'last' from 'flag'."
    if abs(given + exact) < 0.02:
        return partly(0.5, f"That is turned round: a loss is above 0. {said}")
    return wrong(said)


EXERCISES = (
    Formula(
        name="two-values",
        kind="predict",
        answer="answer",
        rubric="One in two, and more for the times when both values are the same; half of the points without these.",
        judge=two_pairs,
        practice={"values": Moments().values},
        fresh={"values": (3, 4, 5, 6, 10, 12, 16)},
    ),
    Function(
        name="gates-by-hand",
        kind="implement",
        answer="gates",
        rubric="The cell ends with the marked value, whatever it held and whatever else comes; half of the points for "
        "one of the two gates.",
        judge=marked,
        given=marks,
    ),
    Number(
        name="moment-gap",
        kind="investigate",
        answer="lost",
        rubric="The difference of the two means over the seeds, to within 0.02; half of the points where its sign is "
        "turned round.",
        judge=gap,
        practice={"pairs": 32, "model": "bidirectional"},
        fresh={"pairs": (4, 8, 16), "model": ("rnn", "lstm-forget-1", "deep-bidirectional")},
    ),
)
