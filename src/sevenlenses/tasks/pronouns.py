"""Who are "they", and what is "it"? Asked in the middle of a sentence, at the pronoun."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..settings import fixed
from .base import Batch, Classification, check_at_least
from .sentences import STOP, SUSPECTS
from .tokens import on

THINGS = ("coat", "key", "knife", "lamp", "letter", "ring", "rope", "watch")
NAMES = (*SUSPECTS, *THINGS)  # what a pronoun may stand for
THEY, IT = "they", "it"
CLAUSE = (  # each slot takes one of its words
    ("after", "as", "before", "while"),
    ("the",),
    ("fog", "rain", "snow", "wind"),
    ("came", "fell", "hung", "lay"),
    ("across", "along", "on", "over"),
    ("the",),
    ("road", "roof", "street", "yard"),
)
PHRASE = (("and",), (THEY, IT), ("remained", "returned", "vanished", "waited"))
WITH = ("the", "detective", "saw", "the", None, "with", "the", None)  # a person with a thing
BESIDE = ("the", "detective", "saw", "the", None, "beside", "the", None)  # a thing beside a person
WORDS = tuple(
    dict.fromkeys(
        [*NAMES, *filter(None, (*WITH, *BESIDE)), *(word for slot in (*CLAUSE, *PHRASE) for word in slot), STOP]
    )
)
NUMBER = {word: n for n, word in enumerate(WORDS)}


@dataclass(frozen=True)
class Pronouns(Classification):
    """The detective saw the *cook* with the *lamp* while the rain fell on the street and *it* vanished ... and *they*
    waited ... `.`: at each of the two pronouns, say whom or what it stands for.

    "They" is the person, "it" the thing; each of the two is either, by a coin, and so is which of person and thing is
    named first. Before, between and after the pronouns come up to `most` clauses of seven words, or exactly `exactly`;
    they name neither persons nor things.

    Chance: persons and things are drawn evenly and nothing else hangs on them, so without the input a guess is right
    with probability 1 / 16. To know whether a person or a thing is meant is worth 1 / 8: `unread`.

    >>> batch = Pronouns(most=1).sample(3, torch.Generator().manual_seed(0))
    >>> batch.x.shape, batch.scored.sum(1).tolist()
    (torch.Size([3, 36, 49]), [2, 2, 2])
    """

    most: int = 2
    exactly: int | None = None

    def __post_init__(self):
        check_at_least("most", self.most, 0)
        if self.exactly is not None and self.exactly not in range(self.most + 1):
            raise ValueError(f"exactly must be a whole number from 0 to {self.most}; got {self.exactly!r}.")

    @property
    def n_in(self) -> int:
        return len(WORDS)

    @property
    def n_out(self) -> int:
        return len(NAMES)

    @property
    def length(self) -> int:
        return len(WITH) + 3 * self.most * len(CLAUSE) + 2 * len(PHRASE) + 1

    @property
    def chance(self) -> float:
        return 1 / len(NAMES)

    @property
    def unread(self) -> float:
        """The score of knowing that a person is meant, or a thing, and not which."""
        return 1 / len(SUSPECTS)

    @fixed()
    def sample(self, batch: int, generator: torch.Generator) -> Batch:
        tokens, named = self.tokens(batch, generator)
        person, thing = named.unsqueeze(1).unbind(-1)  # (B, 1) each
        y = torch.where(tokens == NUMBER[THEY], person, thing)  # (B, T)
        scored = (tokens == NUMBER[THEY]) | (tokens == NUMBER[IT])  # (B, T)
        x = on(tokens.clamp_min(0), self.n_in).masked_fill((tokens < 0).unsqueeze(-1), 0.0)  # (B, T, n_in)
        return Batch(x, y, scored)

    @fixed()
    def tokens(self, batch: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Word numbers (B, T), -1 after the stop; and the numbers of the person and the thing (B, 2)."""
        named = torch.stack([_drawn(names, batch, generator) for names in (SUSPECTS, THINGS)], 1)  # (B, 2)
        swapped = torch.randint(2, (batch, 1), generator=generator)  # (B, 1): whether the thing comes first
        first, second = (named.gather(1, swapped ^ which) for which in (0, 1))  # (B, 1) each
        opening = torch.where(swapped == 0, *(_fixed(words) for words in (WITH, BESIDE)))  # (B, 8)
        opening = opening.scatter(1, torch.tensor([[4, 7]]).expand(batch, -1), torch.cat([first, second], 1))
        stretch = [*CLAUSE] * self.most
        rest = [*stretch, *PHRASE, *stretch, *PHRASE, *stretch, (STOP,)]
        tokens = torch.cat([opening, torch.stack([_drawn(slot, batch, generator) for slot in rest], 1)], 1)  # (B, T)
        count = torch.randint(self.most + 1, (batch, 3), generator=generator)  # (B, 3): clauses in each stretch
        if self.exactly is not None:
            count = torch.full_like(count, self.exactly)
        clause = torch.arange(self.most).repeat_interleave(len(CLAUSE))  # (7 most,): the clause that a word is of
        there = [clause < count[:, i : i + 1] for i in range(3)]  # (B, 7 most) each
        whole = torch.ones(batch, len(WITH), dtype=torch.bool)  # (B, 8)
        phrase, stop = whole[:, : len(PHRASE)], whole[:, :1]
        used = torch.cat([whole, there[0], phrase, there[1], phrase, there[2], stop], 1)  # (B, T)
        order = (~used).long().argsort(dim=1, stable=True)  # (B, T)
        return tokens.gather(1, order).where(used.gather(1, order), -1), named


def _drawn(words: tuple[str, ...], batch: int, generator: torch.Generator) -> Tensor:
    """(B,): the number of one of these words."""
    numbers = torch.tensor([NUMBER[word] for word in words])
    return numbers[torch.randint(len(words), (batch,), generator=generator)]


def _fixed(words: tuple[str | None, ...]) -> Tensor:
    """(T,): their numbers; 0 for what is still to be named."""
    return torch.tensor([0 if word is None else NUMBER[word] for word in words])
