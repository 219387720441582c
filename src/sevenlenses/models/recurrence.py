"""The loop over time, written three ways: step by step, inside PyTorch's fused kernel, and as a scan.

The first is the readable definition; the other two are fast and agree with it (tests hold them together).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.func import functional_call

from .base import SequenceModel, Trace


class RecurrentModel(SequenceModel):
    """A cell repeated over time. `self.rnn` is PyTorch's fused module; `cell` is the same equation, written out."""

    rnn: nn.RNNBase
    head: nn.Linear

    def start(self, x: Tensor) -> tuple[Tensor, ...]:
        """The state before the first step; the first entry is h (B, H)."""
        raise NotImplementedError

    def cell(self, x: Tensor, state: tuple[Tensor, ...]) -> tuple[tuple[Tensor, ...], dict[str, Tensor]]:
        """One step: input (B, n_in) and state to the next state, and what happened inside."""
        raise NotImplementedError

    def inside(self, x: Tensor, states: Tensor) -> dict[str, Tensor]:
        """What happened inside at every step, recovered from the states that the fused pass gave."""
        return {}

    def trace(self, x: Tensor, nudge: Tensor | None, watch: bool) -> Trace:
        h = fused(self.rnn, x, nudge)  # (B, T, H)
        read = h if nudge is None else h + nudge  # (B, T, H)
        with torch.no_grad():
            inside = self.inside(x, read) if watch else {}
        return Trace(self.head(read), h, inside)


def unroll(model: RecurrentModel, x: Tensor, nudge: Tensor | None = None) -> Trace:
    """Loop `model.cell` over x (B, T, n_in): the definition that the fused pass must equal. All stays in the graph."""
    state = model.start(x)
    states, seen = [], []
    for t, x_t in enumerate(x.unbind(1)):  # indexing x[:, t] instead would make the backward pass O(T²)
        state, inside = model.cell(x_t, state)
        states.append(state[0])
        seen.append(inside)
        if nudge is not None:
            state = (state[0] + nudge[:, t], *state[1:])
    h = torch.stack(states, 1)  # (B, T, H)
    inside = {name: torch.stack([step[name] for step in seen], 1) for name in seen[0]}
    return Trace(model.head(h if nudge is None else h + nudge), h, inside)


def fused(rnn: nn.RNNBase, x: Tensor, nudge: Tensor | None) -> Tensor:
    """Every h (B, T, H) from one fused pass of `rnn`, in which step t + 1 reads h(t) + nudge(t).

    The kernel takes no nudge, but it need not: W_hh (h + u) = W_hh h + W_hh u, so the nudge may come in as further
    inputs whose weights are W_hh. A kernel of n_in + H inputs runs on [x(t), nudge(t-1)] with weights [W_ih, W_hh].
    """
    if nudge is None:
        return rnn(x)[0]  # (B, T, H)
    weights = dict(rnn.named_parameters())
    weights["weight_ih_l0"] = torch.cat([rnn.weight_ih_l0, rnn.weight_hh_l0], 1)
    wider = type(rnn)(rnn.input_size + rnn.hidden_size, rnn.hidden_size, batch_first=True, device="meta")
    return functional_call(wider, weights, (torch.cat([x, delayed(nudge)], -1),))[0]  # (B, T, H)


def delayed(states: Tensor) -> Tensor:
    """(B, T, H) one step later: zeros first, the last state dropped. What step t has in hand when it starts."""
    return nn.functional.pad(states[:, :-1], (0, 0, 1, 0))


def linear_scan(decay: Tensor, drive: Tensor) -> Tensor:
    """c(t) = decay(t) c(t-1) + drive(t) from c(-1) = 0, for all t: (B, T, H) each; about 2 √T dependent steps, not T.

    Time is cut into blocks. All blocks run their steps side by side as if each began at zero; then the true value at
    each block's start is carried through the products of its decays. No gradient flows through it.
    """
    batch, steps, size = decay.shape
    width = max(1, math.isqrt(steps))
    blocks = -(-steps // width)
    shape = (batch, blocks, width, size)
    pad = (0, 0, 0, blocks * width - steps)
    with torch.no_grad():
        a = nn.functional.pad(decay, pad, value=1.0).view(shape).transpose(1, 2).contiguous()  # (B, width, blocks, H)
        c = nn.functional.pad(drive, pad).view(shape).transpose(1, 2).contiguous()  # (B, width, blocks, H)
        along = list(zip(a.unbind(1), c.unbind(1), strict=True))  # width times (B, blocks, H)
        for (a_before, c_before), (a_now, c_now) in zip(along, along[1:], strict=False):  # noqa: RUF007
            c_now.addcmul_(a_now, c_before)
            a_now.mul_(a_before)
        carry = torch.zeros_like(c[:, 0])  # (B, blocks, H): the true value before each block
        ends = zip(a[:, -1].unbind(1), c[:, -1].unbind(1), strict=True)
        starts = carry.unbind(1)
        for before, after, (a_end, c_end) in zip(starts, starts[1:], ends, strict=False):
            torch.addcmul(c_end, a_end, before, out=after)
        c.addcmul_(a, carry.unsqueeze(1))
        return c.transpose(1, 2).reshape(batch, blocks * width, size)[:, :steps]  # (B, T, H)
