"""Recall as it is in a text: a key is one token, its value the next."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ..settings import fixed
from .base import Batch, Classification, check_at_least
from .tokens import on

POWER = 0.01  # the smaller, the sooner keys come back


@dataclass(frozen=True)
class TokenRecall(Classification):
    """First `pairs` times a key and then its value; later each key once more, at which the answer is its value.

    Keys, all different, are tokens from 1 up to half of the vocabulary; values, all different, are tokens of the other
    half. Where a key comes back hangs on a power law: the i-th place after the pairs, of every second step, has a
    weight of i ** (`POWER` - 1). All other steps hold tokens at random, but none of the sequence's own keys.

    Source: multi-query associative recall, Arora et al. (2024). Their loader leaves the other steps blank, or draws
    them from all of its 8,192 tokens, among which a key is rare; among 72 it would often be.

    Chance: without the input every value is as likely, so 1 / values. Who knows the stored values, but not which
    belongs to which key, is right with probability 1 / pairs.

    >>> batch = TokenRecall(pairs=4).sample(3, torch.Generator().manual_seed(0))
    >>> batch.x.shape, int(batch.scored.sum())
    (torch.Size([3, 64, 72]), 12)
    """

    pairs: int = 4
    length: int = 64
    vocabulary: int = 72

    def __post_init__(self):
        check_at_least("pairs", self.pairs, 1)
        check_at_least("length", self.length, 4 * self.pairs)
        check_at_least("vocabulary", self.vocabulary, 2 * self.pairs + 2)

    @property
    def n_in(self) -> int:
        return self.vocabulary

    @property
    def n_out(self) -> int:
        return self.vocabulary

    @property
    def half(self) -> int:
        """The first token that is a value."""
        return self.vocabulary // 2

    @property
    def chance(self) -> float:
        return 1 / (self.vocabulary - self.half)

    @property
    def unbound(self) -> float:
        """The score of saying one of the stored values."""
        return 1 / self.pairs

    @fixed()
    def sample(self, batch: int, generator: torch.Generator) -> Batch:
        tokens, asked, values = self.tokens(batch, generator)
        y = torch.zeros_like(tokens).scatter_(1, asked, values)  # (B, T)
        scored = torch.zeros(tokens.shape, dtype=torch.bool).scatter_(1, asked, True)
        return Batch(on(tokens, self.vocabulary), y, scored)

    @fixed()
    def tokens(self, batch: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Token numbers (B, T); the steps at which the first, second, ... key comes back; their values (B, pairs)."""
        keys = 1 + torch.rand(batch, self.half - 1, generator=generator).argsort(1)[:, : self.pairs]  # (B, pairs)
        values = torch.rand(batch, self.vocabulary - self.half, generator=generator).argsort(1)  # (B, values)
        values = self.half + values[:, : self.pairs]  # (B, pairs)
        written = 2 * self.pairs
        places = torch.arange(1, (self.length - written) // 2 + 1, dtype=torch.float64)  # (places,)
        weights = (places ** (POWER - 1)).expand(batch, -1)  # (B, places)
        asked = written + 2 * torch.multinomial(weights, self.pairs, generator=generator)  # (B, pairs)
        taken = torch.zeros(batch, self.vocabulary).scatter_(1, keys, 1)  # (B, vocabulary)
        free = taken.argsort(dim=1, stable=True)[:, : -self.pairs]  # (B, vocabulary - pairs)
        drawn = torch.randint(free.shape[1], (batch, self.length), generator=generator)  # (B, T)
        tokens = free.gather(1, drawn)  # (B, T)
        tokens[:, 0:written:2], tokens[:, 1:written:2] = keys, values
        return tokens.scatter_(1, asked, keys), asked, values
