"""The answers to the chapter's exercises."""

from __future__ import annotations

from math import exp

import numpy as np
import torch
from torch.nn.functional import scaled_dot_product_attention

from ... import records
from ...exercises import Answers, Band, Formula, Function, Judgement, Number, partly, right, wrong
from ...exercises.values import Returned, array, off, unchanged
from ...models.variants import MAIN
from ...runtime import generator
from .again import AGAIN


def diluted(*, pairs: int, score: float, reads: int) -> Answers:
    """The weight left for the right pair when all reads lie in the store too."""
    exact, first, alone = (exp(score) / (exp(score) + others) for others in (pairs - 1 + reads, pairs, pairs - 1))
    uncounted = partly(
        0.5, f"{first:.2f} is the weight at the first read. At the {reads}th, {reads} reads lie in the store too."
    )
    return Answers(
        (
            Band(exact, 0.004, right(f"Right: {exact:.2f}. At the first read it was {first:.2f}.")),
            Band(first, 0.005, uncounted),
            Band(alone, 0.005, uncounted),
        ),
        wrong("A softmax weight is e^score over the sum of e^score. How many entries are there, with which scores?"),
    )


def stores(seed: int) -> list[tuple]:
    """A query, keys and values: (B, D), (B, t, D), (B, t, D)."""
    source = generator(seed, "exercise")
    query = torch.randn(3, 8, generator=source, dtype=torch.float64)  # (B, D)
    keys, values = (torch.randn(3, 6, 8, generator=source, dtype=torch.float64) for _ in range(2))  # (B, t, D)
    return [(query, keys, values)]


def read_only(found: list[Returned], cases: list[tuple]) -> Judgement:
    """A read of a store of keys and values, against PyTorch; and the store afterwards."""
    ((query, keys, values),) = cases
    shape = tuple(query.shape)
    given = array(found[0].value, shape, f"what was read, a tensor of shape {shape}")
    expected = scaled_dot_product_attention(query.unsqueeze(1), keys, values).squeeze(1)  # (B, D)
    worst = off(given, expected, terms=sum(keys.shape[1:]))
    if not unchanged(found[0].given[1:], (keys, values)):
        said = "Your read has changed the store. Make new tensors in place of changing the ones you were given."
        return wrong(said) if worst else partly(0.5, f"What it returns is right. {said}")
    if not worst:
        return right("Right: your read equals PyTorch's, and left the store as it was.")
    return wrong(
        f"It is off by up to {worst:.2g}. Divide the scores by the root of the width, then softmax, then average."
    )


def half_way(given: float, *, level: float) -> Judgement:
    """The read at which the accuracy of an LSTM that was trained for one read first falls below a level."""
    found = records.load(AGAIN, AGAIN.settings(trained=1)).right[:, MAIN.index("lstm-forget-1")].mean(0)  # (READS,)
    first = int(np.argmax(found < level)) + 1
    if abs(given - first) <= 1:
        return right(f"Right: read {first} is the first below {level:g} ({found[first - 1]:.2f}).")
    said = (
        f"Average over the seeds first; then find the first read whose accuracy is below {level:g}. Reads count from 1."
    )
    return partly(0.5, f"That is close. {said}") if abs(given - first) <= max(2, first / 10) else wrong(said)


EXERCISES = (
    Formula(
        name="diluted-weight",
        kind="predict",
        answer="answer",
        rubric="The softmax over all that is stored, pairs and reads, to within 0.004; half of the points for the "
        "weight at the first read, where the other reads are not counted.",
        judge=diluted,
        practice={"pairs": 4, "score": 5, "reads": 128},
        fresh={"pairs": (2, 3, 6, 8), "score": (3, 3.5, 4, 4.5), "reads": (64, 96, 160, 200, 256)},
    ),
    Function(
        name="read-only",
        kind="implement",
        answer="read",
        rubric="The read equals PyTorch's attention, and the store is as it was; half of the points for a right read "
        "that changes the store.",
        judge=read_only,
        given=stores,
    ),
    Number(
        name="half-way-read",
        kind="investigate",
        answer="read_number",
        rubric="The first read below the level, or the one before or after it; half of the points within two reads or "
        "a tenth.",
        judge=half_way,
        practice={"level": 0.5},
        fresh={"level": (0.9, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.45)},
    ),
)
