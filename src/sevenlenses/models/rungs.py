"""From an LSTM to attention, one property at a time.

Every step stores a vector e(t), and reads a weighted sum of those stored so far:

    n = norm(e),   q, k, v = roles(n),   y(t) = W_o (e(t) + W_p Σ_s a(t, s) v(s)) + b_o

What changes from rung to rung is e, the roles or the weights a(t, s). Norm, residual and head are those of `Attention`.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .base import PLAIN, SequenceModel, Trace, fill_uniform, unfilled
from .recurrence import fused


class Reader(SequenceModel):
    """What all rungs share. Here e(t) = W_e x(t) + b_e, no step waiting for another; one vector has all three roles."""

    heads = 1

    def __init__(self, n_in: int, n_hidden: int, n_out: int, *, generator: torch.Generator):
        super().__init__(n_in, n_hidden, n_out)
        self.norm = nn.LayerNorm(n_hidden, **PLAIN)
        self.mix = unfilled(nn.Linear, n_hidden, n_hidden, bias=False)
        self.head = unfilled(nn.Linear, n_hidden, n_out)
        fill_uniform(self.mix, n_hidden**-0.5, generator)
        fill_uniform(self.head, n_hidden**-0.5, generator)
        self.prepare(generator)

    def prepare(self, generator: torch.Generator) -> None:
        """Make what stores."""
        self.embed = unfilled(nn.Linear, self.n_in, self.n_hidden)
        fill_uniform(self.embed, self.n_in**-0.5, generator)

    def store(self, x: Tensor, nudge: Tensor | None) -> Tensor:
        """e (B, T, H) of x (B, T, n_in)."""
        return self.embed(x)

    def roles(self, n: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """What asks, what is found by and what is handed over: q, k, v (B, T, H) each, of what is stored (B, T, H)."""
        return n, n, n

    def weights(self, q: Tensor, k: Tensor) -> Tensor:
        """a(t, s) (B, heads, T, T), nothing from the future, of q and k (B, heads, T, H / heads)."""
        raise NotImplementedError

    def trace(self, x: Tensor, nudge: Tensor | None, watch: bool) -> Trace:
        e = self.store(x, nudge)  # (B, T, H)
        read = e if nudge is None else e + nudge  # (B, T, H)
        q, k, v = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in self.roles(self.norm(read)))
        weights = self.weights(q, k)  # (B, heads, T, T)
        y = read + self.mix((weights @ v).transpose(1, 2).flatten(2))  # (B, T, H)
        return Trace(self.head(y), e, {"weights": weights.detach()} if watch else {})


class Chained(Reader):
    """The vector of a step is an LSTM's: e(t) = h(t), of x(t) and h(t-1). It starts with forget bias 1."""

    def prepare(self, generator: torch.Generator) -> None:
        size = self.n_hidden
        self.rnn = unfilled(nn.LSTM, self.n_in, size, batch_first=True)
        fill_uniform(self.rnn, size**-0.5, generator)
        with torch.no_grad():
            self.rnn.bias_ih_l0[size : 2 * size] = 1.0
            self.rnn.bias_hh_l0[size : 2 * size] = 0.0

    def store(self, x: Tensor, nudge: Tensor | None) -> Tensor:
        return fused(self.rnn, x, nudge)


class Mean(Chained):
    """Rung 1, a memory that grows: the h of every step is kept, and each step reads their plain mean."""

    def weights(self, q: Tensor, k: Tensor) -> Tensor:
        return evenly(q).expand(*q.shape[:2], -1, -1)


class Asked(Chained):
    """Rung 2, relevance at use: each vector counts as it fits the one that asks, a(t, s) = n(t)·n(s) / √H / t."""

    def weights(self, q: Tensor, k: Tensor) -> Tensor:
        return likeness(q, k) * evenly(q)


class Selective(Chained):
    """Rung 3, a choice: the scores compete, a(t, ·) = softmax over s ≤ t of n(t)·n(s) / √H."""

    def weights(self, q: Tensor, k: Tensor) -> Tensor:
        return compete(likeness(q, k))


class Unchained(Reader):
    """Rung 4, no step waits for another: the choice of `Selective` among vectors that are made of one input each."""

    def weights(self, q: Tensor, k: Tensor) -> Tensor:
        return compete(likeness(q, k))


class Projected(Reader):
    """What asks, what is found by and what is handed over are three vectors: q, k, v = W n."""

    parts = 3

    def prepare(self, generator: torch.Generator) -> None:
        super().prepare(generator)
        self.qkv = unfilled(nn.Linear, self.n_hidden, self.parts * self.n_hidden, bias=False)
        fill_uniform(self.qkv, self.n_hidden**-0.5, generator)

    def roles(self, n: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return self.qkv(n).chunk(self.parts, -1)


class Roles(Projected, Unchained):
    """Rung 5, three roles: a(t, ·) = softmax over s ≤ t of q(t)·k(s) / √H. It is `Attention` with one head."""


class ChainedRoles(Projected, Selective):
    """Three roles before the chain is gone: the other order of the last two rungs."""


def likeness(q: Tensor, k: Tensor) -> Tensor:
    """q(t)·k(s) / √width: (..., T, T) of two (..., T, width)."""
    return q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5


def evenly(stored: Tensor) -> Tensor:
    """(T, T): 1 / t for each of the first t steps of (..., T, width), nothing from the future."""
    past = stored.new_ones(stored.shape[-2], stored.shape[-2]).tril()  # (T, T)
    return past / past.sum(-1, keepdim=True)


def compete(scores: Tensor) -> Tensor:
    """Softmax over the past: rows of (..., T, T) sum to 1, nothing from the future."""
    future = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).triu(1)  # (T, T)
    return scores.masked_fill(future, -torch.inf).softmax(-1)
