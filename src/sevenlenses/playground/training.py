"""Training runs that stop to be looked at: the weights of a model after a few steps, after more, after many."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from ..models.base import SequenceModel
from ..models.variants import EVERY
from ..runtime import generator
from ..tasks.sentences import Sentences
from ..training import Fit, Progress, fit

MODELS = {"rnn": "rnn", "lstm": "lstm-forget-1", "attention": "attention-positions"}  # as the page calls them
RATES = {"rnn": 0.01, "lstm": 0.01, "attention": 0.003}
BUDGET = 2500  # parameters
STEPS = (0, 25, 50, 100, 200, 400, 800)
DIETS = {"mixed": Sentences(), "19": Sentences(longest=19, words=19)}


def start(name: str, task: Sentences, seed: int, budget: int = BUDGET) -> SequenceModel:
    """The model called `name` before its first training step: the same start as in `lenses.learning.learn`."""
    return EVERY[MODELS[name]].build(
        task.n_in, task.n_out, longest=max(3, task.length), generator=generator(seed, "weights"), budget=budget
    )


def learning(model: SequenceModel, task: Sentences, seed: int, steps: int, rate: float) -> Iterator[Progress]:
    """Train it in place, on the data of `lenses.learning.learn`, to the last step: a target above 1 is never met."""
    plan = Fit(steps=steps, learning_rate=rate, target=2.0)
    return fit(model, task, plan, generator=generator(seed, "data"), device=torch.device("cpu"))


def checkpoints(name: str, diet: str, seed: int, steps: tuple[int, ...] = STEPS) -> dict[int, dict[str, torch.Tensor]]:
    """The weights of one run after each of `steps`, rounded to half precision, by step."""
    task = DIETS[diet]
    model = start(name, task, seed)
    kept = {0: halves(model)}
    for now in learning(model, task, seed, max(steps), RATES[name]):
        if now.step in steps:
            kept[now.step] = halves(model)
    return {step: kept[step] for step in steps}


def halves(model: SequenceModel) -> dict[str, torch.Tensor]:
    """The weights in half precision: two bytes each, which is what the page carries."""
    return {name: weight.detach().half().clone() for name, weight in model.state_dict().items()}
