"""The same pairs, the same answer, and three moments at which one learns which pair matters."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ..settings import fixed
from .base import Batch, Classification, check_at_least
from .tokens import SIZE, on

MOMENTS = ("flag", "first", "last")


@dataclass(frozen=True)
class Moments(Classification):
    """`pairs` steps, each with a key (all different) and a value; one pair matters; its value is the answer at the end.

    `when` says how the pair that matters is made known: "flag" marks it as it is written; "first" shows its key before
    the pairs; "last" shows its key after them. The sequence has pairs + 2 steps in all three: an opening step, the
    pairs, a closing step that asks. The pair that matters is any of them, or always the one at `place`, from 0 up.

    Chance: values are drawn evenly and do not depend on anything else, so 1 / values.

    >>> batch = Moments(pairs=4, when="first").sample(3, torch.Generator().manual_seed(0))
    >>> batch.x.shape, int(batch.scored.sum())
    (torch.Size([3, 6, 42]), 3)
    """

    pairs: int = 8
    when: str = "last"
    keys: int = 32
    values: int = 8
    place: int | None = None

    def __post_init__(self):
        if self.when not in MOMENTS:
            raise ValueError(f"when must be one of {', '.join(MOMENTS)}; got {self.when!r}.")
        for name, least in {"pairs": 1, "keys": self.pairs, "values": 2}.items():
            check_at_least(name, getattr(self, name), least)
        if self.place is not None and self.place not in range(self.pairs):
            raise ValueError(f"place must be a whole number from 0 to {self.pairs - 1}; got {self.place!r}.")

    @property
    def length(self) -> int:
        return self.pairs + 2

    @property
    def n_in(self) -> int:
        return self.keys + self.values + 2  # a flag, and a sign that an answer is wanted

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
        matters = torch.randint(self.pairs, (batch, 1), generator=generator)  # (B, 1)
        if self.place is not None:
            matters.fill_(self.place)
        x = torch.zeros(batch, self.length, self.n_in)  # (B, T, n_in)
        x[:, 1:-1, : self.keys] = on(keys, self.keys)
        x[:, 1:-1, self.keys : -2] = on(values, self.values)
        x[:, -1, -1] = SIZE
        if self.when == "flag":
            x[:, 1:-1, -2] = on(matters[:, 0], self.pairs)
        else:
            x[:, 0 if self.when == "first" else -1, : self.keys] = on(keys.gather(1, matters)[:, 0], self.keys)
        scored = torch.zeros(batch, self.length, dtype=torch.bool)
        scored[:, -1] = True
        return Batch(x, values.gather(1, matters).expand(-1, self.length), scored)
