"""Transformer blocks and their positions, against PyTorch's own layer, complex numbers, and algebra."""

import cmath

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from sevenlenses.models import create
from sevenlenses.models.attention import HEADS
from sevenlenses.models.block import BLOCKS, POSITIONS, Block, name_of, rotated
from sevenlenses.runtime import generator

N_IN, H, K = 5, 24, 3
EXACT = {"rtol": 1e-10, "atol": 1e-12}  # float64
SLOPES = [1 / 4, 1 / 16, 1 / 64, 1 / 256]  # Press et al. (2022): of four heads
SAME = {  # what it is called elsewhere in the course
    "attend-1-none": "attention",
    "attend-1-sinusoidal": "attention-positions",
    "attend-2-none": "deep-attention",
    "attend-2-sinusoidal": "deep-positions",
}


def build(name: str, seed: int = 0) -> Block:
    return create(name, N_IN, H, K, generator=generator(seed, "weights")).double()


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=generator(seed, "noise"), dtype=torch.float64)


def mask(steps: int, positions: str) -> torch.Tensor:
    """(heads, T, T): what is added to the scores, by a loop."""
    added = torch.full((HEADS, steps, steps), -torch.inf, dtype=torch.float64)
    for head, slope in enumerate(SLOPES):
        for t in range(steps):
            for s in range(t + 1):
                added[head, t, s] = -slope * (t - s) if positions == "alibi" else 0
    return added


def torchs_layer(layer) -> nn.TransformerEncoderLayer:
    """PyTorch's own block, with the weights of one of ours."""
    own = nn.TransformerEncoderLayer(H, HEADS, 4 * H, dropout=0, batch_first=True, norm_first=True).double()
    with torch.no_grad():
        own.self_attn.in_proj_weight.copy_(layer.qkv.weight)
        own.self_attn.in_proj_bias.zero_()
        own.self_attn.out_proj.weight.copy_(layer.mix.weight)
        own.self_attn.out_proj.bias.zero_()
    for theirs, ours in ((own.norm1, layer.norm), (own.norm2, layer.fed_norm)):
        theirs.load_state_dict(ours.state_dict())
    own.linear1.load_state_dict(layer.widen.state_dict())
    own.linear2.load_state_dict(layer.narrow.state_dict())
    return own


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("positions", ["none", "learned", "alibi"])
def test_a_block_is_torchs_own(layers, positions):
    model, x = build(name_of(layers, True, positions)), noise(3, 9, N_IN)
    y = model.embed(x) + (model.places[:9] if positions == "learned" else 0)
    for layer in model.stack:
        y = torchs_layer(layer)(y, src_mask=mask(9, positions).repeat(3, 1, 1))
    assert_close(model(x).outputs, model.head(y), **EXACT)


@pytest.mark.parametrize("name", SAME)
def test_without_a_feed_forward_part_it_is_the_attention_of_the_chapters(name):
    model, other, x = build(name), build(SAME[name], seed=1), noise(3, 9, N_IN)
    parts = [(model.embed, other.embed), (model.head, other.head)]
    for layer, prefix in zip(model.stack, ("", "second_"), strict=False):
        parts += [(getattr(layer, part), getattr(other, prefix + part)) for part in ("norm", "qkv", "mix")]
    for ours, theirs in parts:
        theirs.load_state_dict(ours.state_dict())
    found, expected = model(x, watch=True), other(x, watch=True)
    assert_close(found.outputs, expected.outputs, **EXACT)
    assert_close(found.inside, expected.inside, **EXACT)


@pytest.mark.parametrize("name", BLOCKS)
def test_weights_that_are_watched_are_those_that_are_used(name):
    """With values that are the steps' own numbers, a read is the weights themselves."""
    model, x = build(name), noise(2, 7, N_IN)
    inside = model(x, watch=True).inside
    assert list(inside) == (["weights"] if model.layers == 1 else ["first weights", "second weights"])
    for weights in inside.values():
        assert_close(weights.sum(-1), torch.ones(2, HEADS, 7, dtype=torch.float64), **EXACT)
        assert (weights.triu(1) == 0).all() and not weights.requires_grad
    e = model.embed(x) + model.place(7)
    v = model.stack[0].qkv(model.stack[0].norm(e))[..., 2 * H :].unflatten(-1, (HEADS, -1)).transpose(1, 2)
    mixed = (next(iter(inside.values())) @ v).transpose(1, 2).flatten(2)
    y = model.stack[0].fed(e + model.stack[0].mix(mixed))
    if model.layers == 1:
        assert_close(model(x).outputs, model.head(y), **EXACT)


@pytest.mark.parametrize("size", [6, 7])
def test_rotary_positions_turn_pairs_of_numbers_like_complex_ones(size):
    q = noise(2, HEADS, 9, size)
    expected = q.clone()
    for t in range(9):
        for i in range(size // 2):
            turned = cmath.exp(1j * t * 10000 ** (-2 * i / 6))
            pair = torch.complex(q[..., t, 2 * i], q[..., t, 2 * i + 1]) * turned
            expected[..., t, 2 * i], expected[..., t, 2 * i + 1] = pair.real, pair.imag
    assert_close(rotated(q), expected, **EXACT)


@pytest.mark.parametrize("positions", POSITIONS)
def test_who_sees_the_place_who_the_distance_alone_and_who_neither(positions):
    """Steps put in front, all alike and hidden, change nothing where a score hangs on content and distance; a change of
    order changes nothing for one layer where it hangs on content alone."""
    model, x = build(name_of(1, True, positions)), noise(2, 8, N_IN)
    shuffled = x[:, [3, 0, 6, 2, 1, 5, 4, 7]]
    moved = (model(shuffled).outputs - model(x).outputs)[:, -1].abs().max().item()
    assert (moved < 1e-12) == (positions == "none")
    twice = torch.cat([x[:, :1]] * 5, 1)  # one step again and again: who sees no place says the same at each
    same = (model(twice).outputs - model(twice).outputs[:, :1]).abs().max().item()
    assert (same < 1e-12) == (positions in ("none", "alibi", "rotary"))
