"""Two layers of causal self-attention with positions."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .attention import sinusoids
from .base import unfilled
from .deep_attention import DeepAttention


class Placed(nn.Linear):
    """A linear map (B, T, n_in) → (B, T, H) that also says where in the sequence each step stands."""

    def forward(self, x: Tensor) -> Tensor:
        e = super().forward(x)  # (B, T, H)
        return e + sinusoids(x.shape[-2], self.out_features).to(e)  # (B, T, H)


class DeepPositionedAttention(DeepAttention):
    """`DeepAttention` with sinusoidal positions added to what each step stores (Vaswani et al. 2017, section 3.5)."""

    def __init__(self, n_in: int, n_hidden: int, n_out: int, *, generator: torch.Generator):
        super().__init__(n_in, n_hidden, n_out, generator=generator)
        placed = unfilled(Placed, n_in, n_hidden)
        placed.load_state_dict(self.embed.state_dict())
        self.embed = placed
