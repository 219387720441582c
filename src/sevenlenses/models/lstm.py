"""The long short-term memory network, and a way to see inside the fused kernel."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .base import Trace, fill_uniform, unfilled
from .recurrence import RecurrentModel, delayed, linear_scan


class LSTM(RecurrentModel):
    """Three gates and an additive cell.

        i(t), f(t), o(t) = σ(W x(t) + b + U h(t-1) + b')     g(t) = tanh(the same, with its own rows of W and U)
        c(t) = f(t) c(t-1) + i(t) g(t)                       h(t) = o(t) tanh c(t)

    Source: Hochreiter & Schmidhuber (1997), with the forget gate of Gers, Schmidhuber & Cummins (2000). The rows of
    PyTorch's weights come in the order i, f, g, o.
    """

    def __init__(self, n_in: int, n_hidden: int, n_out: int, *, generator: torch.Generator):
        super().__init__(n_in, n_hidden, n_out)
        self.rnn = unfilled(nn.LSTM, n_in, n_hidden, batch_first=True)
        self.head = unfilled(nn.Linear, n_hidden, n_out)
        fill_uniform(self, n_hidden**-0.5, generator)

    def start(self, x: Tensor) -> tuple[Tensor, Tensor]:
        zeros = x.new_zeros(len(x), self.n_hidden)
        return zeros, zeros

    def cell(self, x: Tensor, state: tuple[Tensor, Tensor]) -> tuple[tuple[Tensor, Tensor], dict[str, Tensor]]:
        h, c = state
        w = self.rnn
        rows = x @ w.weight_ih_l0.T + w.bias_ih_l0 + h @ w.weight_hh_l0.T + w.bias_hh_l0  # (B, 4H)
        i, f, g, o = rows.chunk(4, -1)  # (B, H) each
        i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
        c = f * c + i * g  # (B, H)
        h = o * c.tanh()  # (B, H)
        return (h, c), {"input": i, "forget": f, "candidate": g, "output": o, "cell": c}

    def inside(self, x: Tensor, states: Tensor) -> dict[str, Tensor]:
        """Gates and cells (B, T, H) of every step, from inputs and states: one matrix product, then one scan."""
        w = self.rnn
        both = torch.cat([x, delayed(states)], -1).flatten(0, 1)  # (B T, n_in + H)
        weight = torch.cat([w.weight_ih_l0, w.weight_hh_l0], 1)  # (4H, n_in + H)
        rows = torch.addmm(w.bias_ih_l0 + w.bias_hh_l0, both, weight.T)  # (B T, 4H)
        rows = rows.view(*x.shape[:2], 4, self.n_hidden)  # (B, T, 4, H)
        g = rows[:, :, 2].tanh()  # (B, T, H)
        i, f, _, o = rows.sigmoid_().unbind(2)  # (B, T, H) each
        return {"input": i, "forget": f, "candidate": g, "output": o, "cell": linear_scan(f, i * g)}


def cell_gradients(trace: Trace, at_states: Tensor) -> Tensor:
    """The total derivative of a loss with respect to every cell c(t): (B, T, H), in float accuracy, without autograd.

    From h = o tanh c and c(t+1) = f(t+1) c(t) + ...: dc(t) = dh(t) o(t) (1 - tanh² c(t)) + f(t+1) dc(t+1), where dh is
    the total derivative at h(t), every later path included (`base.state_gradients`). It is a scan run backwards.

    Args:
        trace: a watched pass of an LSTM.
        at_states: (B, T, H).
    """
    if "cell" not in trace.inside:
        raise ValueError("cell_gradients needs a watched LSTM pass; call model(x, watch=True).")
    direct = at_states * trace.inside["output"] * (1 - trace.inside["cell"].tanh() ** 2)  # (B, T, H)
    forget_next = delayed(trace.inside["forget"].flip(1))  # (B, T, H), backwards in time
    return linear_scan(forget_next, direct.flip(1)).flip(1)  # (B, T, H)
