"""Remember the first token."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.nn.functional import one_hot

from ..settings import fixed
from .base import Batch, Classification, check_at_least


@dataclass(frozen=True)
class Latch(Classification):
    """Token 0 is one of `classes`; then come noise tokens from another set of 8; the last token asks which it was.

    The answer depends on one input, T - 1 steps back. Source: the latch problem of Bengio, Simard & Frasconi (1994).

    Chance: classes are drawn evenly and noise tells nothing, so any guess is right with probability 1 / classes.

    >>> batch = Latch(length=16).sample(2, torch.Generator().manual_seed(0))
    >>> batch.x.shape, int(batch.scored.sum())
    (torch.Size([2, 16, 17]), 2)
    """

    length: int = 64
    classes: int = 8
    noise: int = 8

    def __post_init__(self):
        check_at_least("length", self.length, 2)
        check_at_least("classes", self.classes, 2)
        check_at_least("noise", self.noise, 1)

    @property
    def n_in(self) -> int:
        return self.classes + self.noise + 1

    @property
    def n_out(self) -> int:
        return self.classes

    @property
    def chance(self) -> float:
        return 1 / self.classes

    @fixed()
    def sample(self, batch: int, generator: torch.Generator) -> Batch:
        tokens = torch.randint(self.classes, self.classes + self.noise, (batch, self.length), generator=generator)
        answer = torch.randint(self.classes, (batch,), generator=generator)
        tokens[:, 0] = answer
        tokens[:, -1] = self.n_in - 1
        scored = torch.zeros(batch, self.length, dtype=torch.bool)
        scored[:, -1] = True
        x = one_hot(tokens, self.n_in).float()  # (B, T, n_in)
        return Batch(x, answer.unsqueeze(1).expand(-1, self.length), scored)
