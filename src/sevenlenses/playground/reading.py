"""What a recorded network says to a sentence, asked after every word: the oracle that the page's engine must equal."""

from __future__ import annotations

import numpy as np
import torch

from ..models.base import SequenceModel
from ..runtime import one_thread
from ..tasks.sentences import STOP, Sentences
from . import weights
from .training import recorded


@torch.no_grad()
@one_thread()
def after_every_word(model: SequenceModel, words: list[str]) -> np.ndarray:
    """The probability of each name (words, suspects), were the stop to come after the first word, the second, ..."""
    like = next(model.parameters())
    x, stop = (Sentences().read(text).to(like) for text in (words, [STOP]))  # (1, T, n_in), (1, 1, n_in)
    ends = [model(torch.cat([x[:, :n], stop], 1)).outputs[0, -1] for n in range(1, len(words) + 1)]
    return torch.stack(ends).softmax(-1).numpy()  # (T, suspects)


def answers(diet: str, seed: int, step: int, words: list[str]) -> dict[str, np.ndarray]:
    """By model: the probability of each name (words, suspects) after every word, from recorded weights."""
    run = weights.load(diet, seed)
    models = {name: weights.model(recorded(name, diet), steps[step]) for name, steps in run.items()}
    return {name: after_every_word(each, words) for name, each in models.items()}
