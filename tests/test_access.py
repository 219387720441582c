"""Reads that do not see each other: against the model's own pass, and one read straight after the writes."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

from oracles import FRESH, attend, global_randomness_untouched, store
from sevenlenses.lenses import learning
from sevenlenses.lenses.access.hidden import READERS, compare, masked
from sevenlenses.lenses.access.reads import READS, STORE
from sevenlenses.models import create
from sevenlenses.models.attention import sinusoids
from sevenlenses.runtime import generator

EXACT = {"rtol": 1e-10, "atol": 1e-12}  # float64
quick = settings(deadline=None, derandomize=True, max_examples=40)
each_asked = pytest.mark.parametrize("same", [False, True], ids=["random keys", "one key"])


def build(name: str, seed: int = 0, n_in: int = STORE.n_in, size: int = 16, n_out: int = STORE.n_out):
    return create(name, n_in, size, n_out, generator=generator(seed, "weights"))


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=generator(seed, "noise"), dtype=torch.float64)


def causal(steps: int) -> torch.Tensor:
    return torch.ones(steps, steps, dtype=torch.bool).tril()


# A mask


@pytest.mark.slow
@quick
@given(
    name=st.sampled_from(READERS), batch=st.integers(1, 3), steps=st.integers(1, 40), size=st.sampled_from([4, 8, 20]),
    seed=st.integers(0, 99),
)  # fmt: skip
def test_with_all_of_the_past_in_sight_it_is_the_models_own_pass(name, batch, steps, size, seed):
    model, x = build(name, seed, 5, size, 3).double(), 3 * noise(batch, steps, 5, seed=seed)
    with global_randomness_untouched():
        found = masked(model, x, causal(steps))
    assert_close(found, model(x).outputs, **EXACT)
    assert_close(found, attend(model, store(model, x))[0], **EXACT)


@pytest.mark.slow
@quick
@given(name=st.sampled_from(READERS), steps=st.integers(1, 12), seed=st.integers(0, 99))
def test_a_step_reads_what_its_row_shows_and_nothing_else(name, steps, seed):
    model, x = build(name, seed, 5, 8, 3).double(), noise(2, steps, 5, seed=seed)
    mask = (torch.rand(steps, steps, generator=generator(seed, "mask")) < 0.5) | torch.eye(steps, dtype=torch.bool)
    found, stored = masked(model, x, mask), store(model, x)
    for t in range(steps):
        seen = [s for s in range(steps) if mask[t, s] and s != t]
        alone = attend(model, stored[:, [*seen, t]])[0][:, -1]  # in any order: the places are in what is stored
        assert_close(found[:, t], alone, **EXACT)


def test_who_sees_only_itself_answers_as_if_alone():
    model, x = build("attention").double(), noise(2, 9, STORE.n_in)
    found = masked(model, x, torch.eye(9, dtype=torch.bool))
    assert_close(found, torch.cat([model(x[:, t : t + 1]).outputs for t in range(9)], 1), **EXACT)


# Hidden reads


def batch_of(same: bool, seed: int):
    """The sequences that `compare` draws."""
    return replace(STORE, reads=READS, same=same).sample(learning.FRESH, generator(seed, "hidden"))


def snapshots(model, batch) -> np.ndarray:
    """(READS,): accuracy of each read when it is the only one, straight after the writes."""
    pairs = STORE.pairs
    writes = batch.x[:, :pairs]
    right = []
    for r in range(pairs, batch.x.shape[1]):
        outputs = model(torch.cat([writes, batch.x[:, r : r + 1]], 1)).outputs[:, -1]
        right.append((outputs.argmax(-1) == batch.y[:, r]).float().mean().item())
    return np.array(right)


@pytest.mark.slow
@each_asked
@pytest.mark.parametrize("seed", FRESH[:2])
def test_without_positions_a_hidden_read_is_one_straight_after_the_writes(same, seed):
    model = build("attention", seed)
    found = compare(model, same, seed)
    assert found["unseen"].shape == found["seen"].shape == (1, READS)
    one = 1 / learning.FRESH  # of all sequences: two sums in another order may part a tie
    assert found["unseen"][0] == pytest.approx(snapshots(model, batch_of(same, seed)), abs=1.01 * one)


@pytest.mark.slow
@pytest.mark.parametrize("seed", FRESH)
def test_of_one_key_every_hidden_read_is_the_same(seed):
    assert np.ptp(compare(build("attention", seed), True, seed)["unseen"]) < 1.01 / learning.FRESH


@each_asked
def test_with_positions_a_hidden_read_is_one_from_its_own_place(same):
    model, batch, pairs = build("attention-positions"), batch_of(same, 0), STORE.pairs
    found = compare(model, same, 0)["unseen"][0]
    stored = model.embed(batch.x) + sinusoids(batch.x.shape[1], model.n_hidden).float()  # (B, T, H)
    for r in (0, 1, 7, 127):
        seen = stored[:, [*range(pairs), pairs + r]]
        right = (attend(model, seen)[0][:, -1].argmax(-1) == batch.y[:, pairs + r]).float().mean().item()
        assert found[r] == pytest.approx(right, abs=1.01 / learning.FRESH)


@pytest.mark.slow
@each_asked
@pytest.mark.parametrize("name", READERS)
def test_a_read_in_sight_is_that_of_the_models_own_pass(name, same):
    model, batch = build(name), batch_of(same, 3)
    found = compare(model, same, 3)
    right = replace(STORE, reads=READS, same=same).right(model(batch.x).outputs, batch).double().numpy()
    assert found["seen"][0] == pytest.approx(right, abs=1.01 / learning.FRESH)
    assert found["seen"][0, 0] == found["unseen"][0, 0]  # before the first read there is none to hide
    assert not np.array_equal(found["seen"], found["unseen"])


def test_before_training_nothing_is_known():
    assert all(np.isnan(one).all() and one.shape == (1, READS) for one in compare(None, False, 0).values())
