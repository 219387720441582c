"""Slow, plain definitions that the tests hold the fast code against."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor

from sevenlenses.models.attention import HEADS, Attention
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
    size = model.n_hidden // HEADS
    norm = torch.nn.functional.layer_norm(stored, stored.shape[-1:], model.norm.weight, model.norm.bias)
    q, k, v = (norm @ rows.T for rows in model.qkv.weight.split(model.n_hidden))
    outputs, weights = [], stored.new_zeros(len(stored), HEADS, stored.shape[1], stored.shape[1])
    for t in range(stored.shape[1]):
        read = []
        for head in range(HEADS):
            own = slice(head * size, (head + 1) * size)
            scores = torch.exp((k[:, : t + 1, own] * q[:, t : t + 1, own]).sum(-1) / size**0.5)  # (B, t + 1)
            share = scores / scores.sum(1, keepdim=True)
            weights[:, head, t, : t + 1] = share.detach()
            read.append((share.unsqueeze(-1) * v[:, : t + 1, own]).sum(1))  # (B, H / heads)
        outputs.append(model.head(stored[:, t] + torch.cat(read, -1) @ model.mix.weight.T))
    return torch.stack(outputs, 1), weights


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
