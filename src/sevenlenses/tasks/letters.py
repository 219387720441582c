"""The same sentences, letter by letter."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from ..settings import fixed
from .base import Batch, Classification
from .sentences import CLAUSE, FIRST, OPENING, STOP, SUSPECTS, WORDS, Sentences
from .tokens import on

LETTERS = " abcdefghijklmnopqrstuvwxyz?."


@dataclass(frozen=True)
class Letters(Classification):
    """A sentence of `Sentences`, spelled: each step is a letter, the blank between two words, or the stop.

    The answer is still the name that is the fifth word, asked at the stop.

    Chance: as for `Sentences`, 1 / suspects.

    >>> task = Letters(Sentences(longest=12))
    >>> batch = task.sample(3, torch.Generator().manual_seed(0))
    >>> batch.x.shape, batch.scored.sum(1).tolist()
    (torch.Size([3, 81, 29]), [1, 1, 1])
    """

    sentences: Sentences = field(default_factory=lambda: Sentences(longest=12))

    @property
    def n_in(self) -> int:
        return len(LETTERS)

    @property
    def n_out(self) -> int:
        return self.sentences.suspects

    @property
    def length(self) -> int:
        """Letters of the longest sentence, with a blank or the stop after each word."""
        clauses = [CLAUSE[n % len(CLAUSE)] for n in range(self.sentences.longest - FIRST)]
        slots = [*((word,) for word in OPENING), SUSPECTS[: self.sentences.suspects], *clauses]
        return sum(max(map(len, slot)) + 1 for slot in slots)

    @property
    def chance(self) -> float:
        return self.sentences.chance

    @fixed()
    def sample(self, batch: int, generator: torch.Generator) -> Batch:
        numbers, ends = self.sentences.draw(batch, generator)
        letters, stops = spelled(numbers, ends, self.length)
        steps = torch.arange(self.length)
        x = on(letters, self.n_in).masked_fill((steps > stops.unsqueeze(1)).unsqueeze(-1), 0.0)  # (B, T, n_in)
        return Batch(x, numbers[:, FIRST - 1 : FIRST].expand(-1, self.length), steps == stops.unsqueeze(1))


def spelled(numbers: Tensor, ends: Tensor, length: int) -> tuple[Tensor, Tensor]:
    """Letter numbers (B, T), filled up with blanks, and where the stop stands (B,), from words that end at `ends`."""
    texts = [
        " ".join(WORDS[n] for n in row[:end]) + STOP for row, end in zip(numbers.tolist(), ends.tolist(), strict=True)
    ]
    letters = torch.tensor([[LETTERS.index(letter) for letter in text.ljust(length)] for text in texts])  # (B, T)
    return letters, torch.tensor([len(text) - 1 for text in texts])
