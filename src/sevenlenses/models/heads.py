"""An LSTM, and what follows its state: a head of one layer or of two; trained whole, or only one of its two parts."""

from __future__ import annotations

import torch
from torch import nn

from .base import fill_uniform, unfilled
from .initialise import forget_bias
from .lstm import LSTM


class Headed(LSTM):
    """An LSTM with forget bias 1 whose head may have a second layer, and of which a part may stay as it started."""

    deep = False
    still = ""  # "rnn" or "head": the part that training leaves alone

    def __init__(self, n_in: int, n_hidden: int, n_out: int, *, generator: torch.Generator):
        super().__init__(n_in, n_hidden, n_out, generator=generator)
        forget_bias(self, 1.0)
        if self.deep:
            inner, outer = unfilled(nn.Linear, n_hidden, n_hidden), unfilled(nn.Linear, n_hidden, n_out)
            self.head = nn.Sequential(inner, nn.ReLU(), outer)
            fill_uniform(self.head, n_hidden**-0.5, generator)
        if self.still:
            getattr(self, self.still).requires_grad_(False)


class DeepHead(Headed):
    """A head of two layers with a ReLU between them; all is trained."""

    deep = True


class HeadAlone(Headed):
    """One linear layer is trained; the LSTM before it stays as it started."""

    still = "rnn"


class DeepHeadAlone(Headed):
    """Two layers are trained; the LSTM before them stays as it started."""

    deep, still = True, "rnn"


class BodyAlone(Headed):
    """The LSTM is trained; the linear layer after it stays as it started."""

    still = "head"
