"""Keep track of something that every step changes."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import torch
from torch import Tensor

from ..settings import fixed
from .base import Batch, Classification, check_at_least
from .tokens import on

GROUPS = {"parity": 2, "order": 3}  # things in a row, whose order the steps change


@dataclass(frozen=True)
class Tracking(Classification):
    """Each step brings one of the ways to rearrange `GROUPS[what]` things in a row; say after each how they stand now.

    Of two things there are two ways, to leave or to swap them: "parity". Of three there are six, and it matters in
    which order they come: "order", the word problem of S3. Source: Liu et al. (2023); Merrill et al. (2024).

    Chance: every step's way is drawn evenly, so after each step all states are equally likely: 1 / ways.

    >>> batch = Tracking(length=8, what="order").sample(3, torch.Generator().manual_seed(0))
    >>> batch.x.shape, int(batch.scored.sum())
    (torch.Size([3, 8, 6]), 24)
    """

    length: int = 32
    what: str = "parity"

    def __post_init__(self):
        check_at_least("length", self.length, 1)
        if self.what not in GROUPS:
            raise ValueError(f"what must be one of {', '.join(GROUPS)}; got {self.what!r}.")

    @property
    def n_in(self) -> int:
        return len(self.ways())

    @property
    def n_out(self) -> int:
        return self.n_in

    @property
    def chance(self) -> float:
        return 1 / self.n_in

    def ways(self) -> Tensor:
        """(n_in, things): every way to rearrange; way w puts what stood at ways[w, i] at i."""
        return torch.tensor(list(itertools.permutations(range(GROUPS[self.what]))))

    def table(self) -> Tensor:
        """(n_in, n_in): the state after way w from state s, at [s, w]; a state is the way that leads to it."""
        ways = self.ways()  # (n_in, things)
        after = ways[:, ways]  # (n_in, n_in, things): at [s, w], state s rearranged by way w
        return (after.unsqueeze(2) == ways).all(-1).long().argmax(-1)  # (n_in, n_in)

    @fixed()
    def sample(self, batch: int, generator: torch.Generator) -> Batch:
        drawn = torch.randint(self.n_in, (batch, self.length), generator=generator)  # (B, T)
        table, state, states = self.table(), torch.zeros(batch, dtype=torch.long), []
        for way in drawn.unbind(1):
            state = table[state, way]  # (B,)
            states.append(state)
        return Batch(on(drawn, self.n_in), torch.stack(states, 1), torch.ones_like(drawn, dtype=torch.bool))

    def score(self, outputs: Tensor, batch: Batch) -> float:
        return self.right(outputs, batch).mean().item()

    def right(self, outputs: Tensor, batch: Batch) -> Tensor:
        """(T,): the share of right answers at each step."""
        return (outputs.argmax(-1) == batch.y).float().mean(0)
