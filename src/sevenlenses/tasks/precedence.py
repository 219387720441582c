"""Which of two came first?"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ..settings import fixed
from .base import Batch, Classification, check_at_least
from .tokens import SIZE, on


@dataclass(frozen=True)
class Precedence(Classification):
    """Every step but the last brings a value; two steps are marked, alike; at the last, say the value of the first one.

    The two marked values differ, so order alone decides between them.

    Chance: the first marked value is drawn evenly, so without the input a guess is right with probability 1 / values.
    Who knows the two values, and not their order, is right with probability 1/2: both orders are equally likely.

    >>> batch = Precedence(length=8).sample(3, torch.Generator().manual_seed(0))
    >>> batch.x.shape, int(batch.scored.sum())
    (torch.Size([3, 8, 10]), 3)
    """

    length: int = 16
    values: int = 8
    unordered = 0.5  # the score of who knows both values and not their order

    def __post_init__(self):
        check_at_least("length", self.length, 3)
        check_at_least("values", self.values, 2)

    @property
    def n_in(self) -> int:
        return self.values + 2  # a mark, and a sign that an answer is wanted

    @property
    def n_out(self) -> int:
        return self.values

    @property
    def chance(self) -> float:
        return 1 / self.values

    @fixed()
    def sample(self, batch: int, generator: torch.Generator) -> Batch:
        shown = self.length - 1
        values = torch.randint(self.values, (batch, shown), generator=generator)  # (B, T - 1)
        marked = torch.rand(batch, shown, generator=generator).argsort(1)[:, :2].sort(1).values  # (B, 2)
        first, second = marked.split(1, 1)  # (B, 1) each
        answer = values.gather(1, first)  # (B, 1)
        apart = torch.randint(1, self.values, (batch, 1), generator=generator)  # (B, 1)
        values = values.scatter(1, second, (answer + apart) % self.values)  # (B, T - 1)
        x = torch.zeros(batch, self.length, self.n_in)  # (B, T, n_in)
        x[:, :-1, : self.values] = on(values, self.values)
        x[:, :-1, -2].scatter_(1, marked, SIZE)
        x[:, -1, -1] = SIZE
        scored = torch.zeros(batch, self.length, dtype=torch.bool)
        scored[:, -1] = True
        return Batch(x, answer.expand(-1, self.length), scored)
