"""Attention whose memory has a fixed size: a sum of key-value products."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import elu

from .attention import HEADS, Attention
from .base import Trace

LEAST = 1e-6  # of the divisor: φ underflows where all of q or k is far below 0


class LinearAttention(Attention):
    """The layer of `Attention` with φ(q)·φ(k), φ = elu + 1, in place of exp(q·k / √d).

        S(t) = S(t-1) + φ(k(t)) v(t)ᵀ,   z(t) = z(t-1) + φ(k(t)),   read(t) = S(t)ᵀ φ(q(t)) / (z(t)·φ(q(t)))

    So it is a recurrent net: S and z are all it keeps of the past, whatever the length. Here it is computed for all
    steps at once, as a product of masked matrices.

    Source: Katharopoulos et al. (2020), equations 9 to 12.
    """

    def trace(self, x: Tensor, nudge: Tensor | None, watch: bool) -> Trace:
        e = self.embed(x)  # (B, T, H)
        read = e if nudge is None else e + nudge  # (B, T, H)
        q, k, v = (part.unflatten(-1, (HEADS, -1)).transpose(1, 2) for part in self.qkv(self.norm(read)).chunk(3, -1))
        scores = ((elu(q) + 1) @ (elu(k) + 1).transpose(-1, -2)).tril()  # (B, heads, T, T)
        weights = scores / scores.sum(-1, keepdim=True).clamp_min(LEAST)  # (B, heads, T, T)
        mixed = (weights @ v).transpose(1, 2).flatten(2)  # (B, T, H)
        inside = {"weights": weights.detach()} if watch else {}
        return Trace(self.head(read + self.mix(mixed)), e, inside)


def memory(model: LinearAttention, x: Tensor) -> tuple[Tensor, Tensor]:
    """S (B, heads, H / heads, H / heads) and z (B, heads, H / heads) after the last step: the whole memory."""
    _, k, v = (
        part.unflatten(-1, (HEADS, -1)).transpose(1, 2) for part in model.qkv(model.norm(model.embed(x))).chunk(3, -1)
    )
    k = elu(k) + 1  # (B, heads, T, H / heads)
    return torch.einsum("bhtk,bhtv->bhkv", k, v), k.sum(2)
