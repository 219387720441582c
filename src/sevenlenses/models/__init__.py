"""One architecture per file. A new model is one file and one line here."""

import torch

from .attention import Attention, PositionedAttention
from .base import SequenceModel
from .lstm import LSTM
from .rnn import RNN

MODELS = {
    "rnn": RNN,
    "lstm": LSTM,
    "attention": Attention,
    "attention-positions": PositionedAttention,
}


def create(name: str, n_in: int, n_hidden: int, n_out: int, *, generator: torch.Generator) -> SequenceModel:
    """The model called `name`, at its default start.

    Raises:
        ValueError: there is no such model.
    """
    if name not in MODELS:
        raise ValueError(f"model must be one of {', '.join(MODELS)}; got {name!r}.")
    return MODELS[name](n_in, n_hidden, n_out, generator=generator)
