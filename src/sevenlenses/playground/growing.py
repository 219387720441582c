"""The three networks learning side by side, as a reader's own run in a notebook."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from torch import Tensor

from ..lenses.learning import Lesson, Training
from ..tasks.sentences import Sentences
from ..training import Fit
from .training import MODELS, STEPS, halves


def own(diet: Sentences, budget: int, steps: int, rates: dict[str, float]) -> dict[str, Lesson]:
    """What the reader has the three models learn, without an early stop."""
    return {
        name: Lesson(model, budget, diet, Fit(steps=steps, learning_rate=rates[name], target=math.inf))
        for name, model in MODELS.items()
    }


@dataclass
class Together:
    """Models that learn side by side: their accuracies so far, and their weights at some steps. All grows in place.

    Attributes:
        step: training steps that all of them have taken.
        curves: by model, the running mean of the accuracy after each step.
        kept: by model and step, weights in half precision.
    """

    step: int
    curves: dict[str, list[float]]
    kept: dict[str, dict[int, dict[str, Tensor]]]


def side_by_side(lessons: dict[str, Lesson], seed: int) -> Iterator[Together]:
    """Train all models on their lessons, one step of each in turn, and yield after every such round.

    Raises:
        FloatingPointError: a loss stopped being a number.
    """
    runs = {name: Training(one, seed) for name, one in lessons.items()}
    now = Together(0, {name: [] for name in runs}, {name: {0: halves(run.model)} for name, run in runs.items()})
    for progress in zip(*runs.values(), strict=True):
        now.step += 1
        for (name, run), at in zip(runs.items(), progress, strict=True):
            now.curves[name].append(at.running)
            if at.step in STEPS or at.done:
                now.kept[name][at.step] = halves(run.model)
        yield now
