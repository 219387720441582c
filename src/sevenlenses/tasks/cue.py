"""Remember the one token that matters, wherever in the stream it comes."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.nn.functional import one_hot

from ..settings import fixed
from .base import Batch, Classification, check_at_least


@dataclass(frozen=True)
class Cue(Classification):
    """A stream of noise from 8 tokens; `lag` steps before the end comes one of `classes` others; the last token asks
    which it was.

    With lag = length - 1 the cue comes first, and this is `Latch`. Without a lag each sequence draws its own from 1 to
    length - 1, all doublings of it alike (log-uniform), so that short lags are as common as long ones.

    Chance: classes are drawn evenly, and neither noise nor the place tells anything, so 1 / classes.

    >>> batch = Cue(length=16, lag=4).sample(2, torch.Generator().manual_seed(0))
    >>> batch.x.shape, batch.x[:, 11, :8].sum(1).tolist()
    (torch.Size([2, 16, 17]), [1.0, 1.0])
    """

    length: int = 64
    lag: int | None = None
    classes: int = 8
    noise: int = 8

    def __post_init__(self):
        check_at_least("length", self.length, 2)
        check_at_least("classes", self.classes, 2)
        check_at_least("noise", self.noise, 1)
        if self.lag is not None and self.lag not in range(1, self.length):
            raise ValueError(f"lag must be a whole number from 1 to {self.length - 1}; got {self.lag!r}.")

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
        answer = torch.randint(self.classes, (batch, 1), generator=generator)
        lag = torch.full((batch, 1), self.lag or 0)
        if self.lag is None:
            lag = (self.length ** torch.rand(batch, 1, generator=generator)).long().clamp(1, self.length - 1)
        tokens.scatter_(1, self.length - 1 - lag, answer)
        tokens[:, -1] = self.n_in - 1
        scored = torch.zeros(batch, self.length, dtype=torch.bool)
        scored[:, -1] = True
        x = one_hot(tokens, self.n_in).float()  # (B, T, n_in)
        return Batch(x, answer.expand(-1, self.length), scored)
