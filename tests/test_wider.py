"""What widens the evidence: blocks on several tasks, two reads, clipping, sharpness; against what they must give."""

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn
from torch.testing import assert_close

from readers import READERS
from sevenlenses import records
from sevenlenses.lenses.access import combine
from sevenlenses.lenses.access.reads import STORE
from sevenlenses.lenses.capacity import tokens
from sevenlenses.lenses.credit import agree
from sevenlenses.lenses.gradient import clipping
from sevenlenses.lenses.reading import pronoun
from sevenlenses.lenses.readouts import readout
from sevenlenses.lenses.structure import block
from sevenlenses.lenses.structure.numbers_blocks import marks
from sevenlenses.lenses.structure.places import PLACES, POSITIONS
from sevenlenses.lenses.synthesis import induction, patterns, sharp
from sevenlenses.models import create
from sevenlenses.models.short import WIDTH, Short
from sevenlenses.models.variants import EVERY
from sevenlenses.runtime import generator
from sevenlenses.tasks.agreement import Agreement
from sevenlenses.tasks.latch import Latch
from sevenlenses.tasks.recall import Recall
from sevenlenses.training import Fit

FLAT = ("none", "alibi", "rotary")  # kinds of positions that do not number the steps
EXACT = {"rtol": 1e-9, "atol": 1e-11}  # float64


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=generator(seed, "noise"), dtype=torch.float64)


class Says(nn.Module):
    """A model whose outputs are a function of the input alone."""

    def __init__(self, answer):
        super().__init__()
        self.answer, self.unused = answer, nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return SimpleNamespace(outputs=self.answer(x))


# Blocks


READER = {"relation": "ordered", "reads": "recall", "parity": "tracking", "first": "moments"}


@pytest.mark.parametrize("task", block.TASKS)
def test_who_looks_the_answer_up_gets_every_mark(task):
    lengths = []

    def answer(x):
        lengths.append(x.shape[1])
        return READERS[READER[task]](block.TASKS[task], x)

    marks = block.tested(Says(answer), task, 0)["marks"]
    assert marks.tolist() == [[1.0] * len(block.MARKS[task])]
    assert lengths == {"reads": [132], "parity": [64], "first": [10, 18]}.get(task, lengths)


def test_marks_are_those_of_the_places_that_are_named():
    """Who is right at every second step alone."""

    def parity(x):
        out = READERS["tracking"](block.TASKS["parity"], x)
        return torch.where(torch.arange(x.shape[1])[:, None] % 2 == 1, out, -out)

    assert block.tested(Says(parity), "parity", 0)["marks"].tolist() == [[1.0] * 4]


def test_reads_are_marked_at_the_reads_that_are_named():
    """Who is right at even reads alone."""
    calls = []

    def answer(x):
        calls.append(x.shape[1])
        batch = replace(STORE, reads=128).sample(len(x), generator(0, "marks"))
        out = nn.functional.one_hot(batch.y, STORE.values).float()
        even = (torch.arange(x.shape[1]) - STORE.pairs) % 2 == 1  # the second, the fourth, ...
        return torch.where(even[:, None], out, -out)

    (marks,) = block.tested(Says(answer), "reads", 0)["marks"]
    assert calls == [132] and marks.tolist() == [0.0, 1.0, 1.0, 1.0]


def test_the_designs_are_equally_large_and_each_rate_is_its_own():
    for layers, part, positions in [(1, "attend", "none"), (2, "block", "rotary"), (1, "block", "learned")]:
        lesson = block.lesson("reads", layers, part, positions, 0.01)
        name = f"{part}-{layers}-{positions}"
        assert (lesson.variant, lesson.budget, lesson.plan.learning_rate) == (name, 12_000, 0.01)
        assert EVERY[name].model == name


def test_places_and_the_relation_go_together_and_comparing_by_content_is_not_enough():
    """What the records say, over all five seeds and all four designs."""
    found = records.load(PLACES, PLACES.settings(measured="relation-1"))
    share = dict(zip(POSITIONS, np.moveaxis(found.marks, 2, 0), strict=True))  # (seeds, designs) each
    assert min(share["none"].min(), share["alibi"].min()) > 0.95  # ALiBi has places, and follows the relation
    assert share["rotary"].mean(0).max() < 0.8 and share["sinusoidal"].mean(0).max() < 0.92


def test_a_feed_forward_part_moves_parity_within_the_trained_length_if_places_tell_the_step():
    """What the records say, over all five seeds."""
    half, twice = (marks("parity", block.AT.index(step)) for step in (16, 64))  # (seeds,) each
    for layers in (1, 2):
        for kind in ("sinusoidal", "learned"):
            assert half[f"block-{layers}", kind].mean() > half[f"attend-{layers}", kind].mean() + 0.25
        assert max(half[f"{part}-{layers}", kind].mean() for part in ("attend", "block") for kind in FLAT) < 0.6
    assert half["block-2", "sinusoidal"].min() > 0.9
    assert max(runs.mean() for runs in twice.values()) < 0.6


def test_to_be_asked_first_takes_two_layers_and_nothing_else_helps():
    """What the records say, over all five seeds."""
    right = marks("first", 0)
    assert max(runs.mean() for (name, _), runs in right.items() if name.endswith("1")) < 0.4
    assert min(runs.mean() for (name, _), runs in right.items() if name.endswith("2")) > 0.95


# Pronouns


def test_pronouns_are_marked_apart():
    """Who reads; who always says the person; who answers the first pronoun, again and again."""
    task = pronoun.TASK

    def person(x):
        return x[:, 4:5, :16].expand(-1, x.shape[1], -1) + x[:, 7:8, :16] - 9 * (torch.arange(16) >= 8)

    def stays(x):
        answers = READERS["pronouns"](task, x)
        asked = answers.any(-1)  # (B, T)
        first = asked.long().argmax(1)  # (B,)
        return answers[torch.arange(len(x)), first].unsqueeze(1).expand(-1, x.shape[1], -1)

    assert pronoun.tested(Says(lambda x: READERS["pronouns"](task, x)), 0)["right"].tolist() == [[[1.0] * 3] * 2]
    assert pronoun.tested(Says(person), 0)["right"][0] == pytest.approx(np.full((2, 3), 0.5), abs=0.07)
    assert pronoun.tested(Says(stays), 0)["right"].tolist() == [[[1.0, 1.0, 0.0]] * 2]


# Two reads


@pytest.mark.parametrize("name", ["lstm", "gru", "linear-attention", "attend-1-none", "block-2-none"])
def test_what_a_head_reads_gives_the_outputs(name):
    model, x = create(name, 5, 8, 3, generator=generator(0, "weights")).double(), noise(2, 6, 5)
    given = combine.heads_input(model, x)
    assert_close(model.head(given), model(x).outputs, **EXACT)
    assert not model.head._forward_pre_hooks


class Holds(nn.Module):
    """Gives its head the values of some keys, laid open: of the one asked for, or of all."""

    def __init__(self, everything: bool):
        super().__init__()
        self.everything, self.head = everything, nn.Identity()
        self.unused = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        keys, values = x[:, : STORE.pairs, : STORE.keys], x[:, : STORE.pairs, STORE.keys :]
        held = keys.transpose(1, 2) @ values  # (B, keys, values)
        asked = x[:, -1:, : STORE.keys] @ held  # (B, 1, values)
        self.head(torch.cat([asked, held.flatten(1)[:, None] * self.everything], -1).expand(-1, x.shape[1], -1))


@pytest.mark.parametrize("everything", [False, True])
def test_a_readout_finds_what_lies_open_and_nothing_else(everything):
    ((own, other),) = combine.seen(Holds(everything), "read", 0)["sees"]
    assert own == 1
    # of a key that was not asked for nothing is known, unless all lies open; by luck the asked value says a little
    assert other == 1 if everything else other == pytest.approx(1 / STORE.values, abs=0.03)


def test_a_readout_of_noise_is_a_guess_and_of_the_classes_right():
    classes = torch.randint(4, (4000, 2), generator=generator(0, "classes"))
    told = nn.functional.one_hot(classes[:, 0]).double()
    assert readout(told, classes, 1e-9) == pytest.approx([1, 0.25], abs=0.04)
    assert readout(noise(4000, 6), classes, 1e-9) == pytest.approx([0.25, 0.25], abs=0.04)


# Clipping


@pytest.mark.parametrize("clip", ["clipped", "free"])
def test_the_norms_are_those_of_the_gradients_before_they_are_clipped(clip, monkeypatch):
    seen, step = [], torch.nn.utils.clip_grad_norm_

    def noted(parameters, most):
        seen.append((step(parameters, most).item(), most))

    monkeypatch.setattr(torch.nn.utils, "clip_grad_norm_", noted)
    lesson = clipping.lesson("rnn", clip, 0.03)
    lesson = replace(lesson, plan=replace(lesson.plan, steps=45))
    *_, run = clipping.watch(lesson, {"variant": "rnn"}, 0, "cpu")
    norms, most = np.array(seen).T
    assert set(most) == {1.0 if clip == "clipped" else clipping.NEVER}
    stretches = [norms[:1], norms[1:20], norms[20:40], norms[40:45]]
    assert run.norm[0] == pytest.approx([stretch.max() for stretch in stretches], rel=1e-5)
    assert run.step[0].tolist() == [1, 20, 40, 45]


def test_with_and_without_clipping_it_is_one_lesson():
    one, other = (clipping.lesson("lstm-chrono", clip, 0.01) for clip in ("clipped", "free"))
    assert one.plan == Fit(steps=600, learning_rate=0.01) and one.task == Latch(32)
    assert other == replace(one, plan=replace(one.plan, clip=1e9))


# Sharpness


def test_a_read_by_hand_is_the_models_own():
    model = EVERY["attention"].build(
        sharp.TASK.n_in, sharp.TASK.n_out, longest=9, generator=generator(0, "weights"), budget=3000
    )
    x, _, _ = sharp.crowd(20, generator(0, "crowd"))
    outputs, weights = sharp.last_read(model, x, 1.0)
    trace = model(x, watch=True)
    assert_close(outputs, trace.outputs[:, -1], rtol=1e-4, atol=1e-5)
    assert_close(weights, trace.inside["weights"][:, :, -1], rtol=1e-4, atol=1e-6)
    _, doubled = sharp.last_read(model, x, 2.0)
    squared = weights**2 / (weights**2).sum(-1, keepdim=True)  # twice the scores: the squares, made to sum to one
    assert_close(doubled, squared, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("pairs", [1, 16, 300])
def test_in_a_crowd_one_pair_has_the_key(pairs):
    task = sharp.TASK
    x, wanted, answer = sharp.crowd(pairs, generator(0, "crowd"))
    keys, values = x[:, 1:-1, : task.keys], x[:, 1:-1, task.keys : -2]
    fits = (keys @ x[:, -1, : task.keys].unsqueeze(-1)).squeeze(-1) > 0  # (B, pairs)
    assert (fits.sum(1) == 1).all() and torch.equal(fits.long().argmax(1) + 1, wanted)
    assert torch.equal(values[torch.arange(len(x)), wanted - 1].argmax(-1), answer)
    assert (keys.sum(-1) == values.sum(-1)).all() and x.shape[1] == pairs + 2


def test_a_read_of_even_weights_has_the_largest_entropy_and_its_share_of_weight(monkeypatch):
    def even(model, x, factor):
        return torch.zeros(len(x), sharp.TASK.n_out), torch.full((len(x), 4, x.shape[1]), 1 / x.shape[1])

    monkeypatch.setattr(sharp, "last_read", even)
    found = sharp.put_among(nn.Linear(1, 1), 0)
    assert found["spread"] == pytest.approx(np.ones((1, 2, 5)))
    assert found["top"][0, 0] == pytest.approx([1 / (pairs + 2) for pairs in sharp.TESTED], rel=1e-4)
    assert found["right"][0].mean() == pytest.approx(1 / 8, abs=0.05)


def test_scores_grow_with_the_logarithm_of_the_number_of_pairs(monkeypatch):
    factors = []

    def read(model, x, factor):
        factors.append((x.shape[1] - 2, factor))
        return torch.zeros(len(x), 8), torch.ones(len(x), 1, x.shape[1])

    monkeypatch.setattr(sharp, "last_read", read)
    sharp.put_among(nn.Linear(1, 1), 0)
    assert [f for n, f in factors[::2]] == [1.0] * 5
    assert [f for n, f in factors[1::2]] == pytest.approx([math.log(n) / math.log(16) for n, _ in factors[1::2]])


def test_the_task_of_one_read_is_the_lens_own():
    assert isinstance(STORE, Recall) and combine.TASKS["read"] == replace(STORE, reads=1) == block.TASKS["reads"]


# Short convolutions


def test_a_short_convolution_is_a_weighted_sum_of_the_last_steps():
    short = Short(nn.Linear(3, 5, bias=False), generator(0, "weights")).double()
    x = noise(2, 7, 3)
    mapped = x @ short.linear.weight.T  # (B, T, 5)
    wanted = torch.zeros(2, 7, 5, dtype=torch.float64)
    for t in range(7):
        for back in range(min(WIDTH, t + 1)):
            wanted[:, t] += short.weight[:, 0, WIDTH - 1 - back] * mapped[:, t - back]
    assert_close(short(x), wanted, **EXACT)


@pytest.mark.parametrize(("name", "plain"), [("short-attention", "attention"), ("short-linear", "linear-attention")])
def test_a_convolution_that_sees_one_step_changes_nothing(name, plain):
    model, usual = (create(one, 3, 8, 2, generator=generator(0, "weights")).double() for one in (name, plain))
    with torch.no_grad():
        model.qkv.weight.zero_()
        model.qkv.weight[..., -1] = 1
    for one in ("embed", "norm", "mix", "head"):
        getattr(usual, one).load_state_dict(getattr(model, one).state_dict())
    usual.qkv.load_state_dict(model.qkv.linear.state_dict())
    x = noise(2, 6, 3)
    assert_close(model(x).outputs, usual(x).outputs, **EXACT)


# Induction heads


def test_where_heads_look_is_read_off_the_right_places(monkeypatch):
    """Weights made by hand: the first layer's head 2 ties, the second's head 1 finds, to half."""
    x, asked = induction.shown(induction.TASK, 6, generator(0, "heads"))
    first, second = (torch.zeros(6, 4, 64, 64) for _ in range(2))
    for value in (1, 3, 5, 7):
        first[:, 2, value, value - 1] = 1
    for b in range(6):
        tokens = x[b].argmax(-1).tolist()
        for t, token in enumerate(tokens[8:], 8):
            if token in tokens[0:8:2]:
                second[b, 1, t, tokens.index(token) + 1] = 0.5
    made = SimpleNamespace(inside={"first weights": first, "second weights": second})
    tied, found = induction.looking(lambda x, watch: made, x, asked)
    assert tied.tolist() == [0, 0, 1, 0] and found.tolist() == [0, 0.5, 0, 0]


def test_a_head_that_is_cut_hands_over_nothing():
    lesson = induction.lesson("deep-positions", 0.01)
    model = lesson.untrained(0)
    cut = torch.tensor([False, True, False, False])
    without = induction.without(model, cut, 0)
    quarter = model.n_hidden // 4
    with torch.no_grad():
        model.mix.weight[:, quarter : 2 * quarter] = 0
    assert induction.fresh(model, 0) == without
    assert lesson.plan.target == np.inf and lesson.plan.steps == induction.LOOKS[-1]


def test_behind_other_tokens_each_pair_is_asked_for_all_the_same():
    def answer(x):
        out = torch.zeros_like(x)
        for b, words in enumerate(x.argmax(-1).tolist()):
            written = words[induction.LEAD :][: 2 * induction.TASK.pairs]
            found = dict(zip(written[::2], written[1::2], strict=True))
            for t, word in enumerate(words):
                out[b, t, found.get(word, 0)] = 1
        return out

    assert induction.moved(Says(answer), 0) == 1


def test_the_shown_sequence_asks_for_each_pair_once():
    asked, pairs = patterns.places()
    x, _ = induction.shown(induction.SHOWN, 1, generator(0, "shown"))
    tokens = x[0].argmax(-1).tolist()
    assert sorted(pairs.tolist()) == [0, 1, 2, 3] and [tokens[t] for t in asked] == [tokens[2 * pair] for pair in pairs]


def test_two_layers_tie_and_then_find_and_without_the_heads_that_tie_nothing_is_found():
    """What the records say, over all five seeds."""
    run = records.load(induction.INDUCTION, induction.INDUCTION.settings())
    assert run.right[:, -1].min() > 0.95 and run.tied[:, -1].min() > 0.8 and run.found[:, -1].min() > 0.8
    cut, others = run.without[:, -1].T
    assert cut.max() < 0.4 and others.min() > 0.9


# Agreement


class Follows(nn.Module):
    """Says the number of a noun: of the subject, or of the last one before the verb."""

    def __init__(self, task: Agreement, subject: bool):
        super().__init__()
        self.task, self.subject, self.unused = task, subject, nn.Parameter(torch.zeros(1))

    def forward(self, x):
        words = x.argmax(-1)  # (B, T)
        noun = words < 2 * self.task.nouns  # (B, T)
        bare = noun & ~torch.cat([torch.zeros_like(noun[:, :1]), ~noun[:, :-1]], 1)  # no preposition before it
        steps = torch.arange(x.shape[1])
        at = torch.where(bare, steps, -1).amax(1) if self.subject else torch.where(noun, steps, -1).amax(1)
        number = words.gather(1, at[:, None]) // self.task.nouns  # (B, 1)
        return SimpleNamespace(outputs=3.0 * nn.functional.one_hot(number, 2).expand(-1, x.shape[1], -1))


@pytest.mark.parametrize("subject", [True, False])
def test_who_follows_the_subject_is_right_and_gives_it_the_credit(subject):
    found = agree.tested(Follows(agree.TASK, subject), 0)
    assert found["right"].tolist() == [[float(subject)] * 4]
    assert found["share"].tolist() == [[float(subject)] * 4]


def test_turning_a_noun_turns_its_number_alone():
    task = Agreement(phrases=3, opposed=True)
    batch, (_, subject) = task.sample(50, generator(0, "x")), task.tokens(50, generator(0, "x"))
    other = agree.turned(batch.x, subject + 2, task).argmax(-1)
    words, which = batch.x.argmax(-1), torch.arange(50)
    changed = other != words
    assert (changed.sum(1) == 1).all() and changed[which, subject + 2].all()
    assert (abs(other - words)[changed] == task.nouns).all()


def test_gates_find_the_subject_and_places_do_not_carry_over():
    """What the records say, over all five seeds, at the rates that were chosen."""
    right = {name: records.load(agree.AGREE, agree.AGREE.settings(variant=name)).right for name in agree.COMPARED}
    assert min(right["lstm-forget-1"].min(), right["gru"].min()) > 0.95
    assert max(right["attention-positions"][:, -1].mean(), right["deep-positions"][:, -1].mean()) < 0.85
    assert right["attention"][:, 1:].max() < 0.3  # a bag of nouns goes by the majority


# Recall token by token


def test_who_ties_a_key_to_the_next_token_recalls_and_what_is_kept_decides_how_much():
    """What the records say, over all five seeds: the published order, attention above linear attention with a short
    convolution above the LSTM."""
    few, many = (records.load(tokens.TOKENS, tokens.TOKENS.settings(setting=one)).final for one in ("few", "many"))
    few, many = (dict(zip(tokens.COMPARED, runs.T, strict=True)) for runs in (few, many))  # (seeds,) each
    for name in ("deep-positions", "short-attention", "short-linear"):
        assert few[name].min() > 0.9, name
    for name in ("lstm-forget-1", "lstm-chrono", "gru", "attention", "attention-positions", "linear-attention"):
        assert few[name].max() < 0.5, name
    assert many["short-attention"].min() > 0.95 > many["short-linear"].max()
    assert many["short-linear"].min() > 0.3 > 0.15 > many["lstm-forget-1"].max()
    assert many["deep-positions"].max() > many["short-linear"].max()
