"""A snapshot without places: which words there are, and how often."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .base import SequenceModel, Trace, fill_uniform, unfilled


class Bag(SequenceModel):
    """A bag of words: the vectors of all words so far are added, and a small network answers from the sum.

        e(s) = W x(s)        y(t) = W_o tanh(Σ_{s ≤ t} e(s) + b) + b_o

    The words are counted first and weighed afterwards, W Σ x(s) for Σ W x(s): so two orders of the same words give the
    same bits.

    Source: Iyyer et al. (2015), with a sum in place of the mean and one hidden layer.
    """

    def __init__(self, n_in: int, n_hidden: int, n_out: int, *, generator: torch.Generator):
        super().__init__(n_in, n_hidden, n_out)
        self.embed = unfilled(nn.Linear, n_in, n_hidden)
        self.head = unfilled(nn.Linear, n_hidden, n_out)
        for layer in (self.embed, self.head):
            fill_uniform(layer, layer.in_features**-0.5, generator)

    def trace(self, x: Tensor, nudge: Tensor | None, watch: bool) -> Trace:
        e = x @ self.embed.weight.T  # (B, T, H)
        total = x.cumsum(1) @ self.embed.weight.T + self.embed.bias  # (B, T, H)
        read = total if nudge is None else total + nudge.cumsum(1)  # (B, T, H)
        return Trace(self.head(read.tanh()), e)
