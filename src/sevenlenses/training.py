"""The only training loop."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch

from .models.base import SequenceModel
from .runtime import one_thread
from .settings import fixed
from .tasks.base import Task


@dataclass(frozen=True)
class Fit:
    """A training plan: AdamW without weight decay, fresh data every step, gradients clipped by norm.

    Training stops early once the running mean of the score reaches `target`.
    """

    steps: int = 600
    batch: int = 64
    learning_rate: float = 5e-3
    clip: float = 1.0
    target: float = 0.99

    def __post_init__(self):
        for name in ("steps", "batch", "learning_rate", "clip"):
            value = getattr(self, name)
            if not value > 0 or not math.isfinite(value):
                raise ValueError(f"{name} must be above 0; got {value!r}.")


@dataclass(frozen=True)
class Progress:
    """Where training stands after `step` steps: the last batch's loss and score, and the score's running mean."""

    step: int
    loss: float
    score: float
    running: float
    done: bool


SMOOTHING = 0.9  # the running mean forgets over about ten batches


def fit(
    model: SequenceModel, task: Task, plan: Fit, *, generator: torch.Generator, device: torch.device
) -> Iterator[Progress]:
    """Train `model` on `task`, in place, and yield after every step. To cancel, stop asking: nothing runs on by itself.

    Raises:
        FloatingPointError: the loss stopped being a number.
    """
    model.to(device).train()
    optimiser = torch.optim.AdamW(model.parameters(), lr=plan.learning_rate, betas=(0.9, 0.99), weight_decay=0.0)
    running = task.chance
    for step in range(1, plan.steps + 1):
        with fixed(), one_thread():
            loss, score = improve(model, task, plan, optimiser, generator, device)
        if not math.isfinite(loss):
            raise FloatingPointError(
                f"the loss became {loss} at step {step}; try a learning rate below {plan.learning_rate:g}."
            )
        running = SMOOTHING * running + (1 - SMOOTHING) * score
        done = step == plan.steps or running >= plan.target
        yield Progress(step, loss, score, running, done)
        if done:
            return


def improve(model, task, plan, optimiser, generator, device) -> tuple[float, float]:
    """One training step; returns the batch's loss and score from before it."""
    batch = task.sample(plan.batch, generator).to(device)
    outputs = model(batch.x).outputs
    loss = task.loss(outputs, batch)
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), plan.clip)
    optimiser.step()
    return loss.item(), task.score(outputs.detach(), batch)


@fixed()
@torch.no_grad()
@one_thread()
def evaluate(
    model: SequenceModel, task: Task, *, batch: int, generator: torch.Generator, device: torch.device
) -> float:
    """Score on `batch` fresh sequences that training did not see."""
    fresh = task.sample(batch, generator).to(device)
    return task.score(model(fresh.x).outputs, fresh)
