"""Training runs that stop to be looked at: the weights of a model after a few steps, after more, after many."""

from __future__ import annotations

from torch import Tensor

from ..lenses.learning import Lesson, Training
from ..lenses.reading.learning import STEPS as LAST
from ..lenses.reading.reading import lesson
from ..models.base import SequenceModel

MODELS = {"rnn": "rnn", "lstm": "lstm-forget-1", "attention": "attention-positions"}  # as the page calls them
STEPS = (0, 25, 50, 100, 200, 400, LAST)
DIETS = ("mixed", "19")
VERSION = 1  # raised when the same runs are to give other weights


def recorded(name: str, diet: str) -> Lesson:
    """What a model on the page has learned: the very runs of the reading lens, at the learning rate chosen there."""
    return lesson(MODELS[name], diet, "chosen")


def checkpoints(taught: Lesson, seed: int, steps: tuple[int, ...] = STEPS) -> dict[int, dict[str, Tensor]]:
    """The weights of one run after each of `steps`, by step."""
    training = Training(taught, seed)
    kept = {0: halves(training.model)}
    for now in training:
        if now.step in steps:
            kept[now.step] = halves(training.model)
        if now.step >= max(steps):
            break
    return {step: kept[step] for step in steps}


def halves(model: SequenceModel) -> dict[str, Tensor]:
    """The weights in half precision: two bytes each, which is what the page carries."""
    return {name: weight.detach().half().clone() for name, weight in model.state_dict().items()}
