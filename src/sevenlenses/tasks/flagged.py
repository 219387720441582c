"""One flagged step among many bears the answer."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..settings import fixed
from .base import Batch, Classification, check_at_least
from .tokens import SIZE, on


@dataclass(frozen=True)
class Flagged(Classification):
    """Each step brings a value; `copies` steps at random places are flagged; the last step asks: which value was it?

    Flagged steps bear the same value, and all others a value of their own. So each sequence has known steps that are
    responsible for its answer, and we can ask whether credit goes there. The first of them is anywhere, or at `place`.

    Chance: values are drawn evenly and do not depend on places, so 1 / values.

    >>> batch = Flagged(length=16).sample(3, torch.Generator().manual_seed(0))
    >>> batch.x.shape, int(batch.scored.sum()), Flagged().responsible(batch).sum(1).tolist()
    (torch.Size([3, 16, 10]), 3, [1, 1, 1])
    """

    length: int = 64
    values: int = 8
    copies: int = 1
    place: int | None = None

    def __post_init__(self):
        check_at_least("values", self.values, 2)
        check_at_least("copies", self.copies, 1)
        check_at_least("length", self.length, self.copies + 1)
        if self.place is not None and self.place not in range(self.length - 1):
            raise ValueError(f"place must be a whole number from 0 to {self.length - 2}; got {self.place!r}.")

    @property
    def n_in(self) -> int:
        return self.values + 2  # a flag, and a sign that an answer is wanted

    @property
    def n_out(self) -> int:
        return self.values

    @property
    def chance(self) -> float:
        return 1 / self.values

    @fixed()
    def sample(self, batch: int, generator: torch.Generator) -> Batch:
        steps = self.length - 1
        values = torch.randint(self.values, (batch, steps), generator=generator)  # (B, T - 1)
        order = torch.rand(batch, steps, generator=generator)  # (B, T - 1): the lowest are flagged
        if self.place is not None:
            order[:, self.place] = -1.0
        flagged = order.argsort(1)[:, : self.copies]  # (B, copies)
        answer = values.gather(1, flagged[:, :1])  # (B, 1)
        values.scatter_(1, flagged, answer.expand(-1, self.copies))
        x = torch.zeros(batch, self.length, self.n_in)  # (B, T, n_in)
        x[:, :-1, : self.values] = on(values, self.values)
        x[:, :-1, -2] = torch.zeros(batch, steps).scatter_(1, flagged, SIZE)
        x[:, -1, -1] = SIZE
        scored = torch.zeros(batch, self.length, dtype=torch.bool)
        scored[:, -1] = True
        return Batch(x, answer.expand(-1, self.length), scored)

    def responsible(self, batch: Batch) -> Tensor:
        """(B, T): which steps are flagged."""
        return batch.x[..., -2] > 0
