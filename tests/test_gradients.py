"""What the gradient lens says: curves against autograd and algebra, trends on seeds that nothing was tuned on."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

from oracles import FRESH, SEEDS, add_up, attend, attend_twice, store, walk
from sevenlenses.lenses.gradient.decay import DECAY
from sevenlenses.lenses.gradient.flow import FLOW, OTHERS, decades_per_step, sizes
from sevenlenses.lenses.gradient.gates import GATES
from sevenlenses.lenses.gradient.latch import profile
from sevenlenses.lenses.gradient.singular import GAINS, SINGULAR
from sevenlenses.lenses.gradient.strip import STRIP
from sevenlenses.lenses.probes import BATCH, N_IN, build, by_distance
from sevenlenses.models import RIVALS, create
from sevenlenses.models.base import state_gradients
from sevenlenses.models.lstm import cell_gradients
from sevenlenses.runtime import generator
from sevenlenses.tasks.latch import Latch

EXACT = {"rtol": 1e-9, "atol": 1e-14}  # float64
ORACLES = {RIVALS["linear-attention"]: add_up, RIVALS["deep-attention"]: attend_twice}  # of the others: attend
every_seed = pytest.mark.parametrize("seed", [*SEEDS, *FRESH])


def last(outputs: torch.Tensor) -> torch.Tensor:
    return outputs[:, -1].sum()


def inputs(steps: int, seed: int = 0) -> torch.Tensor:
    """As the lens draws them."""
    return torch.randn(BATCH, steps, N_IN, generator=generator(seed, "inputs"), dtype=torch.float64)


def by_autograd(model, x: torch.Tensor, loss) -> tuple[torch.Tensor, torch.Tensor]:
    """Gradients at states and inputs, each kept in a graph that is written out step by step."""
    x = x.clone().requires_grad_()
    if hasattr(model, "cell"):
        outputs, kept = walk(model, x)
        loss(outputs).backward()
        return torch.stack([h.grad for h, *_ in kept], 1), x.grad
    stored = store(model, x)
    stored.retain_grad()
    loss(ORACLES.get(type(model), attend)(model, stored)[0]).backward()
    return stored.grad, x.grad


# Against autograd


@pytest.mark.parametrize(
    "name", ["rnn", "lstm", "attention", "attention-positions", "deep-attention", "linear-attention"]
)
@pytest.mark.parametrize("loss", [last, lambda outputs: outputs.square().sum()], ids=["last", "all"])
def test_gradients_at_every_state_and_input_are_those_of_autograd(name, loss):
    model, x = create(name, N_IN, 8, 3, generator=generator(0, "weights")).double(), inputs(12)
    assert_close(state_gradients(model, x, loss)[:2], by_autograd(model, x, loss), **EXACT)
    assert x.grad is None and not x.requires_grad


def test_gradients_at_every_cell_are_those_of_autograd():
    model, x = build("lstm", "forget-1", 1.0, 12, 8, seed=0).double(), inputs(12)
    outputs, kept = walk(model, x)
    last(outputs).backward()
    at_states, _, _ = state_gradients(model, x, last)
    found = cell_gradients(model(x, watch=True), at_states)
    assert_close(found, torch.stack([c.grad for _, c in kept], 1), **EXACT)


def test_cells_ask_for_a_watched_pass():
    model = build("lstm", "forget-1", 1.0, 3, 8, seed=0).double()
    at_states, _, trace = state_gradients(model, inputs(3), last)
    with pytest.raises(ValueError, match="needs a watched LSTM pass"):
        cell_gradients(trace, at_states)


@pytest.mark.parametrize(
    ("name", "init", "gain"),
    [
        ("rnn", "default", 1.0),
        ("rnn", "orthogonal", 1.25),
        ("lstm", "chrono", 1.0),
        ("attention", "default", 1.0),
        ("attention-positions", "default", 1.0),
    ],
)
def test_the_curves_of_the_lens_are_those_of_autograd(name, init, gain):
    at_states, at_inputs, largest, _ = sizes(name, init, gain, 20, 16, 3, "cpu")
    model = build(name, init, gain, 20, 16, seed=3).double()
    for curve, gradient in zip((at_states, at_inputs), by_autograd(model, inputs(20, seed=3), last), strict=True):
        for k in range(20):
            norms = [gradient[b, 19 - k].square().sum().item() ** 0.5 for b in range(BATCH)]
            assert curve[k] == pytest.approx(np.prod(norms) ** (1 / BATCH), rel=1e-9, abs=0)
    if name == "rnn":
        assert largest == pytest.approx(np.linalg.svd(model.rnn.weight_hh_l0.detach())[1].max())


def test_the_formula_of_the_lens_is_the_path_through_the_cells_alone():
    result = GATES.measure(init="forget-3", length=12, seeds=(3,))
    model, x = build("lstm", "forget-3", 1.0, 12, 64, seed=3).double(), inputs(12, seed=3)
    outputs, kept = walk(model, x)
    exact = torch.stack(torch.autograd.grad(last(outputs), [c for _, c in kept]), 1)  # (B, T, H)
    outputs, kept = walk(model, x, remember_h=False)
    cells = torch.stack(torch.autograd.grad(last(outputs), [c for _, c in kept]), 1)
    for found, expected in ((result.exact, exact), (result.product, cells)):
        norms = expected.norm(dim=-1).log().mean(0).exp().flip(0)  # (T,)
        assert_close(torch.tensor(found[0]), norms, **EXACT)
    off = ((exact - cells).norm(dim=-1) / exact.norm(dim=-1)).mean(0).flip(0)
    assert_close(torch.tensor(result.off[0]), off, **EXACT)


def test_the_share_that_reaches_the_first_word_is_that_of_autograd():
    result = SINGULAR.measure(words=10, recurrence="orthogonal", seeds=(3,))
    for i, gain in enumerate(GAINS):
        _, at_inputs = by_autograd(build("rnn", "orthogonal", gain, 10, 64, seed=3).double(), inputs(10, seed=3), last)
        first, *_, final = at_inputs.norm(dim=-1).log().mean(0).exp()
        assert result.share[0, i] == pytest.approx((first / final).item(), rel=1e-9, abs=0)


def test_the_profile_of_a_trained_model_is_that_of_autograd():
    task = Latch(length=9)
    model = create("lstm", task.n_in, 8, task.n_out, generator=generator(0, "weights"))
    found = profile(model, task, seed=5)
    batch = task.sample(16, generator(5, "profile"))
    right = batch.y[:, -1]
    _, at_inputs = by_autograd(model.double(), batch.x.double(), lambda y: sum(y[b, -1, right[b]] for b in range(16)))
    expected = at_inputs.norm(dim=-1).log().mean(0).exp().flip(0)
    assert_close(torch.tensor(found), expected, **EXACT)


# Against algebra


def test_in_the_linear_regime_each_step_back_multiplies_by_the_recurrent_matrix():
    model = create("rnn", 2, 8, 3, generator=generator(0, "weights")).double()
    torch.nn.init.zeros_(model.rnn.bias_ih_l0)
    torch.nn.init.zeros_(model.rnn.bias_hh_l0)
    at_states, _, _ = state_gradients(model, torch.zeros(1, 30, 2, dtype=torch.float64), last)  # tanh' = 1 at 0
    expected = model.head.weight.detach().sum(0)
    for k in range(30):
        assert_close(at_states[0, 29 - k], expected, **EXACT)
        expected = model.rnn.weight_hh_l0.detach().T @ expected


@pytest.mark.parametrize("scale", [1e-300, 1e-200, 1.0, 1e200, 1e300])
def test_sizes_scale_with_the_gradient_over_all_that_a_float_can_hold(scale):
    gradient = torch.randn(3, 7, 5, generator=generator(0, "noise"), dtype=torch.float64)
    gradient[:, 2] = 0.0
    size = by_distance(gradient)
    assert by_distance(scale * gradient) == pytest.approx(scale * size, rel=1e-9, abs=0)
    assert (size == 0).tolist() == [False] * 4 + [True] + [False] * 2


@settings(deadline=None, derandomize=True)
@given(slope=st.floats(-2, 0.5), start=st.floats(-5, 5), steps=st.integers(3, 100), near=st.floats(0, 1e9))
def test_the_slope_of_an_exponential_is_its_exponent(slope, start, steps, near):
    curve = 10 ** (start + slope * np.arange(steps))
    assert decades_per_step(np.r_[near, curve[1:]]) == pytest.approx(slope, abs=1e-9)  # the loss's own step aside
    assert decades_per_step(np.r_[curve, 0.0, 0.0]) == pytest.approx(slope, abs=1e-9)  # underflow aside
    assert np.isnan(decades_per_step(curve[:2]))


@pytest.mark.parametrize("gate", [0.01, 0.5, 0.9, 0.99, 0.9999])
def test_a_constant_gate_leaves_its_power(gate):
    decay = DECAY.measure(gate=gate, steps=500)
    assert decay.formula[0] == pytest.approx([gate**k for k in range(501)], rel=1e-12)
    assert decay.measured == pytest.approx(decay.formula, rel=1e-9, abs=1e-17)


def test_a_gate_of_99_percent_leaves_37_percent_after_100_steps():
    assert 0.36 < DECAY.measure(gate=0.99, steps=100).measured[0, 100] < 0.37


@pytest.mark.slow
def test_the_product_of_gates_is_the_gradient_only_without_recurrence():
    alone = GATES.measure(recurrence=0.0, seeds=(*SEEDS, *FRESH))
    assert alone.off.max() < 1e-10
    assert alone.product == pytest.approx(alone.exact, rel=1e-10, abs=0)
    real = GATES.measure(init="forget-1", seeds=(*SEEDS, *FRESH))
    assert real.off[:, 0].max() == 0
    assert real.off[:, 16:].min() > 0.5  # every seed, every far step
    slight = GATES.measure(init="forget-1", recurrence=0.25, seeds=(*SEEDS, *FRESH))
    assert (slight.off[:, 16:].mean(1) < real.off[:, 16:].mean(1)).all()


# Trends, on each seed


def curve(name: str, init: str, length: int, seed: int) -> np.ndarray:
    return sizes(name, init, 1.0, length, 64, seed, "cpu")[0]


@every_seed
def test_the_rnn_forgets_far_faster_than_the_lstm_and_direct_paths_not_at_all(seed):
    rnn, lstm = (decades_per_step(curve(*start, 128, seed)) for start in (("rnn", "default"), ("lstm", "forget-1")))
    direct = curve("attention", "default", 128, seed)[1:]  # the loss's own step aside
    assert rnn < 2 * lstm < -0.08
    assert abs(decades_per_step(direct)) < 0.001  # a factor of 1.3 in 128 steps; the RNN loses 10²⁸
    assert direct.max() < 4 * direct.min()


@pytest.mark.slow
@every_seed
def test_attention_thins_out_with_length(seed):
    near, far = (curve("attention", "default", length, seed)[-1] for length in (64, 512))
    assert 4 < near / far < 16  # about 1/T: eight times as many steps to read from


@every_seed
def test_an_open_forget_gate_carries_more_than_attention(seed):
    lstm, direct = (curve(*start, 256, seed)[255] for start in (("lstm", "forget-3"), ("attention", "default")))
    assert lstm > 2 * direct


@pytest.mark.slow
@every_seed
def test_over_fifty_words_the_recurrent_matrix_decides(seed):
    default = SINGULAR.measure(words=50, recurrence="default", seeds=(seed,))
    turned = SINGULAR.measure(words=50, recurrence="orthogonal", seeds=(seed,))
    assert default.share[0, GAINS.index(1.0)] < 1e-6
    assert turned.share[0, GAINS.index(1.25)] > 1e-3
    assert turned.largest[0] == pytest.approx(GAINS, rel=1e-6)
    assert default.largest[0] == pytest.approx(np.multiply(GAINS, default.largest[0, GAINS.index(1.0)]), rel=1e-6)


def test_the_lens_reports_each_model_as_it_was_measured():
    chosen = {"init": "forget-3", "positions": "attention-positions", "signal": "input"}
    flow = FLOW.measure(length=32, size=16, seeds=(2,), **chosen)
    named = [("rnn", "default"), ("lstm", "forget-3"), ("attention-positions", "default")]
    starts = [*named, *((name, "default") for name in OTHERS)]
    for found, (name, init) in zip(flow.curves[0], starts, strict=True):
        assert np.array_equal(found, sizes(name, init, 1.0, 32, 16, 2, "cpu")[1])
    strip = STRIP.measure(word=9, seeds=(2,))
    assert np.array_equal(strip.lstm[0], sizes("lstm", "forget-1", 1.0, 9, 64, 2, "cpu")[1][::-1])
