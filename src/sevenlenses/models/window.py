"""A snapshot with places: a fixed number of words, each seen at its place."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .base import SequenceModel, Trace, fill_uniform, unfilled

PLACES = 34  # steps that it sees; what comes later it does not see


class Window(SequenceModel):
    """A fixed window: the vectors of its words side by side, and a small network that has weights for each place.

        e(s) = W x(s)        y(t) = W_o tanh(Σ_{s ≤ t, s < PLACES} P_s e(s) + b) + b_o

    Source: the first layers of Bengio et al. (2003), "A neural probabilistic language model", equation 1. Their window
    slides, so that places count back from the word to come; here they count from the first word.
    """

    def __init__(self, n_in: int, n_hidden: int, n_out: int, *, generator: torch.Generator):
        super().__init__(n_in, n_hidden, n_out)
        self.embed = unfilled(nn.Linear, n_in, n_hidden, bias=False)
        self.places = unfilled(nn.Linear, PLACES * n_hidden, n_hidden)
        self.head = unfilled(nn.Linear, n_hidden, n_out)
        for layer in (self.embed, self.places, self.head):
            fill_uniform(layer, layer.in_features**-0.5, generator)

    def trace(self, x: Tensor, nudge: Tensor | None, watch: bool) -> Trace:
        e = self.embed(x)  # (B, T, H)
        read = e if nudge is None else e + nudge  # (B, T, H)
        seen = read[:, :PLACES]  # (B, at most PLACES, H)
        weights = self.places.weight.unflatten(1, (PLACES, -1))[:, : seen.shape[1]]  # (H, at most PLACES, H)
        placed = torch.einsum("bsd,hsd->bsh", seen, weights)  # (B, at most PLACES, H)
        unseen = placed.new_zeros(len(x), x.shape[1] - seen.shape[1], self.n_hidden)  # (B, the rest, H)
        total = torch.cat([placed, unseen], 1).cumsum(1) + self.places.bias  # (B, T, H)
        return Trace(self.head(total.tanh()), e)
