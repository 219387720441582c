"""LSTMs with more layers, and one that reads both ways, all with forget bias 1: what is said to mend a short memory."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .base import SequenceModel, Trace, fill_uniform, unfilled
from .bidirectional import BidirectionalLSTM
from .recurrence import fused


class DeepLSTM(SequenceModel):
    """Layers of LSTMs, each reading the states of the one below; the answer is read from the uppermost.

    `n_hidden` is the size of each layer's state; states, and the nudge, are the uppermost layer's. Every forget bias
    starts at 1.

    Source: Graves, Mohamed & Hinton (2013), "Speech recognition with deep recurrent neural networks", section 2.
    """

    layers = 2

    def __init__(self, n_in: int, n_hidden: int, n_out: int, *, generator: torch.Generator):
        super().__init__(n_in, n_hidden, n_out)
        self.below = unfilled(nn.LSTM, n_in, n_hidden, batch_first=True, num_layers=self.layers - 1)
        self.rnn = unfilled(nn.LSTM, n_hidden, n_hidden, batch_first=True)
        self.head = unfilled(nn.Linear, n_hidden, n_out)
        fill_uniform(self, n_hidden**-0.5, generator)
        open_forget_gates(self.below)
        open_forget_gates(self.rnn)

    def trace(self, x: Tensor, nudge: Tensor | None, watch: bool) -> Trace:
        h = fused(self.rnn, self.below(x)[0], nudge)  # (B, T, H)
        return Trace(self.head(h if nudge is None else h + nudge), h)


class DeeperLSTM(DeepLSTM):
    """Three layers."""

    layers = 3


class TwoWayLSTM(BidirectionalLSTM):
    """`BidirectionalLSTM` whose forget biases start at 1."""

    def __init__(self, n_in: int, n_hidden: int, n_out: int, *, generator: torch.Generator):
        super().__init__(n_in, n_hidden, n_out, generator=generator)
        open_forget_gates(self.rnn)


def open_forget_gates(rnn: nn.LSTM) -> None:
    """Start every forget gate of all layers and directions near σ(1), as `initialise.forget_bias` does for one."""
    size = rnn.hidden_size
    with torch.no_grad():
        for name, parameter in rnn.named_parameters():
            if name.startswith("bias"):
                parameter[size : 2 * size] = 1.0 if name.startswith("bias_ih") else 0.0
