"""Attention whose queries, keys and values each see a few steps: a short convolution."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import conv1d, pad

from .attention import Attention
from .base import PLAIN
from .linear_attention import LinearAttention

WIDTH = 4  # steps that it sees: this one and three before


class Short(nn.Module):
    """A linear map, and after it in each channel a weighted sum over the last WIDTH steps.

        y(t) = Σ_j w_j ⊙ (W x(t - j)),   j = 0 ... WIDTH - 1

    Source: as on the projections of Hyena, Poli et al. (2023), and of DeltaNet, Yang et al. (2024).
    """

    def __init__(self, linear: nn.Linear, generator: torch.Generator):
        super().__init__()
        self.linear = linear
        start = torch.empty(linear.out_features, 1, WIDTH, **PLAIN)
        self.weight = nn.Parameter(start.uniform_(-(WIDTH**-0.5), WIDTH**-0.5, generator=generator))  # (n, 1, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        rows = pad(self.linear(x).transpose(1, 2), (WIDTH - 1, 0))  # (B, n, T + WIDTH - 1)
        return conv1d(rows, self.weight, groups=len(self.weight)).transpose(1, 2)  # (B, T, n)


class ShortAttention(Attention):
    """`Attention` with a short convolution on queries, keys and values."""

    def __init__(self, n_in: int, n_hidden: int, n_out: int, *, generator: torch.Generator):
        super().__init__(n_in, n_hidden, n_out, generator=generator)
        self.qkv = Short(self.qkv, generator)


class ShortLinearAttention(LinearAttention):
    """`LinearAttention` with a short convolution on queries, keys and values."""

    def __init__(self, n_in: int, n_hidden: int, n_out: int, *, generator: torch.Generator):
        super().__init__(n_in, n_hidden, n_out, generator=generator)
        self.qkv = Short(self.qkv, generator)
