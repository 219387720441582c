"""A recurrent network without a bounded activation."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .base import PLAIN, SequenceModel, Trace, fill_uniform, unfilled
from .recurrence import unroll
from .rnn import RNN


class IRNN(RNN):
    """h(t) = relu(W_ih x(t) + b_ih + W_hh h(t-1) + b_hh), where W_hh starts as the identity: it hands h on as it is.

    Source: Le, Jaitly & Hinton (2015), "A simple way to initialize recurrent networks of rectified linear units":
    biases start at zero. The other weights start as in the RNN here, from U(-1/√H, 1/√H).
    """

    def __init__(self, n_in: int, n_hidden: int, n_out: int, *, generator: torch.Generator):
        SequenceModel.__init__(self, n_in, n_hidden, n_out)
        self.rnn = unfilled(nn.RNN, n_in, n_hidden, nonlinearity="relu", batch_first=True)
        self.head = unfilled(nn.Linear, n_hidden, n_out)
        fill_uniform(self, n_hidden**-0.5, generator)
        with torch.no_grad():
            self.rnn.weight_hh_l0.copy_(torch.eye(n_hidden, **PLAIN))
            self.rnn.bias_ih_l0.zero_()
            self.rnn.bias_hh_l0.zero_()

    def cell(self, x: Tensor, state: tuple[Tensor]) -> tuple[tuple[Tensor], dict[str, Tensor]]:
        (h,) = state
        w = self.rnn
        h = torch.relu(x @ w.weight_ih_l0.T + w.bias_ih_l0 + h @ w.weight_hh_l0.T + w.bias_hh_l0)  # (B, H)
        return (h,), {}

    def trace(self, x: Tensor, nudge: Tensor | None, watch: bool) -> Trace:
        """As for every recurrent model; nudged, step by step, since the wider kernel for nudges knows tanh only."""
        return super().trace(x, None, watch) if nudge is None else unroll(self, x, nudge)
