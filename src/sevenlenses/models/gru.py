"""The gated recurrent unit."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .base import Trace, fill_uniform, unfilled
from .recurrence import RecurrentModel, delayed, unroll


class GRU(RecurrentModel):
    """Two gates and no cell beside the state: what is kept and what is new add up to one.

        r(t), z(t) = σ(W x(t) + b + U h(t-1) + b')           n(t) = tanh(W_n x(t) + b_n + r(t) (U_n h(t-1) + b_n'))
        h(t) = (1 - z(t)) n(t) + z(t) h(t-1)

    Source: Cho et al. (2014), with PyTorch's place for the reset gate; the rows of its weights come in the order r, z,
    n.
    """

    def __init__(self, n_in: int, n_hidden: int, n_out: int, *, generator: torch.Generator):
        super().__init__(n_in, n_hidden, n_out)
        self.rnn = unfilled(nn.GRU, n_in, n_hidden, batch_first=True)
        self.head = unfilled(nn.Linear, n_hidden, n_out)
        fill_uniform(self, n_hidden**-0.5, generator)

    def start(self, x: Tensor) -> tuple[Tensor]:
        return (x.new_zeros(len(x), self.n_hidden),)

    def cell(self, x: Tensor, state: tuple[Tensor]) -> tuple[tuple[Tensor], dict[str, Tensor]]:
        (h,) = state
        r, z, n = self._gates(x, h)
        return ((1 - z) * n + z * h,), {"reset": r, "update": z, "candidate": n}

    def inside(self, x: Tensor, states: Tensor) -> dict[str, Tensor]:
        """Gates (B, T, H) of every step, from inputs and states."""
        return dict(zip(("reset", "update", "candidate"), self._gates(x, delayed(states)), strict=True))

    def trace(self, x: Tensor, nudge: Tensor | None, watch: bool) -> Trace:
        """As for every recurrent model; nudged, step by step: z carries h on past the weights that take a nudge in."""
        if nudge is None:
            return super().trace(x, nudge, watch)
        seen = unroll(self, x, nudge)
        return Trace(seen.outputs, seen.states, {k: v.detach() for k, v in seen.inside.items()} if watch else {})

    def _gates(self, x: Tensor, h: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        w = self.rnn
        new = (x @ w.weight_ih_l0.T + w.bias_ih_l0).chunk(3, -1)  # 3 times (..., H)
        old = (h @ w.weight_hh_l0.T + w.bias_hh_l0).chunk(3, -1)  # 3 times (..., H)
        r, z = (new[0] + old[0]).sigmoid(), (new[1] + old[1]).sigmoid()  # (..., H) each
        return r, z, torch.tanh(new[2] + r * old[2])
