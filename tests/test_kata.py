"""The kata: its program to the last printed digit, and what its explorers add to it."""

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from sevenlenses import kata, records
from sevenlenses.lenses import EXPERIMENTS
from sevenlenses.lenses.kata import counts, lags, mends, pipe, shares, told, turning
from sevenlenses.lenses.kata.apart import APART, READ
from sevenlenses.lenses.kata.size import SIZE
from sevenlenses.lenses.scaling.ways import looped, written
from sevenlenses.models import create
from sevenlenses.models.deep_lstm import DeeperLSTM, DeepLSTM, TwoWayLSTM
from sevenlenses.models.lstm import LSTM
from sevenlenses.models.rnn import RNN
from sevenlenses.runtime import generator
from sevenlenses.tasks.cue import Cue

DATA = Path(__file__).parent / "data"
PRINTED = {  # made with rustc from the kata's program, with `[f64; 4]` written behind `forget_rates`
    "kata.txt": [],
    "kata-200.txt": ["--steps", "200", "--every", "1", "--digits", "9"],
}
quick = settings(deadline=None, derandomize=True, max_examples=50)
numbers = st.floats(-10, 10, allow_nan=False)
vectors = st.lists(numbers, min_size=4, max_size=4)
turns = st.integers(0, 20)


# What the program prints


@pytest.mark.parametrize("file", PRINTED)
def test_every_byte_is_the_programs_own(file, capsys):
    assert kata.main(PRINTED[file]) == 0
    assert capsys.readouterr().out.encode() == (DATA / file).read_bytes()


def test_so_it_is_from_a_shell():
    command = [sys.executable, "-m", "sevenlenses.kata", *PRINTED["kata-200.txt"]]
    assert subprocess.run(command, capture_output=True, check=True).stdout == (DATA / "kata-200.txt").read_bytes()


@quick
@given(steps=st.integers(1, 60), every=st.integers(1, 70), digits=st.integers(1, 17))
def test_the_first_five_steps_are_shown_and_every_so_many(steps, every, digits):
    text = "\n".join(kata.lines(steps, every, digits))
    shown = [int(line.split()[1].rstrip(":")) for line in text.split("\n") if line.startswith("  Step")]
    one = [step for step in range(1, steps + 1) if step <= 5 or step % every == 0]
    assert shown == one * 2
    similarities = [word.split("=")[1].rstrip(",") for word in text.split() if "_sim=" in word]
    assert len(similarities) == 3 * len(one)
    assert all(len(number.partition(".")[2]) == digits for number in similarities)


@pytest.mark.parametrize("name", kata.LIMITS)
@pytest.mark.parametrize("value", ["0", "-1", "2.5", "ten", "", "²", "999999999"])
def test_an_option_that_cannot_be_says_its_rule_what_it_got_and_the_remedy(name, value, capsys):
    with pytest.raises(SystemExit) as end:
        kata.main([f"--{name}={value}"])
    _, least, most = kata.LIMITS[name]
    said = f"{name} must be a whole number from {least} to {most}; got {value!r}. Try "
    assert end.value.code == 2 and said in capsys.readouterr().err


# Its parts


@quick
@given(rows=st.integers(3, 9), columns=st.integers(3, 9), seed=st.integers(1, 99))
def test_a_matrix_of_sines_has_rank_two(rows, columns, seed):
    made = np.array(kata.matrix(rows, columns, 0.3, seed))
    assert made.shape == (rows, columns) and abs(made).max() <= 0.3
    sizes = np.linalg.svd(made, compute_uv=False)
    assert sizes[2] < 1e-9 < sizes[1]


def test_no_two_matrices_are_the_same_and_a_negative_turn_is_refused():
    found = [kata.weights(turn=turn) for turn in range(4)]
    every = [m for made in found for m in (*(rows for rows, _ in made.gates.values()), made.recurrent, made.inward)]
    assert len({str(one) for one in every}) == len(every) == 4 * kata.MATRICES
    with pytest.raises(ValueError, match="turn must be a whole number from 0 up; got -1"):
        kata.weights(turn=-1)


@quick
@given(a=vectors, b=vectors, scale=st.floats(0.01, 100))
def test_a_cosine_is_symmetric_does_not_see_size_and_is_zero_below_its_threshold(a, b, scale):
    assume(min(kata.norm(a), kata.norm(b)) > 1e-3)
    found = kata.cosine(a, b)
    assert abs(found) <= 1 + 1e-12 and found == kata.cosine(b, a)
    assert found == pytest.approx(kata.cosine([scale * one for one in a], b), abs=1e-9)
    assert kata.cosine([1e-14 * one for one in a], b) == 0.0
    assert kata.cosine([1e-14 * one for one in a], b, 0.0) == pytest.approx(found, abs=1e-9)
    assert kata.cosine(a, a) == pytest.approx(1) and kata.cosine([0.0] * 4, b, 0.0) == 0.0


def lstm_of(made: kata.Weights) -> LSTM:
    """The course's LSTM with the program's weights."""
    model = LSTM(kata.INPUTS, kata.HIDDEN, 1, generator=generator(0, "weights")).double()
    rows, biases = zip(*(made.gates[name] for name in ("input", "forget", "candidate", "output")), strict=True)
    rows = torch.tensor(rows, dtype=torch.float64).flatten(0, 1)  # (16, 7)
    with torch.no_grad():
        model.rnn.weight_hh_l0[:], model.rnn.weight_ih_l0[:] = rows[:, : kata.HIDDEN], rows[:, kata.HIDDEN :]
        model.rnn.bias_ih_l0[:] = torch.tensor(biases, dtype=torch.float64).flatten()
        model.rnn.bias_hh_l0.zero_()
    return model


def rnn_of(made: kata.Weights) -> RNN:
    """The course's RNN with the program's weights."""
    model = RNN(kata.INPUTS, kata.HIDDEN, 1, generator=generator(0, "weights")).double()
    with torch.no_grad():
        model.rnn.weight_hh_l0[:] = torch.tensor(made.recurrent, dtype=torch.float64)
        model.rnn.weight_ih_l0[:] = torch.tensor(made.inward, dtype=torch.float64)
        model.rnn.bias_ih_l0.zero_()
        model.rnn.bias_hh_l0.zero_()
    return model


@quick
@given(signal=st.tuples(numbers, numbers, numbers), bias=st.floats(-3, 3), turn=turns)
def test_its_networks_are_those_of_the_course(signal, bias, turn):
    made = kata.weights(bias, turn)
    path = kata.run(12, made, signal)
    x = torch.zeros(1, 13, 3, dtype=torch.float64)
    x[0, 0] = torch.tensor(signal, dtype=torch.float64)
    seen = lstm_of(made)(x, watch=True)
    assert np.array(path.cell) == pytest.approx(seen.inside["cell"][0].numpy(), abs=1e-12)
    assert np.array(path.hidden) == pytest.approx(seen.states[0].detach().numpy(), abs=1e-12)
    assert np.array(path.rnn) == pytest.approx(rnn_of(made)(x).states[0].detach().numpy(), abs=1e-12)


@given(turn=turns)
@quick
def test_without_a_signal_nothing_ever_moves(turn):
    path = kata.run(20, kata.weights(turn=turn), kata.BLANK)
    assert not np.array([path.cell, path.hidden, path.rnn]).any()


def test_the_table_and_the_counts_are_closed_forms():
    assert [n for n, _ in kata.retained()] == list(kata.FORGET_STEPS)
    assert all(
        math.isclose(left, f**n) for n, row in kata.retained() for f, left in zip(kata.FORGET_RATES, row, strict=True)
    )
    assert kata.lstm_operations(10) == 10 * 4 * 4 * 7 and kata.attention_operations(10) == 100 * 4


# Size and direction


@pytest.mark.parametrize("gain", [1.0, 3.0, 7.0])
def test_a_state_that_shrinks_without_end_keeps_a_direction(gain):
    found = SIZE.measure(device="cpu", steps=200, threshold="none", gain=gain)
    rnn = found.cosine[:, 2], found.size[:, 2]
    assert (np.diff(rnn[1][0, 5:]) < 0).all() and (rnn[1] > 0).all()  # no size is lost below 10⁻¹⁶²
    assert abs(rnn[0][:, 50:]).min() > 0.05
    least = SIZE.measure(device="cpu", steps=200, threshold="program", gain=1.0)
    assert (least.cosine[:, 2, 20:] == 0).all() and np.array_equal(least.size[:, :2], found.size[:, :2])


def test_the_printed_zeros_are_a_threshold_and_then_the_lstms_too():
    path = kata.run(200, kata.weights())
    assert path.similarities("rnn")[20] == 0.0 == path.similarities("cell")[200]
    assert abs(path.similarities("rnn", 0.0)[20]) == pytest.approx(0.1994, abs=1e-4)


# A state moves by itself


def test_with_nothing_from_state_to_gates_the_direction_stands_and_the_size_goes():
    found = turning.TURNING.measure(device="cpu", recurrent=0.0, steps=200)
    forgets = kata.sigmoid(1.0) ** np.arange(201)
    assert found.cosine == pytest.approx(np.ones_like(found.cosine))
    assert found.size == pytest.approx(np.broadcast_to(forgets, found.size.shape), rel=1e-9)


@quick
@given(signal=st.tuples(*[st.floats(-1e-3, 1e-3)] * 3), turn=turns, recurrent=st.floats(0, 2))
def test_of_a_small_cell_one_matrix_says_where_it_goes(signal, turn, recurrent):
    assume(max(map(abs, signal)) > 1e-5)
    made = turning.scaled(kata.weights(turn=turn), recurrent)
    cells = np.array(kata.run(60, made, signal).cell)
    guess = turning.powers(turning.matrix(made), cells[0], 60)
    assert np.linalg.norm(cells - guess, axis=1).max() < 0.02 * np.linalg.norm(cells, axis=1).max()


def test_a_full_turn_brings_the_cosine_back():
    size, turn = turning.spiral(kata.weights())
    cosine = kata.run(200, kata.weights()).similarities("cell", 0.0)
    assert turn == pytest.approx(36 + int(np.argmax(cosine[36:100])), abs=1.5) and 0.8 < size < 0.9
    assert turning.spiral(turning.scaled(kata.weights(), 0.0)) == (pytest.approx(kata.sigmoid(1.0)), math.inf)


# Told apart


@quick
@given(turn=turns, bias=st.floats(-1, 3), signal=st.tuples(numbers, numbers, numbers))
def test_many_copies_without_noise_are_the_program(turn, bias, signal):
    made = kata.weights(bias, turn)
    cells, states = told.copies(made, np.array([signal, kata.SIGNAL]), 15, np.zeros((15, 2, 1, 1)))
    for i, one in enumerate((signal, kata.SIGNAL)):
        path = kata.run(15, made, one)
        assert cells[:, i] == pytest.approx(np.array(path.cell), abs=1e-12)
        assert states[:, i] == pytest.approx(np.array(path.rnn), abs=1e-12)


def test_a_probe_reads_what_is_there_at_any_size():
    labels = np.repeat([1.0, -1.0], 50)
    drawn = told.gaussian(0, 2, 100, 4)
    for size in (1.0, 1e-80):
        states = size * (0.1 * drawn + labels[:, None] * np.array([1.0, -2.0, 0.5, 0.0]))
        assert told.right(*states, labels) == 1.0
    assert told.right(*drawn, labels) == pytest.approx(0.5, abs=0.15)
    assert told.right(np.ones((100, 4)), np.ones((100, 4)), labels) == 0.5


@pytest.mark.slow
@pytest.mark.parametrize("other", told.SIGNALS)
@pytest.mark.parametrize("bias", [0.0, 1.0, 3.0])
def test_without_noise_two_signals_are_told_apart_for_ever(other, bias):
    assert (APART.measure(device="cpu", other=other, bias=bias, noise=0.0).right == 1).all()


def test_with_noise_the_larger_state_is_told_apart_longer():
    found = APART.measure(device="cpu", seeds=(40, 41, 42), noise=0.01)
    at = READ.index(12)
    assert found.right[:, 0, at].min() > 0.95 and found.right[:, 1, at].max() < 0.65
    assert found.right[:, :, -1].max() < 0.65
    kept = APART.measure(device="cpu", seeds=(40, 41, 42), noise=0.01, bias=3.0)
    assert kept.right[:, 0].min() > 0.95 and kept.distance[0, 0, -1] > 1


# Constant gates


@pytest.mark.parametrize("noise", [0.0, 0.001, 0.1, 0.3])
def test_what_a_sign_tells_is_what_the_formula_says(noise):
    found = shares.SHARES.measure(device="cpu", seeds=tuple(range(40, 50)), noise=noise)
    error = np.sqrt(found.expected[0] * (1 - found.expected[0]) / (shares.SENT * 10)) + 1e-3
    assert (abs(found.right.mean(0) - found.expected[0]) < 5 * error).all()
    assert noise or (found.right == 1).all()


# Counts


@pytest.mark.parametrize("size", [4, 16, 64])
@pytest.mark.parametrize("length", [1, 2, 9])
def test_counts_without_numbers_are_those_of_a_real_pass(size, length):
    inputs = counts.inputs_of(size)
    for name, compute, counted in (
        ("lstm", looped, "lstm-counted"),
        ("attention", written, "attention-counted"),
    ):
        model = create(name, inputs, size, 1, generator=generator(0, "weights"))
        with FlopCounterMode(display=False) as counter:
            compute(model, torch.randn(1, length, inputs, generator=generator(0, "inputs")))
        assert counter.get_total_flops() == 2 * counts.count(counted, size, length)


@pytest.mark.parametrize("size", [4, 16, 64, 256])
def test_what_is_counted_and_what_the_formulas_leave_out(size):
    x, found = counts.inputs_of(size), counts.COUNTS.measure(device="cpu", size=size)
    lstm, lstm_counted, attention, whole, pairs = found.counted[0]
    n = np.array(counts.LENGTHS)
    assert np.array_equal(lstm_counted, lstm + n * size)  # the head
    assert np.array_equal(pairs, 2 * attention)  # scores and sums
    assert np.array_equal(whole, pairs + n * (x * size + 4 * size**2 + size))  # in, three roles, out, head
    formula, counted = counts.crossings(found)
    assert (formula, counted) == pytest.approx((4 * (size + x), 1.5 * x), rel=1e-9)


# Layers and directions


@pytest.mark.parametrize(("kind", "layers"), [(DeepLSTM, 2), (DeeperLSTM, 3)])
def test_a_deep_lstm_is_pytorchs(kind, layers):
    model = kind(5, 8, 3, generator=generator(0, "weights")).double()
    oracle = torch.nn.LSTM(5, 8, num_layers=layers, batch_first=True).double()
    state = dict(model.below.state_dict())
    state |= {name.replace("_l0", f"_l{layers - 1}"): value for name, value in model.rnn.state_dict().items()}
    oracle.load_state_dict(state)
    x = torch.randn(2, 9, 5, generator=generator(1, "x"), dtype=torch.float64)
    torch.testing.assert_close(model(x).outputs, model.head(oracle(x)[0]))


@pytest.mark.parametrize("kind", [DeepLSTM, DeeperLSTM, TwoWayLSTM])
def test_all_their_forget_gates_start_near_the_logistic_of_one(kind):
    model = kind(5, 8, 3, generator=generator(0, "weights"))
    parts = [part for part in model.modules() if isinstance(part, torch.nn.LSTM)]
    seen = 0
    for part in parts:
        size, named = part.hidden_size, dict(part.named_parameters())
        for name in [name for name in named if name.startswith("bias_ih")]:
            both = named[name] + named[name.replace("ih", "hh")]
            assert (both[size : 2 * size] == 1).all() and not (both[:size] == 1).any()
            seen += 1
    assert seen == {DeepLSTM: 2, DeeperLSTM: 3, TwoWayLSTM: 2}[kind]


def test_every_change_but_the_parameters_keeps_the_width():
    from sevenlenses.models.variants import EVERY, size_within

    task = Cue()
    widths = {
        name: size_within(EVERY[one.model].model, task.n_in, task.n_out, one.budget)
        for name, one in mends.CHANGES.items()
    }
    assert widths == {
        **dict.fromkeys(("plain", "longer", "plain-middle", "chrono", "two-layers", "three-layers"), 32),
        **dict.fromkeys(("two-ways", "two-ways-middle"), 64),  # both directions together
        "larger": 72,
        "largest": 152,
    }


@pytest.mark.parametrize("lag", [4, 32, 64])
def test_in_the_middle_both_ends_are_a_lag_away(lag):
    for name in mends.CHANGES:
        task = mends.lesson(name, lag, 0.01).task
        place = task.length - 1 - task.lag
        assert task.lag == lag and place == (lag if mends.CHANGES[name].middle else 0)


# Trained


def test_before_training_nothing_is_known_of_what_is_held():
    assert all(np.isnan(one).all() for one in lags.put_to(None, 0).values())


def test_what_is_seen_inside_is_what_two_runs_make():
    model = LSTM(Cue().n_in, 8, 8, generator=generator(0, "weights"))
    apart, kept = lags.inside(model, 3)
    assert apart.shape == (len(lags.TESTED),) and kept.shape == (8,)
    assert ((kept > 0) & (kept < 1)).all() and (np.diff(kept) >= 0).all()
    assert apart[0] < 1e-2  # an untrained LSTM forgets which cue it was
    with torch.no_grad():
        model.rnn.bias_ih_l0[8:16] = 40.0  # the gates stand open
        model.rnn.weight_hh_l0.zero_()
        model.rnn.bias_hh_l0.zero_()
    apart, kept = lags.inside(model, 3)
    assert apart == pytest.approx(np.ones(len(apart)), rel=1e-3) and kept == pytest.approx(np.ones(8), rel=1e-6)


def test_who_is_trained_alike_learns_alike_in_both_experiments():
    """The plain LSTM at a lag of 64 is in both."""
    for seed in range(5):
        one = records.load_one(lags.LAG_RUN, lags.LAG_RUN.settings(learner="lstm-forget-1", lag=64), seed)
        other = records.load_one(mends.MENDS_RUN, mends.MENDS_RUN.settings(change="plain", lag=64), seed)
        if lags.lesson("lstm-forget-1", 64, "chosen") == mends.lesson("plain", 64, "chosen"):
            assert np.array_equal(one.loss, other.loss) and np.array_equal(one.final, other.final)


def test_what_gates_leave_is_the_power_of_the_highest():
    found = records.load(pipe.PIPE, pipe.PIPE.settings(lag=16))
    runs = records.load(lags.LAG_RUN, lags.LAG_RUN.settings(learner="lstm-chrono", lag=16))
    i = pipe.NAMES.index("lstm-chrono")
    assert found.gate[:, i] == pytest.approx(runs.kept[:, -1])
    assert found.share[:, i, 0] == pytest.approx(runs.kept[:, -1] ** 16)


def test_every_explorer_of_the_chapter_is_named_after_it():
    assert all(name.startswith("kata-") for name, one in EXPERIMENTS.items() if "lenses.kata" in str(one.result))
