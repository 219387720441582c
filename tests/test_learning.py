"""What the training experiments share: runs that grow, learning rates chosen by trials, many records as one array."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from oracles import global_randomness_untouched
from sevenlenses import records
from sevenlenses.lens import Experiment, Knob
from sevenlenses.lenses import EXPERIMENTS, rates
from sevenlenses.lenses.access import hidden, reads
from sevenlenses.lenses.capacity import causes, length, recall, small
from sevenlenses.lenses.credit import copies, doubts, fraction, watch
from sevenlenses.lenses.credit import learning as credit
from sevenlenses.lenses.learning import FRESH, STRIDE, Learned, Lesson, in_turn, learn
from sevenlenses.lenses.locality import moments, practice, writing
from sevenlenses.lenses.rates import ALIKE, LEARNED, RATE, RATES, TIE, rate_of, trials
from sevenlenses.lenses.tables import side_by_side, table
from sevenlenses.models.variants import EVERY
from sevenlenses.records import Missing
from sevenlenses.runtime import generator
from sevenlenses.tasks.flagged import Flagged
from sevenlenses.tasks.latch import Latch
from sevenlenses.tasks.moments import Moments
from sevenlenses.tasks.recall import Recall
from sevenlenses.training import Fit, evaluate, fit

CPU = torch.device("cpu")
quick = settings(deadline=None, derandomize=True, max_examples=60)


# A run that grows


@dataclass(frozen=True, kw_only=True)
class Sized(Learned):
    """A run on whose trained model something more is measured. size: (seeds,), of all its weights."""

    size: np.ndarray


LESSON = Lesson("attention", 2000, Latch(length=5), Fit(steps=45, learning_rate=0.001))  # half learned
AT = {"n": 3}


def size_of(model) -> dict[str, np.ndarray]:
    if model is None:
        return {"size": np.array([np.nan])}
    return {"size": np.array([sum(weight.square().sum().item() for weight in model.parameters())])}


def learned(seed: int = 0, lesson: Lesson = LESSON, measure=size_of) -> list[Sized]:
    return list(learn(Sized, lesson, AT, seed, "cpu", measure))


def numbers(result: Learned) -> dict:
    """All of a result but how long it took."""
    return json.loads(result.to_json()) | {"setup": {**result.setup, "seconds": 0}}


def test_a_run_is_the_training_loop_and_then_fresh_sequences():
    task = LESSON.task
    model = EVERY["attention"].build(
        task.n_in, task.n_out, longest=5, generator=generator(4, "weights"), budget=LESSON.budget
    )
    steps = list(fit(model, task, LESSON.plan, generator=generator(4, "data"), device=CPU))
    at = [0, *range(STRIDE - 1, 45, STRIDE), 44]
    with global_randomness_untouched():
        *_, end = learned(seed=4)
    assert end.step.tolist() == [[1, 20, 40, 45]] == [[steps[i].step for i in at]]
    assert end.score.tolist() == [[steps[i].running for i in at]]
    assert end.loss.tolist() == [[steps[i].loss for i in at]]
    assert 0.2 < end.final[0] < 0.95
    assert end.final == [evaluate(model, task, batch=FRESH, generator=generator(4, "fresh"), device=CPU)]
    assert (end.used, end.seeds, end.knobs, end.progress) == ([45], (4,), AT, 1.0)
    assert end.size == size_of(model)["size"]
    assert end.setup["device"] == "CPU" and end.setup["seconds"] > 0


def test_partial_results_grow_and_the_last_is_complete():
    *growing, end = learned()
    assert [one.used[0] for one in (*growing, end)] == list(range(1, 46))
    shares = [one.progress for one in (*growing, end)]
    assert shares == sorted(shares) and shares[0] > 0 and shares[-2] < shares[-1] == 1
    for one in growing:
        n = one.step.shape[1]
        assert one.step.tolist()[0] == end.step[0, :n].tolist() == [p for p in (1, 20, 40, 45) if p <= one.used[0]]
        assert one.score.tolist()[0] == end.score[0, :n].tolist()
        assert np.isnan(one.final).all() and np.isnan(one.size).all()
    assert np.isfinite(end.final).all() and np.isfinite(end.size).all()


def test_a_model_that_has_learned_is_trained_no_further():
    lesson = replace(LESSON, plan=replace(LESSON.plan, steps=400, target=0.5))
    *_, before, end = learned(lesson=lesson)
    assert end.used[0] == end.step[0, -1] < 400 and end.score[0, -1] >= 0.5 and end.progress == 1
    assert before.progress < 0.99


def test_what_else_is_measured_is_measured_once_on_the_trained_model():
    seen = []

    def watch(model):
        seen.append(None if model is None else {name: value.clone() for name, value in model.state_dict().items()})
        return size_of(model)

    *_, end = learned(measure=watch)
    assert len(seen) == 2 and seen[0] is None
    assert sum(value.square().sum().item() for value in seen[1].values()) == pytest.approx(end.size[0])
    assert end.final[0] > 0.3  # so it was trained; chance is 1/8


def test_nothing_else_need_be_measured():
    *_, end = learn(Learned, LESSON, AT, 0, "cpu")
    assert end.final == learned()[-1].final


def test_a_run_comes_again_bit_for_bit_and_another_seed_runs_otherwise():
    first, again, other = (learned(seed)[-1] for seed in (0, 0, 1))
    assert numbers(first) == numbers(again)
    assert all(not np.array_equal(getattr(first, name), getattr(other, name)) for name in ("score", "loss", "size"))


def test_several_seeds_in_turn_are_each_alone_and_then_one():
    steps = {5: 25, 2: 45, 9: 5}

    def one(seed: int):
        return learn(Sized, replace(LESSON, plan=Fit(steps=steps[seed])), AT, seed, "cpu", size_of)

    def turn(*seeds: int) -> list[Sized]:
        return list(in_turn(one, seeds))

    alone = {seed: turn(seed) for seed in (5, 2, 9)}
    *growing, whole = turn(5, 2, 9)
    assert [numbers(one) for one in growing] == [numbers(one) for seed in (5, 2, 9) for one in alone[seed][:-1]]
    assert whole.seeds == (5, 2, 9) and whole.progress == 1.0
    assert whole.step.shape == (3, 4)  # the longest; shorter runs are filled
    for row, seed in enumerate((5, 2, 9)):
        end = alone[seed][-1]
        for name in ("step", "score", "loss", "final", "used", "size"):
            found, expected = getattr(whole, name)[row], getattr(end, name)[0]
            if name in ("step", "score", "loss"):
                assert np.isnan(found[len(expected) :]).all()
                found = found[: len(expected)]
            assert np.array_equal(found, expected)


def test_a_lesson_hangs_on_its_model_its_size_and_its_rate():
    words = LESSON.words()
    assert words[0].startswith("attention default ") and words[-1] == "rate 0.001"
    for changed in (
        replace(LESSON, variant="attention-positions"),
        replace(LESSON, budget=3000),
        replace(LESSON, plan=Fit(learning_rate=0.003)),
    ):
        assert changed.words() != words
    assert replace(LESSON, task=Latch(length=9)).words() == words


# Learning rates


def experiment_of(name: str = "toy") -> Experiment:
    """An experiment of two knobs and a rate, and trials where one of the knobs is held."""
    knobs = {"n": Knob("N", 2, (2, 3), 1, 9), "m": Knob("M", "a", ("a", "b")), "rate": RATE}
    one = Experiment(
        name=name, question="?", knobs=knobs, run=learned, draw=learned, describe=learned, layers={}, result=Learned,
        models=learned, recorded=True, trials=lambda: trials(one, m="a"),
    )  # fmt: skip
    return one


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A folder of records that starts empty."""
    monkeypatch.setattr(records, "home", lambda: tmp_path)
    return tmp_path


def outcome(final: float, used: float, seed: int = 0) -> Learned:
    curve = np.ones((1, 1))
    return Learned(
        knobs={}, seeds=(seed,), setup={"seconds": 1.0}, step=curve, score=curve, loss=curve,
        final=np.array([final]), used=np.array([used]),
    )  # fmt: skip


def put(experiment: Experiment, outcomes: dict, seeds=rates.SEEDS, **knobs) -> None:
    """Record trials: for each rate the final accuracies by seed, and the steps used."""
    for rate, (finals, used) in outcomes.items():
        for seed, final in zip(seeds, finals, strict=True):
            records.save(experiment, {"n": 2, "m": "a", **knobs, "rate": rate}, seed, outcome(final, used, seed))


SAME = ([0.5, 0.5, 0.5], 100)
CHOSEN = {"n": 2, "m": "a", "rate": "chosen"}


@pytest.mark.parametrize("rate", [0.001, 0.03, 1])
def test_a_rate_that_is_named_is_taken_without_trials(home, rate):
    found = rate_of(experiment_of(), {**CHOSEN, "rate": rate})
    assert found == rate and isinstance(found, float)


@pytest.mark.parametrize("best", RATES)
def test_the_rate_with_the_highest_mean_accuracy_is_chosen(home, best):
    one = experiment_of()
    put(one, dict.fromkeys(RATES, ([0.9, 0.5, 0.1], 10)) | {best: ([0.6, 0.5, 0.5], 1500)})  # by mean, not by maximum
    assert rate_of(one, CHOSEN) == best


@pytest.mark.parametrize("best", RATES)
@pytest.mark.parametrize("less", [0, 0.9, 1.1])
def test_of_accuracies_that_chance_may_have_parted_that_with_the_fewest_steps_is_chosen(home, best, less):
    one, other = experiment_of(), RATES[RATES.index(best) - 1]
    lower = 0.5 - less * TIE
    outcomes = dict.fromkeys(RATES, SAME) | {other: ([0.5] * 3, 98), best: ([lower] * 3, 97)}
    put(one, outcomes)
    assert rate_of(one, CHOSEN) == (best if less < 1 else other)


@pytest.mark.parametrize(
    ("lowest", "highest", "told"),
    [(0.3, 0.3 + 0.99 * ALIKE, False), (0.3, 0.3 + 1.01 * ALIKE, True), (LEARNED - 0.04, LEARNED, True),
     (LEARNED - 0.04, LEARNED - 0.001, False)],
)  # fmt: skip
def test_trials_that_all_lie_on_a_floor_choose_nothing_and_easier_ones_decide(home, lowest, highest, told):
    one = experiment_of()
    put(one, dict.fromkeys(RATES, ([lowest] * 3, 1500)) | {0.001: ([highest] * 3, 1500)}, n=3)
    put(one, dict.fromkeys(RATES, SAME) | {0.03: ([0.7, 0.7, 0.7], 1500)}, n=2)
    hard, easy = {**CHOSEN, "n": 3}, {**CHOSEN, "n": 2}
    assert rates.choice_of(one, hard) == rates.Choice(0.001, told)
    assert rate_of(one, hard, easy) == (0.001 if told else 0.03)
    assert [at["n"] for at in rates.untold(one)] == ([] if told else [3])


def test_where_easier_settings_fail_too_any_rate_stands_for_all(home):
    one = experiment_of()
    put(one, dict.fromkeys(RATES, SAME), n=3)
    put(one, dict.fromkeys(RATES, SAME) | {0.01: ([0.51] * 3, 90)}, n=2)
    assert rate_of(one, {**CHOSEN, "n": 3}, {**CHOSEN, "n": 2}) == rates.choice_of(one, {**CHOSEN, "n": 3}).rate
    assert [at["n"] for at in rates.untold(one)] == [2, 3]


@pytest.mark.parametrize(
    ("wanted", "stops"), [(1, [2]), (2, [2]), (5, [4, 2]), (6, [8, 4, 2]), (8, [8, 4, 2]), (64, [8, 4, 2])]
)
def test_the_settings_asked_are_the_nearest_and_then_the_easier_ones(wanted, stops):
    assert rates.down_from(wanted, (2, 8, 4)) == stops


def test_each_setting_and_each_experiment_has_a_rate_of_its_own(home):
    one, other = experiment_of(), experiment_of("other")
    for experiment, n, best in ((one, 2, 0.001), (one, 3, 0.01), (other, 2, 0.03)):
        put(experiment, dict.fromkeys(RATES, SAME) | {best: ([0.7, 0.7, 0.7], 200)}, n=n)
    assert [rate_of(one, CHOSEN), rate_of(one, {**CHOSEN, "n": 3}), rate_of(other, CHOSEN)] == [0.001, 0.01, 0.03]


def test_a_knob_that_is_not_named_is_at_its_default(home):
    """So a new knob leaves what asks for a rate as it is."""
    one = experiment_of()
    put(one, dict.fromkeys(RATES, SAME) | {0.01: ([0.7, 0.7, 0.7], 200)})
    assert rate_of(one, {"rate": "chosen"}) == rate_of(one, CHOSEN) == 0.01


def test_the_seeds_of_the_pictures_have_no_say(home):
    one = experiment_of()
    put(one, dict.fromkeys(RATES, SAME) | {0.01: ([0.7, 0.7, 0.7], 200)})
    put(one, {0.03: ([1.0] * 5, 1)}, seeds=one.seeds)
    assert not set(one.seeds) & set(rates.SEEDS)
    assert rate_of(one, CHOSEN) == 0.01


def test_without_all_trials_no_rate_is_chosen_and_with_them_it_is(home):
    one = experiment_of()
    for rates_there in ({}, {rate: SAME for rate in RATES[:-1]}):
        put(one, rates_there)
        with pytest.raises(Missing, match=r"no recorded run rate=.* of toy"):
            rate_of(one, CHOSEN)
    put(one, {RATES[-1]: ([0.7, 0.7, 0.7], 200)})
    assert rate_of(one, CHOSEN) == RATES[-1]
    with pytest.raises(Missing, match="n=3"):
        rate_of(one, {**CHOSEN, "n": 3})


def test_trials_are_every_rate_at_every_stop_with_the_rest_held():
    one = experiment_of()
    for fixed, held in (({"m": "a"}, ("a",)), ({}, ("a", "b"))):
        found = [(at["n"], at["m"], at["rate"], seeds) for at, seeds in trials(one, **fixed)]
        assert sorted(found) == sorted((n, m, rate, rates.SEEDS) for n in (2, 3) for m in held for rate in RATES)
    recorded = [(tuple(at.values()), seed) for at, seed in one.grid()]
    assert len(recorded) == len(set(recorded)) == 4 * 5 + 2 * 4 * 3


@pytest.fixture
def asked(monkeypatch):
    """The trials that were asked for; all went equally well."""
    found = []

    def load(experiment, at, seeds=None):
        found.extend((experiment.name, tuple(at.items()), seed) for seed in seeds)
        return SimpleNamespace(final=np.ones(3), used=np.ones(3))

    monkeypatch.setattr(records, "load", load)
    rates._chosen.cache_clear()
    yield found
    rates._chosen.cache_clear()


CHOOSING = [
    one
    for one in EXPERIMENTS.values()
    if not one.gather and "rate" in one.knobs and "chosen" in one.knobs["rate"].stops
]
TRIED = {(one.name, tuple(at.items()), seed) for one in CHOOSING for at, seeds in one.trials() for seed in seeds}


@pytest.mark.slow
@pytest.mark.parametrize("experiment", CHOOSING, ids=lambda one: one.name)
def test_what_decides_a_rate_is_among_the_trials_all_over_the_range(asked, experiment):
    ranges = [
        st.sampled_from(knob.stops)
        if knob.is_choice
        else st.sampled_from(knob.stops) | st.integers(int(knob.low), int(knob.high))
        for knob in experiment.knobs.values()
    ]

    @quick
    @given(values=st.tuples(*ranges))
    def each(values):
        at = dict(zip(experiment.knobs, values, strict=True))
        asked.clear()
        rates._chosen.cache_clear()
        words = experiment.words(experiment.settings(**at))
        assert words[-1] == "rate 0.001"
        assert len(asked) == len(RATES) * len(rates.SEEDS) and set(asked) <= TRIED

    each()


@pytest.mark.parametrize(
    ("make", "tried"),
    [
        (lambda: recall.lesson("rnn", 32, 50_000, "chosen"), ("rnn", 8, 40_000)),
        (lambda: recall.lesson("attention", 2, 110_000, "chosen"), ("attention", 8, 110_000)),
        (lambda: length.lesson("attention", 20, "chosen"), ("attention", 8, 40_000)),
        (lambda: length.lesson("lstm-chrono", 116, "chosen"), ("lstm-forget-1", 8, 40_000)),  # not tried by itself
        (lambda: small.lesson(32, "chosen"), ("linear-attention", 8, 12_000)),  # nor is its size
        (lambda: causes.lesson("longer", 4, "chosen"), ("longer", 8)),
        (lambda: causes.lesson("few-keys", 16, "chosen"), ("few-keys", 8)),
        (lambda: practice.lesson("bidirectional", "last", "chosen"), ("bidirectional", "last", 8)),
        (lambda: writing.lesson("flag", 8, "chosen"), ("lstm-forget-1", "flag", 8)),
        (lambda: moments.lesson("deep-attention", "first", 32, "chosen"), ("deep-attention", "first", 8)),
        (lambda: reads.lesson("lstm-chrono", 20, "chosen"), ("lstm-chrono", 32)),
        (lambda: reads.lesson("rnn", 1, "chosen"), ("rnn", 1)),
        (lambda: hidden.lesson("attention-positions", "same", "chosen"), ("attention-positions", 1)),
        (lambda: credit.lesson("min-lstm", 20, "chosen"), ("min-lstm", 16)),
        (lambda: watch.lesson("lstm-chrono", 64, "chosen"), ("lstm-chrono", 64)),
        (lambda: copies.lesson("deep-attention", 2, "chosen"), ("deep-attention", 16)),  # those for one
        (lambda: doubts.lesson("larger", "chosen"), ("lstm-forget-1", 64)),  # those for the usual
    ],
)
def test_a_lesson_takes_its_rate_from_trials_of_its_own_model(asked, make, tried):
    make()
    assert {tuple(value for name, value in at if name != "rate") for _, at, _ in asked} == {tried}


def recorded_runs() -> Iterator[tuple[Experiment, dict]]:
    """Every run whose rate is chosen."""
    for one in CHOOSING:
        yield from ((one, at) for at in one.stops() if at["rate"] == "chosen")


def test_no_run_takes_a_rate_from_trials_in_which_nothing_was_learned(monkeypatch):
    """Where all rates failed, a run stands for them only at the very settings of these trials, or at harder ones when
    easier ones failed too. Elsewhere its rate would be a guess, and a verdict on it would rest on the floor."""
    asked, choice_of = [], rates.choice_of

    def noted(experiment, settings):
        asked.append((experiment, settings, choice_of(experiment, settings)))
        return asked[-1][2]

    monkeypatch.setattr(rates, "choice_of", noted)
    guessed = []
    for one, at in recorded_runs():
        asked.clear()
        one.words(at)
        if not any(choice.told for _, _, choice in asked):
            (experiment, settings, _), *easier = asked
            here = all(at.get(name, value) == value for name, value in experiment.settings(**settings).items())
            if not here and not easier[:-1]:  # the last that is asked is the first again
                guessed.append((one.name, at))
    assert not guessed


# What each lesson is


def test_lessons_are_what_their_knobs_say():
    found = recall.lesson("rnn", 32, 50_000, 0.01)
    assert found == Lesson("rnn", 50_000, Recall(pairs=32), Fit(steps=1500, learning_rate=0.01))
    found = length.lesson("lstm-chrono", 52, 0.01)
    assert found == Lesson("lstm-chrono", 40_000, Recall(pairs=4, blanks=52), Fit(steps=1500, learning_rate=0.01))
    longer, few = causes.lesson("longer", 16, 0.01), causes.lesson("few-keys", 16, 0.01)
    assert (longer.task, longer.plan.steps) == (Recall(pairs=16), 6000)
    assert (few.task, few.plan.steps) == (Recall(pairs=16, keys=16), 1500)
    found = small.lesson(16, 0.01)
    assert found == Lesson("linear-attention", 6000, Recall(pairs=16), Fit(steps=1500, learning_rate=0.01))
    found = moments.lesson("bidirectional", "flag", 16, 0.01)
    assert (found.task.when, found.task.pairs, found.budget) == ("flag", 16, moments.BUDGET)
    found = practice.lesson("deep-bidirectional", "first", 0.01)
    assert (found.variant, found.task) == ("deep-bidirectional", Moments(16, "first"))
    assert (found.plan.steps, found.budget) == (6000, moments.BUDGET)
    assert writing.lesson("flag", 32, 0.01) == moments.lesson("lstm-forget-1", "flag", 8, 0.01)
    assert writing.lesson("last", 8, 0.01).task == Moments(8, "last", keys=8)
    found = reads.lesson("lstm-chrono", 5, 0.01)
    assert found.task == replace(reads.STORE, reads=5) and (found.task.pairs, found.task.keys) == (4, 4)
    for asked in ("random", "same"):  # what is asked for in training is any key
        assert hidden.lesson("attention", asked, 0.01) == reads.lesson("attention", 1, 0.01)
    found = credit.lesson("gru", 48, 0.01)
    assert found == Lesson("gru", credit.BUDGET, Flagged(48), Fit(steps=600, learning_rate=0.01))
    to_the_end = Fit(steps=600, learning_rate=0.01, target=np.inf)
    assert watch.lesson("gru", 48, 0.01) == replace(found, plan=to_the_end)
    assert copies.lesson("gru", 3, 0.01) == replace(found, task=Flagged(16, copies=3), plan=to_the_end)
    usual = watch.lesson("lstm-forget-1", 64, 0.01)
    assert doubts.lesson("longer", 0.01) == replace(usual, plan=replace(to_the_end, steps=2400))
    assert doubts.lesson("larger", 0.01) == replace(usual, budget=4 * credit.BUDGET)
    assert fraction.lesson("lstm-forget-1", 0.01) == usual


# Many records as one array


TABLED = Experiment(
    name="tabled", question="?", draw=learned, describe=learned, layers={}, result=Learned, models=learned,
    knobs={
        "a": Knob("A", 2, (2, 3), 1, 9), "b": Knob("B", "x", ("x", "y", "z")), "c": Knob("C", 5, (5, 6), 1, 9)
    },
)  # fmt: skip


def made(experiment, at):
    """Two seeds, whose numbers spell the settings: seed, a, b, c."""
    code = np.array([1000.0, 2000.0]) + 100 * at["a"] + 10 * "xyz".index(at["b"]) + at["c"]
    curve = code[:, None] + np.array([0.1, 0.2, 0.3])
    seconds = {"device": "CPU", "seconds": float(at["a"])}
    return SimpleNamespace(final=code, curve=curve, seeds=(0, 1), setup=seconds)


def test_a_table_has_the_seeds_first_then_each_knob_in_order_then_the_fields_own_axes():
    found = table(made, TABLED, {"b": ("z", "x"), "a": (3, 2, 3)}, "final", "curve", c=6)
    assert found["final"].tolist() == [
        [[seed + 100 * a + 10 * b + 6 for a in (3, 2, 3)] for b in (2, 0)] for seed in (1000, 2000)
    ]
    assert found["curve"].shape == (2, 2, 3, 3)
    assert found["curve"][1, 0, 1] == pytest.approx([2226.1, 2226.2, 2226.3])
    assert found["seeds"] == (0, 1)
    assert found["setup"] == {"device": "CPU", "seconds": 16.0}  # of all six runs
    assert set(found) == {"final", "curve", "seeds", "setup"}


def test_a_table_over_nothing_is_one_run_and_what_is_not_said_is_at_its_default():
    found = table(made, TABLED, {}, "final")
    assert found["final"].tolist() == [1205, 2205]
    with pytest.raises(TypeError, match="has no knob 'd'"):
        table(made, TABLED, {}, "final", d=1)
    with pytest.raises(ValueError, match="b must be one of"):
        table(made, TABLED, {"b": ("w",)}, "final")


@pytest.mark.parametrize("count", [1, 2, 5])
def test_bars_stand_side_by_side_around_their_place(count):
    shifts = side_by_side(count, 0.4)
    assert len(shifts) == count and shifts.sum() == pytest.approx(0, abs=1e-12)
    assert (np.diff(shifts) > 0).all() and np.ptp(shifts) == pytest.approx(0 if count == 1 else 0.4)
