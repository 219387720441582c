"""What the capacity lens reads from a state: against memories whose content is known, and by counting."""

import numpy as np
import pytest
import torch

from oracles import FRESH
from sevenlenses.lenses.capacity import causes, recall, state
from sevenlenses.lenses.capacity.echo import ECHO, INPUT, KEPT, LAGS, LENGTHS, STEPS, echo, price, readable
from sevenlenses.lenses.capacity.pairs import PAIRS, SOLVED, reach
from sevenlenses.lenses.gradient.flow import OTHERS
from sevenlenses.lenses.locality import baseline
from sevenlenses.models import create
from sevenlenses.models.base import parameter_count
from sevenlenses.models.variants import EVERY, size_within
from sevenlenses.runtime import generator
from sevenlenses.tasks.recall import Recall

ALL_LAGS = np.arange(1, LAGS + 1)


def noise(*shape: int, seed: int = 0) -> np.ndarray:
    """Even in ±1."""
    return np.random.default_rng(seed).uniform(-1, 1, shape)


def delay_line(x: np.ndarray, size: int) -> np.ndarray:
    """A state that shifts by one place a step: x(t-1), ..., x(t-size). (T,) → (T, size)."""
    return np.column_stack([np.r_[np.zeros(k), x[:-k]] for k in range(1, size + 1)])


# The probe


@pytest.mark.parametrize("size", [1, 8, 32])
@pytest.mark.parametrize("mixed", [False, True])
def test_from_a_delay_line_all_is_read_up_to_its_length_and_nothing_beyond(size, mixed):
    x = INPUT * noise(STEPS)
    line = delay_line(x, size)
    if mixed:  # what a linear probe sees does not hang on the coordinates
        line = line @ np.linalg.qr(noise(size, size, seed=1))[0]
    share = readable(line, x, ALL_LAGS)
    assert share[:size] == pytest.approx(np.ones(size), abs=1e-6)
    assert share[size:].max() < 0.02
    assert share.sum() == pytest.approx(size, abs=0.5)


@pytest.mark.parametrize("size", [1, 32, 128])
def test_from_a_state_that_knows_nothing_nothing_is_read(size):
    share = readable(noise(STEPS, size, seed=1), noise(STEPS), ALL_LAGS)
    assert share.max() < 0.02 and share.min() == 0  # on steps that the probe was not fitted on


@pytest.mark.parametrize("size", [0.5, 1.0, 2.0])
def test_from_a_blurred_state_the_share_that_the_blur_leaves_is_read(size):
    x = noise(10 * STEPS)
    blurred = delay_line(x, 3)[:, 2:] + size * noise(10 * STEPS, 1, seed=1)
    share = readable(blurred, x, ALL_LAGS)
    assert share[2] == pytest.approx(1 / (1 + size**2), abs=0.02)
    assert np.delete(share, 2).max() < 0.01


# The networks


@pytest.mark.slow
@pytest.mark.parametrize("seed", FRESH)
@pytest.mark.parametrize("size", [32, 64])
def test_an_orthogonal_recurrence_holds_most_of_the_inputs_that_its_units_could(seed, size):
    turned, default = (echo("rnn", how, size, seed)[0].sum() for how in ("orthogonal", "default"))
    assert 0.6 * size < turned < size + 0.5
    assert default < 0.7 * turned


@pytest.mark.slow
@pytest.mark.parametrize("seed", FRESH)
def test_no_state_holds_more_inputs_than_it_has_numbers_and_a_vector_per_step_holds_all(seed):
    result = KEPT.measure(size=16, seeds=(seed,))
    rnn, lstm, kept = result.capacity[0, :3]
    assert rnn < 16.5 and lstm < 32.5  # h and c
    assert result.share[0, 2] == pytest.approx(np.ones(LAGS), abs=1e-6) and kept == pytest.approx(LAGS)


def test_more_units_hold_more():
    for how in ("default", "orthogonal"):
        held = [echo("rnn", how, size, 20)[0].sum() for size in (8, 16, 32)]
        assert held[0] < held[1] < held[2]


CHAINS, STORES = (("rnn", "orthogonal"), ("lstm", "chrono")), (("attention", "default"),)
REST = tuple((name, "default") for name in OTHERS)
PICTURES = [(ECHO, CHAINS + REST), (KEPT, CHAINS + STORES + REST)]
each_picture = pytest.mark.parametrize(("experiment", "starts"), PICTURES, ids=lambda one: getattr(one, "name", ""))


@each_picture
def test_the_picture_shows_each_network_as_it_was_measured(experiment, starts):
    result = experiment.measure(size=8, recurrence="orthogonal", init="chrono", seeds=(21, 20))
    for row, seed in zip(result.share, (21, 20), strict=True):
        for found, (name, how) in zip(row, starts, strict=True):
            assert np.array_equal(found, echo(name, how, 8, seed)[0])
    assert result.setup["seconds"] == pytest.approx(
        sum(echo(name, how, 8, seed)[1] for seed in (21, 20) for name, how in starts), abs=0.001
    )  # of the measuring, also when it is remembered


@pytest.mark.parametrize("size", [8, 64])
def test_the_price_is_that_of_the_floats_kept(size):
    prices = {"rnn": 4 * size, "lstm": 8 * size, "attention": 8 * size * LENGTHS}
    for name, expected in prices.items():
        assert price(name, size) == np.broadcast_to(expected, len(LENGTHS)).tolist()


@each_picture
def test_the_picture_shows_the_price_of_each_network(experiment, starts):
    result = experiment.measure(size=8, seeds=(0,))
    assert result.kept[0].tolist() == [price(name, 8) for name, _ in starts]


def test_both_pictures_say_what_they_show_and_only_the_second_speaks_of_what_is_kept():
    without, with_it = (one.describe(one.measure(size=8, seeds=(0,))) for one in (ECHO, KEPT))
    assert set(without) == {"frame", "rnn", "lstm", *OTHERS} and set(with_it) == {*without, "kept"}
    assert not any("kept" in said for said in without.values())
    assert all("kB kept after 4,096 steps" in with_it[name] for name in ("rnn", "lstm", "kept"))
    assert all(with_it[name].startswith(without[name].rstrip(".")) for name in ("rnn", "lstm"))


@pytest.mark.parametrize("name", ["rnn", "lstm-forget-1", "attention", "attention-positions", "linear-attention"])
def test_floats_kept_are_those_of_a_model_within_the_budget(name):
    model, task = EVERY[name].model, Recall(pairs=16)
    size = size_within(model, task.n_in, task.n_out, 40_000)
    formula = {"rnn": size, "lstm": 2 * size, "linear-attention": size**2 // 4 + size}
    assert state.floats_kept(model, 40_000, 16) == formula.get(model, 2 * size * 16)
    built = create(model, task.n_in, size, task.n_out, generator=torch.Generator())
    assert parameter_count(built) <= 40_000


@pytest.mark.parametrize("pairs", [2, 3, *causes.CAUSES.knobs["pairs"].stops, 32])
def test_with_few_keys_the_lstm_keeps_its_sixty_four_units(pairs):
    few, usual = Recall(pairs=pairs, keys=pairs), Recall(pairs=pairs)
    budget = causes.as_many_units(few)
    assert size_within("lstm", few.n_in, few.n_out, budget) == 64
    assert size_within("lstm", usual.n_in, usual.n_out, causes.SIZE) == 64
    assert budget == 4 * 64 * (few.n_in + 64 + 2) + (64 + 1) * few.n_out  # by formula: gates, and the head
    lesson = causes.lesson("few-keys", pairs, 0.01)
    assert (lesson.budget, lesson.task) == (budget, few)


# Pairs stored


@pytest.mark.parametrize(
    ("final", "expected"),
    [
        ([1, 1, 1, 1, 1], 32),
        ([0.9, 0.9, 0.9, 0.9, 0.9], 32),
        ([0.89, 1, 1, 1, 1], 0),
        ([0.9, 0.5, 0.5, 0.5, 0.5], 2),
        ([1, 0.8, 0, 0, 0], 2 * 2**0.5),
        ([1, 1, 0.8, 0, 0], 4 * 2**0.5),
        ([1, 1, 1, 1, 0.6], 16 * 2**0.25),
        ([1, 0.5, 1, 1, 1], 2 * 2**0.2),  # the first that fails counts
    ],
)
def test_the_reach_of_a_model_is_read_between_two_measured_numbers(final, expected):
    assert (PAIRS, SOLVED) == ((2, 4, 8, 16, 32), 0.9), "this test lags behind the code"
    assert reach(np.array(final, dtype=float)) == pytest.approx(expected, rel=1e-9)


def test_the_reach_is_taken_along_the_last_axis():
    curves = noise(3, 4, len(PAIRS)) / 2 + 0.5
    found = reach(curves)
    assert found.shape == (3, 4)
    assert all(found[i, j] == reach(curves[i, j]) for i in range(3) for j in range(4))


def test_more_accuracy_never_means_less_reach():
    lower = np.sort(noise(200, len(PAIRS)) / 2 + 0.5, -1)[:, ::-1]
    higher = np.minimum(lower + 0.05, 1)
    assert (reach(higher) >= reach(lower)).all() and (reach(higher) > reach(lower)).any()


# What values without keys are worth


def test_the_line_of_values_without_keys_falls_to_chance():
    line = [recall.unbound(pairs) for pairs in (1, *PAIRS)]
    assert line[0] == 1 and line == sorted(line, reverse=True)
    assert line[1] == pytest.approx(1 / 16 + 15 / 16 / 2, abs=0.01)  # two pairs: equal values or half right
    assert line[-1] > Recall().chance + 0.05
    assert baseline.unbound(8) == pytest.approx(Recall(8, values=8).unbound(generator(3, "other")), abs=0.005)
