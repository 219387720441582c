"""What is stored points to what is stored: say where two hops lead."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ..settings import fixed
from .base import Batch, Classification, check_at_least
from .tokens import on


@dataclass(frozen=True)
class Hops(Classification):
    """`pairs` steps, each with a key and another one that it leads to; the last step shows a key, and the answer is
    where the key leads to that it leads to.

    The stored keys form one ring, and come in any order. So two hops never end where they began or half-way.

    Chance: every key is the answer equally often, so 1 / keys. Who knows what is stored and makes the first hop knows
    that the answer is neither of two, and does better: `single`.

    >>> batch = Hops(pairs=6).sample(3, torch.Generator().manual_seed(0))
    >>> batch.x.shape, int(batch.scored.sum()), Hops().single
    (torch.Size([3, 7, 24]), 3, 0.25)
    """

    pairs: int = 6
    keys: int = 12

    def __post_init__(self):
        for name, least in {"pairs": 3, "keys": self.pairs}.items():
            check_at_least(name, getattr(self, name), least)

    @property
    def length(self) -> int:
        return self.pairs + 1

    @property
    def n_in(self) -> int:
        return 2 * self.keys

    @property
    def n_out(self) -> int:
        return self.keys

    @property
    def chance(self) -> float:
        return 1 / self.keys

    @property
    def single(self) -> float:
        """The score of the first hop alone."""
        return 1 / (self.pairs - 2)

    @fixed()
    def sample(self, batch: int, generator: torch.Generator) -> Batch:
        ring = torch.rand(batch, self.keys, generator=generator).argsort(1)[:, : self.pairs]  # (B, pairs)
        order = torch.rand(batch, self.pairs, generator=generator).argsort(1)  # (B, pairs)
        asked = torch.randint(self.pairs, (batch, 1), generator=generator)  # (B, 1)
        x = torch.zeros(batch, self.length, self.n_in)  # (B, T, n_in)
        x[:, :-1, : self.keys] = on(ring.gather(1, order), self.keys)
        x[:, :-1, self.keys :] = on(ring.roll(-1, 1).gather(1, order), self.keys)
        x[:, -1, : self.keys] = on(ring.gather(1, asked)[:, 0], self.keys)
        scored = torch.zeros(batch, self.length, dtype=torch.bool)
        scored[:, -1] = True
        return Batch(x, ring.roll(-2, 1).gather(1, asked).expand(-1, self.length), scored)
