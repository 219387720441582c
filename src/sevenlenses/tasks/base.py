"""What every task is: endless fresh data, a loss, a score, and the score that guessing gets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy


@dataclass(frozen=True)
class Batch:
    """x (B, T, n_in); y (B, T) class numbers or (B, T, n_out) values; scored (B, T): where an answer is asked for."""

    x: Tensor
    y: Tensor
    scored: Tensor

    def to(self, device: torch.device) -> Batch:
        return Batch(self.x.to(device), self.y.to(device), self.scored.to(device))


class Task(Protocol):
    """A frozen dataclass with these. `chance` is derived in its docstring and simulated in a test."""

    n_in: int
    n_out: int
    length: int

    @property
    def chance(self) -> float:
        """The expected score of the best answer that ignores the input."""

    def sample(self, batch: int, generator: torch.Generator) -> Batch:
        """`batch` fresh sequences from the passed generator alone, on the CPU, numbers in float32."""

    def loss(self, outputs: Tensor, batch: Batch) -> Tensor:
        """A scalar to make small."""

    def score(self, outputs: Tensor, batch: Batch) -> float:
        """A number that is 1 for a perfect answer."""


class Classification:
    """What tasks have in common whose answers are classes, so that a model's outputs are log-odds (B, T, n_out)."""

    def loss(self, outputs: Tensor, batch: Batch) -> Tensor:
        """Cross-entropy where an answer is asked for, nats."""
        return cross_entropy(outputs[batch.scored], batch.y[batch.scored])

    def score(self, outputs: Tensor, batch: Batch) -> float:
        """The share of right answers."""
        right = outputs[batch.scored].argmax(-1) == batch.y[batch.scored]
        return right.float().mean().item()


def check_at_least(name: str, value: int, least: int) -> None:
    """Refuse a size that a task cannot have."""
    if not isinstance(value, int) or value < least:
        raise ValueError(f"{name} must be a whole number from {least} up; got {value!r}.")
