"""Sentences whose main clause may stand anywhere."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..settings import fixed
from .base import Batch, Classification, check_at_least
from .sentences import CLAUSE, FIRST, NUMBER, OPENING, STOP, SUSPECTS, WORDS
from .tokens import on


@dataclass(frozen=True)
class Moved(Classification):
    """Although the guest saw the tall maid the detective suspects the *cook* while ... `.`: whom does he suspect?

    None to `before` clauses come first, then the words of the shortest of `Sentences`, then none to `after` clauses.
    Every clause names a person, drawn evenly; so it takes "suspects" to know which name is the answer. With `exactly`,
    so many clauses come first, in every sentence.

    Chance: the suspect is drawn evenly and no other word depends on it, so 1 / suspects.

    >>> batch = Moved(before=1, after=1).sample(3, torch.Generator().manual_seed(0))
    >>> batch.x.shape, batch.scored.sum(1).tolist()
    (torch.Size([3, 20, 29]), [1, 1, 1])
    """

    before: int = 2
    after: int = 2
    suspects: int = len(SUSPECTS)
    exactly: int | None = None

    def __post_init__(self):
        check_at_least("before", self.before, 1)
        check_at_least("after", self.after, 0)
        check_at_least("suspects", self.suspects, 2)
        if self.suspects > len(SUSPECTS):
            raise ValueError(f"suspects must be at most {len(SUSPECTS)}; got {self.suspects!r}.")
        if self.exactly is not None and self.exactly not in range(self.before + 1):
            raise ValueError(f"exactly must be a whole number from 0 to {self.before}; got {self.exactly!r}.")

    @property
    def n_in(self) -> int:
        return len(WORDS)

    @property
    def n_out(self) -> int:
        return self.suspects

    @property
    def length(self) -> int:
        return FIRST + len(CLAUSE) * (self.before + self.after) + 1

    @property
    def chance(self) -> float:
        return 1 / self.suspects

    @fixed()
    def sample(self, batch: int, generator: torch.Generator) -> Batch:
        known, wide = SUSPECTS[: self.suspects], len(CLAUSE)
        clause = [known if slot is SUSPECTS else slot for slot in CLAUSE]
        leading = torch.randint(self.before + 1, (batch,), generator=generator)  # (B,): clauses before the main one
        leading = leading if self.exactly is None else torch.full_like(leading, self.exactly)
        ends = FIRST + wide * (leading + torch.randint(self.after + 1, (batch,), generator=generator))  # (B,)
        clauses = drawn(clause * (self.before + self.after), batch, generator)  # (B, words)
        main = drawn([*((word,) for word in OPENING), known], batch, generator)  # (B, FIRST)
        steps = torch.arange(self.length - 1)  # (words,)
        into = steps - wide * leading.unsqueeze(1)  # (B, words): how far into the main clause
        inside = (into >= 0) & (into < FIRST)
        around = torch.where(into < 0, steps, steps - FIRST).clamp(0, clauses.shape[1] - 1)  # (B, words)
        numbers = torch.where(inside, main.gather(1, into.clamp(0, FIRST - 1)), clauses.gather(1, around))
        numbers = torch.cat([numbers, numbers[:, :1]], 1).scatter(1, ends.unsqueeze(1), NUMBER[STOP])  # (B, T)
        steps = torch.arange(self.length)
        x = on(numbers, self.n_in).masked_fill((steps > ends.unsqueeze(1)).unsqueeze(-1), 0.0)  # (B, T, n_in)
        return Batch(x, main[:, -1:].expand(-1, self.length), steps == ends.unsqueeze(1))


def drawn(slots: list[tuple[str, ...]], batch: int, generator: torch.Generator) -> Tensor:
    """A word for each slot, drawn evenly: word numbers (B, slots)."""
    columns = [
        torch.tensor([NUMBER[word] for word in slot])[torch.randint(len(slot), (batch,), generator=generator)]
        for slot in slots
    ]
    return torch.stack(columns, 1)  # (B, slots)
