"""The twenty questions' own measurements: against formulas, against PyTorch, and broken on purpose."""

import numpy as np
import pytest
import torch

from sevenlenses.lenses.learning import Learned, Lesson, learn
from sevenlenses.lenses.questions import (
    ARITHMETIC,
    EXPOSURE,
    JOINED,
    LAYOUT,
    PARTS,
    TRUNCATED,
    UNROLLED,
    arithmetic,
    heads,
    joined,
    layout,
    parts,
    shares,
    summary,
    truncated,
    unrolled,
)
from sevenlenses.models.base import Trace
from sevenlenses.models.lstm import LSTM
from sevenlenses.training import Fit


def lstm(n_in: int = 4, size: int = 6) -> LSTM:
    return LSTM(n_in, size, 1, generator=torch.Generator().manual_seed(0)).double()


def noise(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


# Shapes, matrices, arithmetic


def test_columns_give_what_rows_give():
    model, x = lstm(), noise(1, 9, 4)
    *_, drive, h, c = layout.in_columns(model, x[0].T)
    states, (_, cells) = model.rnn(x)
    torch.testing.assert_close(h.T, states[:, -1])
    torch.testing.assert_close(c.T, cells[0])
    torch.testing.assert_close(drive[:, 0], model.rnn.weight_ih_l0 @ x[0, -1])


def test_the_joined_matrix_and_the_two_are_the_lstm():
    model, x = lstm(), noise(3, 7, 4)
    w = model.rnn
    bias = w.bias_ih_l0 + w.bias_hh_l0
    whole = joined.last_state([torch.cat([w.weight_hh_l0, w.weight_ih_l0], 1), bias], x)
    two = joined.last_state([w.weight_hh_l0, w.weight_ih_l0, bias], x)
    for one in (whole, two):
        torch.testing.assert_close(one, model(x).states[:, -1])


def test_two_nets_that_train_otherwise_come_apart(monkeypatch):
    """The distance can be seen: a second net whose input matrix is read backwards drifts away at once."""
    same = JOINED.measure(seeds=(7,)).apart.max()
    inner = joined.last_state
    monkeypatch.setattr(joined, "last_state", lambda w, x: inner(w, x.flip(-1) if len(w) == 3 else x))
    joined.side_by_side.cache_clear()
    assert same < 1e-12 < 1e-3 < JOINED.measure(seeds=(7,)).apart[:, -1].min()
    joined.side_by_side.cache_clear()


@pytest.mark.parametrize("size", [1, 5, 8])
def test_operations_are_as_many_as_the_equations_have(size):
    times, plus, powers, divisions = ARITHMETIC.measure(seeds=(0,), size=size).counts[0]
    products = 4 * size * (arithmetic.INPUTS + size)
    bends = 5 * size  # three gates, the candidate, tanh of the cell: each one exponential and one division
    assert (powers, divisions) == (bends, bends)
    assert times == products + 3 * size + bends + 2 * 2 * size  # f c, i g, o tanh c; a sign each; tanh's two doublings
    assert plus == products + size + bends + 2 * size  # f c + i g; 1 + e; tanh's minus 1


def test_python_numbers_give_pytorch_s_lstm():
    assert ARITHMETIC.measure().apart.max() < 1e-14


# Units, unrolling, truncation


def test_a_push_reaches_all_units_and_the_weights_do_not_grow():
    found = PARTS.measure(unit=2)
    own = found.reached[:, 0]
    assert (own[:, 1] == 1).all() and (np.delete(own, 1, 1) == 0).all()  # at first the pushed unit alone
    assert (found.reached[:, 1] > 0).all()
    assert (found.used == 4 * parts.UNITS * (parts.INPUTS + parts.UNITS + 2)).all()


def test_a_push_is_the_derivative():
    model = parts.build(0)
    x = torch.randn(
        1, parts.PUSHED + parts.AFTER, parts.INPUTS, generator=parts.generator(0, "inputs"), dtype=torch.float64
    )
    state = model.start(x)
    for x_t in x[:, : parts.PUSHED + 1].unbind(1):
        state, _ = model.cell(x_t, state)
    slope = torch.autograd.functional.jacobian(
        lambda h: model.cell(x[:, parts.PUSHED + 1], (h, state[1]))[0][0], state[0]
    )
    expected = slope[0, :, 0, 2].abs().detach().numpy()
    np.testing.assert_allclose(PARTS.measure(seeds=(0,), unit=3).reached[0, 1], expected, rtol=1e-4)


@pytest.mark.slow
def test_nodes_are_counted():
    a = torch.ones(2, requires_grad=True)
    assert unrolled.noted((a * a).sum().grad_fn) == 3  # the sum, the product, the leaf
    loop = UNROLLED.measure(digits="float64").nodes[:, 0]
    steps = np.diff(loop) / np.diff(unrolled.LENGTHS)
    assert np.ptp(steps[:, 1:]) == 0 and steps.min() > 5  # as many for each further step


def test_the_slope_carried_forward_is_the_gradient_s():
    model, x = lstm(), noise(2, 11, 4)
    whole = truncated.last_gradient(model, x, 11)
    for seed in range(3):
        direction = torch.randn(len(whole), generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
        slope, carried = truncated.along(model, x, direction)
        torch.testing.assert_close(slope, whole @ direction)
        assert carried == 4 * 2 * 6 * 8  # h, c and their slopes


def test_what_is_unrolled_grows_with_the_steps_and_with_the_memory_the_error_does():
    usual, long = (TRUNCATED.measure(init=init) for init in ("forget-1", "forget-3"))
    assert (np.diff(usual.stored[0]) / np.diff(truncated.KEPT)).std() < 1e-9  # bytes: a straight line
    assert (usual.error[:, -1] < 1e-12).all()
    middle = truncated.KEPT.index(8)
    assert (long.error[:, middle] > usual.error[:, middle] + 0.2).all()


def test_layouts_have_their_shapes_and_exposure_its_sizes():
    found = LAYOUT.measure(batch=2, size=7)
    assert found.paper[0].tolist() == [[5, 12], [5, 1], [28, 5], [28, 1], [7, 1], [7, 1]]
    assert found.code[0].tolist() == [[2, 12, 5], [2, 5, 0], [28, 5, 0], [2, 28, 0], [2, 7, 0], [2, 7, 0]]
    opened, closed = (EXPOSURE.measure(seeds=(0,), bias=bias).size[0] for bias in (4.0, -4.0))
    assert opened[2] > 10 * closed[2] and closed[2] < 0.02 * closed[1]


@pytest.mark.slow
def test_a_blur_takes_from_what_is_small():
    sharp, blurred = (EXPOSURE.measure(bias=-2.0, blur=blur).share.sum(-1) for blur in (0.0, 0.01))
    assert (blurred[:, 0] < 0.5 * sharp[:, 0]).all()
    assert (blurred[:, 1] > blurred[:, 0]).all()


# Heads


@pytest.mark.parametrize(
    ("name", "still"),
    [("head-alone", "rnn"), ("deep-head-alone", "rnn"), ("body-alone", "head"), ("loud-body-alone", "head")],
)
def test_one_part_stays_as_it_started_and_the_other_learns(name, still):
    ends = {}
    for steps in (1, 30):
        lesson = Lesson(name, 3000, heads.TASKS["first"], Fit(steps=steps, learning_rate=0.01))
        list(learn(Learned, lesson, {}, 0, "cpu", lambda model, steps=steps: ends.update({steps: model}) or {}))
    early, late = (ends[steps].state_dict() for steps in (1, 30))
    for part in early:
        assert torch.equal(early[part], late[part]) == part.startswith(still)


def test_a_louder_head_is_the_same_head_ten_times_as_large():
    usual, loud = (
        heads.EVERY[name].build(4, 3, longest=4, generator=torch.Generator().manual_seed(0), budget=2000)
        for name in ("body-alone", "loud-body-alone")
    )
    for name, weight in usual.state_dict().items():
        times = 10 if name.startswith("head") else 1
        torch.testing.assert_close(loud.state_dict()[name], times * weight)


def test_a_two_layer_head_has_a_bend():
    model = heads.EVERY["deep-head"].build(4, 3, longest=4, generator=torch.Generator().manual_seed(0), budget=2000)
    one, other = noise(1, model.n_hidden).float(), -noise(1, model.n_hidden).float()
    middle = model.head((one + other) / 2)
    assert not torch.allclose(middle, (model.head(one) + model.head(other)) / 2, atol=1e-4)


class Keeper(torch.nn.Module):
    """Its states are the token of one step, one-hot and made small; all else is forgotten."""

    def __init__(self, step: int):
        super().__init__()
        self.step, self.weight = step, torch.nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return Trace(x, 1e-3 * x[:, self.step : self.step + 1].expand_as(x))


@pytest.mark.parametrize("step", [0, 5])
def test_a_reader_is_told_what_the_state_keeps_and_nothing_else(step):
    found = heads.read(Keeper(step), heads.TASKS["first"], 0)
    for told, solved in zip(found["told"][0], found["solved"][0], strict=True):
        assert told[step] == 1 and told[-1] == 1  # the last token is always the same
        others = np.delete(told, [step, len(told) - 1])
        assert abs(others - summary.guess("first")).max() < 0.04
        assert solved == (1 if step == 0 else pytest.approx(1 / 8, abs=0.04))  # the first token is the answer


def test_a_sharp_reader_sees_what_is_faint_and_a_blurred_one_does_not():
    loud, classes = noise(2000, 1), noise(2000, 1).gt(0).long()
    states = torch.cat([100 * loud.flip(0), 0.1 * (2.0 * classes - 1)], 1)  # the class beside a hundredfold noise
    sharp, blurred = (heads.readout(states, classes, ridge)[0] for ridge in (1e-9, 10.0))
    assert sharp == 1 and blurred < 0.7


def test_to_know_the_answer_alone_is_worth_what_a_simulation_gives():
    task, draws = heads.TASKS["pairs"], 200_000
    source = torch.Generator().manual_seed(0)
    values = torch.randint(task.values, (draws, task.pairs), generator=source)
    said = values[:, :1]  # the value asked for, guessed at each pair
    assert (values == said).float().mean().item() == pytest.approx(summary.answer_alone(1.0), abs=0.005)
    assert summary.answer_alone(0.0) < 1 / task.values + 1e-9


def test_the_share_that_is_trained_is_counted():
    assert shares.trained_share("lstm-forget-1") == 1
    assert shares.trained_share("head-alone") + shares.trained_share("body-alone") == pytest.approx(1)
