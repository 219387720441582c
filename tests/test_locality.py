"""What moves a state before the question comes: against memories whose content is known."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from oracles import FRESH
from sevenlenses.lenses.locality.writing import PAIRS, VARIANT, swapped
from sevenlenses.models.base import Trace
from sevenlenses.models.variants import EVERY
from sevenlenses.runtime import generator
from sevenlenses.tasks.moments import MOMENTS, Moments
from sevenlenses.tasks.tokens import SIZE

ONE_SWAP = SIZE * math.sqrt(2)  # one entry of `SIZE` goes, another comes
HERE = PAIRS // 2
everywhere = pytest.mark.parametrize("when", MOMENTS)
with_keys = pytest.mark.parametrize("keys", [PAIRS, 32])


class Made(nn.Module):
    """A model by hand: `states` from x (B, T, n_in)."""

    def __init__(self, states):
        super().__init__()
        self.states, self.place = states, nn.Parameter(torch.zeros(1))

    def forward(self, x) -> Trace:
        return Trace(x, self.states(x))


def moved(states, task: Moments, seed: int = 0) -> np.ndarray:
    """(PAIRS,): how far a swap at each pair moves the states of a model by hand."""
    found = swapped(Made(states), task, seed)["moved"]
    assert found.shape == (1, PAIRS)
    return found[0]


def task_of(when: str, keys: int = 32) -> Moments:
    return Moments(PAIRS, when, keys=keys, place=HERE)


def values(x, task: Moments):
    """The inputs without keys, flag and question: (B, T, values)."""
    return x[..., task.keys : task.keys + task.values]


def marked(x, task: Moments):
    """(B, T, 1): one at the pair that matters, as a model can know it that was told before or at the pair."""
    keys = x[..., : task.keys]
    known = x[..., -2:-1] if task.when == "flag" else (keys * keys[:, :1]).sum(-1, keepdim=True)
    known[:, 0] = 0.0
    return (known > 0).to(x.dtype)


@everywhere
@with_keys
@pytest.mark.parametrize("seed", FRESH)
def test_a_sum_of_all_inputs_is_moved_as_far_by_every_pair(when, keys, seed):
    found = moved(lambda x: x.cumsum(1), task_of(when, keys), seed)
    assert found == pytest.approx(np.full(PAIRS, ONE_SWAP), rel=1e-5)


@with_keys
@pytest.mark.parametrize("when", ["flag", "first"])
def test_who_stores_the_marked_value_alone_is_moved_by_its_pair_alone(when, keys):
    task = task_of(when, keys)
    found = moved(lambda x: (values(x, task) * marked(x, task)).cumsum(1), task)
    assert found[HERE] == pytest.approx(ONE_SWAP, rel=1e-5)
    assert (np.delete(found, HERE) == 0).all()


@everywhere
def test_who_forgets_by_half_at_each_step_is_moved_by_half_as_much_for_each_step_back(when):
    def states(x):
        kept = torch.zeros_like(x[:, 0])
        return torch.stack([kept := kept / 2 + x_t for x_t in x.unbind(1)], 1)

    assert moved(states, task_of(when)) == pytest.approx(ONE_SWAP * 0.5 ** np.arange(PAIRS - 1, -1, -1), rel=1e-4)


@everywhere
def test_only_values_are_swapped(when):
    task = task_of(when)

    def others(x):
        return torch.cat([x[..., : task.keys], x[..., task.keys + task.values :]], -1).cumsum(1)

    assert (moved(others, task) == 0).all()


@everywhere
def test_what_comes_with_the_last_step_does_not_count(when):
    def only_at_the_end(x):
        states = x.cumsum(1)
        return torch.cat([torch.zeros_like(states[:, :-1]), states[:, -1:]], 1)

    assert (moved(only_at_the_end, task_of(when)) == 0).all()


@everywhere
def test_a_swap_leaves_one_value_at_every_pair(when):
    task, seen = task_of(when), []

    def remember(x):
        seen.append(values(x, task).clone())
        return x

    moved(remember, task)
    assert len(seen) == PAIRS + 1
    for pair, other in enumerate(seen[1:]):
        changed = (other != seen[0]).any(-1)  # (B, T)
        assert changed[:, pair + 1].all() and not changed[:, np.delete(np.arange(PAIRS + 2), pair + 1)].any()
        assert (other[:, 1:-1].sum(-1) == SIZE).all() and (other[:, 1:-1].amax(-1) == SIZE).all()


@pytest.mark.parametrize("size", [1, 3])
def test_the_root_mean_square_is_taken_over_sequences_and_the_length_over_units(size):
    def half_of_them(x):  # every other sequence stores nothing
        states = size * x.cumsum(1)
        states[::2] = 0.0
        return states

    assert moved(half_of_them, task_of("last")) == pytest.approx(np.full(PAIRS, size * ONE_SWAP * 0.5**0.5), rel=1e-5)


def test_the_question_asked_last_has_not_come_yet():
    """So a network that has not seen it cannot be moved more by the pair that matters."""
    task = task_of("last")
    model = EVERY[VARIANT].build(
        task.n_in, task.n_out, longest=task.length, generator=generator(0, "weights"), budget=28_000
    )
    found = swapped(model, task, 0)["moved"]
    asked_otherwise = swapped(model, Moments(PAIRS, "last", place=0), 0)["moved"]
    assert np.array_equal(found, asked_otherwise) and (found > 0).all()


def test_before_training_nothing_is_known():
    found = swapped(None, task_of("flag"), 0)["moved"]
    assert found.shape == (1, PAIRS) and np.isnan(found).all()
