"""One or two layers of a transformer, with and without a feed-forward part, with five kinds of positions."""

from __future__ import annotations

from itertools import product

import torch
from torch import Tensor, nn
from torch.nn.functional import relu, scaled_dot_product_attention

from .attention import HEADS, parts_of, sinusoids
from .base import PLAIN, SequenceModel, Trace, unfilled

LAYERS = (1, 2)
POSITIONS = ("none", "sinusoidal", "learned", "alibi", "rotary")
WIDER = 4  # times H: the hidden size of the feed-forward part
LONGEST = 160  # steps that learned positions reach
SMALL = 0.02  # standard deviation of learned positions at the start


class Block(SequenceModel):
    """Attention, and where `feed_forward` says so a network that works on each step by itself; once or twice.

        e(t) = W_e x(t) + b_e + p(t)                          p: sinusoidal or learned positions, or 0
        y = e + attention(norm(e))                            rotary: q and k turned; ALiBi: scores lowered
        z(t) = y(t) + W_2 max(0, W_1 norm(y(t)) + b_1) + b_2  the feed-forward part

    Attention and feed-forward part together are a *transformer block*; W_1 is (4 H, H). With one layer, no feed-forward
    part and no positions or sinusoidal ones this is `Attention`, to rounding.

    Source: Vaswani et al. (2017), equations 1 and 2, section 3.5; pre-normalised. ALiBi: Press et al. (2022), section
    3. Rotary positions: Su et al. (2021), equation 34. Learned positions start as in Radford et al. (2019).

    Raises:
        ValueError: more steps than there are learned positions.
    """

    layers = 1
    feed_forward = False
    positions = "none"

    def __init__(self, n_in: int, n_hidden: int, n_out: int, *, generator: torch.Generator):
        super().__init__(n_in, n_hidden, n_out)
        if n_hidden % HEADS:
            raise ValueError(f"attention needs n_hidden divisible by its {HEADS} heads; got {n_hidden}.")
        self.embed = unfilled(nn.Linear, n_in, n_hidden)
        self.stack = nn.ModuleList(Layer(n_hidden, self.feed_forward) for _ in range(self.layers))
        self.head = unfilled(nn.Linear, n_hidden, n_out)
        maps = [self.embed, *(part for part in self.stack.modules() if isinstance(part, nn.Linear)), self.head]
        with torch.no_grad():
            for one in maps:
                for parameter in one.parameters():
                    parameter.uniform_(-(one.in_features**-0.5), one.in_features**-0.5, generator=generator)
        if self.positions == "learned":
            self.places = nn.Parameter(torch.empty(LONGEST, n_hidden, **PLAIN).normal_(0, SMALL, generator=generator))

    def trace(self, x: Tensor, nudge: Tensor | None, watch: bool) -> Trace:
        e = self.embed(x) + self.place(x.shape[1])  # (B, T, H)
        y = e if nudge is None else e + nudge  # (B, T, H)
        bias = lowered(x.shape[1], self.positions == "alibi").to(e)  # (heads, T, T)
        inside = {}
        for name, layer in zip(("first", "second"), self.stack, strict=False):
            q, k, v = parts_of(layer.qkv(layer.norm(y)))  # (B, heads, T, H / heads) each
            if self.positions == "rotary":
                q, k = rotated(q), rotated(k)  # (B, heads, T, H / heads) each
            mixed = scaled_dot_product_attention(q, k, v, bias)  # (B, heads, T, H / heads)
            y = layer.fed(y + layer.mix(mixed.transpose(1, 2).flatten(2)))  # (B, T, H)
            if watch:
                weights = (q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5 + bias).softmax(-1)  # (B, heads, T, T)
                inside["weights" if self.layers == 1 else f"{name} weights"] = weights.detach()
        return Trace(self.head(y), e, inside)

    def place(self, steps: int) -> Tensor:
        """What is added to each step: (T, H), or 0."""
        like = self.embed.weight
        if self.positions == "sinusoidal":
            return sinusoids(steps, self.n_hidden).to(like)  # (T, H)
        if self.positions == "learned":
            if steps > LONGEST:
                raise ValueError(
                    f"learned positions reach {LONGEST} steps; got {steps}. Shorten the sequences, or take positions "
                    "that go on, as ALiBi's."
                )
            return self.places[:steps]  # (T, H)
        return like.new_zeros(())


class Layer(nn.Module):
    """The weights of one layer: of its attention, and of its feed-forward part if it has one."""

    def __init__(self, n_hidden: int, feed_forward: bool):
        super().__init__()
        self.norm = nn.LayerNorm(n_hidden, **PLAIN)
        self.qkv = unfilled(nn.Linear, n_hidden, 3 * n_hidden, bias=False)
        self.mix = unfilled(nn.Linear, n_hidden, n_hidden, bias=False)
        self.feed_forward = feed_forward
        if feed_forward:
            self.fed_norm = nn.LayerNorm(n_hidden, **PLAIN)
            self.widen = unfilled(nn.Linear, n_hidden, WIDER * n_hidden)
            self.narrow = unfilled(nn.Linear, WIDER * n_hidden, n_hidden)

    def fed(self, y: Tensor) -> Tensor:
        """(B, T, H) after the feed-forward part; unchanged without one."""
        if not self.feed_forward:
            return y
        return y + self.narrow(relu(self.widen(self.fed_norm(y))))  # (B, T, H)


def lowered(steps: int, by_distance: bool) -> Tensor:
    """(heads, T, T): what is added to the scores. ALiBi's -m (t - s), with a slope m for each head, or 0; -inf in the
    future."""
    slope = by_distance * 2.0 ** (-8 * torch.arange(1, HEADS + 1) / HEADS)  # (heads,)
    t = torch.arange(steps, dtype=torch.float64)  # (T,)
    back = t[:, None] - t  # (T, T)
    return (-slope[:, None, None] * back).masked_fill(back < 0, -torch.inf)  # (heads, T, T)


def rotated(q: Tensor) -> Tensor:
    """Queries or keys (B, heads, T, D), each two neighbouring numbers turned by an angle that grows with the step.

    So a score hangs on content and on distance alone. Of an odd D the last number is left as it is.
    """
    steps, size = q.shape[-2], q.shape[-1] // 2 * 2
    wave = 10000 ** (-torch.arange(0, size, 2, dtype=torch.float64) / size)  # (D / 2,)
    angle = torch.arange(steps, dtype=torch.float64).unsqueeze(1) * wave  # (T, D / 2)
    sin, cos = angle.sin().to(q), angle.cos().to(q)  # (T, D / 2) each
    even, odd = q[..., 0:size:2], q[..., 1:size:2]  # (B, heads, T, D / 2) each
    turned = torch.stack([even * cos - odd * sin, even * sin + odd * cos], -1).flatten(-2)  # (B, heads, T, 2 (D // 2))
    return torch.cat([turned, q[..., size:]], -1)  # (B, heads, T, D)


def _kind(layers: int, feed_forward: bool, positions: str) -> type[Block]:
    """The class of one of the designs."""
    traits = {"layers": layers, "feed_forward": feed_forward, "positions": positions}
    name = f"{'Block' if feed_forward else 'Attend'}{layers}{positions.title()}"
    return type(name, (Block,), {**traits, "__doc__": Block.__doc__, "__module__": __name__})


def name_of(layers: int, feed_forward: bool, positions: str) -> str:
    """A design's name: "block-2-alibi" has two layers with feed-forward parts, "attend-2-alibi" two without."""
    return f"{'block' if feed_forward else 'attend'}-{layers}-{positions}"


BLOCKS = {name_of(*traits): _kind(*traits) for traits in product(LAYERS, (False, True), POSITIONS)}
