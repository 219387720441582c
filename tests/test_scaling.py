"""What has to wait for what: exact counts, clocks that are only asked for ratios, and verdicts that bear noise."""

import dataclasses
import math
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

from oracles import FRESH, global_randomness_untouched
from sevenlenses import records
from sevenlenses.lenses.scaling import claims, decoding, hardware, numbers, peak, sweep
from sevenlenses.lenses.scaling.crossing import CROSSING, said
from sevenlenses.lenses.scaling.curves import kilobytes, milliseconds
from sevenlenses.lenses.scaling.decode import DECODE
from sevenlenses.lenses.scaling.depth import COUNTED, DEPTH, Waiting, count
from sevenlenses.lenses.scaling.fits import FROM, crossing, exponents, growth
from sevenlenses.lenses.scaling.memory import MEMORY
from sevenlenses.lenses.scaling.race import RACE
from sevenlenses.lenses.scaling.timing import TIME
from sevenlenses.lenses.scaling.ways import LENGTHS, NAMES, WAYS, step, whole
from sevenlenses.models import MODELS, RIVALS, create
from sevenlenses.models.memory import Store, bytes_kept
from sevenlenses.record import evidence
from sevenlenses.runtime import generator

CPU = torch.device("cpu")
quick = settings(deadline=None, derandomize=True, max_examples=25)


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=generator(seed, "noise"), dtype=torch.float64)


# The ways to compute the same thing


@quick
@given(name=st.sampled_from(NAMES), batch=st.integers(1, 3), steps=st.integers(1, 20), seed=st.sampled_from(FRESH))
def test_every_way_computes_what_its_model_does(name, batch, steps, seed):
    model, x = WAYS[name].build(seed, CPU).double(), noise(batch, steps, 64, seed=seed)
    assert_close(WAYS[name].compute(model, x), model(x).outputs, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("name", NAMES)
def test_the_two_passes_are_the_outputs_and_every_parameters_gradient(name):
    way, x = WAYS[name], noise(2, 7, 64)
    model = way.build(0, CPU).double()
    with global_randomness_untouched():
        outputs, gradients = step(way, model, x, "forward"), step(way, model, x, "both")
    assert not outputs.requires_grad and outputs.shape == (2, 7, 1)
    twin = WAYS[name].build(0, CPU).double()
    whole(twin, x).square().mean().backward()
    for found, parameter in zip(gradients, twin.parameters(), strict=True):
        assert_close(found, parameter.grad, rtol=1e-8, atol=1e-12)


def test_ways_of_one_model_have_the_same_weights():
    for one in WAYS.values():
        for other in WAYS.values():
            if one.model == other.model:
                assert_close(list(one.build(3, CPU).parameters()), list(other.build(3, CPU).parameters()))


def test_only_the_matrix_of_weights_limits_a_length():
    left_out = [(b, n, name) for b in (1, 4, 16) for n in LENGTHS for name in NAMES if not WAYS[name].fits(b, n)]
    assert left_out == [
        (4, 4096, "attention-written"),
        (16, 2048, "attention-written"),
        (16, 4096, "attention-written"),
    ]


# Operations in a row


def test_a_chain_is_counted_and_what_stands_beside_it_is_not():
    x = torch.ones(3)
    with Waiting() as waiting:
        one = x + 1
        for _ in range(4):
            x * 2  # waits for nothing
        two = one.view(3, 1).T * 3  # views are no operations
        three = two + x
    assert (waiting.depth, waiting.values) == (3, 3 * 7)
    assert three.shape == (1, 3)


def test_what_is_written_in_place_is_waited_for():
    x = torch.zeros(4)
    with Waiting() as waiting:
        y = x + 1
        y.mul_(2)
        y[:2].add_(1)
        (x + y).sum()
    assert waiting.depth == 5


@pytest.mark.slow
@quick
@given(steps=st.integers(2, 100))
def test_the_chains_of_a_pass(steps):
    """An LSTM's step: product, sum, sum, gate, product, sum, tanh, product. A scan's: shift, product, sum."""
    doublings = math.ceil(math.log2(steps))
    assert count("lstm-loop", steps)[:2] == (8 * steps + 5, 8 * steps + 3)
    assert count("min-loop", steps)[:2] == (2 * steps + 9, 2 * steps + 10 + 2 * (steps > 1))
    assert count("attention-written", steps)[:2] == count("attention-written", 2)[:2]
    assert count("min-scan", steps)[0] == 3 * doublings + 9
    assert abs(count("min-scan", steps)[1] - (5 * doublings + 12)) <= 5


@pytest.mark.slow
def test_the_work_of_a_loop_is_linear_of_attention_square_of_a_scan_between():
    def slope(name):
        return math.log2(count(name, 512)[2] / count(name, 256)[2])

    assert slope("lstm-loop") == pytest.approx(1, abs=0.01) and slope("min-loop") == pytest.approx(1, abs=0.01)
    assert slope("attention-written") == pytest.approx(2, abs=0.15) and 1.05 < slope("min-scan") < 1.25


# Lines through logarithms


@quick
@given(
    power=st.floats(-1, 3), scale=st.floats(1e-6, 1e3), gaps=st.lists(st.booleans(), min_size=8, max_size=8),
)  # fmt: skip
def test_an_exponent_is_found_whatever_the_unit_and_the_gaps(power, scale, gaps):
    seconds = scale * np.array(LENGTHS, float) ** power
    seconds[np.array(LENGTHS) < FROM] *= 7  # what is not fitted
    seconds[gaps] = np.nan
    left = sum(not gap for gap, length in zip(gaps, LENGTHS, strict=True) if length >= FROM)
    found = exponents(LENGTHS, np.stack([seconds, 3 * seconds])[None])
    assert found.shape == (1, 2)
    assert found == pytest.approx(np.full((1, 2), power if left > 1 else np.nan), abs=1e-9, nan_ok=True)


def test_an_exponent_is_that_of_least_squares():
    seconds = np.exp(noise(4, len(LENGTHS)).numpy())
    use = np.array(LENGTHS) >= FROM
    for found, one in zip(exponents(LENGTHS, seconds), seconds, strict=True):
        assert found == pytest.approx(np.polyfit(np.log(np.array(LENGTHS)[use]), np.log(one[use]), 1)[0])


@quick
@given(at=st.floats(130, 4000), power=st.sampled_from([-2.0, -0.5, 0.5, 1.0]))
def test_a_crossing_is_found_where_it_is(at, power):
    ratio = (np.array(LENGTHS) / at) ** power
    where, beyond = crossing(LENGTHS, ratio)
    assert where == pytest.approx(at) and beyond == ("slower" if power > 0 else "faster")


def test_without_a_crossing_there_is_none_and_of_several_it_is_the_last():
    assert crossing(LENGTHS, np.full(8, 0.5)) == (pytest.approx(np.nan, nan_ok=True), "faster")
    assert crossing(LENGTHS, np.full(8, 2.0)) == (pytest.approx(np.nan, nan_ok=True), "slower")
    where, beyond = crossing(LENGTHS, np.array([2, 0.5, 2, 0.5, 2, 0.5, 2, np.nan]))
    assert 1024 < where < 2048 and beyond == "slower"


@pytest.mark.parametrize(
    ("meets", "words"),
    [
        ([(np.nan, "faster")] * 3, "faster at all lengths from 32 to 4,096"),
        ([(900, "slower"), (1100, "slower"), (1000, "slower")], "slower from about 1,000 steps on (900 to 1,100)"),
        ([(np.nan, "slower"), (60, "slower"), (40, "slower")], "slower from about 40 steps on (32 or fewer to 60)"),
        ([(np.nan, "faster"), (4000, "slower"), (3000, "slower")], "slower at 4,096 steps in 2 of 3 sweeps"),
    ],
)
def test_crossings_in_words(meets, words):
    assert said(meets) == words


def test_growth_and_sizes_in_words():
    assert [growth(p) for p in (0.5, 0.9, 1.1, 1.7)] == [
        "slower than linear", "about linear", "about linear", "faster than linear",
    ]  # fmt: skip
    assert [milliseconds(s) for s in (0.00012, 0.0123, 0.75, 2.5, np.nan)] == [
        "0.12 ms", "12 ms", "750 ms", "2.5 s", "not measured",
    ]  # fmt: skip
    assert [kilobytes(b) for b in (512, 65536, 2**24, np.nan)] == ["0.50 kB", "64 kB", "16 MB", "not measured"]


# Clocks and counters


def test_a_sweep_grows_fills_what_fits_and_ends(monkeypatch):
    monkeypatch.setattr(sweep, "LENGTHS", (8, 16))
    monkeypatch.setattr(sweep, "BLOCK", 1e-5)
    monkeypatch.setattr(
        sweep.WAYS["attention-written"].__class__, "fits", lambda way, b, n: (way.model, n) != ("rnn", 16)
    )
    threads = torch.get_num_threads()
    with global_randomness_untouched():
        *growing, last = sweep.run(seeds=(4,), device="cpu", passes="both", batch=2, hardware="two-threads")
    shares = [one.progress for one in (*growing, last)]
    assert shares == sorted(shares) and shares[-1] == 1 and shares[-2] < 1
    assert last.seconds.shape == (1, len(NAMES), 2, sweep.ROUNDS) and last.knobs["batch"] == 2
    known = np.isfinite(last.seconds)
    assert (last.seconds[known] > 0).all() and not known[0, NAMES.index("rnn-fused"), 1].any()
    assert known.sum() == sweep.ROUNDS * (2 * len(NAMES) - 1)
    assert "two threads" in last.setup["device"] and torch.get_num_threads() == threads
    assert not np.isfinite(growing[0].seconds).any()  # the first round only warms up


def test_several_sweeps_become_one_result(monkeypatch):
    monkeypatch.setattr(sweep, "LENGTHS", (8,))
    monkeypatch.setattr(sweep, "BLOCK", 1e-5)
    *_, last = sweep.run(seeds=(1, 2), device="auto", passes="forward", batch=1, hardware="one-thread")
    assert last.seeds == (1, 2) and last.seconds.shape == (2, len(NAMES), 1, sweep.ROUNDS)
    assert last.middle == pytest.approx(np.median(last.seconds, -1))


def test_a_clock_measures_one_of_several(monkeypatch):
    monkeypatch.setattr(hardware.benchmark, "timer", iter([5.0, 11.0]).__next__)
    done = []
    assert hardware.seconds(lambda: done.append(torch.get_num_threads()), "two-threads", 3) == 2.0
    assert done == [2, 2, 2]


def test_the_middle_is_of_what_was_read_so_far():
    readings = np.array([[3.0, 1.0, 2.0], [4.0, 2.0, np.nan], [np.nan] * 3])
    assert hardware.middle(readings) == pytest.approx([2.0, 3.0, np.nan], nan_ok=True)


def test_the_device_and_the_knob_may_not_disagree():
    assert hardware.place("one-thread", "auto") == hardware.place("all-threads", "cpu") == CPU
    with pytest.raises(ValueError, match=r"got 'gpu' and device 'cpu'. Try device='auto'."):
        hardware.place("gpu", "cpu")
    if not torch.cuda.is_available():
        with pytest.raises(ValueError, match="PyTorch sees none on this machine"):
            hardware.place("gpu", "auto")


def test_the_most_that_is_held_is_found_between_taking_and_giving_back():
    def work():
        a = torch.zeros(1000)
        b = a.clone()
        del a
        c = torch.zeros(500)
        return b, c

    assert peak.most_held(work, CPU) == 4 * 2000
    assert peak.most_held(lambda: None, CPU) == 0


def test_attention_that_writes_its_weights_out_holds_the_matrix():
    way, n = WAYS["attention-written"], 256
    held = peak.most_held(lambda: step(way, way.build(0, CPU), noise(1, n, 64).float(), "forward"), CPU)
    assert 4 * 4 * n * n < held < 6 * 4 * 4 * n * n


@quick
@given(batch=st.integers(1, 3), context=st.integers(1, 30), seed=st.sampled_from(FRESH))
def test_a_step_with_room_taken_beforehand_is_that_of_the_store(batch, context, seed):
    model, x = create("attention", 64, 64, 1, generator=generator(seed, "weights")).double(), noise(batch, 64)
    keys, values = noise(2, batch, 4, context + 1, 16, seed=seed)
    expected = Store(model, keys[:, :, :-1].clone(), values[:, :, :-1].clone()).step(x)
    before = keys[:, :, :-1].clone(), values[:, :, :-1].clone()
    assert_close(decoding.read(model, x, keys, values), expected)
    assert torch.equal(keys[:, :, :-1], before[0]) and torch.equal(values[:, :, :-1], before[1])


@pytest.mark.parametrize("way", decoding.STEPPING)
def test_what_is_kept_is_what_the_models_keep(way):
    model = create(decoding.STEPPING[way], 64, 64, 1, generator=generator(0, "weights"))
    once, kept = decoding.after(model, torch.zeros(1, 64), 9, 0)
    assert kept == bytes_kept(model, 9)
    assert torch.equal(once(), once()) and once().shape == (1, 1)


@pytest.mark.parametrize("way", ["lstm-step", "min-step"])
def test_a_step_of_a_cell_is_the_next_of_its_pass(way):
    model, x = create(decoding.STEPPING[way], 64, 64, 1, generator=generator(0, "weights")), noise(2, 1, 64).float()
    start = tuple(model.start(x[:, 0]))
    assert_close(decoding.update(model, x[:, 0], start), model(x).outputs[:, 0], rtol=1e-5, atol=1e-6)


# The records


def test_what_was_recorded_is_all_there_and_only_what_did_not_fit_is_missing():
    for at in TIME.stops():
        found = records.load(TIME, at).seconds
        fits = np.array([[WAYS[name].fits(at["batch"], n) for n in LENGTHS] for name in NAMES])
        assert found.shape == (5, len(NAMES), len(LENGTHS), sweep.ROUNDS)
        assert (np.isfinite(found).all((0, 3)) == fits).all() and not (found <= 0).any()
    assert np.isfinite(records.load(MEMORY, MEMORY.settings()).bytes).all()
    assert np.isfinite(records.load(DECODE, DECODE.settings()).seconds).all()


def test_gathered_pictures_show_the_medians_of_the_sweeps():
    runs = records.load(TIME, TIME.settings(batch=4, passes="forward"))
    race = records.load(RACE, RACE.settings(batch=4, passes="forward", length=256))
    assert np.array_equal(race.seconds[:, 2], runs.middle[:, NAMES.index("attention-fused")])
    ratio = records.load(CROSSING, CROSSING.settings(against="min-scan", passes="forward")).ratio
    of = [runs.middle[:, NAMES.index(name)] for name in ("attention-fused", "min-scan")]
    assert np.array_equal(ratio[:, 1], of[0] / of[1])


def test_a_longer_store_costs_more_and_a_state_does_not():
    found = records.load(DECODE, DECODE.settings())
    names = list(decoding.STEPPING)
    store = found.kept[:, names.index("attention-step")]
    assert store[:, 1:] == pytest.approx(2 * store[:, :-1], rel=1e-5)  # records keep six digits
    assert (np.ptp(found.kept[:, [names.index("lstm-step"), names.index("min-step")]], -1) == 0).all()
    grown = found.middle[:, :, -1] / found.middle[:, :, 0]  # (seeds, ways)
    assert np.median(grown[:, names.index("attention-step")]) > 3
    assert np.median(grown[:, names.index("lstm-step")]) < 3


# Verdicts bear a busy machine


def busy(seed: int):
    """A `load` whose clock readings come from a machine that does other things too.

    Each sweep is slowed by a factor of its own, up to 3, and each reading by up to 30 % either way.
    """
    random = np.random.default_rng(seed)

    def load(experiment, at, seeds=None):
        result = records.load(experiment, at, seeds)
        for name in experiment.timed:
            old = getattr(result, name)
            slow = random.uniform(1, 3, (len(old), *[1] * (old.ndim - 1)))
            result = dataclasses.replace(result, **{name: old * slow * random.uniform(0.7, 1.3, old.shape)})
        return result

    return load


@pytest.mark.slow
@pytest.mark.parametrize("claim", claims.CLAIMS, ids=lambda one: one.id)
def test_a_verdict_does_not_change_when_the_machine_is_busy(claim):
    kind = claim.settle(records.load).verdict.partition(":")[0]
    assert {claim.settle(busy(seed)).verdict.partition(":")[0] for seed in range(30)} == {kind}


@pytest.mark.slow
@pytest.mark.parametrize("claim", claims.CLAIMS, ids=lambda one: one.id)
def test_a_verdict_does_not_hang_on_the_middle_of_the_readings(claim):
    """The least of each point's readings, the one that was disturbed least, says the same."""

    def load(experiment, at, seeds=None):
        result = records.load(experiment, at, seeds)
        least = {name: getattr(result, name).min(-1, keepdims=True) for name in experiment.timed}
        return dataclasses.replace(result, **least)

    kinds = [claim.settle(one).verdict.partition(":")[0] for one in (load, records.load)]
    assert kinds[0] == kinds[1]


def test_the_order_at_the_ends_bears_it_too():
    """What the chapter says of the shortest and the longest sequence."""
    for seed in range(30):
        middle = np.median(busy(seed)(TIME, TIME.settings()).middle, 0)  # (ways, LENGTHS)
        at = dict(zip(NAMES, middle, strict=True))
        assert at["lstm-loop"][0] > 3 * at["attention-fused"][0]
        assert at["attention-fused"][-1] > 2 * at["lstm-fused"][-1]


def counted(monkeypatch, settle=claims.one_after_another, load=records.load, **chains) -> str:
    """A verdict when chains are others: S1's, unless told."""
    real = DEPTH.measure(device="cpu")
    monkeypatch.setattr(
        numbers, "DEPTH", dataclasses.replace(DEPTH, run=lambda **_: dataclasses.replace(real, **chains))
    )
    return settle(load).verdict.partition(":")[0]


def test_other_counts_give_another_verdict(monkeypatch):
    flat = np.full((1, 4, len(COUNTED) + 1), 14.0)
    assert counted(monkeypatch, forward=flat) == "fails as stated"
    steep = np.tile(8.0 * np.array([*COUNTED, 64]), (1, 4, 1))
    assert counted(monkeypatch, forward=steep, backward=steep) == "holds"


def test_the_recurrence_is_acquitted_only_by_both_the_count_and_the_clock(monkeypatch):
    def even(experiment, at, seeds=None):
        result = records.load(experiment, at, seeds)
        return dataclasses.replace(result, seconds=np.ones_like(result.seconds))

    s3, flat = claims.recurrence_is_the_limit, np.full((1, 4, len(COUNTED) + 1), 14.0)
    assert s3(records.load).values == pytest.approx((2 * COUNTED[-1] + 9) / (3 * 8 + 9))
    assert s3(records.load).verdict.startswith("fails as stated: at 256 steps minLSTM has 521 operations in a row")
    assert s3(even).verdict.startswith("holds with a caveat: at 256 steps")
    assert counted(monkeypatch, s3, even, forward=flat) == "holds"
    assert counted(monkeypatch, s3, forward=flat) == "holds with a caveat"


# The hash


@pytest.mark.parametrize("experiment", [TIME, DECODE, MEMORY], ids=lambda one: one.name)
def test_all_code_that_runs_is_in_the_hash(monkeypatch, experiment):
    for module in (sweep, peak):
        monkeypatch.setattr(module, "LENGTHS", (8,))
    monkeypatch.setattr(decoding, "CONTEXTS", (8,))
    ran = set()
    sys.setprofile(lambda frame, *_: ran.add(frame.f_globals.get("__name__", "")))
    try:
        experiment.measure(seeds=(0,), device="cpu")
    finally:
        sys.setprofile(None)
    ours = {name for name in ran if name.startswith("sevenlenses") and name != "sevenlenses.models"}
    assert {(MODELS | RIVALS)[name].__module__ for name in ("lstm", "attention", "min-lstm")} <= ours
    assert not {name for name in ours - evidence.modules_of(experiment, []) if not evidence.is_aside(name)}
