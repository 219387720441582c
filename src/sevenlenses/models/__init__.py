"""One architecture per file. A new model is one file and one line here.

MODELS take part in every comparison. RIVALS answer one objection each, and take part where it is raised.
"""

import torch

from .attention import Attention, PositionedAttention
from .base import SequenceModel
from .bidirectional import BidirectionalLSTM, DeepBidirectionalLSTM
from .deep_attention import DeepAttention
from .linear_attention import LinearAttention
from .lstm import LSTM
from .rnn import RNN

MODELS = {
    "rnn": RNN,
    "lstm": LSTM,
    "attention": Attention,
    "attention-positions": PositionedAttention,
}

RIVALS = {
    "deep-attention": DeepAttention,
    "linear-attention": LinearAttention,
    "bidirectional": BidirectionalLSTM,
    "deep-bidirectional": DeepBidirectionalLSTM,
}


def create(name: str, n_in: int, n_hidden: int, n_out: int, *, generator: torch.Generator) -> SequenceModel:
    """The model called `name`, at its default start.

    Raises:
        ValueError: there is no such model.
    """
    known = MODELS | RIVALS
    if name not in known:
        raise ValueError(f"model must be one of {', '.join(known)}; got {name!r}.")
    return known[name](n_in, n_hidden, n_out, generator=generator)
