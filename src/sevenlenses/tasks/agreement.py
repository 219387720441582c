"""The number of the verb is that of its subject, whatever other nouns stand between."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ..settings import fixed
from .base import Batch, Classification, check_at_least
from .tokens import on

PHRASE = 2  # words of "near the garden", its article left out: a preposition and a noun
VERB, PAD = -2, -1  # the step that asks for the verb's number; what fills up the end


@dataclass(frozen=True)
class Agreement(Classification):
    """A subject, phrases of a preposition and a noun after it, then the verb: is it singular or plural?

        near gardens   key   to cabinets   under lamp   VERB      singular

    Half of the sentences begin with such a phrase, too; so the subject is the noun without a preposition, and neither
    the first nor the last noun. Every noun is singular or plural by a coin of its own. With `opposed` all nouns between
    subject and verb are of the other number (*attractors*), and there are as many as may be.

    Source: agreement with attractors, Linzen, Dupoux & Goldberg (2016), section 3; their sentences are English ones.

    Chance: half of the subjects are plural, so without the input a guess is right with probability 1/2. Where nouns
    are `opposed`, who goes by them is always wrong.

    >>> batch = Agreement(phrases=2).sample(3, torch.Generator().manual_seed(0))
    >>> batch.x.shape, int(batch.scored.sum())
    (torch.Size([3, 8, 22]), 3)
    """

    phrases: int = 2  # at most, between subject and verb
    nouns: int = 8
    prepositions: int = 4
    opposed: bool = False

    def __post_init__(self):
        for name, least in {"phrases": 0, "nouns": 1, "prepositions": 1}.items():
            check_at_least(name, getattr(self, name), least)

    @property
    def length(self) -> int:
        return PHRASE * (1 + self.phrases) + 2

    @property
    def n_in(self) -> int:
        return 2 * self.nouns + self.prepositions + 2  # the last two: the verb, and nothing

    @property
    def n_out(self) -> int:
        return 2

    @property
    def chance(self) -> float:
        return 0.5

    @fixed()
    def sample(self, batch: int, generator: torch.Generator) -> Batch:
        tokens, subject = self.tokens(batch, generator)  # (B, T), (B,)
        number = tokens.gather(1, subject[:, None]) // self.nouns  # (B, 1): 0 singular, 1 plural
        scored = tokens == self.n_in + VERB  # (B, T)
        return Batch(on(tokens, self.n_in), number.expand(-1, self.length), scored)

    @fixed()
    def tokens(self, batch: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        """Word numbers (B, T), and the step of the subject (B,). Nouns come first: all singular, then all plural."""
        places = 2 + self.phrases  # nouns, each with a preposition before it but for the subject, which has none
        kind = torch.randint(self.nouns, (batch, places), generator=generator)  # (B, places)
        number = torch.randint(2, (batch, places), generator=generator)  # (B, places)
        if self.opposed:
            number[:, 2:] = 1 - number[:, 1:2]
        before = torch.randint(self.prepositions, (batch, places), generator=generator)  # (B, places)
        early = torch.randint(2, (batch, 1), generator=generator)  # (B, 1): whether a phrase begins the sentence
        count = torch.randint(self.phrases + 1, (batch, 1), generator=generator)  # (B, 1): phrases after the subject
        if self.opposed:
            count = torch.full_like(count, self.phrases)
        words = torch.stack([2 * self.nouns + before, kind + self.nouns * number], -1).flatten(1)  # (B, 2 places)
        verb = torch.full((batch, 1), self.n_in + VERB)  # (B, 1)
        words = torch.cat([words[:, :2], words[:, 3:], verb], 1)  # (B, T): the subject's preposition is gone
        step = torch.arange(self.length).expand(batch, -1)  # (B, T)
        # leave out what is not there: the early phrase, and the phrases beyond `count`
        used = ((step >= PHRASE) | (early == 1)) & ((step < PHRASE + 1 + PHRASE * count) | (step == self.length - 1))
        order = (~used).long().argsort(dim=1, stable=True)  # (B, T)
        tokens = words.gather(1, order).where(used.gather(1, order), self.n_in + PAD)  # (B, T)
        return tokens, PHRASE * early[:, 0]
