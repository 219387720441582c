"""The answers to the chapter's exercises."""

from __future__ import annotations

from collections.abc import Callable
from math import exp, sqrt

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from ... import records
from ...runtime import generator
from ..marking import array, called, number, off
from .rungs import RUNGS

WIDTH, STORED = 64, 32
SHAPES = ((2, 9, 16), (3, 4, 12, 8), (1, 5))  # of q and k, (..., T, D); v is wider by one


def own_share(answer: float) -> tuple[bool, str]:
    """The weight that a step gives to itself when one vector has all three roles."""
    score = WIDTH / sqrt(WIDTH)
    exact = exp(score) / (exp(score) + STORED)
    given = number(answer)
    if abs(given - exact) < 0.004:
        return (
            True,
            f"Right: {exact:.3f}. It hardly hears anybody else. To be heard, others must score higher.",
        )
    if given > 0.9999:
        return False, f"With a score of {WIDTH} it would be that. Divide by the root of the width first."
    return (
        False,
        "The score with itself is the sum of the squares over the root of the width. Then e^score over the sum.",
    )


def answers(q: Tensor, k: Tensor, v: Tensor) -> dict[str, Tensor]:
    """Usual mistakes, by what is to be said of them."""
    scores = q @ k.transpose(-1, -2)  # (..., T, T)
    future = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1)  # (T, T)
    hidden = (scores / q.shape[-1] ** 0.5).masked_fill(future, -torch.inf)
    return {
        "A step reads from steps after it: set their scores to minus infinity before the softmax.": (
            (scores / q.shape[-1] ** 0.5).softmax(-1) @ v
        ),
        "The scores are not scaled: divide them by the root of the width.": (
            scores.masked_fill(future, -torch.inf).softmax(-1) @ v
        ),
        "Divide by the root of the width, not by the width itself.": (
            (scores / q.shape[-1]).masked_fill(future, -torch.inf).softmax(-1) @ v
        ),
        "The softmax goes along the wrong axis: each step's weights on the others should add up to one.": (
            hidden.softmax(-2).nan_to_num() @ v
        ),
        "The weights no longer add up to one: hide the future before the softmax, not after it.": (
            (scores / q.shape[-1] ** 0.5).softmax(-1).masked_fill(future, 0) @ v
        ),
    }


def whole_attention(answer: Callable) -> tuple[bool, str]:
    """All of attention, causal, against PyTorch on shapes that the reader has not seen."""
    source = generator(0, "exercise")
    for shape in SHAPES:
        wider = (*shape[:-1], shape[-1] + 1)
        q, k, v = (torch.randn(*size, generator=source, dtype=torch.float64) for size in (shape, shape, wider))
        found, _ = called(answer, q, k, v)
        given = array(found, wider, f"a tensor of shape {wider} for q and k of {shape} and v of {wider}")
        terms = sum(shape[-2:])
        worst = off(given, scaled_dot_product_attention(q, k, v, is_causal=True), terms)
        if worst:
            said = [words for words, wrong in answers(q, k, v).items() if not off(given, wrong, terms)]
            return False, said[0] if said else f"It is off by up to {worst:.2g}. Scores, scale, mask, softmax, average."
    return True, "Right: you have written attention. It equals PyTorch's at every shape that was tried."


def saved_steps(answer: float) -> tuple[bool, str]:
    """How many times as many training steps "next key" takes with one role as with three, the chain in place."""
    one, three = (
        records.load(RUNGS, RUNGS.settings(variant=name, test="kin")).used.mean()
        for name in ("rung-selective", "chained-roles")
    )
    exact = one / three
    if abs(number(answer) - exact) < 0.05 * exact:
        return (
            True,
            f"Right: {one:.0f} training steps with one role, {three:.0f} with three: {exact:.1f} times as many.",
        )
    return (
        False,
        "Take the mean of `used` over the seeds for both models, and divide that of one role by that of three.",
    )


CHECKS = {
    "own-share": own_share,
    "whole-attention": whole_attention,
    "saved-steps": saved_steps,
}
