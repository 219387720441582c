"""Slow, plain definitions that the tests hold the fast code against."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from sevenlenses.models.attention import HEADS, Attention
from sevenlenses.models.bidirectional import BidirectionalLSTM
from sevenlenses.models.deep_attention import DeepAttention
from sevenlenses.models.linear_attention import LinearAttention
from sevenlenses.models.recurrence import RecurrentModel

SEEDS, FRESH = range(5), range(20, 25)  # those of the pictures, and others that nothing was tuned on


def walk(model: RecurrentModel, x: Tensor, remember_h: bool = True) -> tuple[Tensor, list[tuple[Tensor, ...]]]:
    """Outputs of a recurrent model by its written-out cell, and every step's own state tensors, gradients retained.

    Without `remember_h` no gradient flows from step to step through h, so that an LSTM's takes the cells alone.
    """
    state, kept = model.start(x), []
    for x_t in x.unbind(1):
        state, _ = model.cell(x_t, state if remember_h else (state[0].detach(), *state[1:]))
        for part in state:
            part.retain_grad()
        kept.append(state)
    return torch.stack([model.head(h) for h, *_ in kept], 1), kept


def store(model: Attention, x: Tensor) -> Tensor:
    """What attention stores of x (B, T, n_in): (B, T, H)."""
    places = [[sinusoid(t, j, model.n_hidden) for j in range(model.n_hidden)] for t in range(x.shape[1])]
    return x @ model.embed.weight.T + model.embed.bias + model.positions * torch.tensor(places, dtype=x.dtype)


def attend(model: Attention, stored: Tensor) -> tuple[Tensor, Tensor]:
    """Outputs (B, T, K) and weights (B, heads, T, T) of causal attention over stored (B, T, H): one step at a time."""
    read, weights = read_past(stored, model.norm, model.qkv, model.mix)
    return model.head(read), weights


def attend_twice(model: DeepAttention, stored: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Outputs and both layers' weights: what the first layer has read is what the second one stores."""
    once, first = read_past(stored, model.norm, model.qkv, model.mix)
    twice, second = read_past(once, model.second_norm, model.second_qkv, model.second_mix)
    return model.head(twice), first, second


def read_past(stored: Tensor, norm: nn.Module, qkv: nn.Module, mix: nn.Module) -> tuple[Tensor, Tensor]:
    """stored (B, T, H) and what each step reads of it, added up; and the weights (B, heads, T, T)."""
    width = stored.shape[-1]
    size = width // HEADS
    q, k, v = (normed(stored, norm) @ rows.T for rows in qkv.weight.split(width))
    steps, weights = [], stored.new_zeros(len(stored), HEADS, stored.shape[1], stored.shape[1])
    for t in range(stored.shape[1]):
        read = []
        for head in range(HEADS):
            own = slice(head * size, (head + 1) * size)
            scores = torch.exp((k[:, : t + 1, own] * q[:, t : t + 1, own]).sum(-1) / size**0.5)  # (B, t + 1)
            share = scores / scores.sum(1, keepdim=True)
            weights[:, head, t, : t + 1] = share.detach()
            read.append((share.unsqueeze(-1) * v[:, : t + 1, own]).sum(1))  # (B, H / heads)
        steps.append(stored[:, t] + torch.cat(read, -1) @ mix.weight.T)
    return torch.stack(steps, 1), weights


def normed(stored: Tensor, norm: nn.Module) -> Tensor:
    """Each vector less its mean, over its standard deviation, times and plus what was learned."""
    middle = stored - stored.mean(-1, keepdim=True)
    return middle / (middle.square().mean(-1, keepdim=True) + norm.eps).sqrt() * norm.weight + norm.bias


def add_up(model: LinearAttention, stored: Tensor) -> tuple[Tensor, list[tuple[Tensor, Tensor]]]:
    """Outputs (B, T, K) of linear attention as the recurrent net that it is, and its sums S and z after every step."""
    size = model.n_hidden // HEADS
    parts = (normed(stored, model.norm) @ rows.T for rows in model.qkv.weight.split(model.n_hidden))
    q, k, v = (part.unflatten(-1, (HEADS, size)) for part in parts)  # (B, T, heads, H / heads)
    q, k = (torch.where(part > 0, part + 1, part.exp()) for part in (q, k))
    s, z = stored.new_zeros(len(stored), HEADS, size, size), stored.new_zeros(len(stored), HEADS, size)
    outputs, sums = [], []
    for t in range(stored.shape[1]):
        s = s + k[:, t].unsqueeze(-1) * v[:, t].unsqueeze(-2)
        z = z + k[:, t]
        read = (s * q[:, t].unsqueeze(-1)).sum(-2) / (z * q[:, t]).sum(-1, keepdim=True)  # (B, heads, H / heads)
        outputs.append(model.head(stored[:, t] + read.flatten(1) @ model.mix.weight.T))
        sums.append((s, z))
    return torch.stack(outputs, 1), sums


def both_ways(model: BidirectionalLSTM, x: Tensor) -> tuple[Tensor, Tensor]:
    """Outputs and states of LSTMs that read x forwards and backwards, written out gate by gate."""
    half = model.n_hidden // 2
    for layer in range(model.layers):
        read = []
        for turned in (False, True):
            names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            suffix = f"_l{layer}{'_reverse' if turned else ''}"
            w_x, w_h, b_x, b_h = (getattr(model.rnn, name + suffix) for name in names)
            h = c = x.new_zeros(len(x), half)
            states = []
            for x_t in (x.flip(1) if turned else x).unbind(1):
                i, f, g, o = (x_t @ w_x.T + b_x + h @ w_h.T + b_h).chunk(4, -1)
                c = f.sigmoid() * c + i.sigmoid() * g.tanh()
                h = o.sigmoid() * c.tanh()
                states.append(h)
            read.append(torch.stack(states[::-1] if turned else states, 1))
        x = torch.cat(read, -1)  # (B, T, H)
    ends = [torch.cat([x[:, t, :half], x[:, 0, half:]], -1) for t in range(x.shape[1])]
    return torch.stack([model.head(end) for end in ends], 1), x


def sinusoid(t: int, j: int, size: int) -> float:
    """Entry j of step t's position vector."""
    return (np.cos if j % 2 else np.sin)(t / 10000 ** ((j - j % 2) / size))


@contextmanager
def global_randomness_untouched() -> Iterator[None]:
    """Fail if the block draws from, or seeds, any global generator."""
    before = torch.random.get_rng_state(), np.random.get_state()[1].copy(), random.getstate()
    yield
    assert torch.equal(torch.random.get_rng_state(), before[0])
    assert np.array_equal(np.random.get_state()[1], before[1])
    assert random.getstate() == before[2]
