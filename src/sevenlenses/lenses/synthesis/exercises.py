"""The answers to the chapter's exercises."""

from __future__ import annotations

from math import exp, sqrt

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from ... import records
from ...exercises import Answers, Band, Formula, Function, Judgement, Number, partly, right, wrong
from ...exercises.values import Returned, array, off
from ...runtime import generator
from .rungs import RUNGS

SHAPES = ((2, 9, 16), (3, 4, 12, 8), (1, 5))  # of q and k, (..., T, D); v is wider by one


def own_share(*, width: int, others: int) -> Answers:
    """The weight that a step gives to itself when one vector has all three roles."""
    exact, by_width = (exp(score) / (exp(score) + others) for score in (sqrt(width), 1))
    heard = f"Right: {exact:.3f}. It hardly hears anybody else. To be heard, others must score higher."
    unscaled = wrong(f"With a score of {width} it would be that. Divide by the root of the width first.")
    root = "The softmax is right. Divide the score by the root of the width, not by the width itself."
    return Answers(
        (
            Band(exact, 0.004, right(heard)),
            Band(1, 0.0001, unscaled),
            Band(by_width, 0.002, partly(0.5, root)),
        ),
        wrong("The score with itself is the sum of the squares over the root of the width. Then e^score over the sum."),
    )


def reads(seed: int) -> list[tuple]:
    """q, k and v on three shapes: (..., T, D), (..., T, D), (..., T, D + 1)."""
    source = generator(seed, "exercise")
    sizes = [(shape, shape, (*shape[:-1], shape[-1] + 1)) for shape in SHAPES]
    return [tuple(torch.randn(*size, generator=source, dtype=torch.float64) for size in three) for three in sizes]


def mistakes(q: Tensor, k: Tensor, v: Tensor) -> dict[tuple[float, str], Tensor]:
    """Usual mistakes, by the share that they earn and what is to be said of them."""
    scores = q @ k.transpose(-1, -2)  # (..., T, T)
    future = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1)  # (T, T)
    hidden = (scores / q.shape[-1] ** 0.5).masked_fill(future, -torch.inf)  # (..., T, T)
    return {
        (0.0, "A step reads from steps after it: set their scores to minus infinity before the softmax."): (
            (scores / q.shape[-1] ** 0.5).softmax(-1) @ v
        ),
        (0.5, "The scores are not scaled: divide them by the root of the width."): (
            scores.masked_fill(future, -torch.inf).softmax(-1) @ v
        ),
        (0.5, "Divide by the root of the width, not by the width itself."): (
            (scores / q.shape[-1]).masked_fill(future, -torch.inf).softmax(-1) @ v
        ),
        (0.0, "The softmax goes along the wrong axis: each step's weights on the others should add up to one."): (
            hidden.softmax(-2).nan_to_num() @ v
        ),
        (0.0, "The weights no longer add up to one: hide the future before the softmax, not after it."): (
            (scores / q.shape[-1] ** 0.5).softmax(-1).masked_fill(future, 0) @ v
        ),
    }


def whole_attention(found: list[Returned], cases: list[tuple]) -> Judgement:
    """All of attention, causal, against PyTorch on shapes that the reader has not seen."""
    explained = None  # by which mistakes all that was wrong so far can be
    for one, (q, k, v) in zip(found, cases, strict=True):
        shape, wider = tuple(q.shape), tuple(v.shape)
        given = array(one.value, wider, f"a tensor of shape {wider} for q and k of {shape} and v of {wider}")
        terms = sum(shape[-2:])
        worst = off(given, scaled_dot_product_attention(q, k, v, is_causal=True), terms)
        if worst:
            same = [words for words, other in mistakes(q, k, v).items() if not off(given, other, terms)]
            explained = [words for words in same if explained is None or words in explained]
            if not explained:
                return wrong(f"It is off by up to {worst:.2g}. Scores, scale, mask, softmax, average.")
    if explained is None:
        return right("Right: you have written attention. It equals PyTorch's at every shape that was tried.")
    share, said = explained[0]
    return partly(share, said) if share else wrong(said)


def saved_steps(given: float, *, test: str) -> Judgement:
    """How many times as many training steps a test takes with one role as with three, the chain in place."""
    one, three = (
        records.load(RUNGS, RUNGS.settings(variant=name, test=test)).used.mean()
        for name in ("rung-selective", "chained-roles")
    )
    exact = one / three
    if abs(given - exact) < 0.05 * exact:
        times = f"{exact:.1f}" if exact > 2 else f"{exact:.2f}"
        return right(f"Right: {one:.0f} training steps with one role, {three:.0f} with three: {times} times as many.")
    said = "Take the mean of `used` over the seeds for both models, and divide that of one role by that of three."
    if abs(given * exact - 1) < 0.05:
        return partly(0.5, f"That is the other way round. {said}")
    return wrong(said)


EXERCISES = (
    Formula(
        name="own-share",
        kind="predict",
        answer="answer",
        rubric="The softmax of the scaled scores, to within 0.004; half of the points where the score is divided by "
        "the width and not by its root.",
        judge=own_share,
        practice={"width": 64, "others": 32},
        fresh={"width": (16, 25, 36, 49), "others": (20, 24, 48, 64, 100)},
    ),
    Function(
        name="whole-attention",
        kind="implement",
        answer="my_attention",
        rubric="All of it equals PyTorch's on three shapes; half of the points where nothing but the scale is wrong.",
        judge=whole_attention,
        given=reads,
    ),
    Number(
        name="saved-steps",
        kind="investigate",
        answer="times",
        rubric="The mean of the training steps with one role over that with three, to within 5 %; half of the points "
        "for the ratio turned round.",
        judge=saved_steps,
        practice={"test": "kin"},
        fresh={"test": ("far", "few", "many")},
    ),
)
