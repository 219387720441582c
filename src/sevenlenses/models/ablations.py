"""Attention of one head with one property taken away: what is it worth?"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .attention import HEADS, sinusoids
from .base import fill_uniform, unfilled
from .rungs import Roles, Unchained, compete, evenly, likeness

KEPT = 8


class NoGrowth(Roles):
    """The memory does not grow: only the last `KEPT` vectors are kept, the present one among them."""

    def weights(self, q: Tensor, k: Tensor) -> Tensor:
        scores = likeness(q, k)  # (B, 1, T, T)
        dropped = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).tril(-KEPT)  # (T, T)
        return compete(scores.masked_fill(dropped, -torch.inf))


class NoAsking(Roles):
    """Relevance is fixed when a vector is written: every step asks with the same q, which is learned."""

    parts = 2  # k and v

    def prepare(self, generator: torch.Generator) -> None:
        super().prepare(generator)
        self.question = unfilled(nn.Linear, 1, self.n_hidden, bias=False)
        fill_uniform(self.question, 1.0, generator)

    def roles(self, n: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        k, v = super().roles(n)  # (B, T, H) each
        return self.question.weight[:, 0].expand_as(k), k, v


class NoSoftmax(Roles):
    """Nothing competes: the scores themselves are the weights, divided by the number of steps."""

    def weights(self, q: Tensor, k: Tensor) -> Tensor:
        return likeness(q, k) * evenly(q)


class NoContent(Roles):
    """Weighed by time: scores hang on the distance t - s alone, a(t, s) = softmax over s ≤ t of w·sinusoid(t - s)."""

    parts = 1  # v

    def prepare(self, generator: torch.Generator) -> None:
        super().prepare(generator)
        self.distance = unfilled(nn.Linear, self.n_hidden, 1, bias=False)
        fill_uniform(self.distance, self.n_hidden**-0.5, generator)

    def roles(self, n: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return n, n, *super().roles(n)

    def weights(self, q: Tensor, k: Tensor) -> Tensor:
        steps = torch.arange(q.shape[2], device=q.device)  # (T,)
        back = (steps.unsqueeze(1) - steps).clamp(min=0)  # (T, T)
        scores = self.distance(sinusoids(len(steps), self.n_hidden).to(q))[back, 0]  # (T, T)
        return compete(scores).expand(*q.shape[:2], -1, -1)


class NoScale(Roles):
    """Scores are not divided by √H."""

    def weights(self, q: Tensor, k: Tensor) -> Tensor:
        return compete(q @ k.transpose(-1, -2))


class TiedHeads(Unchained):
    """One vector in all three roles, as in rung 4, but cut into the heads of the course's `Attention`."""

    heads = HEADS
