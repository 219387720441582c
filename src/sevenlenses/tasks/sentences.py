"""Sentences whose answer hangs on their fifth word."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..settings import fixed
from .base import Batch, Classification, check_at_least
from .tokens import on

SUSPECTS = ("butler", "cook", "doctor", "driver", "gardener", "maid", "sailor", "singer")
OPENING = ("the", "detective", "suspects", "the")
CLAUSE = (  # each slot takes one of its words; the last takes any suspect
    ("although", "while", "but", "and"),
    ("the",),
    ("guest", "guard", "nurse", "clerk"),
    ("saw", "met", "heard", "passed"),
    ("the",),
    ("tall", "old", "young", "quiet"),
    SUSPECTS,
)
STOP, UNKNOWN = ".", "?"
WORDS = tuple(dict.fromkeys([*SUSPECTS, *OPENING, *(word for slot in CLAUSE for word in slot), STOP, UNKNOWN]))
FIRST = len(OPENING) + 1  # the words of the shortest sentence: the suspect is the last of them
NUMBER = {word: n for n, word in enumerate(WORDS)}


@dataclass(frozen=True)
class Sentences(Classification):
    """The detective suspects the *cook* although the guest saw the tall maid ... `.`: whom does the detective suspect?

    Clauses of seven words follow the fifth word, and each names a person, drawn evenly. A sentence has from
    five to `longest` words and may break off anywhere, or exactly `words` words; the stop after it asks for the
    answer. One of the first `suspects` names is the answer. One word in twenty, the suspect and the stop excepted, is
    one that the reader does not know.

    Chance: suspects are drawn evenly, and the names in the clauses do not depend on them, so 1 / suspects.

    >>> task = Sentences(longest=12)
    >>> batch = task.sample(3, torch.Generator().manual_seed(0))
    >>> batch.x.shape, batch.scored.sum(1).tolist()
    (torch.Size([3, 13, 29]), [1, 1, 1])
    """

    longest: int = 33
    words: int | None = None
    suspects: int = len(SUSPECTS)
    unknown: float = 0.05

    def __post_init__(self):
        check_at_least("longest", self.longest, FIRST)
        check_at_least("suspects", self.suspects, 2)
        if self.suspects > len(SUSPECTS):
            raise ValueError(f"suspects must be at most {len(SUSPECTS)}; got {self.suspects!r}.")
        if self.words is not None and self.words not in range(FIRST, self.longest + 1):
            raise ValueError(f"words must be a whole number from {FIRST} to {self.longest}; got {self.words!r}.")
        if not 0 <= self.unknown < 1:
            raise ValueError(f"unknown must be a share from 0 up to below 1; got {self.unknown!r}.")

    @property
    def n_in(self) -> int:
        return len(WORDS)

    @property
    def n_out(self) -> int:
        return self.suspects

    @property
    def length(self) -> int:
        return self.longest + 1  # the stop

    @property
    def chance(self) -> float:
        return 1 / self.suspects

    @fixed()
    def sample(self, batch: int, generator: torch.Generator) -> Batch:
        numbers, ends = self.draw(batch, generator)
        scored = torch.arange(self.length) == ends.unsqueeze(1)  # (B, T)
        after = torch.arange(self.length) > ends.unsqueeze(1)  # (B, T)
        x = on(numbers, self.n_in).masked_fill(after.unsqueeze(-1), 0.0)  # (B, T, n_in)
        return Batch(x, numbers[:, FIRST - 1 : FIRST].expand(-1, self.length), scored)

    @fixed()
    def draw(self, batch: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Word numbers (B, T), and where the stop stands (B,); what comes after the stop is to be left out."""
        known = SUSPECTS[: self.suspects]
        clause = [known if slot is SUSPECTS else slot for slot in CLAUSE]
        rest = [clause[n % len(clause)] for n in range(self.longest - FIRST)]
        slots = [*((word,) for word in OPENING), known, *rest, (STOP,)]  # T of them
        drawn = [torch.randint(len(slot), (batch,), generator=generator) for slot in slots]  # T times (B,)
        choices = [torch.tensor([NUMBER[word] for word in slot]) for slot in slots]
        numbers = torch.stack([words[which] for words, which in zip(choices, drawn, strict=True)], 1)  # (B, T)
        missed = torch.rand(numbers.shape, generator=generator) < self.unknown  # (B, T)
        missed[:, FIRST - 1] = False
        numbers = numbers.masked_fill(missed, NUMBER[UNKNOWN])
        lengths = torch.randint(FIRST, self.longest + 1, (batch,), generator=generator)  # (B,)
        ends = lengths if self.words is None else torch.full_like(lengths, self.words)
        return numbers.scatter(1, ends.unsqueeze(1), NUMBER[STOP]), ends

    @fixed()
    def read(self, words: list[str]) -> Tensor:
        """(1, T, n_in): these words as input; a word that is not among `WORDS` is one that the reader does not know.

        Raises:
            ValueError: no words.
        """
        if not words:
            raise ValueError("a sentence needs at least one word; got none.")
        return on(torch.tensor([[NUMBER.get(word, NUMBER[UNKNOWN]) for word in words]]), self.n_in)
