"""Tasks: a reader that looks the answer up scores 1, a guess scores chance, the data are what their docstring says."""

import doctest
import importlib
import itertools
import pkgutil
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import sevenlenses
from oracles import global_randomness_untouched
from readers import READERS, place_of, read_recall, read_tracking
from sevenlenses.runtime import generator
from sevenlenses.tasks import TASKS
from sevenlenses.tasks.adding import Adding
from sevenlenses.tasks.agreement import Agreement
from sevenlenses.tasks.base import Batch, Task
from sevenlenses.tasks.brackets import Brackets
from sevenlenses.tasks.compared import Compared
from sevenlenses.tasks.cue import Cue
from sevenlenses.tasks.flagged import Flagged
from sevenlenses.tasks.hops import Hops
from sevenlenses.tasks.kin import Kin
from sevenlenses.tasks.latch import Latch
from sevenlenses.tasks.letters import LETTERS, Letters, spelled
from sevenlenses.tasks.moments import MOMENTS, Moments
from sevenlenses.tasks.moved import Moved
from sevenlenses.tasks.ordered import Ordered
from sevenlenses.tasks.precedence import Precedence
from sevenlenses.tasks.pronouns import BESIDE, IT, NAMES, THEY, THINGS, WITH, Pronouns
from sevenlenses.tasks.pronouns import CLAUSE as WEATHER
from sevenlenses.tasks.pronouns import WORDS as SPOKEN
from sevenlenses.tasks.recall import Recall
from sevenlenses.tasks.report import Report
from sevenlenses.tasks.sentences import CLAUSE, OPENING, STOP, SUSPECTS, UNKNOWN, WORDS, Sentences
from sevenlenses.tasks.token_recall import POWER, TokenRecall
from sevenlenses.tasks.tokens import SIZE, on
from sevenlenses.tasks.tracking import GROUPS, Tracking

MODULES = sorted(found.name for found in pkgutil.walk_packages(sevenlenses.__path__, "sevenlenses."))


CASES = {
    "latch": [Latch(2), Latch(3), Latch(64)],
    "adding": [Adding(2), Adding(3), Adding(64)],
    "recall": [Recall(1, 1, 2, 1), Recall(), Recall(5, 5, 3, 9, 4), Recall(9, 20, 4, 6, 1, same=True)],
    "moments": [
        *(Moments(pairs, when, place=place) for when in MOMENTS for pairs, place in ((1, 0), (8, None), (4, 3))),
        Moments(5, "last", 5, 2),
    ],
    "flagged": [Flagged(2, 3), Flagged(), Flagged(16, copies=2), Flagged(9, 4, copies=8), Flagged(9, place=3)],
    "ordered": [Ordered(1), Ordered(), Ordered(8, 3, 1.0), Ordered(4, 8, 0.5)],
    "precedence": [Precedence(3, 2), Precedence(), Precedence(64, 3)],
    "brackets": [Brackets(2, 1, 2), Brackets(), Brackets(9, 20), Brackets(40, 1, 3)],
    "tracking": [Tracking(1), Tracking(), Tracking(9, "order")],
    "report": [Report(2, 2), Report(), Report(40, 3)],
    "kin": [Kin(3, 3, 2), Kin(), Kin(5, 12, 4), Kin(8, 9, 3, place=7), Kin(4, place=0)],
    "sentences": [Sentences(5), Sentences(), Sentences(40, 19, 3), Sentences(20, suspects=2, unknown=0.5)],
    "cue": [Cue(2), Cue(), Cue(9, 4, 3, 2), Cue(5, 1), Cue(30, 29)],
    "letters": [Letters(Sentences(5)), Letters(), Letters(Sentences(19, 19, 3)), Letters(Sentences(9, unknown=0.5))],
    "compared": [Compared(2, 2, 2), Compared(), Compared(5, 9, 5)],
    "hops": [Hops(3, 3), Hops(), Hops(4, 9)],
    "token-recall": [TokenRecall(1, 4, 4), TokenRecall(), TokenRecall(16), TokenRecall(3, 19, 9)],
    "pronouns": [Pronouns(0), Pronouns(), Pronouns(4, 3), Pronouns(1, 0)],
    "agreement": [Agreement(0, 1, 1), Agreement(), Agreement(8, opposed=True), Agreement(3, 2, 1)],
    "moved": [Moved(1, 0), Moved(), Moved(4, 1, 3), Moved(3, 0, exactly=3), Moved(2, 2, exactly=0)],
}
TALKING = [pytest.param(name, task, id=repr(task)) for name, tasks in CASES.items() for task in tasks]
GUESSES = {  # constant answers, a best one first
    "latch": torch.eye(8),
    "adding": torch.tensor([[1.0], [0.8], [1.2]]),
    "recall": torch.eye(6),
    "moments": torch.eye(8),
    "flagged": torch.eye(5),
    "ordered": torch.eye(8),
    "precedence": torch.eye(5),
    "brackets": torch.eye(4),
    "tracking": torch.eye(6),
    "kin": torch.eye(8),
    "sentences": torch.eye(3),
    "report": torch.eye(5),
    "cue": torch.eye(8),
    "letters": torch.eye(3),
    "moved": torch.eye(3),
    "compared": torch.eye(2),
    "hops": torch.eye(6),
    "token-recall": torch.eye(10)[5:],
    "agreement": torch.eye(2),
    "pronouns": torch.eye(16),
}
SMALL = {
    "latch": Latch(5),
    "adding": Adding(5),
    "recall": Recall(3, 8, 6, 2),
    "moments": Moments(3),
    "flagged": Flagged(4, 5, copies=2),
    "ordered": Ordered(3, 8, 0.5),
    "precedence": Precedence(6, 5),
    "brackets": Brackets(8, 3),
    "tracking": Tracking(4, "order"),
    "kin": Kin(3),
    "sentences": Sentences(9, suspects=3),
    "report": Report(6, 5),
    "cue": Cue(6),
    "letters": Letters(Sentences(9, suspects=3)),
    "moved": Moved(1, 1, suspects=3),
    "compared": Compared(3, 5, 4),
    "hops": Hops(4, 6),
    "token-recall": TokenRecall(2, 9, 10),
    "agreement": Agreement(2),
    "pronouns": Pronouns(1),
}


@pytest.fixture(params=TASKS)
def name(request) -> str:
    return request.param


def test_every_task_is_read_and_guessed():
    assert set(READERS) == set(CASES) == set(GUESSES) == set(SMALL) == set(TASKS)


@pytest.mark.parametrize(("name", "task"), TALKING)
def test_a_reader_of_the_input_scores_one(name, task):
    batch = task.sample(300, generator(0, "data"))
    outputs = READERS[name](task, batch.x)
    assert task.score(outputs, batch) == (pytest.approx(1, abs=1e-5) if name == "adding" else 1)
    assert task.loss(outputs if name == "adding" else 40 * outputs, batch) < 1e-6


@pytest.mark.slow
def test_chance_is_what_the_best_constant_answer_scores(name):
    task = SMALL[name]
    source = generator(0, "data")
    batches = [task.sample(400, source) for _ in range(200)]
    scores = torch.tensor(
        [[task.score(guess.expand(400, task.length, -1), batch) for batch in batches] for guess in GUESSES[name]]
    )  # (guesses, batches)
    error = scores.std(1) / len(batches) ** 0.5
    assert abs(scores[0].mean() - task.chance) < 4 * error[0]
    assert (scores.mean(1) < task.chance + 4 * error).all()  # and no constant does better


@pytest.mark.parametrize(("name", "task"), TALKING)
def test_where_no_answer_is_asked_for_none_counts(name, task):
    batch = task.sample(50, generator(0, "data"))
    outputs = READERS[name](task, batch.x)
    elsewhere = outputs + 9 * torch.randn(outputs.shape, generator=generator(1, "noise")) * ~batch.scored[..., None]
    assert task.score(elsewhere, batch) == task.score(outputs, batch)
    assert task.loss(elsewhere, batch) == task.loss(outputs, batch)
    assert task.score(outputs.flip(0), batch) < 1
    nothing = outputs * ~batch.scored[..., None]
    assert task.loss(nothing, batch) > 0.1


@st.composite
def any_task(draw) -> tuple[Task, int]:
    """A task of any kind and size, and at how many steps from the end it asks; 0 where that hangs on the data."""
    pairs, values = draw(st.integers(1, 12)), draw(st.integers(2, 9))
    keys, length = draw(st.integers(pairs, 20)), draw(st.integers(3, 40))
    reads, blanks = draw(st.integers(1, 9)), draw(st.integers(0, 5))
    recall = Recall(pairs, keys, values, reads, blanks, draw(st.booleans()))
    moments = Moments(pairs, draw(st.sampled_from(MOMENTS)), keys, values, draw(st.none() | st.integers(0, pairs - 1)))
    known = max(pairs, 3)
    kin = Kin(known, max(keys, known), values, draw(st.none() | st.integers(0, known - 1)))
    copies = draw(st.integers(1, length - 1))
    flagged = Flagged(length, values, copies, draw(st.none() | st.integers(0, length - 2)))
    asked_last = [
        Latch(length),
        Cue(length, draw(st.none() | st.integers(1, length - 1))),
        Adding(length),
        moments,
        flagged,
        kin,
        Ordered(pairs, values, 0.5),
        Precedence(length, values),
        Compared(known, max(keys, known), known + values),
        Hops(known, max(keys, known)),
    ]
    tracking = Tracking(length, draw(st.sampled_from(list(GROUPS))))
    sentences = Sentences(length + 3, draw(st.none() | st.integers(5, length + 3)), min(values, 8))
    report = Report(length, values)
    others = [
        (recall, reads),
        (tracking, length),
        (Brackets(length, pairs, values), 0),
        (sentences, 0),
        (report, length - 1),
    ]
    moved = Moved(draw(st.integers(1, 4)), draw(st.integers(0, 4)), min(values, 8), draw(st.none() | st.integers(0, 1)))
    others += [(Letters(sentences), 0), (moved, 0)]
    others += [(TokenRecall(pairs, 4 * pairs + blanks, 2 * pairs + values), 0)]
    others += [(Agreement(blanks, values, reads, draw(st.booleans())), 0)]
    others += [(Pronouns(blanks, draw(st.none() | st.integers(0, blanks))), 0)]
    return draw(st.sampled_from([*((task, 1) for task in asked_last), *others]))


@settings(deadline=None, derandomize=True, max_examples=100)
@given(sized=any_task(), batch=st.integers(1, 30), seed=st.integers(0, 99))
def test_data_have_their_shapes_and_come_from_the_generator_alone(sized, batch, seed):
    task, reads = sized
    with global_randomness_untouched():
        one, same = (task.sample(batch, generator(seed, "data")) for _ in range(2))
    assert one.x.shape == (batch, task.length, task.n_in) and one.x.dtype == torch.float32
    assert one.y.shape[:2] == one.scored.shape == (batch, task.length)
    if reads:
        asked = range(task.length - reads, task.length)
        assert one.scored.nonzero().tolist() == [[b, t] for b in range(batch) for t in asked]
    assert all(torch.equal(getattr(one, part), getattr(same, part)) for part in ("x", "y", "scored"))
    assert isinstance(one.to(torch.device("cpu")), Batch)
    if not isinstance(task, Adding):
        assert one.y.dtype == torch.long and ((one.y >= 0) & (one.y < task.n_out)).all()


def test_another_seed_and_the_next_batch_bring_other_data(name):
    task, source = CASES[name][1], generator(0, "data")
    first, following, other = (task.sample(9, one).x for one in (source, source, generator(1, "data")))
    assert not torch.equal(first, following) and not torch.equal(first, other)


# Latch and adding


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
@given(length=st.integers(2, 40), share=st.floats(0, 1), seed=st.integers(0, 99))
def test_a_cue_stands_alone_its_lag_before_the_question(length, share, seed):
    lag = max(1, round(share * (length - 1)))
    for task in (Cue(length, lag), Cue(length)):
        batch = task.sample(30, generator(seed, "data"))
        assert (batch.x.sum(-1) == 1).all()  # one-hot
        tokens = batch.x.argmax(-1)  # (B, T)
        cues = tokens < task.classes  # (B, T)
        assert (cues.sum(1) == 1).all() and (tokens[:, -1] == task.n_in - 1).all()
        assert torch.equal(tokens[cues], batch.y[:, -1])
        if task.lag:
            assert cues[:, length - 1 - lag].all()
    first = Cue(length, length - 1).sample(30, generator(seed, "data")).x
    assert first[:, 0, :8].sum() == 30  # as the latch has it


def test_without_a_lag_of_its_own_every_doubling_comes_alike():
    x = Cue(257).sample(8000, generator(0, "data")).x[..., :8].sum(-1)  # (B, T)
    lags = 256 - x.argmax(1)
    shares = [((lags >= 2**i) & (lags < 2 ** (i + 1))).float().mean().item() for i in range(8)]
    assert shares == pytest.approx([1 / 8] * 8, abs=0.02) and lags.min() == 1 and lags.max() > 240


@pytest.mark.parametrize("lag", [0, -1, 16, 2.5, "3"])
def test_a_cue_beyond_the_stream_is_refused(lag):
    with pytest.raises(ValueError, match=r"^lag must be a whole number from 1 to 15; got"):
        Cue(16, lag)


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


# Recall


sizes_of_recall = st.builds(
    Recall,
    pairs=st.integers(1, 12),
    keys=st.integers(12, 30),
    values=st.integers(2, 9),
    reads=st.integers(1, 9),
    blanks=st.integers(0, 5),
    same=st.booleans(),
)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(task=sizes_of_recall, seed=st.integers(0, 99))
def test_recall_is_pairs_then_blanks_then_keys_that_were_stored(task, seed):
    batch = task.sample(20, generator(seed, "data"))
    assert set(batch.x.unique().tolist()) <= {0.0, SIZE}
    keys, values = batch.x[..., : task.keys] / SIZE, batch.x[..., task.keys :] / SIZE
    stored, asked = keys[:, : task.pairs], keys[:, -task.reads :]
    assert (stored.sum(-1) == 1).all() and (values[:, : task.pairs].sum(-1) == 1).all()
    assert (stored.sum(1) <= 1).all()  # no key comes twice
    assert (batch.x[:, task.pairs : task.pairs + task.blanks] == 0).all()
    assert (values[:, task.pairs :] == 0).all()
    which = asked @ stored.transpose(1, 2)  # (B, reads, pairs)
    assert (which.sum(-1) == 1).all() and (asked.sum(-1) == 1).all()  # each asks for one stored key
    answers = (which @ values[:, : task.pairs]).argmax(-1)  # (B, reads)
    assert torch.equal(batch.y[:, -task.reads :], answers)
    if task.same:
        assert (asked == asked[:, :1]).all()


def test_each_read_asks_for_any_pair_anew_or_for_the_same_all_the_time():
    for same in (False, True):
        x = Recall(4, 6, 3, reads=3, same=same).sample(6000, generator(0, "data")).x
        which = (x[:, -3:, :6] @ x[:, :4, :6].transpose(1, 2)).argmax(-1)  # (B, reads)
        for r in range(3):
            assert (which[:, r].bincount(minlength=4) / 6000).tolist() == pytest.approx([1 / 4] * 4, abs=0.03)
        again = (which[:, 0] == which[:, 2]).float().mean().item()
        assert again == (1 if same else pytest.approx(1 / 4, abs=0.03))


def test_every_key_and_every_value_comes_at_every_place():
    for task, first in ((Recall(3, 6, 4), 0), (Moments(3, "flag", 6, 4), 1)):
        shares = task.sample(6000, generator(0, "data")).x[:, first : first + 3].mean(0) / SIZE  # (pairs, n_in)
        assert shares[:, :6].flatten().tolist() == pytest.approx([1 / 6] * 18, abs=0.03)
        assert shares[:, 6:10].flatten().tolist() == pytest.approx([1 / 4] * 12, abs=0.03)


def test_the_score_of_each_read_is_told_apart():
    task = Recall(4, 6, 3, reads=5)
    batch = task.sample(40, generator(0, "data"))
    outputs = read_recall(task, batch.x)
    outputs[:10, -2] = outputs[:10, -2].roll(1, -1)  # ten wrong answers at the fourth read
    assert task.right(outputs, batch).tolist() == [1, 1, 1, 0.75, 1]
    assert task.score(outputs, batch) == pytest.approx(0.95)


def worth(values: int, pairs: int) -> tuple[float, float]:
    """Mean and standard deviation, over all that can be stored, of the share that the commonest value has."""
    shares = torch.tensor(
        [max(map(drawn.count, drawn)) / pairs for drawn in itertools.product(range(values), repeat=pairs)]
    )
    return shares.mean().item(), shares.std(correction=0).item()


@pytest.mark.parametrize(("values", "pairs"), [(2, 1), (2, 2), (2, 9), (3, 4), (4, 5), (16, 2), (16, 3), (8, 4)])
def test_what_values_without_keys_are_worth_equals_counting_all_cases(values, pairs):
    mean, spread = worth(values, pairs)
    found = Recall(pairs, values=values).unbound(generator(0, "unbound"), draws=20000)
    assert found == pytest.approx(mean, abs=4 * spread / 20000**0.5 + 1e-6)


def forget_keys(task: Task, x: torch.Tensor) -> torch.Tensor:
    """Says the commonest of the values that it has seen. (B, T, n_in) → (B, T, values)."""
    counts = x[..., task.keys : task.keys + task.values].sum(1)  # (B, values)
    return on(counts.argmax(-1), task.values)[:, None].expand(-1, task.length, -1)


@pytest.mark.parametrize("task", [Recall(2), Recall(8), Recall(32), Recall(4, 4, 8, reads=1), Moments(8), Moments(16)])
def test_what_values_without_keys_are_worth_is_what_who_knows_them_scores(task):
    source = generator(0, "data")
    scores = []
    for _ in range(60):
        batch = task.sample(200, source)
        scores.append(task.score(forget_keys(task, batch.x), batch))
    scores = torch.tensor(scores)
    worth = Recall(task.pairs, max(task.pairs, 64), task.values).unbound(generator(1, "unbound"))
    error = (scores.var() / len(scores)).sqrt() + 0.002
    assert abs(scores.mean() - worth) < 4 * error
    assert scores.mean() > task.chance + 4 * error


# Flagged


@settings(deadline=None, derandomize=True, max_examples=40)
@given(steps=st.integers(1, 20), values=st.integers(2, 9), data=st.data(), seed=st.integers(0, 99))
def test_flagged_steps_bear_one_value_and_the_responsible_are_they(steps, values, data, seed):
    copies, place = data.draw(st.integers(1, steps)), data.draw(st.none() | st.integers(0, steps - 1))
    task = Flagged(steps + 1, values, copies, place)
    batch = task.sample(12, generator(seed, "data"))
    responsible = task.responsible(batch)
    assert (responsible.sum(1) == copies).all() and not responsible[:, -1].any()
    assert place is None or responsible[:, place].all()
    assert torch.equal(batch.x[:, -1], SIZE * torch.eye(task.n_in)[-1].expand(12, -1))  # the question, and no value
    shown = batch.x[:, :-1, :values]
    assert (shown.sum(-1) == SIZE).all() and (shown.amax(-1) == SIZE).all()
    assert (shown.argmax(-1)[responsible[:, :-1]] == batch.y[:, -1:].expand(-1, copies).flatten()).all()


def test_flags_fall_on_every_step_alike_and_the_others_values_tell_nothing():
    task = Flagged(5, 4)
    batch = task.sample(8000, generator(0, "data"))
    assert task.responsible(batch)[:, :-1].float().mean(0) == pytest.approx(0.25, abs=0.02)
    same = batch.x[:, :-1, :4].argmax(-1) == batch.y[:, :1]  # (B, T - 1)
    assert same[~task.responsible(batch)[:, :-1]].float().mean() == pytest.approx(0.25, abs=0.02)


def test_with_the_flag_moved_and_nothing_else_the_values_stay():
    """So a reader of the course can step it over one and the same sequence."""
    one, other = (Flagged(9, place=place).sample(3, generator(0, "data")) for place in (0, 5))
    assert torch.equal(one.x[..., :8], other.x[..., :8]) and not torch.equal(one.x, other.x)


# Moments


@settings(deadline=None, derandomize=True, max_examples=60)
@given(sized=st.tuples(st.integers(1, 12), st.integers(12, 20), st.integers(2, 9)), seed=st.integers(0, 99))
def test_the_three_moments_show_the_same_and_differ_in_when_they_say_what_matters(sized, seed):
    pairs, keys, values = sized
    batches = {when: Moments(pairs, when, keys, values).sample(20, generator(seed, "data")) for when in MOMENTS}
    flag, first, last = (batches[when].x / SIZE for when in MOMENTS)
    shown = slice(None), slice(1, -1), slice(None, -2)
    assert torch.equal(flag[shown], first[shown]) and torch.equal(first[shown], last[shown])  # keys and values
    assert all(torch.equal(batches[when].y, batches["flag"].y) for when in MOMENTS)
    stored, marks = flag[:, 1:-1, :keys], flag[:, 1:-1, -2]  # (B, pairs, keys), (B, pairs)
    assert (stored.sum(-1) == 1).all() and (stored.sum(1) <= 1).all() and (marks.sum(1) == 1).all()
    wanted = (marks.unsqueeze(-1) * stored).sum(1)  # (B, keys): the key that matters
    said = {"flag": flag.clone(), "first": first.clone(), "last": last.clone()}
    said["flag"][:, 1:-1, -2] -= marks
    said["first"][:, 0, :keys] -= wanted
    said["last"][:, -1, :keys] -= wanted
    for x in said.values():  # besides the pairs: a sign at the end, and not another word
        assert (x[:, -1, -1] == 1).all()
        x[:, -1, -1] = 0
        assert (x[:, [0, -1]] == 0).all() and (x[:, 1:-1, -2:] == 0).all()
    answer = (marks.unsqueeze(-1) * flag[:, 1:-1, keys:-2]).sum(1).argmax(-1)  # (B,)
    assert torch.equal(batches["flag"].y[:, -1], answer)


@pytest.mark.parametrize("when", MOMENTS)
def test_any_pair_matters_or_always_the_same(when):
    task = Moments(4, when)
    for place, shares in ((None, [1 / 4] * 4), (0, [1, 0, 0, 0]), (3, [0, 0, 0, 1])):
        x = replace(task, place=place).sample(4000, generator(0, "data")).x
        keys, alone = x[:, 1:-1, : task.keys], x[:, 0 if when == "first" else -1, : task.keys]
        which = x[:, 1:-1, -2] if when == "flag" else (keys @ alone.unsqueeze(-1)).squeeze(-1)  # (B, pairs)
        found = which.argmax(-1).bincount(minlength=4) / 4000
        assert found.tolist() == (shares if place is not None else pytest.approx(shares, abs=0.03))


# Ordered


def taken_apart(task: Ordered, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Keys and values (B, pairs), and the key asked for (B,)."""
    assert (x[:, -1, task.pairs :] == 0).all()
    keys, values = x[:, :-1, : task.pairs], x[:, :-1, task.pairs :]
    assert all((part.sum(-1) == SIZE).all() for part in (keys, values, x[:, -1:]))
    return keys.argmax(-1), values.argmax(-1), x[:, -1].argmax(-1)


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_pairs_come_in_the_order_of_their_keys_but_for_a_share(share):
    task = Ordered(4, shuffled=share)
    keys, _, asked = taken_apart(task, task.sample(4000, generator(0, "data")).x)
    assert torch.equal(keys.sort(1).values, torch.arange(4).expand(4000, -1))
    moved = (keys != torch.arange(4)).any(1).double().mean()
    assert moved == pytest.approx(share * 23 / 24, abs=0.03)  # one of the 24 orders is the usual one
    assert (asked.bincount() / 4000).tolist() == pytest.approx([1 / 4] * 4, abs=0.03)


def test_in_order_both_rules_are_right_and_shuffled_only_the_relation_is():
    for task in (Ordered(6), Ordered(6, shuffled=1.0)):
        batch = task.sample(3000, generator(0, "data"))
        keys, values, asked = taken_apart(task, batch.x)
        by_order = values[torch.arange(3000), asked]
        assert torch.equal(task.by_order(batch), by_order)
        assert torch.equal(batch.y[:, -1], values[keys == asked[:, None]])
        agree = (by_order == batch.y[:, -1]).double().mean()
        assert agree == (1 if task.shuffled == 0 else pytest.approx(1 / 6 + 5 / 6 / 8, abs=0.03))


# Precedence


@settings(deadline=None, derandomize=True, max_examples=40)
@given(length=st.integers(3, 40), values=st.integers(2, 9), seed=st.integers(0, 99))
def test_two_steps_are_marked_and_their_values_differ(length, values, seed):
    task = Precedence(length, values)
    batch = task.sample(30, generator(seed, "data"))
    shown, marks, sign = batch.x[..., :values], batch.x[..., -2], batch.x[..., -1]
    assert (shown[:, :-1].sum(-1) == SIZE).all() and (shown[:, -1] == 0).all()
    assert (marks.sum(1) == 2 * SIZE).all() and (marks[:, -1] == 0).all()
    assert (sign[:, -1] == SIZE).all() and (sign[:, :-1] == 0).all()
    marked = shown.argmax(-1)[marks > 0].view(30, 2)
    assert (marked[:, 0] != marked[:, 1]).all() and torch.equal(batch.y[:, -1], marked[:, 0])


def test_every_two_steps_and_every_two_values_are_as_likely():
    task = Precedence(5, 3)
    x = task.sample(6000, generator(0, "data")).x
    assert (x[:, :-1, -2].mean(0) / SIZE).tolist() == pytest.approx([1 / 2] * 4, abs=0.03)
    first, second = x[..., :3].argmax(-1)[x[..., -2] > 0].view(-1, 2).unbind(1)
    assert ((3 * first + second).bincount(minlength=9) / 6000).tolist() == pytest.approx(
        [0 if a == b else 1 / 6 for a in range(3) for b in range(3)], abs=0.03
    )


def test_who_knows_both_values_and_not_their_order_is_right_half_the_time():
    task = Precedence()
    batch = task.sample(6000, generator(0, "data"))
    marked = batch.x[..., : task.values] * batch.x[..., -2:-1]
    either = marked.sum(1, keepdim=True) + torch.rand(6000, 1, task.values, generator=generator(1, "coin"))
    assert task.score(either.expand(-1, task.length, -1), batch) == pytest.approx(task.unordered, abs=0.03)


# Brackets


@pytest.mark.slow
@settings(deadline=None, derandomize=True, max_examples=60)
@given(length=st.integers(2, 40), deepest=st.integers(1, 9), kinds=st.integers(2, 6), seed=st.integers(0, 99))
def test_brackets_are_well_nested_and_no_deeper_than_said(length, deepest, kinds, seed):
    task = Brackets(length, deepest, kinds)
    batch = task.sample(20, generator(seed, "data"))
    assert (batch.x.sum(-1) == SIZE).all()
    depths, around, newest = task.depths(batch), task.around(batch), task.newest(batch)
    for b, steps in enumerate(batch.x.argmax(-1).tolist()):
        stack, last = [], None  # of each open bracket: its kind, and whether others lie inside
        for t, token in enumerate(steps):
            assert batch.scored[b, t] == (token == kinds)
            if token < kinds:
                for outer in stack:
                    outer[1] = True
                stack.append([token, False])
                last = token
                assert depths[b, t] == len(stack) <= deepest
            else:
                assert depths[b, t] == len(stack)
                kind, has_inside = stack.pop()
                assert batch.y[b, t] == kind and around[b, t] == has_inside and newest[b, t] == last
        assert not around[b, [t for t, token in enumerate(steps) if token < kinds]].any()


def test_where_it_may_do_either_a_coin_decides():
    task = Brackets(24, 3)
    batch = task.sample(4000, generator(0, "data"))
    signs = torch.where(batch.scored, -1, 1)
    height = signs.cumsum(1)
    for level, share in ((0, 1.0), (1, 0.5), (2, 0.5), (3, 0.0)):
        at_level = height[:, :-1] == level
        opened = (~batch.scored[:, 1:])[at_level].double().mean()
        assert opened == (share if level in (0, 3) else pytest.approx(share, abs=0.02))


def test_the_newest_kind_is_a_guess_where_others_lie_inside_and_right_elsewhere():
    task = Brackets(32, 6)
    batch = task.sample(4000, generator(0, "data"))
    right, around = task.newest(batch) == batch.y, task.around(batch)
    assert right[around].double().mean() == pytest.approx(task.chance, abs=0.02)
    assert right[batch.scored & ~around].all()


# Tracking


@pytest.mark.parametrize(("what", "states"), [("parity", 2), ("order", 6)])
def test_ways_make_a_group_and_every_state_is_as_likely(what, states):
    task = Tracking(12, what)
    assert task.n_in == task.n_out == states
    table = task.table()
    assert table[0].tolist() == table[:, 0].tolist() == list(range(states))  # the first way changes nothing
    for line in (*table, *table.T):
        assert sorted(line.tolist()) == list(range(states))
    assert torch.equal(table, table.T) == (what == "parity")  # of three things, the order of the swaps matters
    y = task.sample(4000, generator(0, "data")).y
    for t in (0, 5, 11):
        assert (y[:, t].bincount() / 4000).tolist() == pytest.approx([1 / states] * states, abs=0.03)


def test_parity_is_the_number_of_swaps_so_far():
    batch = Tracking(20).sample(50, generator(0, "data"))
    assert torch.equal(batch.y, batch.x.argmax(-1).cumsum(1) % 2)


def test_the_accuracy_of_each_step_is_told_apart():
    task = Tracking(5)
    batch = task.sample(40, generator(0, "data"))
    outputs = read_tracking(task, batch.x)
    outputs[:10, 3] = outputs[:10, 3].flip(-1)
    assert task.right(outputs, batch).tolist() == [1, 1, 1, 0.75, 1]
    assert task.score(outputs, batch) == pytest.approx(0.95)


# The next key


sizes_of_kin = st.integers(3, 12).flatmap(
    lambda pairs: st.builds(
        Kin,
        pairs=st.just(pairs),
        keys=st.integers(pairs, 20),
        values=st.integers(2, 9),
        place=st.none() | st.integers(0, pairs - 1),
    )
)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(task=sizes_of_kin, seed=st.integers(0, 99))
def test_kin_is_pairs_then_a_key_whose_two_neighbours_were_stored(task, seed):
    x = task.sample(20, generator(seed, "data")).x / SIZE
    stored, values, shown = x[:, :-1, : task.keys], x[:, :-1, task.keys :], x[:, -1, : task.keys]
    assert set(x.unique().tolist()) <= {0.0, 1.0}
    assert (stored.sum(-1) == 1).all() and (stored.sum(1) <= 1).all() and (values.sum(-1) == 1).all()
    assert (shown.sum(-1) == 1).all() and (x[:, -1, task.keys :] == 0).all()
    for ahead in (-1, 0, 1):
        assert ((stored @ shown.roll(ahead, -1).unsqueeze(-1)).sum(1) == 1).all()
    wanted = (stored @ shown.roll(1, -1).unsqueeze(-1)).squeeze(-1)  # (B, pairs)
    if task.place is not None:
        assert (wanted.argmax(-1) == task.place).all()


def test_every_key_is_shown_and_every_place_holds_the_next_one():
    x = Kin(4, 6, 3).sample(6000, generator(0, "data")).x / SIZE
    assert x[:, -1, :6].mean(0).tolist() == pytest.approx([1 / 6] * 6, abs=0.03)
    wanted = (x[:, :-1, :6] @ x[:, -1, :6].roll(1, -1).unsqueeze(-1)).squeeze(-1)  # (B, pairs)
    assert wanted.mean(0).tolist() == pytest.approx([1 / 4] * 4, abs=0.03)
    assert x[:, :-1, :6].mean((0, 1)).tolist() == pytest.approx([1 / 6] * 6, abs=0.03)


# Two reads at once


@settings(deadline=None, derandomize=True, max_examples=40)
@given(task=st.builds(Compared, pairs=st.integers(2, 6), keys=st.integers(6, 12), values=st.integers(6, 9)))
def test_compared_asks_for_two_of_its_keys_and_its_values_differ(task):
    x = task.sample(30, generator(0, "data")).x / SIZE
    stored, values, asked = x[:, :-1, : task.keys], x[:, :-1, 2 * task.keys :], x[:, -1, : 2 * task.keys]
    assert (stored.sum(1) <= 1).all() and (values.sum(1) <= 1).all() and (stored.sum(-1) == 1).all()
    first, second = asked.unflatten(-1, (2, -1)).unbind(1)  # (B, keys) each
    for one in (first, second):
        assert ((stored @ one.unsqueeze(-1)).sum(1) == 1).all()
    assert (first * second == 0).all() and (x[:, -1, 2 * task.keys :] == 0).all()


@settings(deadline=None, derandomize=True, max_examples=40)
@given(task=st.builds(Hops, pairs=st.integers(3, 6), keys=st.integers(6, 12)))
def test_hops_lead_round_one_ring(task):
    for steps in task.sample(30, generator(0, "data")).x.tolist():
        leads = {place_of(step[: task.keys]): place_of(step[task.keys :]) for step in steps[:-1]}
        seen, now = [], place_of(steps[-1][: task.keys])
        while now not in seen:
            seen.append(now)
            now = leads[now]
        assert len(seen) == task.pairs and set(seen) == set(leads) and now == seen[0]


def test_who_makes_one_read_of_two_scores_no_more_than_said():
    task, hops = Compared(), Hops()
    batch = task.sample(20000, generator(0, "data"))
    keys, first = batch.x[:, :-1, : task.keys], batch.x[:, -1, : task.keys]
    value = (keys @ first.unsqueeze(-1) * batch.x[:, :-1, 2 * task.keys :]).sum(1).argmax(-1)  # (B,)
    said = (value >= task.values / 2).long()
    assert (said == batch.y[:, -1]).float().mean().item() == pytest.approx(task.single, abs=0.012)
    batch = hops.sample(20000, generator(0, "data"))
    asked = batch.x[:, -1, : hops.keys].argmax(-1)  # (B,)
    first = (
        batch.x[:, :-1, hops.keys :]
        .argmax(-1)
        .gather(1, (batch.x[:, :-1, : hops.keys].argmax(-1) == asked[:, None]).long().argmax(1, keepdim=True))[:, 0]
    )
    others = [
        set(row) - {a, b}
        for row, a, b in zip(
            batch.x[:, :-1, : hops.keys].argmax(-1).tolist(), asked.tolist(), first.tolist(), strict=True
        )
    ]
    right = [answer == min(rest) for answer, rest in zip(batch.y[:, -1].tolist(), others, strict=True)]
    assert sum(right) / len(right) == pytest.approx(hops.single, abs=0.012)


# Report


@settings(deadline=None, derandomize=True, max_examples=40)
@given(length=st.integers(2, 40), values=st.integers(2, 9), seed=st.integers(0, 99))
def test_report_asks_for_the_first_value_or_for_the_present_one(length, values, seed):
    batch = Report(length, values).sample(30, generator(seed, "data"))
    assert (batch.x[..., :values].sum(-1) == SIZE).all() and set(batch.x.unique().tolist()) <= {0.0, SIZE}
    shown, kept = batch.x[..., :values].argmax(-1), batch.x[..., -1] == SIZE
    assert not kept[:, 0].any() and not batch.scored[:, 0].any() and batch.scored[:, 1:].all()
    assert torch.equal(batch.y[kept], shown[:, :1].expand_as(kept)[kept]) and torch.equal(batch.y[~kept], shown[~kept])


def test_report_asks_for_either_as_often_and_who_keeps_nothing_gets_half_and_a_guess():
    task = Report(9, 5)
    batch = task.sample(4000, generator(0, "data"))
    assert (batch.x[:, 1:, -1] / SIZE).mean().item() == pytest.approx(1 / 2, abs=0.02)
    assert task.score(batch.x[..., : task.values], batch) == pytest.approx(task.present, abs=0.02)


# Tokens, and what is refused


def test_a_class_is_on_where_it_is_and_nowhere_else():
    classes = torch.tensor([[2, 0], [1, 2]])
    expected = [[[0, 0, SIZE], [SIZE, 0, 0]], [[0, SIZE, 0], [0, 0, SIZE]]]
    assert on(classes, 3).tolist() == expected and on(classes, 3).dtype == torch.float32


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Recall(pairs=0), "pairs must be a whole number from 1 up; got 0."),
        (lambda: Recall(pairs=2.0), "pairs must be a whole number from 1 up; got 2.0."),
        (lambda: Recall(pairs=8, keys=7), "keys must be a whole number from 8 up; got 7."),
        (lambda: Recall(values=1), "values must be a whole number from 2 up; got 1."),
        (lambda: Recall(reads=0), "reads must be a whole number from 1 up; got 0."),
        (lambda: Recall(blanks=-1), "blanks must be a whole number from 0 up; got -1."),
        (lambda: Moments(when="never"), "when must be one of flag, first, last; got 'never'."),
        (lambda: Moments(pairs=0), "pairs must be a whole number from 1 up; got 0."),
        (lambda: Moments(pairs=33), "keys must be a whole number from 33 up; got 32."),
        (lambda: Moments(values="8"), "values must be a whole number from 2 up; got '8'."),
        (lambda: Moments(pairs=4, place=4), "place must be a whole number from 0 to 3; got 4."),
        (lambda: Moments(pairs=4, place=-1), "place must be a whole number from 0 to 3; got -1."),
        (lambda: Flagged(length=1), "length must be a whole number from 2 up; got 1."),
        (lambda: Flagged(length=3, copies=3), "length must be a whole number from 4 up; got 3."),
        (lambda: Flagged(copies=0), "copies must be a whole number from 1 up; got 0."),
        (lambda: Flagged(values=1), "values must be a whole number from 2 up; got 1."),
        (lambda: Flagged(length=9, place=8), "place must be a whole number from 0 to 7; got 8."),
        (lambda: Ordered(pairs=0), "pairs must be a whole number from 1 up; got 0."),
        (lambda: Ordered(values=1), "values must be a whole number from 2 up; got 1."),
        (lambda: Ordered(shuffled=1.5), "shuffled must be a share from 0 to 1; got 1.5."),
        (lambda: Ordered(shuffled=float("nan")), "shuffled must be a share from 0 to 1; got nan."),
        (lambda: Precedence(length=2), "length must be a whole number from 3 up; got 2."),
        (lambda: Precedence(values=1), "values must be a whole number from 2 up; got 1."),
        (lambda: Brackets(length=1), "length must be a whole number from 2 up; got 1."),
        (lambda: Brackets(deepest=0), "deepest must be a whole number from 1 up; got 0."),
        (lambda: Brackets(kinds=1), "kinds must be a whole number from 2 up; got 1."),
        (lambda: Tracking(length=0), "length must be a whole number from 1 up; got 0."),
        (lambda: Tracking(what="dance"), "what must be one of parity, order; got 'dance'."),
        (lambda: Kin(pairs=2), "pairs must be a whole number from 3 up; got 2."),
        (lambda: Kin(pairs=8, keys=7), "keys must be a whole number from 8 up; got 7."),
        (lambda: Kin(values=1), "values must be a whole number from 2 up; got 1."),
        (lambda: Kin(place=8), "place must be a whole number from 0 to 7; got 8."),
        (lambda: Compared(pairs=1), "pairs must be a whole number from 2 up; got 1."),
        (lambda: Compared(keys=5), "keys must be a whole number from 6 up; got 5."),
        (lambda: Compared(values=5), "values must be a whole number from 6 up; got 5."),
        (lambda: Hops(pairs=2), "pairs must be a whole number from 3 up; got 2."),
        (lambda: Hops(keys=5), "keys must be a whole number from 6 up; got 5."),
        (lambda: Report(length=1), "length must be a whole number from 2 up; got 1."),
        (lambda: Report(values=1), "values must be a whole number from 2 up; got 1."),
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


@pytest.mark.slow
@pytest.mark.parametrize("module", MODULES)
def test_examples_in_the_documentation_are_true(module):
    assert doctest.testmod(importlib.import_module(module)).failed == 0


def test_every_task_has_an_example():
    for task in TASKS.values():
        assert ">>>" in task.__doc__ and "Chance:" in task.__doc__


# Sentences


@settings(deadline=None, derandomize=True, max_examples=40)
@given(longest=st.integers(5, 40), suspects=st.integers(2, 8), exact=st.booleans(), seed=st.integers(0, 99))
def test_a_sentence_is_the_opening_a_suspect_clauses_and_a_stop(longest, suspects, exact, seed):
    task = Sentences(longest, longest if exact else None, suspects)
    batch = task.sample(30, generator(seed, "data"))
    for steps, asked in zip(batch.x, batch.scored, strict=True):
        end = asked.nonzero().item()
        words = [WORDS[step.argmax()] for step in steps[: end + 1]]
        assert words[-1] == STOP and STOP not in words[:-1] and (steps[end + 1 :] == 0).all()
        assert longest == end if exact else 5 <= end <= longest
        assert words[4] in SUSPECTS[:suspects]
        assert all(word in (right, UNKNOWN) for word, right in zip(words, OPENING, strict=False))
        assert all(word in (*CLAUSE[n % 7], UNKNOWN) for n, word in enumerate(words[5:-1]))
        named = [word for word in words[11::7] if word != UNKNOWN and word != STOP]
        assert set(named) <= set(SUSPECTS[:suspects])


def test_a_sentence_is_read_word_by_word_and_what_is_not_known_is_marked():
    task = Sentences()
    x = task.read(["the", "detective", "suspects", "<b>", "cook", STOP])
    assert [WORDS[step.argmax()] for step in x[0]] == ["the", "detective", "suspects", UNKNOWN, "cook", STOP]
    with pytest.raises(ValueError, match="at least one word; got none"):
        task.read([])


# Letters and moved sentences


@pytest.mark.slow
@settings(deadline=None, derandomize=True, max_examples=30)
@given(longest=st.integers(5, 26), seed=st.integers(0, 99))
def test_letters_spell_the_sentences_that_words_would_be(longest, seed):
    words = Sentences(longest)
    batch, same = Letters(words).sample(20, generator(seed, "data")), words.sample(20, generator(seed, "data"))
    for letters, numbers, scored in zip(batch.x, same.x, batch.scored, strict=True):
        text = "".join(LETTERS[step.argmax()] for step in letters if step.any())
        said = [WORDS[step.argmax()] for step in numbers if step.any()]
        assert text == " ".join(said[:-1]) + STOP and scored.nonzero().item() == len(text) - 1
    assert torch.equal(batch.y[:, 0], same.y[:, 0])


def test_the_longest_spelling_just_fits():
    words = ["the", "detective", "suspects", "the", "gardener", "although", "the", "guard", "passed", "the", "young"]
    numbers = torch.tensor([[WORDS.index(word) for word in words]])
    letters, stops = spelled(numbers, torch.tensor([len(words)]), Letters(Sentences(len(words))).length)
    assert stops.item() == letters.shape[1] - 1 == len(" ".join(words))


@pytest.mark.slow
@settings(deadline=None, derandomize=True, max_examples=40)
@given(before=st.integers(1, 4), after=st.integers(0, 4), seed=st.integers(0, 99))
def test_a_moved_sentence_has_its_main_clause_between_whole_clauses(before, after, seed):
    batch = Moved(before, after).sample(40, generator(seed, "data"))
    for x, y in zip(batch.x, batch.y, strict=True):
        said = [WORDS[step.argmax()] for step in x if step.any()]
        at = said.index("detective") - 1
        assert said[-1] == STOP and said[at : at + 5] == [*OPENING, SUSPECTS[y[0]]]
        rest = said[:at] + said[at + 5 : -1]
        assert at in range(0, 7 * before + 1, 7) and len(rest) - at in range(0, 7 * after + 1, 7)
        assert all(word in CLAUSE[n % 7] for n, word in enumerate(rest))


def test_every_place_and_length_of_a_moved_sentence_comes_equally_often_or_exactly_as_asked():
    batch = Moved(2, 1).sample(6000, generator(0, "data"))
    at = batch.x.argmax(-1).eq(WORDS.index("suspects")).int().argmax(1) // 7  # (B,): clauses before
    assert (at.bincount() / 6000).tolist() == pytest.approx([1 / 3] * 3, abs=0.03)
    ends = batch.scored.int().argmax(1)  # (B,)
    assert ((ends - 5) // 7 - at).bincount().tolist() == pytest.approx([3000] * 2, abs=200)
    only = Moved(2, 1, exactly=2).sample(50, generator(0, "data")).x.argmax(-1)
    assert (only[:, 16] == WORDS.index("suspects")).all()


@pytest.mark.parametrize(
    ("made", "rule"),
    [
        (lambda: Moved(0), "before must be a whole number from 1 up; got 0"),
        (lambda: Moved(after=-1), "after must be a whole number from 0 up"),
        (lambda: Moved(suspects=9), "suspects must be at most 8; got 9"),
        (lambda: Moved(exactly=3), "exactly must be a whole number from 0 to 2; got 3"),
    ],
)
def test_a_moved_sentence_that_cannot_be_is_refused(made, rule):
    with pytest.raises(ValueError, match=rule):
        made()


# Recall token by token


@pytest.mark.parametrize("task", CASES["token-recall"], ids=repr)
def test_tokens_are_laid_out_as_published(task):
    tokens, asked, values = task.tokens(300, generator(0, "data"))
    written = 2 * task.pairs
    keys = tokens[:, 0:written:2]  # (B, pairs)
    assert ((keys >= 1) & (keys < task.half)).all() and (tokens[:, 1:written:2] == values).all()
    assert ((values >= task.half) & (values < task.vocabulary)).all()
    assert all((one.sort(1).values.diff(dim=1) > 0).all() for one in (keys, values, asked))  # all different
    assert (asked >= written).all() and ((asked - written) % 2 == 0).all() and (asked < task.length).all()
    assert torch.equal(tokens.gather(1, asked), keys)
    again = (tokens[:, None] == keys[:, :, None]).sum(-1)  # (B, pairs)
    assert (again == 2).all()  # where it is written, and where it is asked for
    if task.length > 40:  # between them stands everything else
        others = tokens[:, written:]
        assert set(range(task.vocabulary)) == set(others.flatten().tolist())


def test_keys_come_back_by_a_power_law():
    task, draws = TokenRecall(pairs=3, length=46), 40_000
    _, asked, _ = task.tokens(draws, generator(0, "data"))
    places = (task.length - 2 * task.pairs) // 2
    weights = torch.arange(1, places + 1, dtype=torch.float64) ** (POWER - 1)
    expected = weights / weights.sum()
    seen = torch.bincount((asked[:, 0] - 2 * task.pairs) // 2, minlength=places) / draws  # of the first key
    assert (abs(seen - expected) < 5 * (expected / draws) ** 0.5).all()
    # the next one is drawn from what is left
    near = ((asked[:, :2] - 2 * task.pairs) // 2 == 0).double().mean(0)
    second = sum(p * expected[0] / (1 - p) for p in expected[1:])
    assert near[1] == pytest.approx(second.item(), abs=0.01)


# Agreement


@pytest.mark.parametrize("task", [Agreement(3), Agreement(5, opposed=True)], ids=repr)
def test_phrases_stand_around_the_subject(task):
    tokens, subject = task.tokens(400, generator(0, "data"))
    counts, early, opposed = [], [], []
    for words, at in zip(tokens.tolist(), subject.tolist(), strict=True):
        verb = words.index(task.n_in - 2)
        assert all(word == task.n_in - 1 for word in words[verb + 1 :])
        kinds = "".join("n" if word < 2 * task.nouns else "p" for word in words[:verb])
        assert kinds == "pn" * (at // 2) + "n" + "pn" * ((verb - at - 1) // 2)
        number = [word // task.nouns for word in words[at:verb:2]]
        counts.append(len(number) - 1)
        early.append(at)
        opposed += [one != number[0] for one in number[1:]]
    assert set(early) == {0, 2} and 140 < sum(at == 2 for at in early) < 260
    if task.opposed:
        assert set(counts) == {task.phrases} and all(opposed)
    else:
        assert set(counts) == set(range(task.phrases + 1)) and 0.4 < sum(opposed) / len(opposed) < 0.6


# Pronouns


@pytest.mark.parametrize("task", [Pronouns(2), Pronouns(3, exactly=1)], ids=repr)
def test_two_pronouns_stand_in_the_middle_of_a_sentence(task):
    counts, openings, asked = [], [], []
    for numbers in task.tokens(400, generator(0, "data"))[0].tolist():
        words = [SPOKEN[n] for n in numbers if n >= 0]
        assert words.index(".") == len(words) - 1 and numbers[len(words) :] == [-1] * (task.length - len(words))
        opening, rest = words[: len(WITH)], words[len(WITH) : -1]
        form = WITH if "with" in opening else BESIDE
        assert all(word in NAMES if want is None else word == want for word, want in zip(opening, form, strict=True))
        assert (opening[4] in THINGS) == (form is BESIDE) and (opening[7] in THINGS) == (form is WITH)
        parts = " ".join(rest).split("and ")
        before, between, after = (len(part.split()) for part in parts)  # a part begins with pronoun and verb
        counts.append([n // len(WEATHER) for n in (before, between - 2, after - 2)])
        openings.append(form is WITH)
        asked.append(tuple(part.split()[0] for part in parts[1:]))
    assert 150 < sum(openings) < 250
    assert all(60 < asked.count(pair) < 140 for pair in ((THEY, IT), (IT, THEY), (THEY, THEY), (IT, IT)))
    expected = range(task.most + 1) if task.exactly is None else [task.exactly]
    assert all(set(column) == set(expected) for column in zip(*counts, strict=True))
