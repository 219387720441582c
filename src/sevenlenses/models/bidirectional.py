"""LSTMs that read the sequence in both directions, and so see the future."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .base import SequenceModel, Trace, fill_uniform, unfilled


class BidirectionalLSTM(SequenceModel):
    """One LSTM reads forwards, another backwards; the answer is read from where each of them ends.

        y(t) = W_o [h→(t), h←(0)] + b_o

    Not causal: h←(0) has seen the whole sequence. `n_hidden` is the size of h→ and h← together.

    Source: Schuster & Paliwal (1997), for recurrent nets; Graves & Schmidhuber (2005), for the LSTM. Their outputs read
    both directions at the same step; here each is read where it ends.
    """

    layers = 1

    def __init__(self, n_in: int, n_hidden: int, n_out: int, *, generator: torch.Generator):
        super().__init__(n_in, n_hidden, n_out)
        if n_hidden % 2:
            raise ValueError(f"two directions need an even n_hidden; got {n_hidden}.")
        options = {"batch_first": True, "bidirectional": True, "num_layers": self.layers}
        self.rnn = unfilled(nn.LSTM, n_in, n_hidden // 2, **options)
        self.head = unfilled(nn.Linear, n_hidden, n_out)
        fill_uniform(self, (n_hidden // 2) ** -0.5, generator)

    def trace(self, x: Tensor, nudge: Tensor | None, watch: bool) -> Trace:
        if nudge is not None:
            raise ValueError(f"a nudge asks how a state acts on later steps; {type(self).__name__} has no later steps.")
        h = self.rnn(x)[0]  # (B, T, H)
        forwards, backwards = h.chunk(2, -1)  # (B, T, H / 2) each
        ends = torch.cat([forwards, backwards[:, :1].expand_as(backwards)], -1)  # (B, T, H)
        return Trace(self.head(ends), h)


class DeepBidirectionalLSTM(BidirectionalLSTM):
    """Two such layers. The second layer's gates know the whole sequence when they write, the last step included."""

    layers = 2
