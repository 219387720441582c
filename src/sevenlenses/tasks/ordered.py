"""Pairs that always come in the order of their keys: two rules explain them, until the pairs are shuffled."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..settings import fixed
from .base import Batch, Classification, check_at_least
from .tokens import on


@dataclass(frozen=True)
class Ordered(Classification):
    """`pairs` steps, each with a key and a value; a last step with a key alone, and the answer is its value.

    There are as many keys as pairs, and as a rule key i comes at step i. So "the value that came with this key" (the
    relation) and "the value at this key's place" (the order) are both right. In a share `shuffled` of the sequences the
    pairs come in any order; there only the relation is right, and `by_order` is what the other rule would say.
    Source of the design: McCoy, Frank & Linzen (2020), training data that two generalisations fit.

    Chance: values are drawn evenly and do not depend on keys or places, so without the input a guess is right with
    probability 1 / values.

    >>> batch = Ordered(pairs=4).sample(3, torch.Generator().manual_seed(0))
    >>> batch.x.shape, int(batch.scored.sum())
    (torch.Size([3, 5, 12]), 3)
    """

    pairs: int = 6
    values: int = 8
    shuffled: float = 0.0

    def __post_init__(self):
        check_at_least("pairs", self.pairs, 1)
        check_at_least("values", self.values, 2)
        if not 0 <= self.shuffled <= 1:
            raise ValueError(f"shuffled must be a share from 0 to 1; got {self.shuffled!r}.")

    @property
    def length(self) -> int:
        return self.pairs + 1

    @property
    def n_in(self) -> int:
        return self.pairs + self.values

    @property
    def n_out(self) -> int:
        return self.values

    @property
    def chance(self) -> float:
        return 1 / self.values

    @fixed()
    def sample(self, batch: int, generator: torch.Generator) -> Batch:
        in_order = torch.arange(self.pairs).expand(batch, -1)  # (B, pairs)
        anyhow = torch.rand(batch, self.pairs, generator=generator).argsort(1)  # (B, pairs)
        moved = torch.rand(batch, 1, generator=generator) < self.shuffled  # (B, 1)
        keys = torch.where(moved, anyhow, in_order)  # (B, pairs)
        values = torch.randint(self.values, (batch, self.pairs), generator=generator)  # (B, pairs)
        asked = torch.randint(self.pairs, (batch,), generator=generator)  # (B,)
        return self.posed(keys, values, asked)

    def posed(self, keys: Tensor, values: Tensor, asked: Tensor) -> Batch:
        """The sequences with these keys and values (B, pairs), in this order, asked for the keys `asked` (B,)."""
        x = torch.zeros(len(keys), self.length, self.n_in)  # (B, T, n_in)
        x[:, :-1] = torch.cat([on(keys, self.pairs), on(values, self.values)], -1)  # (B, pairs, n_in)
        x[:, -1, : self.pairs] = on(asked, self.pairs)  # (B, pairs)
        scored = torch.zeros(x.shape[:2], dtype=torch.bool)
        scored[:, -1] = True
        answer = (values * (keys == asked.unsqueeze(1))).sum(1, keepdim=True)  # (B, 1)
        return Batch(x, answer.expand(-1, self.length), scored)

    def by_order(self, batch: Batch) -> Tensor:
        """(B,): the value at the place where the asked key stands as a rule."""
        asked = batch.x[:, -1, : self.pairs].argmax(-1)  # (B,)
        values = batch.x[:, :-1, self.pairs :].argmax(-1)  # (B, pairs)
        return values.gather(1, asked.unsqueeze(1)).squeeze(1)  # (B,)
