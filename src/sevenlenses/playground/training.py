"""Training runs that stop to be looked at: the weights of a model after a few steps, after more, after many."""

from __future__ import annotations

from torch import Tensor

from ..lenses.learning import Lesson
from ..lenses.reading.holding import training
from ..lenses.reading.learning import STEPS as LAST
from ..lenses.reading.reading import lesson
from ..models.base import SequenceModel
from ..models.variants import EVERY
from ..runtime import generator

MODELS = {"rnn": "rnn", "lstm": "lstm-forget-1", "attention": "attention-positions"}  # as the page calls them
STEPS = (0, 25, 50, 100, 200, 400, LAST)
DIETS = ("mixed", "19")
VERSION = 1  # raised when the same runs are to give other weights


def recorded(name: str, diet: str) -> Lesson:
    """What a model on the page has learned: the very runs of the reading lens, at the learning rate chosen there."""
    return lesson(MODELS[name], diet, "chosen")


def start(taught: Lesson, seed: int = 0) -> SequenceModel:
    """The model before its first training step: as in `lenses.learning.learn`."""
    task = taught.task
    return EVERY[taught.variant].build(
        task.n_in,
        task.n_out,
        longest=max(3, task.length),
        generator=generator(seed, "weights"),
        budget=taught.budget,
    )


def checkpoints(taught: Lesson, seed: int, steps: tuple[int, ...] = STEPS) -> dict[int, dict[str, Tensor]]:
    """The weights of one run after each of `steps`, by step."""
    kept = {0: halves(start(taught, seed))}
    for now, model in training(taught, seed):
        if now.step in steps:
            kept[now.step] = halves(model)
        if now.step >= max(steps):
            break
    return {step: kept[step] for step in steps}


def halves(model: SequenceModel) -> dict[str, Tensor]:
    """The weights in half precision: two bytes each, which is what the page carries."""
    return {name: weight.detach().half().clone() for name, weight in model.state_dict().items()}
