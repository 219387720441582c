"""One layer of causal self-attention, with and without positions."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from .base import PLAIN, SequenceModel, Trace, unfilled

HEADS = 4


class Attention(SequenceModel):
    """Every step stores a vector; each later step reads all stored vectors at once, weighted by content.

        e(t) = W_e x(t) + b_e                  what step t stores
        q, k, v = W norm(e)                    what it asks for, is found by, and hands over
        y(t) = W_o (e(t) + W_p Σ_s a(t, s) v(s)) + b_o,   a(t, ·) = softmax over s ≤ t of q(t)·k(s) / √(H / heads)

    Without positions (NoPE): the order of what came before is not visible to it.

    Source: Vaswani et al. (2017), equation 1; pre-normalised, one residual layer, no feed-forward part.
    """

    positions = False

    def __init__(self, n_in: int, n_hidden: int, n_out: int, *, generator: torch.Generator):
        super().__init__(n_in, n_hidden, n_out)
        if n_hidden % HEADS:
            raise ValueError(f"attention needs n_hidden divisible by its {HEADS} heads; got {n_hidden}.")
        self.embed = unfilled(nn.Linear, n_in, n_hidden)
        self.norm = nn.LayerNorm(n_hidden, **PLAIN)
        self.qkv = unfilled(nn.Linear, n_hidden, 3 * n_hidden, bias=False)
        self.mix = unfilled(nn.Linear, n_hidden, n_hidden, bias=False)
        self.head = unfilled(nn.Linear, n_hidden, n_out)
        with torch.no_grad():
            for layer in (self.embed, self.qkv, self.mix, self.head):
                for parameter in layer.parameters():
                    parameter.uniform_(-(layer.in_features**-0.5), layer.in_features**-0.5, generator=generator)

    def trace(self, x: Tensor, nudge: Tensor | None, watch: bool) -> Trace:
        e = self.embed(x)  # (B, T, H)
        if self.positions:
            e = e + sinusoids(x.shape[1], self.n_hidden).to(e)  # (B, T, H)
        read = e if nudge is None else e + nudge  # (B, T, H)
        q, k, v = parts_of(self.qkv(self.norm(read)))  # (B, heads, T, H / heads) each
        mixed = scaled_dot_product_attention(q, k, v, is_causal=True)  # (B, heads, T, H / heads)
        y = read + self.mix(mixed.transpose(1, 2).flatten(2))  # (B, T, H)
        with torch.no_grad():
            inside = {"weights": attention_weights(q, k)} if watch else {}
        return Trace(self.head(y), e, inside)


class PositionedAttention(Attention):
    """The same layer with sinusoidal positions added to what each step stores (Vaswani et al. 2017, section 3.5)."""

    positions = True


def parts_of(qkv: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Queries, keys and values (B, heads, T, H / heads) from (B, T, 3 H)."""
    if torch.backends.cuda.flash_sdp_enabled():  # the switch of the CPU's fused kernel as well
        qkv = Fused.apply(qkv)  # (B, T, 3 H)
    return tuple(part.unflatten(-1, (HEADS, -1)).transpose(1, 2) for part in qkv.chunk(3, -1))


class Fused(torch.autograd.Function):
    """What goes into PyTorch's fused attention, unchanged. Its kernel has no second derivative; here that is said."""

    @staticmethod
    def forward(ctx, qkv: Tensor) -> Tensor:
        return qkv.view_as(qkv)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> Tensor:
        return NoSecond.apply(gradient)


class NoSecond(torch.autograd.Function):
    """A gradient, unchanged, whose own derivative is refused."""

    @staticmethod
    def forward(ctx, gradient: Tensor) -> Tensor:
        return gradient.view_as(gradient)

    @staticmethod
    def backward(ctx, _):
        raise RuntimeError(
            "attention has a second derivative only outside PyTorch's fused kernel. Run the model within "
            "torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH)."
        )


def attention_weights(q: Tensor, k: Tensor) -> Tensor:
    """a(t, s) (B, heads, T, T): how much step t reads from step s; rows sum to 1, nothing from the future."""
    scores = q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5  # (B, heads, T, T)
    future = torch.ones(scores.shape[-2:], dtype=torch.bool, device=q.device).triu(1)  # (T, T)
    return scores.masked_fill(future, -torch.inf).softmax(-1)  # (B, heads, T, T)


def sinusoids(steps: int, size: int) -> Tensor:
    """(T, H): sines and cosines of wavelengths from 2π to 10000 · 2π."""
    t = torch.arange(steps, dtype=torch.float64).unsqueeze(1)  # (T, 1)
    angle = t / 10000 ** (torch.arange(0, size, 2, dtype=torch.float64) / size)  # (T, H / 2)
    return torch.stack([angle.sin(), angle.cos()], -1).flatten(1)  # (T, H)
