"""Recurrent cells whose state is a matrix: written at a key, read with a query."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from .base import PLAIN, SequenceModel, Trace, unfilled

PART = 4  # H over the side of the matrix
OPEN = 1.0  # bias of the forget gate at the start


class MatrixCell(SequenceModel):
    """A state of (H / PART)² numbers. Keys and queries have length 1, so a key reads what was written at it.

        e(t) = W_e x(t) + b_e,   q, k, v = W norm(e)
        S(t) = S(t-1) + v(t) k(t)ᵀ,   r(t) = S(t) q(t),   y(t) = W_o (e(t) + W_p r(t)) + b_o

    Source: fast weights, Schmidhuber (1992); as attention, Schlag et al. (2021). Here keys and queries have length 1.
    """

    gates = 0  # per row of the matrix
    looks_back = False

    def __init__(self, n_in: int, n_hidden: int, n_out: int, *, generator: torch.Generator):
        super().__init__(n_in, n_hidden, n_out)
        if n_hidden % PART:
            raise ValueError(f"a matrix cell needs n_hidden divisible by {PART}; got {n_hidden}.")
        self.side = n_hidden // PART
        self.embed = unfilled(nn.Linear, n_in, n_hidden)
        self.norm = nn.LayerNorm(n_hidden, **PLAIN)
        self.qkv = unfilled(nn.Linear, n_hidden, 3 * self.side, bias=False)
        self.mix = unfilled(nn.Linear, self.side, n_hidden, bias=False)
        self.head = unfilled(nn.Linear, n_hidden, n_out)
        maps = [self.embed, self.qkv, self.mix, self.head]
        if self.gates:
            self.gate = unfilled(nn.Linear, n_hidden, self.gates * self.side)
            maps.append(self.gate)
        if self.looks_back:
            self.back = unfilled(nn.Linear, self.side, self.gates * self.side, bias=False)
            maps.append(self.back)
        with torch.no_grad():
            for one in maps:
                for parameter in one.parameters():
                    parameter.uniform_(-(one.in_features**-0.5), one.in_features**-0.5, generator=generator)

    def trace(self, x: Tensor, nudge: Tensor | None, watch: bool) -> Trace:
        e = self.embed(x)  # (B, T, H)
        y = e if nudge is None else e + nudge  # (B, T, H)
        n = self.norm(y)  # (B, T, H)
        q, k, v = self.qkv(n).chunk(3, -1)  # (B, T, D) each
        q, k = normalize(q, dim=-1), normalize(k, dim=-1)  # (B, T, D) each
        pressed = self.gate(n) if self.gates else n[..., :0]  # (B, T, gates D)
        memory = x.new_zeros(len(x), self.side, self.side)  # (B, D, D)
        read, reads = x.new_zeros(len(x), self.side), []  # (B, D)
        for q_t, k_t, v_t, p_t in zip(*(one.unbind(1) for one in (q, k, v, pressed)), strict=True):
            memory = self.written(memory, k_t, v_t, p_t + self.back(read) if self.looks_back else p_t)
            read = (memory @ q_t.unsqueeze(-1)).squeeze(-1)  # (B, D)
            reads.append(read)
        inside = {"memory": memory.detach()} if watch else {}  # (B, D, D), after the last step
        return Trace(self.head(y + self.mix(torch.stack(reads, 1))), e, inside)

    def written(self, memory: Tensor, k: Tensor, v: Tensor, pressed: Tensor) -> Tensor:
        """The matrix (B, D, D) after a step, from its key and value (B, D) and what presses on its gates."""
        return memory + v.unsqueeze(-1) * k.unsqueeze(-2)  # (B, D, D)


class GatedMatrixCell(MatrixCell):
    """Gates, as an LSTM's, for each row: S(t) = f(t) ⊙ S(t-1) + (i(t) ⊙ v(t)) k(t)ᵀ,   f, i = σ(W_g norm(e) + b_g).

    Of this kind is the mLSTM of Beck et al. (2024), with one gate of each kind for all rows.
    """

    gates = 2

    def __init__(self, n_in: int, n_hidden: int, n_out: int, *, generator: torch.Generator):
        super().__init__(n_in, n_hidden, n_out, generator=generator)
        with torch.no_grad():
            self.gate.bias[: self.side] = OPEN

    def written(self, memory: Tensor, k: Tensor, v: Tensor, pressed: Tensor) -> Tensor:
        f, i = pressed.sigmoid().chunk(2, -1)  # (B, D) each
        return f.unsqueeze(-1) * memory + (i * v).unsqueeze(-1) * k.unsqueeze(-2)  # (B, D, D)


class ReadingMatrixCell(GatedMatrixCell):
    """The same; its gates see what was read the step before, too: f, i = σ(W_g norm(e) + U r(t-1) + b_g)."""

    looks_back = True


class DeltaMatrixCell(MatrixCell):
    """What is written is corrected, not added: S(t) = S(t-1) + β(t) ⊙ (v(t) - S(t-1) k(t)) k(t)ᵀ,   β = σ(W_g norm(e)).

    Source: Schlag et al. (2021); there β is one number a step.
    """

    gates = 1

    def written(self, memory: Tensor, k: Tensor, v: Tensor, pressed: Tensor) -> Tensor:
        held = (memory @ k.unsqueeze(-1)).squeeze(-1)  # (B, D)
        return memory + (pressed.sigmoid() * (v - held)).unsqueeze(-1) * k.unsqueeze(-2)  # (B, D, D)
