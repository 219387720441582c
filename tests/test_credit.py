"""Where credit goes: against models whose use of each step is known, automatic differentiation, and brute force."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.testing import assert_close

from oracles import FRESH, global_randomness_untouched, walk
from sevenlenses.lenses.credit import watching
from sevenlenses.lenses.credit.attribution import CHUNK, METHODS, OTHERS, along_cells, attribute, log_odds, log_p
from sevenlenses.lenses.credit.fraction import FRACTIONS, fractions
from sevenlenses.lenses.credit.ranks import rank_correlation, ranks, top_share
from sevenlenses.lenses.credit.watching import EACH, PLACES, SHOWN, distances, look, places, product_of_gates, shares_of
from sevenlenses.models.base import SequenceModel, Trace
from sevenlenses.models.initialise import scale_recurrence
from sevenlenses.models.variants import EVERY
from sevenlenses.runtime import generator
from sevenlenses.tasks.flagged import Flagged
from sevenlenses.tasks.tokens import SIZE
from sevenlenses.training import Fit

EXACT = {"rtol": 1e-9, "atol": 1e-11}  # float64
quick = settings(deadline=None, derandomize=True, max_examples=40)
TASK = Flagged(12, 5)


def build(variant: str, task: Flagged = TASK, seed: int = 0) -> SequenceModel:
    return EVERY[variant].build(
        task.n_in, task.n_out, longest=task.length, generator=generator(seed, "weights"), budget=1500
    )


def batch_of(task: Flagged, size: int = 6, seed: int = 0):
    return task.sample(size, generator(seed, "data"))


class Made(SequenceModel):
    """A model by hand: logits at the last step from x (B, T, n_in)."""

    def __init__(self, task: Flagged, logits):
        super().__init__(task.n_in, 4, task.n_out)
        self.logits, self.place = logits, nn.Parameter(torch.zeros(1))

    def trace(self, x, nudge, watch) -> Trace:
        last = self.logits(x)  # (B, values)
        if nudge is not None:
            last = last + 0 * nudge.sum()
        return Trace(last.unsqueeze(1).expand(-1, x.shape[1], -1), x)


# Ranks


def spearman(one: list[float], other: list[float]) -> float:
    """By the book: mean ranks of ties by sorting, then the ordinary correlation."""

    def ranked(values):
        order = sorted(values)
        return [(order.index(v) + len(order) - 1 - order[::-1].index(v)) / 2 for v in values]

    a, b = ranked(one), ranked(other)
    a, b = ([v - math.fsum(r) / len(r) for v in r] for r in (a, b))
    size = math.sqrt(math.fsum(v * v for v in a) * math.fsum(v * v for v in b))
    return math.fsum(v * w for v, w in zip(a, b, strict=True)) / size if size else 0.0


values = st.lists(st.integers(0, 5) | st.floats(-9, 9), min_size=2, max_size=9)


@quick
@given(data=st.data(), one=values)
def test_rank_correlation_is_spearmans_with_ties_too(data, one):
    other = data.draw(st.lists(st.integers(0, 4) | st.floats(-9, 9), min_size=len(one), max_size=len(one)))
    found = rank_correlation(np.array([one, other], float), np.array([other, one], float))
    assert found == pytest.approx([spearman(one, other)] * 2, abs=1e-12)


def test_ranks_of_all_orders_of_four_and_of_ties():
    for order in itertools.permutations(range(4)):
        assert ranks(10.0 ** np.array(order)).tolist() == list(order)
    assert ranks(np.array([3.0, 1.0, 3.0, 3.0])).tolist() == [2, 0, 2, 2]
    assert rank_correlation(np.ones(3), np.arange(3.0)) == 0
    assert rank_correlation(np.arange(3.0), -np.exp(np.arange(3.0))) == -1


def test_the_share_of_the_top_that_is_wanted():
    wanted = np.array([True, False, False])
    rows = np.array([[3.0, 1, 2], [1, 3, 2], [2, 2, 1], [0, 0, 0], [np.nan, 1, 1]])
    assert top_share(rows, np.broadcast_to(wanted, rows.shape)) == pytest.approx(
        [1, 0, 0.5, 1 / 3, np.nan], nan_ok=True
    )


# Credit in models by hand


def only_flagged(x):
    """Ten times the value of the flagged step: (B, values)."""
    return 10 * (x[:, :-1, :-2] * x[:, :-1, -2:-1]).sum(1) / SIZE**2


def all_alike(x):
    """The mean of all values, flags or not: (B, values)."""
    return x[:, :-1, :-2].mean(1)


def decaying(x):
    """Every step counts half as much as the next: (B, values)."""
    steps = x.shape[1] - 1
    return (x[:, :-1, :-2] * 0.5 ** torch.arange(steps - 1, -1, -1)[:, None]).sum(1)


BY_VALUE = ("gradient", "product", "swap", "odds", "out")


def credit(logits, task: Flagged = TASK, seed: int = 0) -> dict[str, np.ndarray]:
    batch = batch_of(task, seed=seed)
    return {name: found.numpy() for name, found in attribute(Made(task, logits), task, batch).items()}


def flagged(task: Flagged = TASK, seed: int = 0) -> np.ndarray:
    return task.responsible(batch_of(task, seed=seed))[:, :-1].numpy()


@pytest.mark.parametrize("method", BY_VALUE)
@pytest.mark.parametrize("seed", FRESH)
def test_who_reads_the_flagged_step_alone_gives_it_all_credit(method, seed):
    found, wanted = credit(only_flagged, seed=seed)[method], flagged(seed=seed)
    assert (found[wanted] > 0).all() and (found[~wanted] < 1e-9).all()


def test_but_the_gradient_at_the_flags_goes_to_all_steps():
    """What would happen if a flag were raised there: that is a slope, too, and no change of a value shows it."""
    found = shares_of(credit(only_flagged)["whole"])
    assert (found[~flagged()] > 0.01).all() and (credit(only_flagged)["gradient"][~flagged()] == 0).all()


@pytest.mark.parametrize("method", ["gradient", "whole"])
def test_a_mean_shares_the_gradient_evenly(method):
    assert shares_of(credit(all_alike)[method]) == pytest.approx(1 / (TASK.length - 1))


def test_who_forgets_by_half_gives_credit_by_recency():
    found = credit(decaying)
    assert found["gradient"][:, :-1] == pytest.approx(found["gradient"][:, 1:] / 2)
    steps = np.broadcast_to(np.arange(TASK.length - 1.0), found["gradient"].shape)
    assert rank_correlation(found["gradient"], steps) == pytest.approx(1)


def test_who_does_not_listen_gives_no_credit_and_then_shares_are_even():
    found = credit(lambda x: torch.zeros(len(x), TASK.values, dtype=x.dtype) + 0 * x.sum((1, 2))[:, None])
    assert all((found[name] == 0).all() for name in ("gradient", "whole", *BY_VALUE))
    assert shares_of(found["swap"]) == pytest.approx(1 / (TASK.length - 1))


TWO = Flagged(12, 5, copies=2)


def either(x):
    """The greatest of what is flagged: one of two alike is enough. (B, values)."""
    return 10 * (x[:, :-1, :-2] * x[:, :-1, -2:-1]).amax(1) / SIZE**2


def test_of_two_alike_one_can_be_left_out_but_not_contradicted():
    found, wanted = credit(either, TWO), flagged(TWO)
    assert (found["out"] < 1e-12).all()
    assert (found["swap"][wanted] > 0.5).all() and (found["swap"][~wanted] < 1e-12).all()


# Credit in real models


def slow_swaps(model, task, batch, method: str) -> np.ndarray:
    """Occlusion by brute force: one sequence, one step, one other value at a time."""
    exact, rows = model.double(), []
    for one, answer in zip(batch.x.double(), batch.y[:, -1], strict=True):

        def score(x, answer=answer):
            p = exact(x[None]).outputs[0, -1].softmax(-1)[answer].item()
            return math.log(p / (1 - p)) if method == "odds" else math.log(p)

        row = []
        for t in range(task.length - 1):
            now, changes = one[t, : task.values].argmax().item(), []
            for shift in range(1, 1 + min(OTHERS, task.values - 1)):
                other = one.clone()
                other[t, : task.values] = 0
                other[t, (now + shift) % task.values] = SIZE
                if method == "out":
                    other[t, -2] = 0
                changes.append(abs(score(other) - score(one)))
            row.append(np.mean(changes))
        rows.append(row)
    return np.array(rows)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["swap", "odds", "out"])
@pytest.mark.parametrize("variant", ["rnn", "lstm-forget-1", "gru", "attention", "min-lstm"])
@pytest.mark.parametrize("task", [TASK, Flagged(7, 2), Flagged(CHUNK, 3, copies=2)], ids=repr)
def test_occlusion_is_what_brute_force_gives(variant, method, task):
    model, batch = build(variant, task), batch_of(task, 2)
    assert attribute(model, task, batch)[method].numpy() == pytest.approx(
        slow_swaps(model, task, batch, method), rel=1e-6, abs=1e-12
    )


@pytest.mark.slow
@pytest.mark.parametrize("variant", ["rnn", "lstm-chrono", "gru", "attention-positions", "deep-attention"])
def test_gradients_are_the_slopes_that_small_steps_find(variant):
    model, batch, tiny = build(variant), batch_of(TASK, 2), 1e-6
    found = attribute(model, TASK, batch)
    exact, x, y = build(variant).double(), batch.x.double(), batch.y[:, -1:]
    slopes = torch.zeros_like(x)
    for t, j in itertools.product(range(TASK.length), range(TASK.n_in)):
        sides = []
        for way in (tiny, -tiny):
            moved = x.clone()
            moved[:, t, j] += way
            sides.append(log_p(exact(moved).outputs, y).detach())
        slopes[:, t, j] = (sides[0] - sides[1]) / (2 * tiny)
    close = {"rtol": 1e-5, "atol": 1e-9}
    assert_close(found["whole"], slopes[:, :-1].norm(dim=-1), **close)
    assert_close(found["gradient"], slopes[:, :-1, : TASK.values].norm(dim=-1), **close)
    assert_close(found["product"], (slopes * x).sum(-1).abs()[:, :-1], **close)


@pytest.mark.parametrize("variant", ["attention", "deep-attention", "rnn", "lstm-forget-1"])
def test_weights_and_cells_only_where_there_are_some(variant):
    model, batch = build(variant), batch_of(TASK)
    with global_randomness_untouched():
        found = attribute(model, TASK, batch)
    assert set(found) == set(METHODS)
    assert all(one.shape == (6, TASK.length - 1) and one.dtype == torch.float64 for one in found.values())
    nothing = {"weights": "attention" not in variant, "cell": "lstm" not in variant}
    assert all(torch.isnan(one).all() == nothing.get(name, False) for name, one in found.items())
    assert all((one >= 0).all() for name, one in found.items() if not nothing.get(name))
    if "attention" in variant:
        inside = model.double()(batch.x.double(), watch=True).inside
        weights = inside.get("weights", inside.get("second weights"))[:, :, -1].mean(1)
        assert_close(found["weights"], weights[:, :-1], **EXACT)


def test_the_model_is_left_as_it_was():
    model = build("lstm-forget-1")
    before = {name: value.clone() for name, value in model.state_dict().items()}
    attribute(model.eval(), TASK, batch_of(TASK))
    assert not model.training and all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(one.grad is None and one.dtype == torch.float32 for one in model.parameters())


@quick
@given(logits=st.lists(st.floats(-30, 30), min_size=3, max_size=3), y=st.integers(0, 2))
def test_log_odds_are_accurate_where_probabilities_round_to_one(logits, y):
    outputs = torch.tensor(logits, dtype=torch.float64).view(1, 1, 3)
    total = math.fsum(math.exp(v) for i, v in enumerate(logits) if i != y)
    assert log_odds(outputs, torch.tensor([[y]])).item() == pytest.approx(logits[y] - math.log(total), abs=1e-9)


# Along the cells


def test_the_exact_derivative_at_the_cells_is_that_of_automatic_differentiation():
    model, batch = build("lstm-forget-1").double(), batch_of(TASK)
    exact, _ = along_cells(model, batch)
    outputs, kept = walk(model, batch.x.double())
    log_p(outputs, batch.y[:, -1:]).sum().backward()
    assert_close(exact, torch.stack([cell.grad for _, cell in kept], 1), rtol=1e-7, atol=1e-12)


@pytest.mark.parametrize("variant", ["lstm-forget-0", "lstm-chrono"])
def test_the_product_of_gates_is_the_path_through_the_cells_alone(variant):
    model, batch = build(variant).double(), batch_of(TASK)
    _, product = along_cells(model, batch)
    outputs, kept = walk(model, batch.x.double(), remember_h=False)
    log_p(outputs, batch.y[:, -1:]).sum().backward()
    assert_close(product, torch.stack([cell.grad for _, cell in kept], 1), rtol=1e-7, atol=1e-12)


def test_without_a_recurrent_matrix_the_product_is_exact_and_with_one_it_is_not():
    model, batch = build("lstm-forget-1"), batch_of(TASK)
    assert (product_of_gates(model, batch)["off"] > 0.01).all()
    scale_recurrence(model, 0.0)
    found = product_of_gates(model, batch)
    assert found["off"] == pytest.approx(0, abs=1e-12) and found["scale"] == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize(("length", "back"), [(2, [1]), (3, [1, 2]), (16, [1, 2, 4, 8, 15]), (17, [1, 2, 4, 8, 16])])
def test_distances_double_up_to_the_first_step(length, back):
    assert distances(length) == back


# A look


@pytest.mark.parametrize("length", [16, 17, 64, 128])
def test_places_are_apart_and_evenly_spread(length):
    found = places(Flagged(length))
    assert len(set(found)) == PLACES and found[0] >= 0 and found[-1] < length - 1
    assert np.ptp(np.diff(found)) <= 1
    assert abs(found[0] + found[-1] - (length - 2)) <= 1  # as many before as after


@pytest.mark.parametrize("logits, mass, top", [(only_flagged, 1, 1), (all_alike, 1 / 15, None)])
def test_a_look_measures_shares_and_tops_of_known_models(logits, mass, top):
    task = Flagged(16)
    found = look(Made(task, logits), task, 3)
    gradient = METHODS.index("gradient")
    assert found["mass"][gradient] == pytest.approx(mass) and found["least"][gradient] == pytest.approx(mass)
    assert top is None or found["top"][gradient] == pytest.approx(top)
    assert np.isnan(found["mass"][METHODS.index("weights")]).all()
    assert found["right"] == pytest.approx(1 if top else 0.2, abs=0.15)


def test_a_look_at_a_model_that_forgets_by_half():
    task = Flagged(16)
    found, i = look(Made(task, decaying), task, 3), METHODS.index("gradient")
    assert found["recency"][i] == pytest.approx(1)
    share = 0.5 ** (14 - np.array(places(task)))
    assert found["mass"][i] == pytest.approx(share / (2 - 2.0**-14), rel=1e-6)
    assert found["shown"][SHOWN.index("gradient")].sum(-1) == pytest.approx(1, abs=0.01)


def test_looks_draw_nothing_from_global_randomness_and_are_the_same_again():
    model, task = build("lstm-forget-1", Flagged(16)), Flagged(16)
    with global_randomness_untouched():
        one, same = look(model, task, 3), look(model, task, 3)
    assert all(np.array_equal(one[name], same[name], equal_nan=True) for name in one)
    other = look(model, task, 4)
    assert not np.array_equal(one["mass"], other["mass"], equal_nan=True)
    assert np.array_equal(one["shown"], other["shown"], equal_nan=True)  # one sequence for all seeds


def test_agreement_is_symmetric_and_perfect_with_itself():
    agree = look(build("attention", Flagged(16)), Flagged(16), 3)["agree"]
    here = np.isfinite(np.diag(agree))
    assert here.sum() == len(METHODS) - 1  # attention has no cells
    assert agree[np.ix_(here, here)] == pytest.approx(agree[np.ix_(here, here)].T)
    assert np.diag(agree)[here] == pytest.approx(1)


@pytest.mark.slow
def test_a_watched_run_looks_before_between_and_at_the_end():
    lesson = watching.Lesson("lstm-forget-1", 1500, Flagged(16), Fit(steps=99, learning_rate=0.01)).to_the_end(30)
    runs = list(watching.watch(lesson, {"variant": "lstm-forget-1"}, 0, "cpu", looks=(10, 20, 50)))
    first, last = runs[0], runs[-1]
    assert len(runs) == 30 and last.looked.tolist() == [[0, 10, 20, 30]] and last.progress == 1
    assert np.isfinite(first.right).tolist() == [[True, False, False, False]]
    assert np.isfinite(last.right).all() and last.final == last.right[:, -1] and last.used == 30
    assert last.mass.shape == last.top.shape == (1, 4, len(METHODS), PLACES)
    assert last.shown.shape == (1, 4, len(SHOWN), PLACES, 15) and EACH >= 1
    assert type(last).from_json(last.to_json()).to_json() == last.to_json()


# How large a change must be


def step_like(x):
    """The value of the flagged step, on a plateau; and a little of every value, in proportion: (B, values)."""
    return 8 * torch.tanh(2 * only_flagged(x) - 10) + all_alike(x)


def test_a_change_of_any_size_finds_who_reads_the_flagged_step_alone():
    found = fractions(Made(TASK, only_flagged), TASK, 3)
    assert found["share"] == pytest.approx(np.ones((1, len(FRACTIONS))), abs=1e-9)
    assert (np.diff(found["moved"]) > 0).all()


def test_where_nothing_is_flat_the_size_of_a_change_hardly_matters():
    share = fractions(Made(TASK, all_alike), TASK, 3)["share"][0]
    assert share == pytest.approx(np.full_like(share, share[0]), rel=0.1) and share[0] < 0.25


def test_on_a_plateau_only_a_large_change_finds_the_flagged_step():
    share = fractions(Made(TASK, step_like), TASK, 3)["share"][0]
    assert share[:3] == pytest.approx(np.full(3, share[0]), rel=0.1) and share[0] < 0.25
    assert (share[-3:] > 0.8).all()
