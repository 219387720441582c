"""Order and relations: who follows which rule, what a shuffle changes, and what the trained models are put to."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.testing import assert_close

from oracles import global_randomness_untouched, normed
from sevenlenses import records
from sevenlenses.lenses.access.hidden import masked
from sevenlenses.lenses.structure import beyond, first, nested, relation, shuffle, tracking
from sevenlenses.lenses.structure.claims import easy_structure
from sevenlenses.lenses.structure.example import EXAMPLE, sequence
from sevenlenses.lenses.structure.steps import COMPARED as TRACKERS
from sevenlenses.lenses.structure.steps import STEPS_PICTURE
from sevenlenses.models.attention import HEADS, sinusoids
from sevenlenses.models.variants import EVERY
from sevenlenses.runtime import generator
from sevenlenses.tasks.base import Batch
from sevenlenses.tasks.brackets import Brackets
from sevenlenses.tasks.ordered import Ordered
from sevenlenses.tasks.precedence import Precedence
from sevenlenses.tasks.tokens import SIZE
from sevenlenses.tasks.tracking import Tracking

EXACT = {"rtol": 1e-9, "atol": 1e-11}  # float64
quick = settings(deadline=None, derandomize=True, max_examples=30)


class Says(nn.Module):
    """A model whose outputs are a function of the input alone."""

    def __init__(self, answer):
        super().__init__()
        self.answer, self.unused = answer, nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return SimpleNamespace(outputs=self.answer(x))


def at_every_step(answer: torch.Tensor, x: torch.Tensor, count: int) -> torch.Tensor:
    """Class numbers (B,) as outputs (B, T, count), the same at every step."""
    return 9 * nn.functional.one_hot(answer, count).float()[:, None].expand(-1, x.shape[1], -1)


# Pairs in order, and shuffled


def parts(task: Ordered, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    return x[:, :-1, : task.pairs].argmax(-1), x[:, :-1, task.pairs :].argmax(-1), x[:, -1, : task.pairs].argmax(-1)


def by_relation(task: Ordered):
    def answer(x):
        keys, values, asked = parts(task, x)
        return at_every_step(values[keys == asked[:, None]], x, task.values)

    return Says(answer)


def by_order(task: Ordered):
    def answer(x):
        _, values, asked = parts(task, x)
        return at_every_step(values.gather(1, asked[:, None])[:, 0], x, task.values)

    return Says(answer)


@pytest.mark.parametrize("pairs", [4, 6, 8])
def test_who_follows_a_rule_is_seen_to(pairs):
    task = Ordered(pairs)
    assert relation.rules(by_relation(task), task, 0).tolist() == [1, 0, 0]
    assert relation.rules(by_order(task), task, 0).tolist() == [0, 1, 0]
    for model in (by_relation(task), by_order(task)):  # in training both are right
        batch = task.sample(200, generator(0, "data"))
        assert task.score(model(batch.x).outputs, batch) == 1


def test_who_always_says_the_same_follows_no_rule_beyond_chance():
    task = Ordered(6)
    always = Says(lambda x: at_every_step(torch.full((len(x),), 3), x, task.values))
    assert relation.rules(always, task, 0) == pytest.approx([1 / 8, 1 / 8, 6 / 8], abs=0.03)


@pytest.mark.parametrize("pairs", [2, 4, 6, 8])
def test_in_the_example_one_pair_changes_places_with_each(pairs):
    task = Ordered(pairs)
    keys, values, asked = relation.example(task)
    assert len(set(values[0].tolist())) == pairs and (asked == pairs // 2).all()
    for place in range(pairs):
        assert keys[place].tolist().index(asked[0]) == place
        assert sorted(keys[place].tolist()) == list(range(pairs))
        moved = [i for i in range(pairs) if keys[place, i] != i]
        assert moved == ([] if place == asked[0] else sorted([place, int(asked[0])]))
    came_with = {(int(k), int(v)) for k, v in zip(keys.flatten(), values.flatten(), strict=True)}
    assert len(came_with) == pairs  # each key keeps its value


def test_what_is_said_to_the_example_is_a_probability_of_each_value():
    task = Ordered(6)
    found = relation.tested(by_relation(task), task, 0)["said"]
    assert found.shape == (1, 6, 8) and found.sum(-1) == pytest.approx(1)
    _, values, _ = relation.example(task)
    right = values[3, 3]  # the value that came with the key, wherever it stands
    assert (found[0].argmax(-1) == right.item()).all()
    ordered = relation.tested(by_order(task), task, 0)["said"][0].argmax(-1)
    assert ordered.tolist() == [values[place, 3].item() for place in range(6)]


def test_the_picture_of_the_example_shows_what_the_model_was_shown():
    for place in EXAMPLE.knobs["place"].stops:
        keys, values, relation_, order = sequence(place)
        assert keys.index(3) == place - 1 and values[place - 1] == relation_ and values[3] == order
        assert (relation_ == order) == (place == 4)


def test_before_training_nothing_is_known():
    for found in (
        relation.tested(None, Ordered(4), 0),
        first.tested(None, 0),
        nested.tested(None, 0),
        tracking.tested(None, Tracking(9), 0),
    ):
        assert all(np.isnan(one).all() and len(one) == 1 for one in found.values())


# A shuffle


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=generator(seed, "noise"), dtype=torch.float64)


@pytest.mark.slow
@quick
@given(steps=st.integers(3, 12), seed=st.integers(0, 99), data=st.data())
def test_without_a_mask_and_without_positions_outputs_move_with_their_inputs(steps, seed, data):
    order = torch.tensor(data.draw(st.permutations(range(steps - 1))))
    x = noise(2, steps, shuffle.WIDTH, seed=seed)
    for name in ("attention", "deep-attention"):
        assert shuffle.whole_change(shuffle.build(name, seed, steps), x, order) < 1e-12
    for name in ("attention-positions", "deep-positions", "bidirectional"):
        moved = shuffle.whole_change(shuffle.build(name, seed, steps), x, order)
        assert moved > 1e-6 or order.tolist() == list(range(steps - 1))


@pytest.mark.slow
@quick
@given(steps=st.integers(3, 12), seed=st.integers(0, 99), data=st.data())
def test_the_last_step_of_one_layer_is_blind_to_the_order_of_the_past(steps, seed, data):
    order = torch.tensor(data.draw(st.permutations(range(steps - 1))))
    x = noise(2, steps, shuffle.WIDTH, seed=seed)
    for name in shuffle.CAUSAL:
        change = shuffle.last_change(shuffle.build(name, seed, steps), x, order)
        if name in ("attention", "linear-attention"):
            assert change < 1e-12
        else:
            assert change > 1e-9 or order.tolist() == list(range(steps - 1))


@pytest.mark.parametrize("name", ["attention", "attention-positions"])
def test_unmasked_is_the_layer_with_all_in_sight(name):
    model, x = shuffle.build(name, 0, 9), noise(3, 9, shuffle.WIDTH)
    found = shuffle.unmasked(model, x)
    assert_close(found, masked(model, x, torch.ones(9, 9, dtype=torch.bool)), **EXACT)
    assert_close(found[:, -1], model(x).outputs[:, -1], **EXACT)  # the last step sees all in both
    assert (found - model(x).outputs)[:, :-1].abs().min() > 1e-9


@pytest.mark.parametrize("name", ["deep-attention", "deep-positions"])
def test_unmasked_is_two_layers_of_torch_with_all_in_sight(name):
    model, x = shuffle.build(name, 0, 9), noise(3, 9, shuffle.WIDTH)
    y = model.embed(x)
    for norm, qkv, mix in (
        (model.norm, model.qkv, model.mix), (model.second_norm, model.second_qkv, model.second_mix),
    ):  # fmt: skip
        layer = nn.MultiheadAttention(model.n_hidden, HEADS, bias=False, batch_first=True).double()
        layer.load_state_dict({"in_proj_weight": qkv.weight, "out_proj.weight": mix.weight})
        y = y + layer(*[normed(y, norm)] * 3)[0]
    assert_close(shuffle.unmasked(model, x), model.head(y), **EXACT)


@pytest.mark.parametrize("name", ["attention", "attention-positions", "linear-attention"])
def test_the_answer_of_one_layer_has_the_sign_of_a_polynomial_of_as_many_degrees_as_it_has_heads(name):
    """So it has no part along the parity of more bits than heads, and with fewer bits in play it may have one."""
    for n in (HEADS, HEADS + 1, HEADS + 2):
        steps = n + 1  # the last token is given
        model = EVERY[name].build(2, 2, longest=16, generator=generator(0, "weights"), budget=2000).double()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.mul_(3)
            bits = torch.cartesian_prod(*[torch.tensor([0, 1])] * n)  # (2 ** n, n)
            bits = torch.cat([bits, torch.zeros(len(bits), 1, dtype=bits.dtype)], 1)  # (2 ** n, T)
            x = nn.functional.one_hot(bits, 2).double()
            e = model.embed(x) + (sinusoids(steps, model.n_hidden) if model.positions else 0)
            q, k, _ = (p.unflatten(-1, (HEADS, -1)).transpose(1, 2) for p in model.qkv(model.norm(e)).chunk(3, -1))
            if name == "linear-attention":
                products = (nn.functional.elu(q[:, :, -1:]) + 1) * (nn.functional.elu(k) + 1)  # (2 ** n, heads, T, d)
                divisors = products.sum(-1).sum(-1)  # (2 ** n, heads)
            else:
                divisors = ((q[:, :, -1:] * k).sum(-1) / k.shape[-1] ** 0.5).exp().sum(-1)  # (2 ** n, heads)
            outputs = model(x).outputs[:, -1]  # (2 ** n, 2)
            polynomial = (outputs[:, 1] - outputs[:, 0]) * divisors.prod(1)  # (2 ** n,)
            polynomial = polynomial / polynomial.abs().max()
        assert (divisors > 0).all()
        parity = 1.0 - 2 * (bits.sum(1) % 2)  # (2 ** n,)
        along = (parity * polynomial).mean().abs()
        assert (along < 1e-13) == (n > HEADS)


def test_what_linear_attention_does_is_not_put_down_to_attention():
    def load(experiment, settings, seeds=None):
        found = records.load(experiment, settings, seeds)
        if experiment is STEPS_PICTURE:
            found.right[:, TRACKERS.index("linear-attention")] = 1
        return found

    assert easy_structure(load).verdict == easy_structure(records.load).verdict


def test_a_shuffle_leaves_the_last_step_last():
    x = torch.arange(5.0).view(1, 5, 1)
    assert shuffle.with_last(x, torch.tensor([3, 1, 0, 2])).flatten().tolist() == [3, 1, 0, 2, 4]


def test_the_shuffles_of_a_seed_are_its_own():
    with global_randomness_untouched():
        one, again, other = (shuffle.changes(seed, 8, torch.device("cpu")) for seed in (0, 0, 1))
    assert one == again and one != other


# What came first


def test_who_sees_a_set_is_right_half_the_time_and_who_sees_order_always():
    def marked(x):
        return (x[..., : first.TASK.values] * x[..., -2:-1]).argmax(-1)[x[..., -2] > 0].view(-1, 2)

    as_set = Says(lambda x: at_every_step(marked(x).amin(1), x, first.TASK.values))
    in_order = Says(lambda x: at_every_step(marked(x)[:, 0], x, first.TASK.values))
    assert first.tested(as_set, 0)["right"][0] == pytest.approx([Precedence.unordered] * len(first.LENGTHS), abs=0.04)
    assert (first.tested(in_order, 0)["right"] == 1).all()


# Brackets and tracking


def stacked(x: torch.Tensor) -> torch.Tensor:
    """Outputs (B, T, kinds) of a reader with a stack."""
    kinds = x.shape[-1] - 1
    outputs = torch.zeros(*x.shape[:2], kinds)
    for b, tokens in enumerate(x.argmax(-1).tolist()):
        stack = []
        for t, token in enumerate(tokens):
            if token < kinds:
                stack.append(token)
            else:
                outputs[b, t, stack.pop()] = SIZE
    return outputs


def newest(x: torch.Tensor) -> torch.Tensor:
    """Outputs of who says the kind that opened last."""
    task, tokens = Brackets(x.shape[1]), x.argmax(-1)
    batch = Batch(x, tokens, tokens == task.kinds)
    return 9 * nn.functional.one_hot(task.newest(batch), task.kinds).float()


@pytest.mark.slow
def test_a_stack_closes_every_bracket_and_the_newest_kind_is_a_guess():
    found = nested.tested(Says(stacked), 0)
    assert (found["lengths"] == 1).all() and (found["depths"] == 1).all()
    assert found["lengths"].shape == (1, len(nested.LENGTHS)) and found["depths"].shape == (1, len(nested.DEPTHS))
    found = nested.tested(Says(newest), 0)
    assert found["lengths"] == pytest.approx(np.full((1, 3), 0.25), abs=0.03)
    assert found["depths"] == pytest.approx(np.full((1, 8), 0.25), abs=0.09)


def test_counting_says_the_kind_that_opened_most_often():
    task = Brackets(20, 6)
    right, around, depth = beyond.counted(task, generator(0, "counting"))
    batch = task.sample(beyond.DRAWS, generator(0, "counting"))
    for b, tokens in enumerate(batch.x.argmax(-1).tolist()[:100]):
        opened = [0] * task.kinds
        for t, token in enumerate(tokens):
            if token < task.kinds:
                opened[token] += 1
            assert right[b, t] == (opened.index(max(opened)) == batch.y[b, t])
    assert torch.equal(around, task.around(batch)) and torch.equal(depth, task.depths(batch))
    assert all(task.chance < level < 0.6 for levels in beyond.by_counting() for level in levels)


@pytest.mark.slow
@pytest.mark.parametrize("depth", [2, 5])
def test_accuracy_is_told_apart_by_depth(depth):
    def forgets(x):
        outputs, tokens = stacked(x), x.argmax(-1)
        depths = nested.DEEP.depths(Batch(x, tokens, tokens == nested.DEEP.kinds))
        return torch.where((depths == depth).unsqueeze(-1), outputs.roll(1, -1), outputs)

    right = dict(zip(nested.DEPTHS, nested.tested(Says(forgets), 0)["depths"][0], strict=True))
    assert right.pop(depth) == 0 and set(right.values()) == {1}


def test_accuracy_is_told_apart_by_step():
    task = Tracking(16)

    def late(x):
        outputs = 9 * nn.functional.one_hot(x.argmax(-1).cumsum(1) % 2, 2).float()
        outputs[:, 10:] = outputs[:, 10:].flip(-1)
        return outputs

    assert tracking.tested(Says(late), task, 0)["right"].tolist() == [[1] * 10 + [0] * 6]
