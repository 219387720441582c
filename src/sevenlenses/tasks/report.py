"""Say what comes now, or what was kept, as each step wants."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ..settings import fixed
from .base import Batch, Classification, check_at_least
from .tokens import SIZE, on


@dataclass(frozen=True)
class Report(Classification):
    """Each step brings a value. The first is to be kept; at each later step a coin decides which value is asked for.

    Where a sign is given, the answer is the value of the first step, elsewhere the one that has just come. So what is
    kept must be silent at some steps and spoken at others, while other values come in all the time.

    Chance: values are drawn evenly and do not depend on anything else, so 1 / values. Who never keeps anything is right
    where the present value is asked for, and elsewhere with probability 1 / values: `present`.

    >>> batch = Report(length=6).sample(3, torch.Generator().manual_seed(0))
    >>> batch.x.shape, batch.scored.sum(1).tolist(), Report().present
    (torch.Size([3, 6, 9]), [5, 5, 5], 0.5625)
    """

    length: int = 16
    values: int = 8

    def __post_init__(self):
        check_at_least("length", self.length, 2)
        check_at_least("values", self.values, 2)

    @property
    def n_in(self) -> int:
        return self.values + 1  # a sign that the kept value is asked for

    @property
    def n_out(self) -> int:
        return self.values

    @property
    def chance(self) -> float:
        return 1 / self.values

    @property
    def present(self) -> float:
        """The score of always saying the value that has just come."""
        return (1 + 1 / self.values) / 2

    @fixed()
    def sample(self, batch: int, generator: torch.Generator) -> Batch:
        values = torch.randint(self.values, (batch, self.length), generator=generator)  # (B, T)
        kept = torch.randint(2, (batch, self.length), generator=generator).bool()  # (B, T)
        kept[:, 0] = False
        x = torch.cat([on(values, self.values), SIZE * kept.unsqueeze(-1)], -1)  # (B, T, n_in)
        scored = torch.ones(batch, self.length, dtype=torch.bool)
        scored[:, 0] = False
        return Batch(x, torch.where(kept, values[:, :1], values), scored)
