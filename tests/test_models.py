"""Every model against an oracle: PyTorch's own modules, the formula written out, algebra."""

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.testing import assert_close

from oracles import add_up, attend, attend_twice, both_ways, global_randomness_untouched, sinusoid, store
from sevenlenses.lenses.access import combine, reads
from sevenlenses.lenses.capacity import recall, text
from sevenlenses.lenses.locality import moments
from sevenlenses.lenses.reading import learning as sentences
from sevenlenses.lenses.structure import relation
from sevenlenses.lenses.structure.block import TASKS as OF_BLOCKS
from sevenlenses.models import MODELS, RIVALS, create
from sevenlenses.models.attention import HEADS, sinusoids
from sevenlenses.models.base import Trace, parameter_count
from sevenlenses.models.block import BLOCKS
from sevenlenses.models.heads import Headed
from sevenlenses.models.initialise import INITS, chrono, forget_bias, initialise, orthogonal, scale_recurrence
from sevenlenses.models.irnn import IRNN
from sevenlenses.models.linear_attention import memory
from sevenlenses.models.loud_head import LOUDER, LoudBodyAlone
from sevenlenses.models.min_lstm import parallel_scan
from sevenlenses.models.recurrence import linear_scan, unroll
from sevenlenses.models.rungs import Chained
from sevenlenses.models.variants import BUDGET, EVERY, MAIN, VARIANTS, size_within
from sevenlenses.runtime import generator
from sevenlenses.tasks import TASKS
from sevenlenses.tasks.brackets import Brackets
from sevenlenses.tasks.compared import Compared
from sevenlenses.tasks.hops import Hops
from sevenlenses.tasks.letters import Letters
from sevenlenses.tasks.moments import Moments
from sevenlenses.tasks.moved import Moved
from sevenlenses.tasks.ordered import Ordered
from sevenlenses.tasks.precedence import Precedence
from sevenlenses.tasks.pronouns import Pronouns
from sevenlenses.tasks.recall import Recall
from sevenlenses.tasks.report import Report
from sevenlenses.tasks.sentences import Sentences
from sevenlenses.tasks.token_recall import TokenRecall
from sevenlenses.tasks.tracking import Tracking

N_IN, H, K = 5, 8, 3
EXACT = {"rtol": 1e-10, "atol": 1e-12}  # float64
quick = settings(deadline=None, derandomize=True, max_examples=60)

RECURRENT, ATTENTIVE = ("rnn", "lstm", "gru"), ("attention", "attention-positions")
TWO_WAYS = ("bidirectional", "deep-bidirectional", "two-way-lstm")
OPENED = ("deep-lstm", "deeper-lstm", "two-way-lstm", "vector", "matrix-gated", "matrix-reading")  # forget biases: 1
ALL = MODELS | RIVALS
NOISY = ("lstm-noisy", "lstm-shared-noisy")  # no two passes alike
CAUSAL = [name for name in ALL if name not in (*TWO_WAYS, *NOISY)]


def build(name: str, seed: int = 0, size: int = H):
    return create(name, N_IN, size, K, generator=generator(seed, "weights")).double()


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=generator(seed, "noise"), dtype=torch.float64)


def told(trace: Trace) -> tuple[torch.Tensor, torch.Tensor]:
    return trace.outputs, trace.states


def derivatives(run, model, *leaves: torch.Tensor):
    """What `run(*leaves)` gives, and the gradients of a random projection of it at every leaf and every parameter."""
    leaves = [leaf.clone().requires_grad_() for leaf in leaves]
    given = run(*leaves)
    projection = sum((part * noise(*part.shape, seed=7)).sum() for part in given)
    return given, torch.autograd.grad(projection, [*leaves, *model.parameters()])


# Recurrent nets


@pytest.mark.parametrize("name", RECURRENT)
@pytest.mark.parametrize("steps", [1, 2, 9])
def test_fused_equals_written_out_equals_torch(name, steps):
    model, x = build(name), noise(3, steps, N_IN)
    oracle = type(model.rnn)(N_IN, H, batch_first=True).double()
    oracle.load_state_dict(model.rnn.state_dict())
    whole = nn.ModuleDict({"rnn": oracle, "head": model.head})

    def bare(x):
        h, _ = oracle(x)
        return h @ model.head.weight.T + model.head.bias, h

    expected = derivatives(bare, whole, x)
    assert_close(derivatives(lambda x: told(model(x)), model, x), expected, **EXACT)
    assert_close(derivatives(lambda x: told(unroll(model, x)), model, x), expected, **EXACT)


@pytest.mark.parametrize("name", [*RECURRENT, "min-lstm"])
@pytest.mark.parametrize("size_of_nudge", [0.0, 1.0])
def test_a_nudged_fused_pass_equals_the_nudged_loop(name, size_of_nudge):
    model, x, nudge = build(name), noise(3, 9, N_IN), size_of_nudge * noise(3, 9, H, seed=1)

    fused = derivatives(lambda x, nudge: told(model(x, nudge=nudge)), model, x, nudge)
    looped = derivatives(lambda x, nudge: told(unroll(model, x, nudge)), model, x, nudge)
    assert_close(fused, looped, **EXACT)


@pytest.mark.parametrize("name", CAUSAL)
def test_a_nudge_of_zero_changes_nothing_and_another_one_does(name):
    model, x, nudge = build(name), noise(2, 6, N_IN), noise(2, 6, H, seed=1)
    assert_close(model(x, nudge=0 * nudge).outputs, model(x).outputs, **EXACT)
    assert (model(x, nudge=nudge).outputs - model(x).outputs).abs().min() > 1e-6


@pytest.mark.parametrize("name", ["lstm", "gru", "min-lstm"])
@pytest.mark.parametrize("nudged", [False, True])
def test_gates_and_cells_seen_in_the_fused_pass_are_those_of_the_loop(name, nudged):
    model, x = build(name), noise(3, 11, N_IN)
    nudge = noise(3, 11, H, seed=1) if nudged else None
    seen = model(x, nudge=nudge, watch=True).inside
    assert_close(seen, {name: value.detach() for name, value in unroll(model, x, nudge).inside.items()}, **EXACT)
    assert not any(value.requires_grad for value in seen.values())
    if name == "lstm" and not nudged:
        assert_close(seen["cell"][:, -1], model.rnn(x)[1][1][0].detach(), **EXACT)


@quick
@given(batch=st.integers(1, 3), steps=st.integers(2, 40), size=st.integers(1, 3), seed=st.integers(0, 99))
@example(batch=2, steps=32, size=2, seed=0)  # a power of two
@example(batch=2, steps=33, size=2, seed=0)
def test_the_parallel_scan_and_its_gradients_equal_a_loop(batch, steps, size, seed):
    def loop(decay, drive):
        h = [torch.zeros_like(drive[:, 0])]
        for a, b in zip(decay.unbind(1), drive.unbind(1), strict=True):
            h.append(a * h[-1] + b)
        return (torch.stack(h[1:], 1),)

    nothing, shape = nn.Module(), (batch, steps, size)  # of one step, the decay plays no part
    leaves = noise(*shape, seed=seed), noise(*shape, seed=seed + 1)
    assert_close(
        derivatives(lambda *both: (parallel_scan(*both),), nothing, *leaves),
        derivatives(loop, nothing, *leaves),
        **EXACT,
    )


@quick
@given(batch=st.integers(1, 3), steps=st.integers(1, 130), size=st.integers(1, 4), seed=st.integers(0, 99))
@example(batch=2, steps=1, size=3, seed=0)
@example(batch=2, steps=2, size=1, seed=0)
@example(batch=2, steps=97, size=3, seed=0)  # a prime: the last block is short
@example(batch=2, steps=121, size=3, seed=0)  # a square: no block is
def test_the_scan_equals_a_loop(batch, steps, size, seed):
    decay, drive = noise(batch, steps, size, seed=seed), noise(batch, steps, size, seed=seed + 100)
    given = decay.clone(), drive.clone()
    c, expected = torch.zeros(batch, size, dtype=torch.float64), []
    for t in range(steps):
        c = decay[:, t] * c + drive[:, t]
        expected.append(c)
    assert_close(linear_scan(decay, drive), torch.stack(expected, 1), rtol=1e-8, atol=1e-10)
    assert_close((decay, drive), given, rtol=0, atol=0)  # left as they were


# Attention


@pytest.mark.parametrize("name", ATTENTIVE)
@pytest.mark.parametrize("steps", [1, 2, 9])
def test_attention_equals_its_formula(name, steps):
    model, x, nudge = build(name), noise(3, steps, N_IN), noise(3, steps, H, seed=1)

    def formula(x, nudge):
        return attend(model, store(model, x) + nudge)[0], store(model, x)

    fused = derivatives(lambda x, nudge: told(model(x, nudge=nudge)), model, x, nudge)
    assert_close(fused, derivatives(formula, model, x, nudge), **EXACT)
    assert_close(model(x, watch=True).inside["weights"], attend(model, store(model, x))[1], **EXACT)


def test_attention_equals_multihead_attention_of_torch():
    model, x = build("attention"), noise(3, 9, N_IN)
    oracle = nn.MultiheadAttention(H, HEADS, bias=False, batch_first=True).double()
    oracle.load_state_dict({"in_proj_weight": model.qkv.weight, "out_proj.weight": model.mix.weight})
    e = model.embed(x)
    future = torch.ones(9, 9, dtype=torch.bool).triu(1)
    mixed, weights = oracle(*[model.norm(e)] * 3, attn_mask=future, average_attn_weights=False)
    trace = model(x, watch=True)
    assert_close(trace.outputs, model.head(e + mixed), **EXACT)
    assert_close(trace.inside["weights"], weights.detach(), **EXACT)


@pytest.mark.parametrize("name", [*ATTENTIVE, "linear-attention", "deep-attention"])
def test_attention_shares_itself_out_over_the_past(name):
    inside = build(name)(10 * noise(3, 20, N_IN), watch=True).inside
    assert set(inside) == ({"first weights", "second weights"} if name == "deep-attention" else {"weights"})
    for weights in inside.values():
        assert_close(weights.sum(-1), torch.ones(3, HEADS, 20, dtype=torch.float64), **EXACT)
        assert (weights.triu(1) == 0).all() and (weights.tril() >= 0).all()
        assert not weights.requires_grad


def test_positions_are_sines_and_cosines():
    expected = [[sinusoid(t, j, 12) for j in range(12)] for t in range(50)]
    assert_close(sinusoids(50, 12), torch.tensor(expected, dtype=torch.float64), **EXACT)


@pytest.mark.slow
@quick
@given(order=st.permutations(range(7)), seed=st.integers(0, 99))
def test_only_positions_or_a_second_layer_show_the_order_of_the_past(order, seed):
    x = noise(2, 8, N_IN, seed=seed)
    shuffled = x[:, [*order, 7]]  # the last step, which reads, stays
    kinds = (*ATTENTIVE, "linear-attention", "deep-attention")
    change = {name: (build(name)(shuffled).outputs - build(name)(x).outputs)[:, -1].abs().max() for name in kinds}
    assert max(change["attention"], change["linear-attention"]) < 1e-12
    for name in ("attention-positions", "deep-attention"):  # a causal first layer knows who came before whom
        assert change[name] > 1e-6 or list(order) == sorted(order)


# Rivals


@pytest.mark.parametrize("steps", [1, 2, 9])
def test_two_layers_of_attention_equal_the_formula_twice(steps):
    model, x, nudge = build("deep-attention"), noise(3, steps, N_IN), noise(3, steps, H, seed=1)

    def formula(x, nudge):
        return attend_twice(model, store(model, x) + nudge)[0], store(model, x)

    fused = derivatives(lambda x, nudge: told(model(x, nudge=nudge)), model, x, nudge)
    assert_close(fused, derivatives(formula, model, x, nudge), **EXACT)
    _, first, second = attend_twice(model, store(model, x))
    assert_close(model(x, watch=True).inside, {"first weights": first, "second weights": second}, **EXACT)


@pytest.mark.parametrize("steps", [1, 2, 9])
def test_two_layers_with_positions_are_two_layers_that_store_where_each_step_stands(steps):
    placed, x, nudge = build("deep-positions"), noise(3, steps, N_IN), noise(3, steps, H, seed=1)
    where = torch.tensor([[sinusoid(t, j, H) for j in range(H)] for t in range(steps)], dtype=torch.float64)

    def formula(x, nudge):
        stored = store(placed, x) + where
        return attend_twice(placed, stored + nudge)[0], stored

    fused = derivatives(lambda x, nudge: told(placed(x, nudge=nudge)), placed, x, nudge)
    assert_close(fused, derivatives(formula, placed, x, nudge), **EXACT)
    assert_close(placed.state_dict(), build("deep-attention").state_dict(), rtol=0, atol=0)  # the same weights


def test_a_second_layer_that_reads_nothing_leaves_one_layer():
    deep, one, x = build("deep-attention"), build("attention", seed=1), noise(3, 9, N_IN)
    one.load_state_dict({name: deep.state_dict()[name] for name in one.state_dict()})
    assert (deep(x).outputs - one(x).outputs).abs().min() > 1e-6
    with torch.no_grad():
        deep.second_mix.weight.zero_()
    assert_close(deep(x).outputs, one(x).outputs, **EXACT)


@pytest.mark.parametrize("steps", [1, 2, 9])
def test_linear_attention_is_a_recurrent_net_that_adds_up(steps):
    model, x, nudge = build("linear-attention"), noise(3, steps, N_IN), noise(3, steps, H, seed=1)

    def recurrent(x, nudge):
        return add_up(model, store(model, x) + nudge)[0], store(model, x)

    parallel = derivatives(lambda x, nudge: told(model(x, nudge=nudge)), model, x, nudge)
    assert_close(parallel, derivatives(recurrent, model, x, nudge), **EXACT)


@quick
@given(batch=st.integers(1, 3), steps=st.integers(1, 40), size=st.sampled_from([4, 8, 20]), seed=st.integers(0, 99))
def test_the_memory_of_linear_attention_is_its_two_sums(batch, steps, size, seed):
    model, x = build("linear-attention", seed, size), noise(batch, steps, N_IN, seed=seed)
    outputs, sums = add_up(model, store(model, x))
    assert_close(memory(model, x), sums[-1], **EXACT)
    assert_close(model(x).outputs, outputs, **EXACT)


@pytest.mark.parametrize("name", TWO_WAYS)
@pytest.mark.parametrize("steps", [1, 2, 9])
def test_two_directions_equal_written_out_cells(name, steps):
    model, x = build(name), noise(3, steps, N_IN)
    expected = derivatives(lambda x: both_ways(model, x), model, x)
    assert_close(derivatives(lambda x: told(model(x)), model, x), expected, **EXACT)


def test_two_directions_equal_two_lstms_of_torch():
    model, x = build("bidirectional"), noise(3, 9, N_IN)
    weights = model.rnn.state_dict()
    ways = []
    for end in ("_l0", "_l0_reverse"):
        one = nn.LSTM(N_IN, H // 2, batch_first=True).double()
        one.load_state_dict({key.removesuffix(end) + "_l0": weights[key] for key in weights if key.endswith(end)})
        ways.append(one(x.flip(1) if end.endswith("reverse") else x)[0])
    forwards, backwards = ways
    ends = torch.cat([forwards, backwards[:, -1:].expand(-1, 9, -1)], -1)
    assert_close(model(x).outputs, model.head(ends), **EXACT)
    assert_close(model(x).states, torch.cat([forwards, backwards.flip(1)], -1), **EXACT)


@pytest.mark.parametrize("name", TWO_WAYS)
def test_two_directions_see_the_future(name):
    model, x, t = build(name), noise(2, 8, N_IN), 3
    other = torch.cat([x[:, : t + 1], noise(2, 7 - t, N_IN, seed=1)], 1)
    assert (model(other).outputs - model(x).outputs)[:, : t + 1].abs().min() > 1e-9
    written = (model(other).states - model(x).states)[:, : t + 1, : H // 2].abs()  # what goes forwards
    if model.layers == 1:
        assert written.max() == 0  # written without knowing what comes
    else:
        assert written.min() > 1e-9  # the second layer writes what it knows to matter later


@pytest.mark.slow
@pytest.mark.parametrize("name", [*CAUSAL, *TWO_WAYS])
def test_gradients_are_those_of_finite_differences(name):
    model, x = build(name), noise(1, 3, N_IN).requires_grad_()
    nudge = noise(1, 3, H, seed=1).requires_grad_()
    run, leaves = (
        (lambda x: model(x).outputs, (x,))
        if name in TWO_WAYS
        else (
            lambda x, nudge: model(x, nudge=nudge).outputs,
            (x, nudge),
        )
    )
    assert torch.autograd.gradcheck(run, leaves)


# All models


def variant(name: str, seed: int = 0, longest: int = 64):
    return EVERY[name].build(N_IN, K, longest=longest, generator=generator(seed, "weights"))


@quick
@given(
    name=st.sampled_from([name for name in EVERY if name not in (*TWO_WAYS, *NOISY)]),
    steps=st.integers(2, 24),
    data=st.data(),
)
def test_no_step_sees_a_later_one(name, steps, data):
    t = data.draw(st.integers(0, steps - 2))
    model, x = variant(name).double(), noise(2, steps, N_IN)
    other = torch.cat([x[:, : t + 1], 9 * noise(2, steps - t - 1, N_IN, seed=1)], 1)
    before, after = model(x).outputs, model(other).outputs
    assert_close(after[:, : t + 1], before[:, : t + 1], rtol=0, atol=1e-12)
    assert (after[:, t + 1] - before[:, t + 1]).abs().max() > 1e-9


def test_every_model_has_a_variant():
    assert {one.model for one in VARIANTS.values()} == set(MODELS)
    assert {one.model for one in EVERY.values()} == set(ALL)
    assert [VARIANTS[name].model for name in MAIN] == list(MODELS)
    assert len({one.label for one in EVERY.values()}) == len(EVERY)


@pytest.mark.parametrize("name", EVERY)
def test_weights_come_from_the_passed_generator_alone(name):
    with global_randomness_untouched():
        first, again, other = variant(name), variant(name), variant(name, seed=1)
        nudge = None if name in TWO_WAYS else torch.zeros(2, 6, first.n_hidden)
        first(noise(2, 6, N_IN).float(), nudge=nudge, watch=True)
    assert_close(first.state_dict(), again.state_dict(), rtol=0, atol=0)
    assert not torch.equal(next(first.head.parameters()), next(other.head.parameters()))


OF_STRUCTURE = (Ordered, Precedence, Brackets, Tracking)
SPOKEN = (Sentences, Letters, Moved)
OF_TWO = (Compared, Hops)
COMPARED = [
    *(
        (name, task(), BUDGET)
        for name in VARIANTS
        for task in TASKS.values()
        if task not in (*OF_STRUCTURE, *SPOKEN, *OF_TWO, Report, TokenRecall)
    ),
    *((name, task(), relation.BUDGET) for name in relation.KNOBS["variant"].stops for task in OF_STRUCTURE),
    *((name, task(), sentences.BUDGET) for name in sentences.COMPARED for task in SPOKEN),
    *((name, Recall(), size) for name in recall.COMPARED for size in recall.SIZES),
    *((name, Moments(), moments.BUDGET) for name in moments.COMPARED),
    *((name, reads.STORE, reads.BUDGET) for name in reads.COMPARED),
    *((name, task(), reads.BUDGET) for name in combine.DESIGNS.values() for task in OF_TWO),
    *((name, task, relation.BUDGET) for name in BLOCKS for task in OF_BLOCKS.values()),
    ("bag", Pronouns(), BUDGET),
    *((name, TokenRecall(pairs), size) for name in text.COMPARED for pairs, size in text.SETTINGS.values()),
]


@pytest.mark.parametrize(("name", "task", "budget"), COMPARED, ids=str)
def test_sizes_are_matched(name, task, budget):
    model = EVERY[name].build(task.n_in, task.n_out, longest=task.length, generator=torch.Generator(), budget=budget)
    coarse = name in BLOCKS or budget == 8000  # four more units are up to two fifths more weights in small models
    least = 0.75 if coarse else 0.85
    assert least * budget <= parameter_count(model) <= budget


@pytest.mark.slow
@quick
@given(
    name=st.sampled_from(list(ALL)), n_in=st.integers(1, 90), n_out=st.integers(1, 20), budget=st.integers(6000, 60_000)
)
def test_no_larger_size_is_within_the_budget(name, n_in, n_out, budget):
    size = size_within(name, n_in, n_out, budget)
    here, larger = (
        parameter_count(ALL[name](n_in, size + more, n_out, generator=torch.Generator())) for more in (0, 4)
    )
    assert size % 4 == 0 and here <= budget < larger


def test_a_larger_budget_makes_a_larger_model():
    sizes = [size_within("lstm", N_IN, K, budget) for budget in (BUDGET, *recall.SIZES)]
    assert sizes == sorted(set(sizes))
    assert size_within("lstm", N_IN, K) == sizes[0]


# Starts


def first_gates(model) -> dict[str, torch.Tensor]:
    """The gates of a first step without input: what the biases alone say."""
    inside = model(torch.zeros(1, 1, N_IN, dtype=torch.float64), watch=True).inside
    return {name: value[0, 0] for name, value in inside.items()}


@pytest.mark.parametrize("value", [0.0, 1.0, 3.0])
def test_forget_bias_sets_the_forget_gate_and_nothing_else(value):
    model, before = build("lstm"), first_gates(build("lstm"))
    forget_bias(model, value)
    after = first_gates(model)
    assert_close(after.pop("forget"), torch.full((H,), value, dtype=torch.float64).sigmoid(), **EXACT)
    assert_close(after, {name: before[name] for name in after}, **EXACT)
    by_name = initialise(build("lstm"), f"forget-{value:g}", longest=9, generator=None)
    assert_close(by_name.state_dict(), model.state_dict(), **EXACT)


@pytest.mark.parametrize("longest", [3, 64, 1000])
def test_chrono_spreads_spans_evenly(longest):
    gates = []
    for seed in range(8):
        model = build("lstm", size=512)
        chrono(model, longest, generator(seed, "chrono"))
        gates.append(first_gates(model))
    forget, taken = (torch.cat([one[name] for one in gates]) for name in ("forget", "input"))
    assert_close(taken, 1 - forget, **EXACT)  # b_i = -b_f
    spans = (forget / (1 - forget)).sort().values  # exp(b_f)
    assert spans[0] >= 1 - 1e-9 and spans[-1] <= longest - 1 + 1e-9
    even = torch.linspace(1, longest - 1, len(spans), dtype=torch.float64)
    assert (spans - even).abs().max() / (longest - 2) < 2 / len(spans) ** 0.5  # Kolmogorov and Smirnov: p = 0.0007


@pytest.mark.parametrize("name", RECURRENT)
def test_orthogonal_turns_and_a_gain_stretches(name):
    model = build(name)
    orthogonal(model, generator(0, "weights"))
    for block in model.rnn.weight_hh_l0.split(H):
        assert_close(block @ block.T, torch.eye(H, dtype=torch.float64), **EXACT)
    start = model.rnn.weight_hh_l0.clone()
    scale_recurrence(model, 1.25)
    assert_close(torch.linalg.matrix_norm(model.rnn.weight_hh_l0[:H], 2).item(), 1.25, **EXACT)
    assert_close(model.rnn.weight_hh_l0, 1.25 * start, **EXACT)


@pytest.mark.parametrize("name", ALL)
def test_weights_start_as_torch_starts_them(name):
    model = build(name, size=64)
    for part in model.modules():
        drawn = name not in OPENED and not isinstance(model, Chained | Headed | IRNN)
        gated = isinstance(part, nn.RNNBase) or part is getattr(model, "gate", None)
        if isinstance(part, nn.Linear | nn.RNNBase) and (drawn or not gated):
            bound = (32 if name in TWO_WAYS else getattr(part, "in_features", 64)) ** -0.5
            bound *= LOUDER if isinstance(model, LoudBodyAlone) and part is model.head else 1
            weights = torch.cat([weight.detach().flatten() for weight in part.parameters()])
            assert 0.9 * bound < weights.abs().max() <= bound
            assert weights.std().item() == pytest.approx(bound / 3**0.5, rel=0.15)  # uniform


def test_every_start_is_used_by_some_variant_and_none_is_unknown():
    assert {one.init for one in VARIANTS.values()} == set(INITS)
