"""The vanilla recurrent network."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .base import fill_uniform, unfilled
from .recurrence import RecurrentModel


class RNN(RecurrentModel):
    """h(t) = tanh(W_ih x(t) + b_ih + W_hh h(t-1) + b_hh); y(t) = W_o h(t) + b_o.

    Source: Elman (1990), "Finding structure in time"; tanh in place of his logistic units, notation PyTorch's.
    """

    def __init__(self, n_in: int, n_hidden: int, n_out: int, *, generator: torch.Generator):
        super().__init__(n_in, n_hidden, n_out)
        self.rnn = unfilled(nn.RNN, n_in, n_hidden, batch_first=True)
        self.head = unfilled(nn.Linear, n_hidden, n_out)
        fill_uniform(self, n_hidden**-0.5, generator)

    def start(self, x: Tensor) -> tuple[Tensor]:
        return (x.new_zeros(len(x), self.n_hidden),)

    def cell(self, x: Tensor, state: tuple[Tensor]) -> tuple[tuple[Tensor], dict[str, Tensor]]:
        (h,) = state
        w = self.rnn
        h = torch.tanh(x @ w.weight_ih_l0.T + w.bias_ih_l0 + h @ w.weight_hh_l0.T + w.bias_hh_l0)  # (B, H)
        return (h,), {}
