"""Brackets within brackets: which kind does this closing bracket close?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from ..settings import fixed
from .base import Batch, Classification, check_at_least
from .tokens import on


@dataclass(frozen=True)
class Brackets(Classification):
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

    @fixed()
    def sample(self, batch: int, generator: torch.Generator) -> Batch:
        kinds = torch.randint(self.kinds, (batch, self.length), generator=generator)  # (B, T)
        coins = torch.rand(batch, self.length, generator=generator) < 0.5  # (B, T)
        depth, opens = np.zeros(batch, dtype=int), []  # (B,), and a (B,) of truths for each step
        for coin in coins.numpy().T:
            opens.append((depth == 0) | (coin & (depth < self.deepest)))
            depth += 2 * opens[-1] - 1
        opened = torch.from_numpy(np.stack(opens, 1))  # (B, T)
        x = on(torch.where(opened, kinds, self.kinds), self.n_in)  # (B, T, n_in)
        batch = Batch(x, torch.zeros_like(kinds), ~opened)
        return replace(batch, y=kinds.gather(1, self.openings(batch)) * batch.scored)

    def openings(self, batch: Batch) -> Tensor:
        """(B, T): the step at which the bracket opened that each step opens or closes."""
        depths, steps = self.depths(batch), torch.arange(batch.x.shape[1], device=batch.x.device)  # (B, T), (T,)
        found = torch.zeros_like(depths)  # (B, T)
        for depth in range(1, self.deepest + 1):  # the last one that opened at this depth
            here = depths == depth  # (B, T)
            last = torch.where(here & ~batch.scored, steps, 0).cummax(1).values  # (B, T)
            found = torch.where(here, last, found)  # (B, T)
        return found

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
