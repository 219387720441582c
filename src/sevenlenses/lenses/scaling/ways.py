"""The ways to compute a layer over a whole sequence that are timed and counted, all with a state of the same size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from ...models import create
from ...models.attention import HEADS, Attention, attention_weights
from ...models.base import SequenceModel
from ...models.recurrence import RecurrentModel
from ...runtime import generator

SIZE = 64  # numbers in a state, and in an input
LENGTHS = (32, 64, 128, 256, 512, 1024, 2048, 4096)
MATRIX = 2**28  # bytes: longer sequences, whose matrix of weights would be larger, are left out


def whole(model: SequenceModel, x: Tensor) -> Tensor:
    """As the model is used elsewhere: one fused call, or a parallel scan. x (B, T, n_in) to outputs (B, T, n_out)."""
    return model.trace(x, None, False).outputs  # the pass alone, without the look at the input's values


def looped(model: RecurrentModel, x: Tensor) -> Tensor:
    """Its cell, step by step: the definition, one small operation after another."""
    state, states = model.start(x), []
    for x_t in x.unbind(1):  # indexing x[:, t] instead would make the backward pass O(T²)
        state, _ = model.cell(x_t, state)
        states.append(state[0])
    return model.head(torch.stack(states, 1))


def written(model: Attention, x: Tensor) -> Tensor:
    """Attention as its equation says it: the (T, T) matrix of weights is there."""
    e = model.embed(x)  # (B, T, H)
    q, k, v = (part.unflatten(-1, (HEADS, -1)).transpose(1, 2) for part in model.qkv(model.norm(e)).chunk(3, -1))
    mixed = attention_weights(q, k) @ v  # (B, heads, T, H / heads)
    return model.head(e + model.mix(mixed.transpose(1, 2).flatten(2)))


@dataclass(frozen=True)
class Way:
    """A model, and how its pass over a sequence is computed: (model, x) -> outputs."""

    model: str
    compute: Callable[[SequenceModel, Tensor], Tensor]

    def build(self, seed: int, device: torch.device) -> SequenceModel:
        """The model with the weights of `seed`: the same for all ways to compute it."""
        return create(self.model, SIZE, SIZE, 1, generator=generator(seed, "weights")).to(device)

    def fits(self, batch: int, length: int) -> bool:
        """Whether it can be computed at this size without a matrix beyond MATRIX bytes."""
        return self.compute is not written or 4 * batch * HEADS * length**2 <= MATRIX


WAYS = {
    "rnn-fused": Way("rnn", whole),
    "lstm-fused": Way("lstm", whole),
    "lstm-loop": Way("lstm", looped),
    "attention-fused": Way("attention", whole),
    "attention-written": Way("attention", written),
    "min-scan": Way("min-lstm", whole),
    "min-loop": Way("min-lstm", looped),
}
NAMES = tuple(WAYS)
HIDDEN = {"attention-fused": "kept-fused", "attention-written": "kept-written"}  # before the term is revealed


def inputs(seed: int, batch: int, length: int, device: torch.device) -> Tensor:
    """Standard normal (B, T, SIZE)."""
    return torch.randn(batch, length, SIZE, generator=generator(seed, "inputs")).to(device)


def step(way: Way, model: SequenceModel, x: Tensor, passes: str) -> Tensor | tuple[Tensor, ...]:
    """One pass over x: "forward" alone, as in use, or forward and backward, as in a training step."""
    if passes == "forward":
        with torch.no_grad():
            return way.compute(model, x)
    return torch.autograd.grad(way.compute(model, x).square().mean(), tuple(model.parameters()))
