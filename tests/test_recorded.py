"""The records of the repository are those of its code: what makes one stale, what does not, and a sample run again."""

import itertools
import sys

import numpy as np
import pytest

from sevenlenses import record, records
from sevenlenses.lenses import EXPERIMENTS
from sevenlenses.lenses.gradient.latch import LATCH
from sevenlenses.models import MODELS, variants
from sevenlenses.models.variants import VARIANTS
from sevenlenses.records import essence

GRIDS = {name: one for name, one in EXPERIMENTS.items() if one.recorded and one.gather is None}


# What of a module counts


CODE = '''
"""A module."""
import time
STEPS = 600
KNOBS = {"rate": Knob("Learning rate", 0.003, (0.001, 0.003), 0, 1)}
class Net:
    """A net."""
    def cell(self, x):
        """One step."""
        return x + STEPS
def draw(result, axes):
    axes.plot(result)
def describe_flow(result):
    return "words"
LATCH = Experiment(name="latch", question="?", knobs=KNOBS)
'''


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("A module.", "Another word."),
        ("A net.", ""),
        ('        """One step."""\n', "        # one step\n"),
        ("x + STEPS", "(x  +  STEPS)  # in brackets"),
        ("Learning rate", "Rate"),
        ("(0.001, 0.003), 0, 1", "(0.003,), 0, 9"),
        ("axes.plot(result)", "axes.plot(result, color='red')"),
        ('return "words"', 'return "other words"'),
        ("?", "Why?"),
    ],
)
def test_prose_and_pictures_do_not_count(old, new):
    assert old in CODE
    assert essence(CODE.replace(old, new)) == essence(CODE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("600", "601"),
        ("x + STEPS", "x - STEPS"),
        ("import time", "import time, random"),
        ("def cell", "def step"),
        ("class Net", "class Net(Module)"),
        ("def draw", "def run"),
        ("KNOBS = {", "KNOBS: dict = {"),  # rather too often stale than not
    ],
)
def test_everything_else_does(old, new):
    assert old in CODE
    assert essence(CODE.replace(old, new, 1)) != essence(CODE)


# What of the package counts for a run


def hash_now(**settings) -> str:
    for cached in (records._hash, records._imports):
        cached.cache_clear()
    return records.code_hash(LATCH, LATCH.settings(**settings))


@pytest.fixture
def hash_after(monkeypatch):
    """The hash of a latch run after a change in one module's source."""
    source = records._source

    def hashed(module: str, old: str, new: str, **settings) -> str:
        changed = f"sevenlenses.{module}"
        assert old in source(changed), "this test lags behind the code"
        with monkeypatch.context() as edited:
            edited.setattr(
                records, "_source", lambda name: source(name).replace(old, new) if name == changed else source(name)
            )
            return hash_now(**settings)

    yield hashed
    hash_now()  # leaves nothing of the changes in the caches


@pytest.mark.parametrize(
    ("module", "old", "new", "variant"),
    [
        ("training", "SMOOTHING = 0.9", "SMOOTHING = 0.8", "rnn"),
        ("runtime", "zlib.crc32", "zlib.adler32", "rnn"),
        ("tasks.latch", "noise: int = 8", "noise: int = 9", "attention"),
        ("tasks.base", "value < least", "value <= least", "attention"),
        ("lenses.gradient.latch", "STEPS = 600", "STEPS = 500", "attention"),
        ("models.base", ".detach()", "", "attention"),
        ("models.attention", "HEADS = 4", "HEADS = 2", "attention-positions"),
        ("models.rnn", "torch.tanh", "torch.relu", "rnn"),
        ("models.lstm", "f * c + i * g", "f * c", "lstm-chrono"),
        ("models.recurrence", "delayed(nudge)", "nudge", "lstm-forget-1"),
        ("models.initialise", "longest - 1", "longest", "lstm-chrono"),
    ],
)
def test_a_change_in_what_a_run_uses_makes_its_record_stale(hash_after, module, old, new, variant):
    assert hash_after(module, old, new, variant=variant) != hash_now(variant=variant)


@pytest.mark.parametrize(
    ("module", "old", "new", "variant"),
    [
        ("models.attention", "HEADS = 4", "HEADS = 2", "lstm-chrono"),
        ("models.lstm", "f * c + i * g", "f * c", "attention"),
        ("models.lstm", "f * c + i * g", "f * c", "rnn"),
        ("models.initialise", "longest - 1", "longest", "rnn"),
        ("tasks.adding", "length: int = 64", "length: int = 65", "rnn"),
        ("lenses.gradient.flow", "BATCH = 4", "BATCH = 5", "rnn"),
        ("figures", "WIDTH = 6.2", "WIDTH = 6.3", "rnn"),
        ("lenses.gradient.latch", '"Learning rate"', '"Rate"', "rnn"),
        ("lenses.gradient.latch", 'title="accuracy"', 'title="share right"', "rnn"),
        ("lenses.gradient.latch", "mean accuracy", "accuracy", "rnn"),
        ("training", "The only training loop.", "The loop.", "rnn"),
    ],
)
def test_a_change_elsewhere_leaves_it_fresh(hash_after, module, old, new, variant):
    assert hash_after(module, old, new, variant=variant) == hash_now(variant=variant)


def test_each_variant_has_a_hash_of_its_own_and_lengths_share_it():
    assert len({hash_now(variant=name) for name in VARIANTS}) == len(VARIANTS)
    assert hash_now(length=16, rate=0.001) == hash_now(length=256, rate=0.01)


def test_another_size_makes_a_record_stale(monkeypatch):
    before = hash_now(variant="lstm-chrono")
    monkeypatch.setattr(variants, "BUDGET", 3000)
    variants.size_within.cache_clear()
    assert hash_now(variant="lstm-chrono") != before
    variants.size_within.cache_clear()


@pytest.mark.parametrize("variant", VARIANTS)
def test_all_code_that_runs_is_in_the_hash(variant):
    settings, ran = LATCH.settings(variant=variant, length=16, rate=0.01), set()
    sys.setprofile(lambda frame, *_: ran.add(frame.f_globals.get("__name__", "")))
    try:
        LATCH.measure(seeds=(0,), device="cpu", **settings)
    finally:
        sys.setprofile(None)
    needs = [LATCH.run.__module__, *LATCH.depends(settings)]
    hashed = records._closure([need for need in needs if need.startswith("sevenlenses.")])
    ours = {name for name in ran if name.startswith("sevenlenses")}
    assert {"sevenlenses.training", MODELS[VARIANTS[variant].model].__module__} <= ours
    assert ours <= hashed | records.ASIDE | {"sevenlenses.models"}  # these choose by the words that are hashed too


# The records themselves


def grid(experiment):
    """Every (settings, seed) that the page can ask for."""
    for values in itertools.product(*(knob.stops for knob in experiment.knobs.values())):
        for seed in experiment.seeds:
            yield dict(zip(experiment.knobs, values, strict=True)), seed


@pytest.mark.parametrize("name", GRIDS)
def test_every_record_of_the_grid_is_there_fresh_and_what_its_name_says(name):
    assert record.missing(GRIDS[name]) == []
    for settings, seed in grid(GRIDS[name]):
        result = records.load_one(GRIDS[name], settings, seed)
        assert (result.knobs, result.seeds, result.progress) == (settings, (seed,), 1.0)


def test_nothing_else_lies_among_the_records():
    files = {path for path in records.home().rglob("*") if path.is_file() and path.suffix != ".part"}
    assert files == {records.path_of(one, settings, seed) for one in GRIDS.values() for settings, seed in grid(one)}


@pytest.mark.parametrize("variant", ["rnn-orthogonal", "lstm-chrono", "attention"])
def test_a_record_can_be_made_again(variant):
    """Where it was recorded, all six digits come again. Another processor rounds otherwise, and training magnifies
    that: there the first steps agree closely, and the accuracy at the end within 0.1."""
    settings = LATCH.settings(variant=variant, length=16, rate=0.01)
    then, now = records.load_one(LATCH, settings, 0), LATCH.measure(seeds=(0,), device="cpu", **settings)
    assert now.loss[0, :3] == pytest.approx(then.loss[0, :3], rel=1e-3)  # steps 1, 5, 10
    assert now.score[0, :3] == pytest.approx(then.score[0, :3], abs=0.01)
    assert now.final == pytest.approx(then.final, abs=0.1)
    assert now.used == pytest.approx(then.used, rel=0.5)
    assert now.profile[0, 0] == pytest.approx(then.profile[0, 0], rel=1e-4, abs=0)
    assert np.array_equal(now.distance, then.distance)
