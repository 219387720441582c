"""The records of the repository are those of its code: what makes one stale, what does not, and a sample run again."""

import sys
from itertools import islice

import numpy as np
import pytest

from sevenlenses import record, records
from sevenlenses.lenses import EXPERIMENTS, rates
from sevenlenses.lenses.access import hidden, reads
from sevenlenses.lenses.capacity import recall
from sevenlenses.lenses.credit import copies, fraction
from sevenlenses.lenses.credit import learning as credit
from sevenlenses.lenses.credit.attribution import METHODS
from sevenlenses.lenses.gradient import latch
from sevenlenses.lenses.gradient.latch import LATCH
from sevenlenses.lenses.kata import lags, mends
from sevenlenses.lenses.learning import STRIDE
from sevenlenses.lenses.locality import moments, practice
from sevenlenses.lenses.questions import gates, heads, noise, unbounded
from sevenlenses.lenses.reading import learning as first
from sevenlenses.lenses.reading import letters, places, watching
from sevenlenses.lenses.synthesis import practice as rungs_practice
from sevenlenses.lenses.synthesis import rungs
from sevenlenses.models import MODELS, RIVALS, variants
from sevenlenses.models.variants import EVERY, VARIANTS
from sevenlenses.playground import weights
from sevenlenses.playground.training import DIETS
from sevenlenses.records import essence

GRIDS = {name: one for name, one in EXPERIMENTS.items() if one.recorded and one.gather is None}
TRAINING = {name: one for name, one in GRIDS.items() if "rate" in one.knobs}
CHOOSING = {name: one for name, one in TRAINING.items() if "chosen" in one.knobs["rate"].stops}


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


def hash_now(name: str = "gradient-latch", **knobs) -> str:
    for cached in (records._hash, records._imports):
        cached.cache_clear()
    if name in CHOOSING:
        knobs = {"rate": 0.01} | knobs
    return records.code_hash(GRIDS[name], GRIDS[name].settings(**knobs))


@pytest.fixture
def hash_after(monkeypatch):
    """The hash of a run after a change in one module's source."""
    source = records._source

    def hashed(module: str, old: str, new: str, name: str = "gradient-latch", **knobs) -> str:
        changed = f"sevenlenses.{module}"
        assert old in source(changed), "this test lags behind the code"
        with monkeypatch.context() as edited:
            edited.setattr(
                records, "_source", lambda name: source(name).replace(old, new) if name == changed else source(name)
            )
            return hash_now(name, **knobs)

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
        ("figures.svg", "WIDTH = 6.2", "WIDTH = 6.3", "rnn"),
        ("lenses.gradient.latch", '"Learning rate"', '"Rate"', "rnn"),
        ("lenses.gradient.latch", 'title="accuracy"', 'title="share right"', "rnn"),
        ("lenses.gradient.latch", "mean accuracy", "accuracy", "rnn"),
        ("training", "The only training loop.", "The loop.", "rnn"),
    ],
)
def test_a_change_elsewhere_leaves_it_fresh(hash_after, module, old, new, variant):
    assert hash_after(module, old, new, variant=variant) == hash_now(variant=variant)


READS = {"name": "access-reads", "trained": 8}
PRACTISED = {"name": "locality-practice", "variant": "deep-bidirectional"}


@pytest.mark.parametrize(
    ("module", "old", "new", "run"),
    [
        ("lenses.learning", "FRESH = 512", "FRESH = 256", {"name": "capacity-recall"}),
        ("lenses.learning", "STRIDE = 20", "STRIDE = 10", {"name": "locality-moments"}),
        ("lenses.capacity.recall", "STEPS = 1500", "STEPS = 1400", {"name": "capacity-recall"}),
        ("lenses.capacity.recall", "STEPS = 1500", "STEPS = 1400", {"name": "capacity-causes"}),
        ("lenses.capacity.recall", "STEPS = 1500", "STEPS = 1400", {"name": "capacity-length"}),
        ("lenses.locality.moments", "STEPS = 1500", "STEPS = 1400", {"name": "locality-practice"}),
        ("lenses.capacity.recall", "STEPS = 1500", "STEPS = 1400", {"name": "capacity-small"}),
        ("lenses.capacity.length", "PAIRS = 4", "PAIRS = 5", {"name": "capacity-length"}),
        ("lenses.capacity.small", "SIZE = 6_000", "SIZE = 8_000", {"name": "capacity-small"}),
        ("models.linear_attention", "elu(q) + 1", "elu(q) + 2", {"name": "capacity-small"}),
        ("lenses.locality.practice", "PAIRS = 16", "PAIRS = 8", {"name": "locality-practice"}),
        ("models.bidirectional", "layers = 2", "layers = 3", PRACTISED),
        ("lenses.locality.writing", "roll(1, -1)", "roll(2, -1)", {"name": "locality-writing"}),
        ("tasks.moments", "keys: int = 32", "keys: int = 33", {"name": "locality-writing"}),
        ("lenses.access.hidden", "attn_mask=mask", "is_causal=True", {"name": "access-hidden"}),
        ("lenses.access.reads", "READS = 128", "READS = 64", {"name": "access-hidden"}),
        ("models.attention", "HEADS = 4", "HEADS = 2", {"name": "access-hidden"}),
        ("lenses.capacity.causes", "LONGER = 4", "LONGER = 5", {"name": "capacity-causes"}),
        ("lenses.access.reads", "WATCHED = 64", "WATCHED = 32", READS),
        ("tasks.recall", "blanks: int = 0", "blanks: int = 1", READS),
        ("tasks.tokens", "SIZE = 4.0", "SIZE = 1.0", {"name": "locality-moments"}),
        ("tasks.moments", "keys: int = 32", "keys: int = 33", {"name": "locality-moments"}),
        ("models.memory", "[self.keys, k]", "[k, self.keys]", READS | {"variant": "attention"}),
        ("models.linear_attention", "elu(q) + 1", "elu(q) + 2", READS | {"variant": "linear-attention"}),
        (
            "models.linear_attention",
            "elu(q) + 1",
            "elu(q) + 2",
            {"name": "capacity-recall", "variant": "linear-attention"},
        ),
        ("models.attention", "HEADS = 4", "HEADS = 2", {"name": "locality-moments", "variant": "deep-attention"}),
        ("models.deep_attention", "y + mix", "y - mix", {"name": "locality-moments", "variant": "deep-attention"}),
        (
            "models.bidirectional",
            "layers = 2",
            "layers = 3",
            {"name": "locality-moments", "variant": "deep-bidirectional"},
        ),
        ("training", "SMOOTHING = 0.9", "SMOOTHING = 0.8", {"name": "capacity-causes"}),
        ("tasks.flagged", "values: int = 8", "values: int = 9", {"name": "credit-learning"}),
        ("lenses.credit.learning", "STEPS = 600", "STEPS = 500", {"name": "credit-watch"}),
        ("lenses.credit.attribution", "OTHERS = 3", "OTHERS = 2", {"name": "credit-copies"}),
        ("lenses.credit.fraction", "SEQUENCES = 16", "SEQUENCES = 8", {"name": "credit-fraction"}),
        ("lenses.credit.watching", "EACH = 2", "EACH = 3", {"name": "credit-doubts"}),
        ("lenses.credit.ranks", "- 1) / 2", "- 1) / 3", {"name": "credit-watch"}),
        ("models.min_lstm", "reach *= 2", "reach *= 3", {"name": "credit-watch", "variant": "min-lstm"}),
        ("tasks.ordered", "values: int = 8", "values: int = 9", {"name": "structure-relation"}),
        ("lenses.structure.relation", "4 * FRESH", "2 * FRESH", {"name": "structure-mixed"}),
        ("tasks.precedence", "values: int = 8", "values: int = 9", {"name": "structure-first"}),
        ("tasks.brackets", "roll(1, 1)", "roll(2, 1)", {"name": "structure-nested"}),
        ("tasks.tracking", '"order": 3', '"order": 4', {"name": "structure-tracking"}),
        ("lenses.structure.tracking", "TESTED = 256", "TESTED = 128", {"name": "structure-longer"}),
        ("models.deep_positions", "e + sinusoids", "e - sinusoids", {"name": "structure-longer"}),
        ("models.rungs", ".triu(1)", ".triu(2)", {"name": "synthesis-rungs", "variant": "rung-mean"}),
        ("models.ablations", "KEPT = 8", "KEPT = 9", {"name": "synthesis-rungs", "variant": "no-growth"}),
        ("models.rungs", "/ q.shape[-1]", "* q.shape[-1]", {"name": "synthesis-rungs", "variant": "tied-heads"}),
        ("tasks.kin", "[1, 0, -1]", "[1, 0, 2]", {"name": "synthesis-rungs"}),
        ("lenses.synthesis.rungs", "STEPS = 600", "STEPS = 500", {"name": "synthesis-practice"}),
        ("lenses.synthesis.practice", "LONGER = 4", "LONGER = 5", {"name": "synthesis-practice"}),
        ("models.tied", "torch.cat([-of", "torch.cat([of", {"name": "questions-gates"}),
        ("models.tied", "noise = 1.0", "noise = 2.0", {"name": "questions-noise"}),
        ("models.irnn", "eye_", "ones_", {"name": "questions-unbounded"}),
        ("tasks.report", "length: int = 16", "length: int = 17", {"name": "questions-gates"}),
        ("lenses.questions.gates", "Flagged(24)", "Flagged(25)", {"name": "questions-gates"}),
        ("lenses.questions.noise", "NEAR = 0.1", "NEAR = 0.2", {"name": "questions-noise"}),
        ("lenses.questions.unbounded", "BEYOND = 256", "BEYOND = 257", {"name": "questions-unbounded"}),
        ("models.heads", "nn.ReLU()", "nn.Tanh()", {"name": "questions-heads"}),
        ("models.loud_head", "LOUDER = 10", "LOUDER = 9", {"name": "questions-heads", "variant": "loud-body-alone"}),
        ("lenses.questions.heads", "PROBED = 2048", "PROBED = 1024", {"name": "questions-heads"}),
        ("tasks.moments", "keys: int = 32", "keys: int = 33", {"name": "questions-heads"}),
        ("lenses.kata.lags", "STEPS, BATCH = 600", "STEPS, BATCH = 500", {"name": "kata-lags"}),
        ("lenses.kata.lags", "STEPS, BATCH = 600", "STEPS, BATCH = 500", {"name": "kata-mends"}),
        ("lenses.kata.mends", "LONGER = 4", "LONGER = 5", {"name": "kata-mends"}),
        ("tasks.cue", "noise: int = 8", "noise: int = 9", {"name": "kata-lags"}),
        ("models.deep_lstm", "layers = 2", "layers = 4", {"name": "kata-mends", "change": "two-layers"}),
        ("models.bidirectional", "layers = 1", "layers = 2", {"name": "kata-mends", "change": "two-ways"}),
        ("lenses.reading.learning", "STEPS = 800", "STEPS = 700", {"name": "reading-reading"}),
        ("lenses.reading.holding", "READ = 256", "READ = 255", {"name": "reading-reading"}),
        ("tasks.sentences", "longest: int = 33", "longest: int = 34", {"name": "reading-learning"}),
        ("lenses.reading.holding", '"data"', '"other"', {"name": "reading-gates"}),
        ("lenses.reading.steered", "c = f * c", "c = c", {"name": "reading-gates"}),
        ("tasks.letters", "LETTERS.index", "LETTERS.find", {"name": "reading-letters"}),
        ("tasks.moved", "self.before + 1", "self.before + 2", {"name": "reading-places"}),
        ("models.window", "PLACES = 34", "PLACES = 33", {"name": "reading-places", "variant": "window"}),
        ("models.bag", "read.tanh()", "read.relu()", {"name": "reading-reading", "variant": "bag"}),
        ("lenses.reading.longer", "LONGER = 4", "LONGER = 5", {"name": "reading-longer"}),
    ],
)
def test_so_it_is_in_the_other_lenses(hash_after, module, old, new, run):
    assert hash_after(module, old, new, **run) != hash_now(**run)


@pytest.mark.parametrize(
    ("module", "old", "new", "run"),
    [
        ("lenses.rates", "(100, 101, 102)", "(100, 101)", {"name": "capacity-recall"}),  # their choice is a word
        ("models.deep_attention", "y + mix", "y - mix", {"name": "locality-moments", "variant": "attention"}),
        ("models.irnn", "eye_", "ones_", {"name": "questions-unbounded", "variant": "rnn"}),
        ("models.heads", "nn.ReLU()", "nn.Tanh()", {"name": "questions-heads", "variant": "lstm-forget-1"}),
        ("models.loud_head", "LOUDER = 10", "LOUDER = 9", {"name": "questions-heads", "variant": "body-alone"}),
        ("lenses.synthesis.rungs", "STEPS = 600", "STEPS = 500", {"name": "questions-heads"}),
        ("models.linear_attention", "elu(q) + 1", "elu(q) + 2", {"name": "capacity-recall", "variant": "attention"}),
        ("models.memory", "[self.keys, k]", "[k, self.keys]", {"name": "capacity-recall", "variant": "attention"}),
        ("lenses.capacity.echo", "INPUT = 0.1", "INPUT = 0.2", {"name": "capacity-recall"}),
        ("lenses.capacity.causes", "LONGER = 4", "LONGER = 5", {"name": "capacity-length"}),
        ("lenses.capacity.small", "SIZE = 6_000", "SIZE = 8_000", {"name": "capacity-recall"}),
        ("lenses.locality.practice", "LONGER = 4", "LONGER = 5", {"name": "locality-moments"}),
        ("lenses.locality.writing", "roll(1, -1)", "roll(2, -1)", {"name": "locality-moments"}),
        ("lenses.access.hidden", "attn_mask=mask", "is_causal=True", READS),
        ("models.memory", "[self.keys, k]", "[k, self.keys]", {"name": "locality-writing"}),
        ("lenses.tables", "reshape", "resize", {"name": "locality-moments"}),
        ("lenses.tables", "reshape", "resize", {"name": "credit-watch"}),
        ("lenses.credit.attribution", "OTHERS = 3", "OTHERS = 2", {"name": "credit-learning"}),
        ("lenses.credit.doubts", "LONGER, LARGER = 4", "LONGER, LARGER = 5", {"name": "credit-copies"}),
        ("models.min_lstm", "reach *= 2", "reach *= 3", {"name": "credit-watch"}),
        ("tasks.moments", "keys: int = 32", "keys: int = 33", READS),
        ("models.ablations", "KEPT = 8", "KEPT = 9", {"name": "synthesis-rungs", "variant": "rung-roles"}),
        ("models.rungs", ".triu(1)", ".triu(2)", {"name": "synthesis-rungs", "variant": "attention"}),
        ("lenses.synthesis.waits", "SIZE = 8", "SIZE = 9", {"name": "synthesis-rungs"}),
        ("lenses.synthesis.practice", "LONGER = 4", "LONGER = 5", {"name": "synthesis-rungs"}),
        ("lenses.kata.mends", "LONGER = 4", "LONGER = 5", {"name": "kata-lags"}),
        ("lenses.kata.told", "RUNS = 100", "RUNS = 50", {"name": "kata-lags"}),
        ("models.deep_lstm", "layers = 2", "layers = 4", {"name": "kata-mends"}),
        ("models.window", "PLACES = 34", "PLACES = 33", {"name": "reading-places"}),
        ("lenses.reading.holding", "READ = 256", "READ = 255", {"name": "reading-learning"}),
        ("lenses.reading.ceiling", "factorial(i)", "factorial(i + 1)", {"name": "reading-reading"}),
        ("figures.parts", "def spread", "def spreads", READS),
        ("models.deep_positions", "e + sinusoids", "e - sinusoids", {"name": "structure-relation"}),
        ("lenses.structure.relation", "mean accuracy in order", "accuracy in order", {"name": "structure-mixed"}),
        ("lenses.structure.shuffle", "BATCH = 4", "BATCH = 5", {"name": "structure-first"}),
        ("lenses.access.reads", '"accuracy at the r-th read"', '"accuracy"', READS),
        ("lens.experiment", "seeds: tuple[int, ...] = (0, 1, 2, 3, 4)", "seeds: tuple[int, ...] = (0,)", READS),
    ],
)
def test_and_so_it_stays_fresh(hash_after, module, old, new, run):
    assert hash_after(module, old, new, **run) == hash_now(**run)


def test_each_variant_has_a_hash_of_its_own_and_lengths_share_it():
    assert len({hash_now(variant=name) for name in VARIANTS}) == len(VARIANTS)
    assert hash_now(length=16, rate=0.001) == hash_now(length=256, rate=0.01)


@pytest.mark.parametrize("name", [name for name in CHOOSING if "variant" in CHOOSING[name].knobs])
def test_each_variant_has_a_hash_of_its_own_in_every_lens(name):
    compared = GRIDS[name].knobs["variant"].stops
    assert len({hash_now(name, variant=variant) for variant in compared}) == len(compared)


def test_another_size_makes_a_record_stale(monkeypatch):
    assert len({hash_now("capacity-recall", size=size) for size in recall.SIZES}) == len(recall.SIZES)
    before = hash_now(variant="lstm-chrono"), hash_now("locality-moments")
    monkeypatch.setattr(variants, "size_within", lambda *_: 12)
    after = hash_now(variant="lstm-chrono"), hash_now("locality-moments")
    assert all(new != old for new, old in zip(after, before, strict=True))


@pytest.mark.parametrize("name", CHOOSING)
def test_another_learning_rate_makes_a_record_stale_chosen_or_not(monkeypatch, name):
    named = {rate: hash_now(name, rate=rate) for rate in rates.RATES}
    assert len(set(named.values())) == len(rates.RATES)
    for rate in rates.RATES:
        monkeypatch.setattr(rates, "_chosen", lambda *_, rate=rate: rate)
        assert hash_now(name, rate="chosen") == named[rate]


ONE_OF_EACH = [
    *({"name": "gradient-latch", "variant": name, "length": 16, "rate": 0.01} for name in VARIANTS),
    *({"name": "capacity-recall", "variant": name, "pairs": 2, "size": 12_000} for name in recall.COMPARED),
    *({"name": "locality-moments", "variant": name, "pairs": 4} for name in moments.COMPARED),
    *({"name": "access-reads", "variant": name} for name in reads.COMPARED),
    *({"name": "capacity-length", "variant": name} for name in GRIDS["capacity-length"].knobs["variant"].stops),
    *({"name": "locality-practice", "variant": name} for name in practice.PRACTISED),
    {"name": "locality-writing", "keys": 8},
    *({"name": "access-hidden", "variant": name} for name in hidden.READERS),
    {"name": "capacity-small", "pairs": 2},
    *(
        {"name": f"structure-{name}", "variant": variant}
        for name in ("relation", "mixed", "first", "nested", "tracking", "longer")
        for variant in GRIDS[f"structure-{name}"].knobs["variant"].stops
    ),
    *(
        {"name": "synthesis-rungs", "variant": name}
        for name in rungs.COMPARED
        if name != "tied-heads"  # whose module runs nothing for it: it only says how many heads
    ),
    *({"name": "synthesis-rungs", "variant": "rung-roles", "test": test} for test in rungs.TESTS),
    *({"name": "synthesis-practice", "variant": name} for name in rungs_practice.BEFORE),
    *({"name": "questions-gates", "variant": name} for name in gates.COMPARED),
    *({"name": "questions-gates", "task": task} for task in gates.TASKS),
    *({"name": "questions-noise", "variant": name} for name in noise.COMPARED),
    *({"name": "questions-unbounded", "variant": name, "length": 16} for name in unbounded.COMPARED),
    *({"name": "questions-heads", "variant": name, "test": "first"} for name in heads.COMPARED),
    *({"name": "questions-heads", "test": test} for test in heads.TESTS),
    *({"name": "capacity-causes", "change": change} for change in GRIDS["capacity-causes"].knobs["change"].stops),
    *({"name": "credit-learning", "variant": name, "length": 16} for name in credit.COMPARED),
    *({"name": "credit-watch", "variant": name, "length": 16} for name in credit.COMPARED),
    *({"name": "credit-copies", "variant": name} for name in copies.COMPARED),
    *({"name": "credit-fraction", "variant": name} for name in fraction.COMPARED),
    *({"name": "kata-lags", "learner": name, "lag": 16} for name in lags.LEARNERS),
    *({"name": "kata-mends", "change": change, "lag": 32} for change in mends.CHANGES),
    *({"name": "reading-learning", "variant": name, "diet": "12"} for name in first.COMPARED),
    *({"name": "reading-reading", "variant": name, "diet": "12"} for name in first.COMPARED),
    *({"name": "reading-places", "variant": name} for name in places.COMPARED),
    *({"name": "reading-letters", "variant": name, "by": "words"} for name in letters.READERS),
    {"name": "reading-letters", "variant": "rnn", "by": "letters"},
    *({"name": "reading-longer", "case": case} for case in GRIDS["reading-longer"].knobs["case"].stops),
    *({"name": "reading-gates", "variant": name} for name in watching.STARTS),
    *({"name": "credit-doubts", "change": change} for change in GRIDS["credit-doubts"].knobs["change"].stops),
]


def is_aside(module: str) -> bool:
    """These choose by words that are hashed too, or only hold what was measured."""
    return any(f"{module}.".startswith(f"{aside}.") for aside in records.ASIDE) or module == "sevenlenses.models"


@pytest.mark.parametrize("run", ONE_OF_EACH, ids=lambda run: f"{run['name']}-{run.get('variant', run.get('change'))}")
def test_all_code_that_runs_is_in_the_hash(monkeypatch, run):
    knobs = {"rate": 0.01} | run
    experiment = GRIDS[knobs.pop("name")]
    module = sys.modules[experiment.run.__module__]
    for holds_steps in {module, credit, first}:
        if hasattr(holds_steps, "STEPS"):
            monkeypatch.setattr(holds_steps, "STEPS", latch.DURING + 5)  # from there on a step is like another
    if module is mends:  # whose changes hold their steps
        monkeypatch.setattr(mends, "CHANGES", {k: v._replace(steps=latch.DURING + 5) for k, v in mends.CHANGES.items()})
    at, ran = experiment.settings(**knobs), set()
    sys.setprofile(lambda frame, *_: ran.add(frame.f_globals.get("__name__", "")))
    try:
        result = experiment.measure(seeds=(0,), device="cpu", **at)
    finally:
        sys.setprofile(None)
    assert result.progress == 1 and result.used[0] <= 4 * (latch.DURING + 5)
    needs = [experiment.run.__module__, *experiment.depends(at)]
    hashed = records._closure([need for need in needs if need.startswith("sevenlenses.")])
    ours = {name for name in ran if name.startswith("sevenlenses")}
    if "lesson" in vars(module):
        lesson = module.lesson(**at)
        variant, task = lesson.variant, type(lesson.task).__module__
    else:
        variant, task = at["variant"], latch.Latch.__module__
    assert {"sevenlenses.training", (MODELS | RIVALS)[EVERY[variant].model].__module__, task} <= ours
    assert not {name for name in ours - hashed if not is_aside(name)}


# The records themselves


@pytest.mark.parametrize("name", GRIDS)
def test_every_record_of_the_grid_is_there_fresh_and_what_its_name_says(name):
    assert record.missing(GRIDS[name]) == []
    for settings, seed in GRIDS[name].grid():
        result = records.load_one(GRIDS[name], settings, seed)
        assert (result.knobs, result.seeds, result.progress) == (settings, (seed,), 1.0)


@pytest.mark.parametrize("name", CHOOSING)
def test_what_training_ended_with_is_an_accuracy_and_within_the_budget(name):
    for settings, seed in GRIDS[name].grid():
        result = records.load_one(GRIDS[name], settings, seed)
        budget = sys.modules[GRIDS[name].run.__module__].lesson(**settings).plan
        assert 0 <= result.final[0] <= 1 and result.used[0] == result.step[0, -1] <= budget.steps
        assert result.used[0] == budget.steps or result.score[0, -1] >= budget.target


def test_nothing_else_lies_among_the_records():
    files = {path for path in records.home().rglob("*") if path.is_file() and path.suffix != ".part"}
    grids = {records.path_of(one, settings, seed) for one in GRIDS.values() for settings, seed in one.grid()}
    weights_of = {weights.path_of(diet, seed) for diet in DIETS for seed in weights.SEEDS}
    assert files - {records.home() / "ledger.csv"} - weights_of == grids


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


SAMPLES = [  # runs that end early because they solve their task, and do so on every seed and at every rate nearby
    ("capacity-recall", {"variant": "attention", "pairs": 8, "size": 12_000, "rate": 0.003}, 100),
    ("capacity-length", {"variant": "attention", "blanks": 0}, 0),
    ("capacity-causes", {"change": "few-keys", "pairs": 4}, 0),
    ("locality-moments", {"variant": "attention", "when": "last", "pairs": 8, "rate": 0.003}, 100),
    ("locality-writing", {"when": "flag", "keys": 8}, 0),
    ("access-reads", {"variant": "attention", "trained": 8, "rate": 0.003}, 100),
    ("access-hidden", {"variant": "attention", "asked": "random"}, 0),
    ("capacity-small", {"pairs": 2}, 0),
    ("credit-learning", {"variant": "attention", "length": 16, "rate": 0.01}, 100),
    ("credit-watch", {"variant": "attention", "length": 16}, 0),
    ("credit-copies", {"variant": "attention"}, 0),
    ("credit-fraction", {"variant": "lstm-chrono"}, 0),
    ("structure-relation", {"variant": "attention", "pairs": 6, "rate": 0.003}, 100),
    ("structure-first", {"variant": "deep-attention"}, 0),
    ("structure-tracking", {"variant": "lstm-forget-1", "what": "parity"}, 0),
    ("synthesis-rungs", {"variant": "rung-roles", "test": "kin"}, 0),
    ("questions-gates", {"variant": "lstm-coupled"}, 0),
    ("questions-noise", {"variant": "lstm-forget-1"}, 0),
    ("questions-unbounded", {"length": 16}, 0),
    ("kata-lags", {"learner": "lstm-chrono", "lag": 16, "rate": 0.01}, 101),
    ("kata-mends", {"change": "two-ways", "lag": 32}, 0),
    ("reading-learning", {"variant": "lstm-forget-1", "diet": "12"}, 0),
    ("reading-places", {"variant": "window"}, 0),
    ("reading-letters", {"variant": "gru", "by": "words"}, 0),
]


@pytest.mark.parametrize(("name", "knobs", "seed"), SAMPLES, ids=lambda one: one if isinstance(one, str) else "")
def test_so_can_one_of_each_training_experiment(name, knobs, seed):
    """As above. Here the first steps are steps 1 and 20."""
    settings = GRIDS[name].settings(**knobs)
    then = records.load_one(GRIDS[name], settings, seed)
    now = GRIDS[name].measure(seeds=(seed,), device="cpu", **settings)
    assert then.final[0] > 0.95, "a run that does not solve its task is no good sample"
    assert now.loss[0, 0] == pytest.approx(then.loss[0, 0], rel=1e-4)
    assert now.loss[0, 1] == pytest.approx(then.loss[0, 1], rel=1e-2)
    assert now.score[0, :2] == pytest.approx(then.score[0, :2], abs=0.01)
    assert now.final == pytest.approx(then.final, abs=0.1)
    assert now.used == pytest.approx(then.used, rel=0.5)
    if name == "locality-moments":
        assert now.read == pytest.approx(then.read, abs=0.1) and np.isnan(now.written).all()
    if name == "access-reads":
        for field in ("right", "snapshot", "waited", "stored"):
            assert getattr(now, field) == pytest.approx(getattr(then, field), abs=0.1)
        assert (now.drift == 0).all() and (then.drift == 0).all()
    if name == "access-hidden":
        assert now.seen == pytest.approx(then.seen, abs=0.1) and now.unseen == pytest.approx(then.unseen, abs=0.1)
    if name == "credit-fraction":
        assert now.share == pytest.approx(then.share, abs=0.15)
    if name in ("credit-watch", "credit-copies"):
        for field in ("mass", "top", "recency", "agree"):
            assert getattr(now, field)[0, 0] == pytest.approx(getattr(then, field)[0, 0], abs=1e-3, nan_ok=True)
        swap = METHODS.index("swap")
        assert now.mass[0, -1, swap] == pytest.approx(then.mass[0, -1, swap], abs=0.1)
    if name == "synthesis-rungs":
        assert now.read == pytest.approx(then.read, abs=0.1) and now.turned[0] == then.turned[0] == 0
    if name == "locality-writing":
        assert now.moved == pytest.approx(then.moved, rel=0.2, abs=0.1)
    if name == "structure-relation":
        assert now.rules == pytest.approx(then.rules, abs=0.1) and now.said == pytest.approx(then.said, abs=0.2)
    if name in ("structure-first", "structure-tracking"):
        assert now.right == pytest.approx(then.right, abs=0.1)


TWINS = [  # the same lesson in two experiments
    *(
        ("access-hidden", {"variant": name, "asked": asked}, "access-reads", {"variant": name, "trained": 1})
        for name in hidden.READERS
        for asked in ("random", "same")
    ),
    *(
        ("capacity-length", {"variant": name, "blanks": 0}, "capacity-recall", {"variant": name, "pairs": 4})
        for name in ("lstm-forget-1", "attention")
    ),
    *(
        ("locality-writing", {"when": when, "keys": 32}, "locality-moments", {"when": when, "pairs": 8})
        for when in moments.MOMENTS
    ),
]


@pytest.mark.parametrize(
    ("name", "knobs", "other", "others"), TWINS, ids=lambda one: one if isinstance(one, str) else ""
)
def test_the_same_lesson_in_two_experiments_is_one_run(name, knobs, other, others):
    one = records.load(GRIDS[name], GRIDS[name].settings(**knobs))
    two = records.load(GRIDS[other], GRIDS[other].settings(**others))
    for field in ("step", "score", "loss", "final", "used"):
        assert np.array_equal(getattr(one, field), getattr(two, field), equal_nan=True)


@pytest.mark.parametrize("name", practice.PRACTISED)
@pytest.mark.parametrize("when", ["first", "last"])
def test_longer_practice_begins_as_the_shorter(name, when):
    at = {"variant": name, "when": when}
    longer = records.load(GRIDS["locality-practice"], GRIDS["locality-practice"].settings(**at))
    shorter = records.load(GRIDS["locality-moments"], GRIDS["locality-moments"].settings(**at, pairs=practice.PAIRS))
    for row, (step, loss) in enumerate(zip(shorter.step, shorter.loss, strict=True)):
        both = int(np.isfinite(step).sum())
        assert np.array_equal(longer.step[row, :both], step[:both])
        assert np.array_equal(longer.loss[row, :both], loss[:both])


def test_a_watched_run_begins_as_the_one_that_stops_early_and_the_longer_as_the_watched():
    early, watched, longer = (
        records.load(GRIDS[one], GRIDS[one].settings(**more))
        for one, more in (("credit-learning", {}), ("credit-watch", {}), ("credit-doubts", {"change": "longer"}))
    )
    for shorter, further in ((early, watched), (watched, longer)):
        for row, (step, loss) in enumerate(zip(shorter.step, shorter.loss, strict=True)):
            both = int(np.isfinite(step).sum()) - (step[np.isfinite(step)][-1] % STRIDE != 0)  # the last may be between
            assert np.array_equal(further.step[row, :both], step[:both])
            assert np.array_equal(further.loss[row, :both], loss[:both])
    assert np.array_equal(longer.mass[:, 0], watched.mass[:, 0], equal_nan=True)  # before training
    assert np.array_equal(longer.mass[:, 1], watched.mass[:, -1], equal_nan=True)  # at the usual end


@pytest.mark.parametrize("name", rungs_practice.BEFORE)
def test_so_it_does_on_the_ladder(name):
    longer = records.load(GRIDS["synthesis-practice"], GRIDS["synthesis-practice"].settings(variant=name))
    at = GRIDS["synthesis-rungs"].settings(variant=name, test=rungs_practice.BEFORE[name])
    shorter = records.load(GRIDS["synthesis-rungs"], at)
    for row, (step, loss) in enumerate(zip(shorter.step, shorter.loss, strict=True)):
        both = int(np.isfinite(step).sum())
        assert np.array_equal(longer.step[row, :both], step[:both])
        assert np.array_equal(longer.loss[row, :both], loss[:both])


def test_hidden_reads_without_positions_go_as_well_as_one_straight_after_the_writes():
    """On other sequences, so as nearly as 512 of them let it be."""
    experiment = GRIDS["access-hidden"]
    snapshot = records.load(GRIDS["access-reads"], GRIDS["access-reads"].settings(variant="attention")).snapshot
    for asked in ("random", "same"):
        unseen = records.load(experiment, experiment.settings(variant="attention", asked=asked)).unseen
        assert unseen == pytest.approx(np.broadcast_to(snapshot[:, None], unseen.shape), abs=0.06)


BEGUN = [  # half a minute each: their first steps
    ("locality-practice", {"variant": name, "when": when}, 0)
    for name, when in (("lstm-forget-1", "first"), ("bidirectional", "last"))
] + [
    ("synthesis-practice", {"variant": "rung-unchained"}, 0),
    ("credit-doubts", {"change": "longer"}, 0),
    ("structure-mixed", {"variant": "lstm-forget-1", "shuffled": 0.01}, 0),
    ("structure-nested", {"variant": "lstm-forget-1"}, 0),
    ("structure-longer", {}, 0),
    ("reading-reading", {"variant": "lstm-forget-1"}, 0),
    ("reading-gates", {}, 0),
    ("reading-longer", {}, 0),
    ("questions-heads", {}, 0),
]


@pytest.mark.parametrize(("name", "knobs", "seed"), BEGUN, ids=lambda one: one if isinstance(one, str) else "")
def test_a_long_run_can_be_begun_again(name, knobs, seed):
    settings = GRIDS[name].settings(**knobs)
    then = records.load_one(GRIDS[name], settings, seed)
    *_, now = islice(GRIDS[name].stream(seeds=(seed,), device="cpu", **settings), 40)
    assert now.step.tolist() == [[1, 20, 40]] and np.array_equal(then.step[0, :3], now.step[0])
    assert now.loss[0] == pytest.approx(then.loss[0, :3], rel=1e-2)
    assert now.score[0] == pytest.approx(then.score[0, :3], abs=0.02)


def test_a_sample_is_drawn_from_every_grid():
    assert {name for name, *_ in SAMPLES + BEGUN} == set(TRAINING) - {"gradient-latch"}
    assert set(CHOOSING) == set(TRAINING) - {"gradient-latch", "reading-longer"}  # whose rates are named


@pytest.mark.parametrize("name", sorted(GRIDS.keys() - TRAINING.keys()))
def test_what_is_counted_comes_again_and_of_what_a_clock_read_the_shape(name):
    """Bytes that a kernel takes for itself may hang on the processor."""
    experiment = GRIDS[name]
    cheapest = {"passes": "forward"} if "passes" in experiment.knobs else {}
    settings = experiment.settings(**cheapest)
    then = records.load_one(experiment, settings, 0)
    now = experiment.measure(seeds=(0,), device="cpu", **settings)
    for field, array in vars(then).items():
        if isinstance(array, np.ndarray):
            again = getattr(now, field)
            assert np.array_equal(np.isfinite(again), np.isfinite(array))
            assert field in experiment.timed or again == pytest.approx(array, rel=0.1, nan_ok=True)
