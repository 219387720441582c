"""What is tried on the exercises of the chapter on synthesis; see `tried`."""

from math import e, sqrt

import torch

from tried import Tried


def attend(q, k, v, *, past=True, scale=0.5, axis=-1):
    """The solution, and what one may get wrong of it."""
    scores = q @ k.transpose(-1, -2) / q.shape[-1] ** scale  # (..., T, T)
    future = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1)  # (T, T)
    return (scores.masked_fill(future, -torch.inf) if past else scores).softmax(axis) @ v


def hides_too_late(q, k, v):
    return (q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5).softmax(-1).tril() @ v


USED = {"kin": (563.4, 88.0), "far": (132.8, 50.2), "few": (203.4, 214.0), "many": (151.4, 280.8)}

TRIED = {
    "own-share": Tried(
        near=(lambda width, others: e / (e + others), 0.5),
        wrong=[
            (lambda width, others: 1, "it would be that. Divide by the root of the width first."),
            (lambda width, others: 1 / (1 + others), "Then e^score over the sum."),
            (lambda width, others: sqrt(width) / (sqrt(width) + others), "The score with itself is the sum of the"),
        ],
    ),
    "whole-attention": Tried(
        near=(lambda q, k, v: attend(q, k, v, scale=0), 0.5),
        wrong=[
            (lambda q, k, v: attend(q, k, v, past=False), "A step reads from steps after it"),
            (lambda q, k, v: attend(q, k, v, axis=-2), "The softmax goes along the wrong axis"),
            (hides_too_late, "hide the future before the softmax, not after it."),
            (lambda q, k, v: attend(k, q, v), "It is off by up to"),
            (lambda q, k, v: attend(q, k, v) if q.ndim == 2 else q, "should return a tensor of shape (2, 9, 17)"),
            (lambda q, k, v: attend(q, k, v, scale=0, past=q.ndim == 3), "It is off by up to"),
        ],
    ),
    "saved-steps": Tried(
        near=(lambda test: USED[test][1] / USED[test][0], 0.5),
        wrong=[
            (lambda test: USED[test][0] - USED[test][1], "Take the mean of `used` over the seeds"),
            (lambda test: USED[test][0], "divide that of one role by that of three."),
            (lambda test: USED[test][0] / sum(USED[test]), "Take the mean of `used` over the seeds"),
        ],
    ),
}
