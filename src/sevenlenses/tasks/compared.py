"""Shown two keys, say whose value is the greater."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ..settings import fixed
from .base import Batch, Classification, check_at_least
from .tokens import on


@dataclass(frozen=True)
class Compared(Classification):
    """`pairs` steps, each with a key and a value (all different); the last step shows two of the keys, and the answer
    is 1 where the value of the first is the greater, else 0.

    Chance: the two keys are drawn alike, so either is the greater with probability 1/2. Who knows one of the two values
    and says what is then the likelier does better: `single`.

    >>> batch = Compared(pairs=6).sample(3, torch.Generator().manual_seed(0))
    >>> batch.x.shape, int(batch.scored.sum()), round(Compared().single, 3)
    (torch.Size([3, 7, 32]), 3, 0.786)
    """

    pairs: int = 6
    keys: int = 12
    values: int = 8

    def __post_init__(self):
        for name, least in {"pairs": 2, "keys": self.pairs, "values": self.pairs}.items():
            check_at_least(name, getattr(self, name), least)

    @property
    def length(self) -> int:
        return self.pairs + 1

    @property
    def n_in(self) -> int:
        return 2 * self.keys + self.values  # the first key, the second one, a value

    @property
    def n_out(self) -> int:
        return 2

    @property
    def chance(self) -> float:
        return 1 / 2

    @property
    def single(self) -> float:
        """The score of knowing one of the two values: of the others, a are below value a."""
        others = self.values - 1
        return sum(max(a, others - a) for a in range(self.values)) / (self.values * others)

    @fixed()
    def sample(self, batch: int, generator: torch.Generator) -> Batch:
        keys, values, asked = (
            torch.rand(batch, size, generator=generator).argsort(1)[:, :count]
            for size, count in ((self.keys, self.pairs), (self.values, self.pairs), (self.pairs, 2))
        )  # (B, pairs), (B, pairs), (B, 2)
        x = torch.zeros(batch, self.length, self.n_in)  # (B, T, n_in)
        x[:, :-1, : self.keys] = on(keys, self.keys)
        x[:, :-1, 2 * self.keys :] = on(values, self.values)
        x[:, -1, : 2 * self.keys] = on(keys.gather(1, asked), self.keys).flatten(1)
        scored = torch.zeros(batch, self.length, dtype=torch.bool)
        scored[:, -1] = True
        first, second = values.gather(1, asked).unbind(1)  # (B,) each
        return Batch(x, (first > second).long().unsqueeze(1).expand(-1, self.length), scored)
