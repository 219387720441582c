"""Store pairs of a key and a value, then say the value of each key that is asked for."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from ..settings import fixed
from .base import Batch, Classification, check_at_least
from .tokens import on


@dataclass(frozen=True)
class Recall(Classification):
    """First `pairs` steps, each with a key (all different) and a value; then blank steps; then steps with a key only.

    At each of these reads the answer is the value that the key came with. `same` asks for one key all the time.
    Source: multi-query associative recall, Arora et al. (2024), section 3; here a pair is one step, not two.

    Chance: values are drawn evenly and do not depend on keys or places, so without the input a guess is right with
    probability 1 / values. Who knows the stored values, but not which belongs to which key, does better: `unbound`.

    >>> batch = Recall(pairs=4, reads=2).sample(3, torch.Generator().manual_seed(0))
    >>> batch.x.shape, int(batch.scored.sum())
    (torch.Size([3, 6, 80]), 6)
    """

    pairs: int = 8
    keys: int = 64
    values: int = 16
    reads: int = 8
    blanks: int = 0
    same: bool = False

    def __post_init__(self):
        for name, least in {"pairs": 1, "keys": self.pairs, "values": 2, "reads": 1, "blanks": 0}.items():
            check_at_least(name, getattr(self, name), least)

    @property
    def length(self) -> int:
        return self.pairs + self.blanks + self.reads

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
        keys = torch.rand(batch, self.keys, generator=generator).argsort(1)[:, : self.pairs]  # (B, pairs)
        values = torch.randint(self.values, (batch, self.pairs), generator=generator)  # (B, pairs)
        drawn = (batch, 1 if self.same else self.reads)
        asked = torch.randint(self.pairs, drawn, generator=generator).expand(-1, self.reads)  # (B, reads)
        x = torch.zeros(batch, self.length, self.n_in)  # (B, T, n_in)
        x[:, : self.pairs] = torch.cat([on(keys, self.keys), on(values, self.values)], -1)  # (B, pairs, n_in)
        x[:, -self.reads :, : self.keys] = on(keys.gather(1, asked), self.keys)
        y = torch.zeros(batch, self.length, dtype=torch.long)  # (B, T)
        y[:, -self.reads :] = values.gather(1, asked)
        scored = torch.zeros(batch, self.length, dtype=torch.bool)
        scored[:, -self.reads :] = True
        return Batch(x, y, scored)

    def score(self, outputs: Tensor, batch: Batch) -> float:
        return self.right(outputs, batch).mean().item()

    def right(self, outputs: Tensor, batch: Batch) -> Tensor:
        """(reads,): the share of right answers at each read."""
        reads = slice(-self.reads, None)
        return (outputs[:, reads].argmax(-1) == batch.y[:, reads]).float().mean(0)

    def unbound(self, generator: torch.Generator, draws: int = 20000) -> float:
        """The score of always saying the commonest of the stored values: what memory of values alone is worth."""
        values = torch.randint(self.values, (draws, self.pairs), generator=generator)
        return one_hot(values, self.values).sum(1).amax(1).float().mean().item() / self.pairs
