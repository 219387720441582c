"""Shown one key, say the value of another: of the key that comes next."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ..settings import fixed
from .base import Batch, Classification, check_at_least
from .tokens import on


@dataclass(frozen=True)
class Kin(Classification):
    """`pairs` steps, each with a key (all different) and a value; the last step shows a key k, and the answer is the
    value that came with key k + 1.

    Keys go round: after the last comes the first. The keys k - 1, k and k + 1 are always among the pairs, so that what
    is most like the key shown is not what is wanted, and to be a neighbour is not enough either. `place` is the step of
    the pair that is wanted, any of them if None.

    Chance: values are drawn evenly and do not depend on anything else, so 1 / values.

    >>> batch = Kin(pairs=8).sample(3, torch.Generator().manual_seed(0))
    >>> batch.x.shape, int(batch.scored.sum())
    (torch.Size([3, 9, 24]), 3)
    """

    pairs: int = 8
    keys: int = 16
    values: int = 8
    place: int | None = None

    def __post_init__(self):
        for name, least in {"pairs": 3, "keys": self.pairs, "values": 2}.items():
            check_at_least(name, getattr(self, name), least)
        if self.place is not None and self.place not in range(self.pairs):
            raise ValueError(f"place must be a whole number from 0 to {self.pairs - 1}; got {self.place!r}.")

    @property
    def length(self) -> int:
        return self.pairs + 1

    @property
    def n_in(self) -> int:
        return self.keys + self.values

    @property
    def n_out(self) -> int:
        return self.values

    @property
    def chance(self) -> float:
        return 1 / self.values

    @fixed()
    def sample(self, batch: int, generator: torch.Generator) -> Batch:
        shown = torch.randint(self.keys, (batch, 1), generator=generator)  # (B, 1)
        others = torch.rand(batch, self.keys - 3, generator=generator).argsort(1)  # (B, keys - 3)
        far = others[:, : self.pairs - 3] + 2  # (B, pairs - 3)
        near = torch.tensor([1, 0, -1]).expand(batch, -1)  # (B, 3)
        ahead = torch.cat([near, far], 1)  # (B, pairs): how far each key is ahead of the one shown; the first is wanted
        order = torch.rand(batch, self.pairs, generator=generator).argsort(1)  # (B, pairs)
        if self.place is not None:
            wanted = (order == 0).nonzero()[:, 1:]  # (B, 1)
            order = order.scatter(1, wanted, order[:, self.place, None])
            order[:, self.place] = 0
        keys = (shown + ahead.gather(1, order)) % self.keys  # (B, pairs)
        values = torch.randint(self.values, (batch, self.pairs), generator=generator)  # (B, pairs)
        x = torch.zeros(batch, self.length, self.n_in)  # (B, T, n_in)
        x[:, :-1] = torch.cat([on(keys, self.keys), on(values, self.values)], -1)
        x[:, -1, : self.keys] = on(shown[:, 0], self.keys)
        answer = values[order == 0].unsqueeze(1)  # (B, 1)
        scored = torch.zeros(batch, self.length, dtype=torch.bool)
        scored[:, -1] = True
        return Batch(x, answer.expand(-1, self.length), scored)
