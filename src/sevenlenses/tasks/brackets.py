"""Brackets within brackets: which kind does this closing bracket close?"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from .base import Batch, check_at_least
from .tokens import on


@dataclass(frozen=True)
class Brackets:
    """Opening brackets of several kinds, and closing brackets that do not say their kind: that is the answer.

    A bracket's depth is how many are open while it is, itself included. At depth 0 the next one opens, at `deepest` it
    closes; elsewhere a coin decides. What the sequence leaves open stays open.
    Source: the bounded Dyck languages of Hewitt et al. (2020), section 2; theirs name the kind of what closes.

    Chance: kinds are drawn evenly and do not depend on where a bracket closes, so 1 / kinds.

    >>> batch = Brackets(length=6).sample(3, torch.Generator().manual_seed(0))
    >>> batch.x.shape, bool((batch.scored.sum(1) <= 3).all())
    (torch.Size([3, 6, 5]), True)
    """

    length: int = 32
    deepest: int = 4
    kinds: int = 4

    def __post_init__(self):
        for name, least in {"length": 2, "deepest": 1, "kinds": 2}.items():
            check_at_least(name, getattr(self, name), least)

    @property
    def n_in(self) -> int:
        return self.kinds + 1

    @property
    def n_out(self) -> int:
        return self.kinds

    @property
    def chance(self) -> float:
        return 1 / self.kinds

    def sample(self, batch: int, generator: torch.Generator) -> Batch:
        drawn = torch.randint(self.kinds, (batch, self.length), generator=generator)  # (B, T)
        coins = torch.rand(batch, self.length, generator=generator) < 0.5  # (B, T)
        depth = torch.zeros(batch, dtype=torch.long)  # (B,)
        stack = torch.zeros(batch, self.deepest, dtype=torch.long)  # (B, deepest): kinds of what is open
        rows = torch.arange(batch)  # (B,)
        tokens, answers = torch.full_like(drawn, self.kinds), torch.zeros_like(drawn)  # (B, T) each
        for t in range(self.length):
            opens = (depth == 0) | (coins[:, t] & (depth < self.deepest))  # (B,)
            stack[rows[opens], depth[opens]] = drawn[opens, t]
            tokens[opens, t] = drawn[opens, t]
            depth = depth + opens.long()
            answers[~opens, t] = stack[rows[~opens], depth[~opens] - 1]
            depth = depth - (~opens).long()
        return Batch(on(tokens, self.n_in), answers, tokens == self.kinds)

    def depths(self, batch: Batch) -> Tensor:
        """(B, T): the depth of the bracket that each step opens or closes."""
        signs = torch.where(batch.scored, -1, 1)  # (B, T)
        return signs.cumsum(1) + batch.scored.long()  # (B, T)

    def around(self, batch: Batch) -> Tensor:
        """(B, T): where a bracket closes that has others inside it, so that the one which opened last is another."""
        return batch.scored & batch.scored.roll(1, 1)  # (B, T); the first step opens

    def newest(self, batch: Batch) -> Tensor:
        """(B, T): the kind of the bracket that opened last, closed again or not: an answer that needs no nesting."""
        steps = torch.arange(batch.x.shape[1], device=batch.x.device)  # (T,)
        last = torch.where(batch.scored, 0, steps).cummax(1).values  # (B, T)
        return batch.x[..., : self.kinds].argmax(-1).gather(1, last)  # (B, T)

    def loss(self, outputs: Tensor, batch: Batch) -> Tensor:
        return cross_entropy(outputs[batch.scored], batch.y[batch.scored])

    def score(self, outputs: Tensor, batch: Batch) -> float:
        right = outputs[batch.scored].argmax(-1) == batch.y[batch.scored]
        return right.float().mean().item()
