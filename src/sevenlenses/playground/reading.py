"""What a recorded network says to a sentence, asked after every word: the oracle that the page's engine must equal."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import torch

from ..models.base import SequenceModel
from ..runtime import one_thread
from ..tasks.sentences import STOP, Sentences
from . import weights
from .training import recorded

LONGEST = 61  # words that are read, about twice as many as in training
KINDS = {"L": "a", "N": "a", "M": "m"}  # by category: letters and digits, marks
OWN = dict.fromkeys("\u200c\u200d", "m") | dict.fromkeys("'’-‐‑·׳״", "-")
WORD = re.compile(r"a[am]*(?:-a[am]*)*")
SHORT = re.compile(r"(?:[^m]m{0,8}){0,23}am{0,8}")


def split(text: str) -> list[str]:
    r"""Text as words, in lower case: those that the page reads. Its rule stands, in words, in `sentence.js`.

    >>> split("The rock-'n'-roll maid… नमस्ते, می\u200cخواهم!")
    ['the', 'rock', 'n', 'roll', 'maid', 'नमस्ते', 'می\u200cخواهم']
    """
    plain = unicodedata.normalize("NFC", text.replace("\u00ad", "").lower())
    kinds = "".join(OWN.get(one, KINDS.get(unicodedata.category(one)[0], " ")) for one in plain)
    found = list(WORD.finditer(kinds))[:LONGEST]
    return [plain[one.start() :][: SHORT.match(one[0]).end()] for one in found]


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
