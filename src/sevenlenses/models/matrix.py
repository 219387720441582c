"""Recurrent memories of one size: a vector, and a matrix that is written by products of a value and a key."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from .base import PLAIN, SequenceModel, Trace, unfilled

SHARE = 4  # of H: keys and values have H / 4 numbers


class MemoryCell(SequenceModel):
    """A step writes into a memory of (H / 4)² numbers and reads it; the memory is all that is kept of the past.

        e(t) = W_e x(t) + b_e,   r(t): what the memory gives for norm(e(t)),   y(t) = W_o (e(t) + W_p r(t)) + b_o

    What kind of memory it is, and how it is written, say the classes below; everything around it is the same for all.
    """

    gates = 0  # numbers that a step sets its writing by, in multiples of what it reads
    sees_read = False  # whether these hang on the last read, which then is kept, too

    def __init__(self, n_in: int, n_hidden: int, n_out: int, *, generator: torch.Generator):
        super().__init__(n_in, n_hidden, n_out)
        if n_hidden % SHARE:
            raise ValueError(f"a memory of (H / {SHARE})² numbers needs n_hidden divisible by {SHARE}; got {n_hidden}.")
        self.size = n_hidden // SHARE
        put, read = self.widths()
        self.embed = unfilled(nn.Linear, n_in, n_hidden)
        self.norm = nn.LayerNorm(n_hidden, **PLAIN)
        self.qkv = unfilled(nn.Linear, n_hidden, put, bias=False)
        self.mix = unfilled(nn.Linear, read, n_hidden, bias=False)
        self.head = unfilled(nn.Linear, n_hidden, n_out)
        layers = [self.embed, self.qkv, self.mix, self.head]
        if self.gates:
            self.gate = unfilled(nn.Linear, n_hidden, self.gates * read)
            layers.append(self.gate)
        with torch.no_grad():
            for layer in layers:
                for parameter in layer.parameters():
                    parameter.uniform_(-(layer.in_features**-0.5), layer.in_features**-0.5, generator=generator)

    def widths(self) -> tuple[int, int]:
        """How many numbers a step puts to the memory, and how many it reads."""
        raise NotImplementedError

    def trace(self, x: Tensor, nudge: Tensor | None, watch: bool) -> Trace:
        e = self.embed(x)  # (B, T, H)
        own = e if nudge is None else e + nudge  # (B, T, H)
        n = self.norm(own)  # (B, T, H)
        gates = self.gate(n).unbind(1) if self.gates else [None] * x.shape[1]
        s, r, reads = *self.start(x), []
        for put, gate in zip(self.put(n), gates, strict=True):
            s, r = self.step(s, r, put, gate)
            reads.append(r)
        return Trace(self.head(own + self.mix(torch.stack(reads, 1))), e, {"memory": s.detach()} if watch else {})

    def put(self, n: Tensor) -> Iterable:
        """What each step puts to the memory, of the normalised vectors n (B, T, H)."""
        raise NotImplementedError

    def start(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The memory and the last read before the first step: zeros."""
        raise NotImplementedError

    def step(self, s: Tensor, r: Tensor, put, gate: Tensor | None) -> tuple[Tensor, Tensor]:
        """The memory and the read after a step, from those before it."""
        raise NotImplementedError


class Vector(MemoryCell):
    """No product of key and value: (H / 4)² gated units, an LSTM's cell without its tanh and its view of h.

        s(t) = f ⊙ s(t-1) + i ⊙ W norm(e(t)),   r(t) = o ⊙ s(t),   f, i, o = σ(W_g norm(e(t)) + b_g)

    Forget biases start at 1.
    """

    gates = 3

    def __init__(self, n_in: int, n_hidden: int, n_out: int, *, generator: torch.Generator):
        super().__init__(n_in, n_hidden, n_out, generator=generator)
        with torch.no_grad():
            self.gate.bias[: self.size**2] = 1.0

    def widths(self) -> tuple[int, int]:
        return self.size**2, self.size**2

    def put(self, n: Tensor) -> Iterable:
        return self.qkv(n).unbind(1)  # T times (B, (H / 4)²)

    def start(self, x: Tensor) -> tuple[Tensor, Tensor]:
        nothing = self.embed.weight.new_zeros(len(x), self.size**2)  # (B, (H / 4)²)
        return nothing, nothing

    def step(self, s: Tensor, r: Tensor, put: Tensor, gate: Tensor) -> tuple[Tensor, Tensor]:
        f, i, o = gate.sigmoid().chunk(3, -1)  # (B, (H / 4)²) each
        s = f * s + i * put  # (B, (H / 4)²)
        return s, o * s


class Matrix(MemoryCell):
    """A sum of products: each step adds its value at the address that its key is, and reads at its query.

        q, k, v = W norm(e), q and k of length 1;   S(t) = S(t-1) + v(t) k(t)ᵀ,   r(t) = S(t) q(t)

    The rivals below change how S is written.

    Source: the fast weights of Schmidhuber (1992), in the terms of Schlag, Irie & Schmidhuber (2021), section 3.
    """

    def widths(self) -> tuple[int, int]:
        return 3 * self.size, self.size

    def put(self, n: Tensor) -> Iterable:
        q, k, v = self.qkv(n).chunk(3, -1)  # (B, T, H / 4) each
        parts = normalize(q, dim=-1), normalize(k, dim=-1), v
        return zip(*(part.unbind(1) for part in parts), strict=True)  # T times three of (B, H / 4)

    def start(self, x: Tensor) -> tuple[Tensor, Tensor]:
        like = self.embed.weight
        return like.new_zeros(len(x), self.size, self.size), like.new_zeros(len(x), self.size)

    def step(self, s: Tensor, r: Tensor, put: tuple[Tensor, ...], gate: Tensor | None) -> tuple[Tensor, Tensor]:
        q, k, v = put  # (B, H / 4) each
        s = self.write(s, k, v, gate, r)  # (B, H / 4, H / 4)
        return s, _at(s, q)

    def write(self, s: Tensor, k: Tensor, v: Tensor, gate: Tensor | None, r: Tensor) -> Tensor:
        """The memory (B, H / 4, H / 4) after a step, from the one before, a key, a value, gates, and the last read."""
        return s + _product(v, k)


class GatedMatrix(Matrix):
    """An LSTM's gates for a matrix: each row of S is kept by a forget gate and written by an input gate.

        f, i = σ(W_g norm(e(t)) + b_g),   S(t) = f ⊙ S(t-1) + (i ⊙ v(t)) k(t)ᵀ

    Forget biases start at 1. Source: the matrix memory (mLSTM) of Beck et al. (2024), section 2.3; here with a gate for
    each row, σ for their exponential, no normaliser and no output gate.
    """

    gates = 2

    def __init__(self, n_in: int, n_hidden: int, n_out: int, *, generator: torch.Generator):
        super().__init__(n_in, n_hidden, n_out, generator=generator)
        with torch.no_grad():
            self.gate.bias[: self.size] = 1.0

    def write(self, s: Tensor, k: Tensor, v: Tensor, gate: Tensor, r: Tensor) -> Tensor:
        f, i = gate.sigmoid().chunk(2, -1)  # (B, H / 4) each
        return f.unsqueeze(-1) * s + _product(i * v, k)


class ReadingMatrix(GatedMatrix):
    """The same, with gates that also see what was read last, as an LSTM's see h: W_g norm(e(t)) + U r(t-1) + b_g."""

    sees_read = True

    def __init__(self, n_in: int, n_hidden: int, n_out: int, *, generator: torch.Generator):
        super().__init__(n_in, n_hidden, n_out, generator=generator)
        bound = self.size**-0.5
        start = torch.empty(self.gates * self.size, self.size, **PLAIN)
        self.seen = nn.Parameter(start.uniform_(-bound, bound, generator=generator))  # (H / 2, H / 4)

    def write(self, s: Tensor, k: Tensor, v: Tensor, gate: Tensor, r: Tensor) -> Tensor:
        return super().write(s, k, v, gate + r @ self.seen.T, r)


class DeltaMatrix(Matrix):
    """What is written is the error: how far the value is from what the memory already gives for this key.

        S(t) = S(t-1) + β ⊙ (v(t) - S(t-1) k(t)) k(t)ᵀ,   β = σ(W_g norm(e(t)) + b_g)

    Source: Schlag, Irie & Schmidhuber (2021), section 4.2, after the delta rule of Widrow & Hoff (1960); here with a β
    for each row.
    """

    gates = 1

    def write(self, s: Tensor, k: Tensor, v: Tensor, gate: Tensor, r: Tensor) -> Tensor:
        return s + _product(gate.sigmoid() * (v - _at(s, k)), k)


def _product(v: Tensor, k: Tensor) -> Tensor:
    """v kᵀ: (B, D, D)."""
    return v.unsqueeze(-1) * k.unsqueeze(-2)


def _at(s: Tensor, q: Tensor) -> Tensor:
    """S q: (B, D)."""
    return (s @ q.unsqueeze(-1)).squeeze(-1)
