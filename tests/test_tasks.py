"""Tasks: a reader that looks the answer up scores 1, a guess scores chance, the data are what their docstring says."""

import doctest
import importlib
import pkgutil

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import sevenlenses
from oracles import global_randomness_untouched
from sevenlenses.runtime import generator
from sevenlenses.tasks import TASKS
from sevenlenses.tasks.adding import Adding
from sevenlenses.tasks.base import Batch
from sevenlenses.tasks.latch import Latch

MODULES = sorted(found.name for found in pkgutil.walk_packages(sevenlenses.__path__, "sevenlenses."))


def read_latch(x: torch.Tensor) -> torch.Tensor:
    """One step after another: what came first, said at every step. (B, T, n_in) → (B, T, classes)."""
    return torch.stack([x[:, 0, :8] for _ in x.unbind(1)], 1)


def read_adding(x: torch.Tensor) -> torch.Tensor:
    """One step after another: the sum of what was marked so far. (B, T, 2) → (B, T, 1)."""
    return (x[:, :, :1] * x[:, :, 1:]).cumsum(1)


READERS = {"latch": read_latch, "adding": read_adding}
GUESSES = {"latch": torch.eye(8), "adding": torch.tensor([[1.0], [0.8], [1.2]])}  # constant answers, a best one first


@pytest.fixture(params=TASKS)
def name(request) -> str:
    return request.param


@pytest.mark.parametrize("length", [2, 3, 64])
def test_a_reader_of_the_input_scores_one(name, length):
    task = TASKS[name](length=length)
    batch = task.sample(500, generator(0, "data"))
    outputs = READERS[name](batch.x)
    assert task.score(outputs, batch) == pytest.approx(1, abs=1e-5)
    assert task.loss(40 * outputs if name == "latch" else outputs, batch) < 1e-6


def test_chance_is_what_the_best_constant_answer_scores(name):
    task = TASKS[name](length=5)
    source = generator(0, "data")
    batches = [task.sample(400, source) for _ in range(200)]
    scores = torch.tensor(
        [[task.score(guess.expand(400, 5, -1), batch) for batch in batches] for guess in GUESSES[name]]
    )  # (guesses, batches)
    error = scores.std(1) / len(batches) ** 0.5
    assert abs(scores[0].mean() - task.chance) < 4 * error[0]
    assert (scores.mean(1) < task.chance + 4 * error).all()  # and no constant does better


def test_where_no_answer_is_asked_for_none_counts(name):
    task = TASKS[name](length=6)
    batch = task.sample(50, generator(0, "data"))
    outputs = READERS[name](batch.x)
    elsewhere = outputs + 9 * torch.randn(outputs.shape, generator=generator(1, "noise")) * ~batch.scored[..., None]
    assert task.score(elsewhere, batch) == task.score(outputs, batch)
    assert task.loss(elsewhere, batch) == task.loss(outputs, batch)
    assert task.score(outputs.flip(0), batch) < 1


@settings(deadline=None, derandomize=True, max_examples=60)
@given(length=st.integers(2, 40), batch=st.integers(1, 30), seed=st.integers(0, 99), name=st.sampled_from(list(TASKS)))
def test_data_have_their_shapes_and_come_from_the_generator_alone(length, batch, seed, name):
    task = TASKS[name](length=length)
    with global_randomness_untouched():
        one, same = (task.sample(batch, generator(seed, "data")) for _ in range(2))
    assert one.x.shape == (batch, length, task.n_in) and one.x.dtype == torch.float32
    assert one.y.shape[:2] == one.scored.shape == (batch, length)
    assert one.scored.nonzero().tolist() == [[b, length - 1] for b in range(batch)]
    assert all(torch.equal(getattr(one, part), getattr(same, part)) for part in ("x", "y", "scored"))
    assert isinstance(one.to(torch.device("cpu")), Batch)


def test_another_seed_and_the_next_batch_bring_other_data(name):
    task, source = TASKS[name](length=20), generator(0, "data")
    first, following, other = (task.sample(9, one).x for one in (source, source, generator(1, "data")))
    assert not torch.equal(first, following) and not torch.equal(first, other)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(length=st.integers(2, 40), classes=st.integers(2, 9), kinds=st.integers(1, 9), seed=st.integers(0, 99))
def test_latch_is_a_class_then_noise_then_a_question(length, classes, kinds, seed):
    batch = Latch(length, classes, kinds).sample(30, generator(seed, "data"))
    assert (batch.x.sum(-1) == 1).all()  # one-hot
    tokens = batch.x.argmax(-1)  # (B, T)
    assert torch.equal(tokens[:, 0], batch.y[:, -1]) and (tokens[:, 0] < classes).all()
    assert ((tokens[:, 1:-1] >= classes) & (tokens[:, 1:-1] < classes + kinds)).all()
    assert (tokens[:, -1] == classes + kinds).all()


@settings(deadline=None, derandomize=True, max_examples=40)
@given(length=st.integers(2, 40), seed=st.integers(0, 99))
def test_adding_marks_one_number_in_each_half(length, seed):
    values, marks = Adding(length).sample(30, generator(seed, "data")).x.unbind(-1)
    assert ((values >= 0) & (values < 1)).all() and ((marks == 0) | (marks == 1)).all()
    assert (marks[:, : length // 2].sum(1) == 1).all() and (marks[:, length // 2 :].sum(1) == 1).all()


def test_every_step_of_its_half_can_be_marked_and_every_class_drawn():
    marks = Adding(7).sample(2000, generator(0, "data")).x[..., 1].mean(0)  # (T,)
    assert marks.tolist() == pytest.approx([1 / 3] * 3 + [1 / 4] * 4, abs=0.05)
    classes = Latch(7).sample(4000, generator(0, "data")).y[:, 0].bincount() / 4000
    assert classes.tolist() == pytest.approx([1 / 8] * 8, abs=0.03)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Latch(length=1), "length must be a whole number from 2 up; got 1."),
        (lambda: Latch(length=16.0), "length must be a whole number from 2 up; got 16.0."),
        (lambda: Latch(classes=1), "classes must be a whole number from 2 up; got 1."),
        (lambda: Latch(noise=0), "noise must be a whole number from 1 up; got 0."),
        (lambda: Adding(length=-3), "length must be a whole number from 2 up; got -3."),
        (lambda: Adding(length="8"), "length must be a whole number from 2 up; got '8'."),
    ],
)
def test_an_impossible_size_is_said(make, said):
    with pytest.raises(ValueError) as error:
        make()
    assert str(error.value) == said


@pytest.mark.parametrize("module", MODULES)
def test_examples_in_the_documentation_are_true(module):
    assert doctest.testmod(importlib.import_module(module)).failed == 0


def test_every_task_has_an_example():
    for task in TASKS.values():
        assert ">>>" in task.__doc__ and "Chance:" in task.__doc__
