"""Two layers of causal self-attention: the second reads what the first has put together."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from .attention import Attention, attention_weights, parts_of
from .base import PLAIN, Trace, unfilled


class DeepAttention(Attention):
    """`Attention` twice, without positions: e' = e + W_p read(e), y = W_o (e' + W_p' read'(e')) + b_o.

    Source: Vaswani et al. (2017), section 3; pre-normalised, no feed-forward part.
    """

    def __init__(self, n_in: int, n_hidden: int, n_out: int, *, generator: torch.Generator):
        super().__init__(n_in, n_hidden, n_out, generator=generator)
        self.second_norm = nn.LayerNorm(n_hidden, **PLAIN)
        self.second_qkv = unfilled(nn.Linear, n_hidden, 3 * n_hidden, bias=False)
        self.second_mix = unfilled(nn.Linear, n_hidden, n_hidden, bias=False)
        with torch.no_grad():
            for layer in (self.second_qkv, self.second_mix):
                layer.weight.uniform_(-(n_hidden**-0.5), n_hidden**-0.5, generator=generator)

    def trace(self, x: Tensor, nudge: Tensor | None, watch: bool) -> Trace:
        e = self.embed(x)  # (B, T, H)
        y = e if nudge is None else e + nudge  # (B, T, H)
        inside = {}
        layers = (
            ("first", self.norm, self.qkv, self.mix),
            ("second", self.second_norm, self.second_qkv, self.second_mix),
        )
        for name, norm, qkv, mix in layers:
            q, k, v = parts_of(qkv(norm(y)))  # (B, heads, T, H / heads) each
            mixed = scaled_dot_product_attention(q, k, v, is_causal=True)  # (B, heads, T, H / heads)
            y = y + mix(mixed.transpose(1, 2).flatten(2))  # (B, T, H)
            if watch:
                inside[f"{name} weights"] = attention_weights(q, k).detach()  # (B, heads, T, T)
        return Trace(self.head(y), e, inside)
