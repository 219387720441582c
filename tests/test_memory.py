"""What a model holds of the past: against the whole pass, formulas, and itself before."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

from oracles import add_up, global_randomness_untouched, normed, store
from sevenlenses.models import create
from sevenlenses.models.attention import HEADS
from sevenlenses.models.memory import Store, bytes_kept, held
from sevenlenses.models.recurrence import unroll
from sevenlenses.runtime import generator

N_IN, H, K = 5, 8, 3
EXACT = {"rtol": 1e-10, "atol": 1e-12}  # float64
KEPT = ("attention", "attention-positions")
HELD = ("rnn", "lstm", "linear-attention", *KEPT)
quick = settings(deadline=None, derandomize=True, max_examples=40)


def build(name: str, seed: int = 0, size: int = H):
    return create(name, N_IN, size, K, generator=generator(seed, "weights"))


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=generator(seed, "noise"), dtype=torch.float64)


def keys_and_values(model, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """What attention puts down of each step of x (B, T, n_in), by formula: (B, heads, T, H / heads) each."""
    _, *both = (normed(store(model, x), model.norm) @ rows.T for rows in model.qkv.weight.split(model.n_hidden))
    k, v = (part.unflatten(-1, (HEADS, -1)).transpose(1, 2).detach() for part in both)
    return k, v


# The store


@quick
@given(name=st.sampled_from(KEPT), batch=st.integers(1, 3), steps=st.integers(1, 40), seed=st.integers(0, 99))
def test_step_by_step_the_store_answers_like_the_whole_pass(name, batch, steps, seed):
    model, x = build(name, seed).double(), noise(batch, steps, N_IN, seed=seed)
    memory = Store(model)
    with global_randomness_untouched():
        outputs = torch.stack([memory.step(x_t) for x_t in x.unbind(1)], 1)
    assert_close(outputs, model(x).outputs.detach(), **EXACT)
    assert_close((memory.keys, memory.values), keys_and_values(model, x), **EXACT)
    assert len(memory) == steps


@pytest.mark.parametrize("name", KEPT)
@pytest.mark.parametrize("first", [1, 4, 32])
def test_what_is_stored_stays_the_same_to_the_last_bit_however_often_it_is_read(name, first):
    model, x = build(name), 4 * noise(3, first + 128, N_IN).float()
    memory = Store(model)
    for x_t in x[:, :first].unbind(1):
        memory.step(x_t)
    keys, values = memory.keys.clone(), memory.values.clone()
    for x_t in x[:, first:].unbind(1):
        memory.step(x_t)
        assert torch.equal(memory.keys[:, :, :first], keys) and torch.equal(memory.values[:, :, :first], values)
    assert len(memory) == first + 128


@quick
@given(name=st.sampled_from(KEPT), batch=st.integers(1, 4), steps=st.integers(0, 30), size=st.sampled_from([4, 12, 32]))
def test_the_store_grows_by_two_vectors_a_step(name, batch, steps, size):
    memory = Store(build(name, size=size))
    for x_t in noise(batch, steps, N_IN).float().unbind(1):
        memory.step(x_t)
    assert (len(memory), memory.nbytes) == (steps, 4 * batch * 2 * size * steps)


# What is held of the first steps


@quick
@given(name=st.sampled_from(HELD), batch=st.integers(1, 3), first=st.integers(1, 9), more=st.integers(0, 9))
def test_what_is_held_has_a_row_for_the_last_write_and_each_later_step(name, batch, first, more):
    wide = {"rnn": H, "lstm": H, "linear-attention": H * H // HEADS + H}
    memory = held(build(name), noise(batch, first + more, N_IN).float(), first)
    assert memory.shape == (batch, more + 1, wide.get(name, 2 * H * first)) and not memory.requires_grad


@pytest.mark.parametrize("name", ["rnn", "lstm"])
def test_a_recurrent_net_holds_its_state_and_an_lstm_its_cell(name):
    model, x = build(name).double(), noise(2, 9, N_IN)
    looped = unroll(model, x)
    expected = looped.inside["cell"] if name == "lstm" else looped.states
    assert_close(held(model, x, 4), expected[:, 3:].detach(), **EXACT)


def test_linear_attention_holds_its_sums():
    model, x = build("linear-attention").double(), noise(2, 9, N_IN)
    _, sums = add_up(model, store(model, x))
    expected = torch.stack([torch.cat([s.flatten(1), z.flatten(1)], 1) for s, z in sums[3:]], 1)
    assert_close(held(model, x, 4), expected.detach(), **EXACT)


@pytest.mark.parametrize("name", KEPT)
def test_attention_holds_the_same_bits_of_its_writes_for_ever(name):
    model, x = build(name), noise(2, 4 + 128, N_IN).float()
    memory = held(model, x, 4)
    assert torch.equal(memory, memory[:, :1].expand_as(memory))
    k, v = keys_and_values(model, x[:, :4])
    assert_close(memory[:, 0], torch.cat([k.flatten(1), v.flatten(1)], 1), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", ["rnn", "lstm", "linear-attention"])
def test_what_has_a_fixed_size_moves_with_every_step(name):
    memory = held(build(name), noise(2, 4 + 16, N_IN).float(), 4)
    assert ((memory[:, 1:] - memory[:, :-1]).norm(dim=-1) > 1e-3).all()


# Its price


@quick
@given(name=st.sampled_from(HELD), steps=st.integers(1, 40), size=st.sampled_from([4, 8, 20, 64]))
def test_bytes_kept_are_those_of_the_formulas(name, steps, size):
    floats = {"rnn": size, "lstm": 2 * size, "linear-attention": size * size // HEADS + size}
    assert bytes_kept(build(name, size=size), steps) == 4 * floats.get(name, 2 * size * steps)


@pytest.mark.parametrize("name", ["deep-attention", "linear-attention", "bidirectional", "lstm"])
def test_only_one_layer_of_softmax_attention_has_a_store(name):
    with pytest.raises(
        ValueError, match=r"^what is kept is known for Attention, PositionedAttention; got \w+\. Describe"
    ):
        Store(build(name))


@pytest.mark.parametrize("name", ["deep-attention", "bidirectional", "deep-bidirectional"])
def test_a_memory_that_nobody_has_described_is_refused(name):
    model = build(name)
    for ask in (lambda: held(model, noise(1, 4, N_IN).float(), 2), lambda: bytes_kept(model, 4)):
        with pytest.raises(
            ValueError, match=rf"RecurrentModel; got {type(model).__name__}\. Describe its memory here first"
        ):
            ask()
