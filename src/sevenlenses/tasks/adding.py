"""Add two marked numbers."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from ..settings import fixed
from .base import Batch, check_at_least


@dataclass(frozen=True)
class Adding:
    """Each step brings a number in [0, 1]; one step in each half is marked; at the end, say the sum of the two.

    Source: Hochreiter & Schmidhuber (1997), experiment 4, with their numbers moved to [0, 1].

    The score is R² = 1 - MSE / variance. Chance: the best constant answer is the mean, 1; its squared error is the
    variance of a sum of two even draws, 2 / 12 = 1/6; so its score is 0.

    >>> Adding(length=10).sample(3, torch.Generator().manual_seed(0)).x.shape
    torch.Size([3, 10, 2])
    """

    length: int = 64
    n_in = 2
    n_out = 1
    chance = 0.0

    def __post_init__(self):
        check_at_least("length", self.length, 2)

    @fixed()
    def sample(self, batch: int, generator: torch.Generator) -> Batch:
        half = self.length // 2
        values = torch.rand(batch, self.length, generator=generator)  # (B, T)
        first = torch.randint(half, (batch,), generator=generator)
        second = torch.randint(half, self.length, (batch,), generator=generator)
        marks = one_hot(first, self.length) + one_hot(second, self.length)  # (B, T)
        answer = (values * marks).sum(1)  # (B,)
        scored = torch.zeros(batch, self.length, dtype=torch.bool)
        scored[:, -1] = True
        y = answer.view(-1, 1, 1).expand(-1, self.length, 1)  # (B, T, 1)
        return Batch(torch.stack([values, marks.float()], -1), y, scored)

    def loss(self, outputs: Tensor, batch: Batch) -> Tensor:
        return (outputs[batch.scored] - batch.y[batch.scored]).square().mean()

    def score(self, outputs: Tensor, batch: Batch) -> float:
        return 1 - 6 * self.loss(outputs, batch).item()
