"""The opening chapter: snapshots with and without places, answers after every word, gates watched and held."""

import itertools
from collections import Counter
from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

from oracles import global_randomness_untouched
from sevenlenses import records
from sevenlenses.lenses import learning
from sevenlenses.lenses.learning import Learned, Lesson, Training, learn
from sevenlenses.lenses.reading import LENS, holding, watching
from sevenlenses.lenses.reading.ceiling import commonest, names_known
from sevenlenses.lenses.reading.holding import LAST, LOOKS, READ, SHOWN, SHOWN_WORDS, answers, look, swapped, watch
from sevenlenses.lenses.reading.reading import READING, looks, words
from sevenlenses.lenses.reading.steered import GATES, emptied, steered, told_apart
from sevenlenses.models import create
from sevenlenses.models.base import SequenceModel, Trace, state_gradients
from sevenlenses.models.window import PLACES
from sevenlenses.runtime import generator
from sevenlenses.tasks.sentences import FIRST, NUMBER, STOP, WORDS, Sentences
from sevenlenses.tasks.tokens import SIZE, on
from sevenlenses.training import Fit

EXACT = {"rtol": 1e-10, "atol": 1e-12}  # float64
quick = settings(deadline=None, derandomize=True, max_examples=40)
N_IN, H, K = 5, 8, 3


def build(name: str, seed: int = 0, n_in: int = N_IN, size: int = H, n_out: int = K):
    return create(name, n_in, size, n_out, generator=generator(seed, "weights"))


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=generator(seed, "noise"), dtype=torch.float64)


# A bag of words


@quick
@given(batch=st.integers(1, 3), steps=st.integers(1, 40), seed=st.integers(0, 99))
def test_a_bag_answers_from_the_sum_of_its_vectors(batch, steps, seed):
    model, x, nudge = build("bag", seed).double(), noise(batch, steps, N_IN), noise(batch, steps, H, seed=1)
    stored, total = model(x).states + nudge, torch.zeros(batch, H, dtype=torch.float64)
    assert_close(model(x).states, x @ model.embed.weight.T, **EXACT)
    for t in range(steps):
        total = total + stored[:, t]
        assert_close(model(x, nudge=nudge).outputs[:, t], model.head((total + model.embed.bias).tanh()), **EXACT)


@quick
@given(words=st.integers(2, 60), seed=st.integers(0, 99))
def test_two_orders_of_the_same_words_are_one_to_a_bag_to_the_bit(words, seed):
    model, source = build("bag", seed, len(WORDS)), generator(seed, "data")
    numbers = torch.randint(len(WORDS), (4, words), generator=source)
    shuffled = numbers[:, torch.randperm(words, generator=source)]
    one, two = (model(on(each, len(WORDS))).outputs[:, -1] for each in (numbers, shuffled))
    assert torch.equal(one, two)
    assert not torch.equal(one, build("window", seed, len(WORDS))(on(shuffled, len(WORDS))).outputs[:, -1])


# A window of places


@pytest.mark.slow
@quick
@given(batch=st.integers(1, 3), steps=st.integers(1, 60), seed=st.integers(0, 99))
def test_a_window_has_weights_for_each_place_and_sees_no_further(batch, steps, seed):
    model, x, nudge = build("window", seed).double(), noise(batch, steps, N_IN), noise(batch, steps, H, seed=1)
    stored = x @ model.embed.weight.T + nudge
    total = model.places.bias.expand(batch, -1)
    for t in range(steps):
        if t < PLACES:
            total = total + stored[:, t] @ model.places.weight[:, t * H : (t + 1) * H].T
        assert_close(model(x, nudge=nudge).outputs[:, t], model.head(total.tanh()), **EXACT)


@pytest.mark.parametrize("name", ["bag", "window"])
def test_gradients_of_snapshots_are_those_of_autograd(name):
    model, x = build(name).double(), noise(2, 9, N_IN)
    at_states, at_inputs, _ = state_gradients(model, x, lambda outputs: outputs[:, -1].square().sum())
    assert_close(
        at_inputs, at_states @ model.embed.weight, **EXACT
    )  # all that an input does, it does through its vector
    nudge = torch.zeros(2, 9, H, dtype=torch.float64)
    for t in (0, 4, 8):
        ends = []
        for push in (1e-6, -1e-6):
            nudge[:, t, 3] = push
            ends.append(model(x, nudge=nudge).outputs[:, -1].square().sum(-1))
            nudge[:, t, 3] = 0.0
        assert_close((ends[0] - ends[1]) / 2e-6, at_states[:, t, 3], rtol=1e-6, atol=1e-8)


# What the names alone are worth


@pytest.mark.parametrize(("draws", "kinds"), [(1, 8), (2, 8), (3, 2), (5, 3), (4, 4)])
def test_the_expected_count_of_the_commonest_is_that_of_counting_all(draws, kinds):
    every = [max(Counter(one).values()) for one in itertools.product(range(kinds), repeat=draws)]
    assert commonest(draws, kinds) == pytest.approx(np.mean(every), rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("count", [5, 11, 12, 18, 19, 33, 61])
@pytest.mark.parametrize(("suspects", "unknown"), [(8, 0.05), (3, 0.5)])
def test_names_are_worth_what_the_best_guess_from_them_scores(count, suspects, unknown):
    task = Sentences(longest=count, words=count, suspects=suspects, unknown=unknown)
    batch = task.sample(40_000, generator(0, "data"))
    seen = batch.x[..., :suspects].sum(1)  # (B, suspects)
    guess = (seen + 0.01 * torch.rand(seen.shape, generator=generator(0, "ties"))).argmax(-1)  # (B,)
    right = (guess == batch.y[:, 0]).float().mean().item()
    assert names_known(count, suspects, unknown) == pytest.approx(right, abs=0.01)


# Answers after every word


class Scripted(SequenceModel):
    """Says the fifth word's name, except after so many words as `slips` holds: there, the next name."""

    def __init__(self, slips=(), sure: float = 9.0):
        super().__init__(len(WORDS), 1, 8)
        self.slips, self.sure, self.nothing = set(slips), sure, torch.nn.Parameter(torch.zeros(1))

    def trace(self, x, nudge, watch):
        said = x[:, FIRST - 1, :8] if x.shape[1] >= FIRST else x[:, -1, :8]  # (B, 8)
        slipping = torch.tensor([t in self.slips for t in range(x.shape[1])])  # after t words
        outputs = torch.where(slipping[:, None], said.roll(1, 1)[:, None], said[:, None])  # (B, T, 8)
        return Trace(self.sure * outputs / SIZE, x[..., :1])


def test_an_answer_after_n_words_is_that_to_the_words_and_a_stop():
    model, task = build("lstm", 0, len(WORDS), 8, 8), Sentences(longest=20, words=20)
    numbers = task.draw(6, generator(0, "data"))[0][:, :-1]
    found = answers(model, numbers)
    assert found.shape == (6, 16, 8) and not found.requires_grad
    for row, n in itertools.product(range(6), (5, 9, 20)):
        read = task.read([*(WORDS[word] for word in numbers[row, :n].tolist()), STOP])
        assert_close(found[row, n - FIRST], model(read).outputs[0, -1].softmax(-1))


@pytest.mark.slow
@quick
@given(slips=st.sets(st.integers(5, LAST), max_size=6))
def test_a_look_tells_who_is_right_who_came_back_and_who_never_slipped(slips):
    found = look(Scripted(slips), 3)
    right = np.array([n not in slips for n in range(FIRST, LAST + 1)], float)
    assert np.array_equal(found["right"], right)
    assert np.array_equal(found["kept"], right * right[0])
    assert np.array_equal(found["held"], np.cumprod(right))
    sure = np.e**9 / (np.e**9 + 7)
    assert found["sure"] == pytest.approx(np.where(right > 0, sure, (1 - sure) / 7), abs=1e-3)
    assert (found["shown"] > 0.5).all(0).tolist() == (right[: SHOWN_WORDS - 4] > 0).tolist()


def test_the_sentences_that_are_shown_are_the_same_whatever_the_seed():
    model = build("gru", 0, len(WORDS), 8, 8)
    one, two = look(model, 0), look(model, 1)
    assert np.array_equal(one["shown"], two["shown"]) and not np.array_equal(one["right"], two["right"])
    assert one["said"].shape == (SHOWN, SHOWN_WORDS - FIRST + 1)


def test_what_is_read_again_at_every_look_is_the_same():
    model = build("rnn", 0, len(WORDS), 8, 8)
    with global_randomness_untouched():
        one, two = look(model, 4), look(model, 4)
    assert all(np.array_equal(one[name], two[name]) for name in one)
    assert {name: value.shape for name, value in one.items()} == {
        name: value.shape for name, value in holding.unseen().items()
    }


# Two orders


@pytest.mark.parametrize("task", [Sentences(), Sentences(longest=19, words=19)], ids=["mixed", "exact"])
def test_who_reads_the_fifth_word_has_both_orders_right_and_a_bag_never(task):
    assert swapped(Scripted(), task, 0)["both"] == 1 and swapped(Scripted(), task, 0)["apart"] == 9
    bag = build("bag", 0, len(WORDS), 8, 8)
    assert swapped(bag, task, 0) == {"apart": 0.0, "both": 0.0}


@pytest.mark.parametrize("words", [12, 33])
def test_the_two_orders_have_the_same_words_and_another_suspect(words, monkeypatch):
    task, seen = Sentences(longest=words, words=words), []

    class Listening(Scripted):
        def trace(self, x, nudge, watch):
            seen.append(x.argmax(-1))
            return super().trace(x, nudge, watch)

    swapped(Listening(), task, 1)
    one, two = seen
    assert one.shape == two.shape == (READ, words + 1)
    assert torch.equal(one.sort(1).values, two.sort(1).values)
    assert (one != two).nonzero()[:, 1].unique().tolist() == [4, 11] and ((one != two).sum(1) == 2).all()
    assert (one[:, 4] < 8).all() and (two[:, 4] < 8).all() and (one[:, -1] == NUMBER[STOP]).all()


# Watched training


SHORT = Lesson("rnn", 900, Sentences(longest=7), Fit(steps=45, learning_rate=0.01, target=np.inf))


@pytest.mark.slow
def test_a_watched_run_is_the_run_of_every_lens_looked_at():
    runs = list(watch(SHORT, {"a": 1}, 3, "cpu"))
    (*_, plain) = learn(Learned, SHORT, {"a": 1}, 3, "cpu")
    last = runs[-1]
    for name in ("step", "score", "loss", "final", "used"):
        assert np.array_equal(getattr(last, name), getattr(plain, name)), name
    assert last.looked.tolist() == [[25, 45]] and last.right.shape == (1, 2, LAST - 4)
    assert [run.progress for run in runs[-2:]] == [pytest.approx(44 / 45), 1.0]
    assert np.isnan(runs[10].right).all() and np.isfinite(runs[30].right[0, 0]).all()
    assert np.isnan(runs[30].right[0, 1]).all() and np.isnan(runs[-2].apart).all()
    assert all(run.right.shape == last.right.shape and run.shown.shape == last.shown.shape for run in runs)


@pytest.mark.slow
def test_looking_changes_nothing_of_training(monkeypatch):
    (*_, looked) = watch(SHORT, {}, 0, "cpu")
    monkeypatch.setattr(holding, "LOOKS", ())
    (*_, unlooked) = watch(SHORT, {}, 0, "cpu")
    assert np.array_equal(looked.loss, unlooked.loss) and np.array_equal(looked.right[:, -1:], unlooked.right)


def test_the_model_before_training_is_that_of_the_first_step():
    training = Training(replace(SHORT, plan=replace(SHORT.plan, learning_rate=1e-12)), 5)
    first = deepcopy(training.model.state_dict())
    next(iter(training))
    assert_close(dict(first), dict(training.model.state_dict()), rtol=0, atol=1e-10)
    assert_close(dict(first), dict(SHORT.untrained(5).state_dict()), rtol=0, atol=0)


# Gates


@pytest.fixture
def lstm():
    return build("lstm").double()


def test_with_no_gate_held_it_is_the_models_own_pass(lstm):
    x = noise(3, 9, N_IN)
    assert_close(steered(lstm, x, {}), lstm(x).outputs, **EXACT)
    free = {gate: torch.full((9, H), torch.nan, dtype=torch.float64) for gate in GATES}
    assert_close(steered(lstm, x, free), lstm(x).outputs, **EXACT)


def test_a_gate_held_at_what_it_does_changes_nothing(lstm):
    x = noise(1, 9, N_IN)
    inside = lstm(x, watch=True).inside
    assert_close(steered(lstm, x, {gate: inside[gate][0] for gate in GATES}), lstm(x).outputs, **EXACT)


def test_a_cell_that_takes_nothing_and_keeps_all_stands_still(lstm):
    x = noise(3, 9, N_IN)
    held = {gate: torch.full((9, H), torch.nan, dtype=torch.float64) for gate in GATES}
    held["input"][2:], held["forget"][2:], held["output"][:] = 0.0, 1.0, 1.0
    found = steered(lstm, x, held)
    assert_close(found[:, 2:], found[:, 1:2].expand(-1, 7, -1), **EXACT)
    held["output"][5] = 0.0
    assert_close(steered(lstm, x, held)[:, 5], lstm.head.bias.expand(3, -1), **EXACT)
    held["forget"][:] = 0.0
    assert_close(steered(lstm, x, held)[:, 2:], lstm.head.bias.expand(3, 7, -1), **EXACT)


def test_units_that_forget_say_the_same_of_every_sequence(lstm):
    x = noise(6, 9, N_IN)
    assert_close(emptied(lstm, x, []), lstm(x).outputs[:, -1], **EXACT)
    x[:, -1] = x[:1, -1]  # the last step is the same for all: what differs is remembered
    assert emptied(lstm, x, list(range(H))).std(0).max() < 1e-12
    one = emptied(lstm, x, [2])
    assert (one - lstm(x).outputs[:, -1]).abs().max() > 1e-6 and one.std(0).max() > 1e-6


@quick
@given(groups=st.integers(2, 5), seed=st.integers(0, 99))
def test_the_share_of_variance_is_one_for_what_the_class_decides_and_small_for_noise(groups, seed):
    classes = torch.arange(400) % groups
    values = torch.stack([classes.double() ** 2, noise(400, seed=seed), torch.full((400,), 3.0).double()], -1)[:, None]
    decided, by_chance, constant = told_apart(values, classes)[0].tolist()
    assert decided == pytest.approx(1) and by_chance < 0.1 and constant == 0
    both = values[..., 0] + noise(400, 1, seed=seed + 1)  # (B, T): between plus within is the whole
    within = sum(((both[classes == g] - both[classes == g].mean()) ** 2).sum() for g in range(groups))
    whole = ((both - both.mean()) ** 2).sum()
    assert told_apart(both[..., None], classes).item() == pytest.approx((1 - within / whole).item())


def test_gates_are_held_in_the_clauses_or_at_their_means():
    model, task = build("lstm", 0, len(WORDS), 8, 8), Sentences(longest=12, words=12)
    x = task.sample(5, generator(0, "data")).x
    held = watching.interventions(model, x)
    assert list(held) == list(watching.HELD) and held["free"] == {}
    assert list(held["no-input-output"]) == ["input", "output"]
    inside = model(x, watch=True).inside
    for gate, name, value in (("input", "no-input", 0), ("forget", "full-forget", 1), ("output", "no-output", 0)):
        for one in [held[name], held["story"]] + [held["no-input-output"]] * (gate != "forget"):
            assert (one[gate][FIRST:-1] == value).all()
            assert one[gate][:FIRST].isnan().all() and one[gate][-1].isnan().all()
        assert list(held[name]) == [gate]
        for one in (held[f"plain-{gate}"], held["plain"]):
            assert_close(one[gate], inside[gate].flatten(0, 1).mean(0).expand(13, -1))


# The records


def test_the_picture_of_reading_speaks_of_the_looks_and_lengths_that_were_taken():
    runs = records.load(READING, READING.settings())
    assert runs.looked.tolist() == [[*LOOKS, 800]] * 5 == [list(looks())] * 5
    assert runs.right.shape[-1] == len(words()) and (words()[0], words()[-1]) == (FIRST, LAST)


@pytest.mark.parametrize("variant", READING.knobs["variant"].stops)
def test_shares_are_in_order_held_within_kept_within_right(variant):
    for diet in READING.knobs["diet"].stops:
        runs = records.load(READING, READING.settings(variant=variant, diet=diet))
        assert (runs.held <= runs.kept + 1e-9).all() and (runs.kept <= runs.right + 1e-9).all()
        assert (np.diff(runs.held, axis=-1) <= 1e-9).all()
        assert np.array_equal(runs.held[..., 0], runs.right[..., 0])


def test_every_experiment_of_the_lens_has_a_name_of_its_own():
    assert all(one.name == f"reading-{name}" for name, one in LENS.experiments.items())
    assert learning.FRESH == 512
