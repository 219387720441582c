"""Which code runs rest on: what changes the hash, what does not, and that no code that runs is left out."""

import sys

import pytest

from sevenlenses.lenses import EXPERIMENTS
from sevenlenses.lenses.gradient import latch
from sevenlenses.models import MODELS, RIVALS
from sevenlenses.models.rnn import RNN
from sevenlenses.record import evidence
from sevenlenses.record.evidence import code_of, essence, is_aside, modules_of, subject

CODE = '''
"""A module."""
MODELS = {"net": "nets.Net"}
STEPS = 600
class Net:
    """A net."""
    def cell(self, x):
        """One step."""
        return x + STEPS
    def draw(self, batch):
        return batch * 2
'''


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("A module.", "Another word."),
        ('        """One step."""\n', "        # one step\n"),
        ("x + STEPS", "(x  +  STEPS)  # in brackets"),
        ("nets.Net", "other.Net"),
    ],
)
def test_prose_and_registries_do_not_count(old, new):
    assert old in CODE
    assert essence(CODE.replace(old, new), {"MODELS"}) == essence(CODE, {"MODELS"})


@pytest.mark.parametrize(
    ("old", "new"), [("600", "601"), ("x + S", "x - S"), ("batch * 2", "batch * 3"), ("cell", "step")]
)
def test_all_else_does_whatever_its_name(old, new):
    assert old in CODE
    assert essence(CODE.replace(old, new, 1), {"MODELS"}) != essence(CODE, {"MODELS"})


def hashes() -> dict[tuple[str, str], str]:
    """Of one run of each model in each of some experiments."""
    for cached in (evidence._hash, evidence._imports, evidence._essence):
        cached.cache_clear()
    found = {}
    for name in ("gradient-latch", "reading-reading", "capacity-recall", "scaling-decode"):
        experiment = EXPERIMENTS[name]
        for settings in experiment.stops():
            words = experiment.words(settings)
            found[name, subject(words)] = code_of(experiment, words)
    return found


READING = {"reading-reading"}
CHANGES = [  # in a module, and the runs that it touches: by experiment, by model
    ("models.lstm", "sigmoid", "tanh", None, None),  # a start of its own knows the LSTM's gates
    ("models.gru", "sigmoid", "tanh", None, {"gru", ""}),
    ("tasks.sentences", "def draw(self", "def draw(self, more=0, *", READING, None),
    ("tasks.recall", "randint", "rand_int", {"capacity-recall"}, None),
    (
        "models.variants",
        "longest=longest",
        "longest=4 * longest",
        {"gradient-latch", "reading-reading", "capacity-recall"},
        None,
    ),
    ("models", "def create(", "def create_(", None, None),
    ("training", "plan.clip", "2 * plan.clip", None, None),
    ("lens.result", ".6g", ".3g", None, None),
    ("lenses.gradient.latch", "def draw(", "def draw(more, ", {"gradient-latch"}, None),
    ("figures.styles", "import", "import", set(), None),
    ("lenses.rates", "TIE = 0.01", "TIE = 0.02", set(), None),
]


@pytest.mark.slow
@pytest.mark.parametrize(("module", "old", "new", "experiments", "models"), CHANGES, ids=[c[0] for c in CHANGES])
def test_a_change_touches_the_runs_that_rest_on_it_and_no_other(monkeypatch, module, old, new, experiments, models):
    before, source = hashes(), evidence.source_of
    assert old in source(f"sevenlenses.{module}"), "this test lags behind the code"

    def changed(name: str) -> str:
        text = source(name)
        return text.replace(old, new) + "\nMORE = 1\n" if name == f"sevenlenses.{module}" else text

    monkeypatch.setattr(evidence, "source_of", changed)
    after = hashes()
    monkeypatch.undo()
    touched = {run for run, code in before.items() if after[run] != code}
    expected = {
        (name, model)
        for name, model in before
        if (experiments is None or name in experiments) and (models is None or model in models)
    }
    assert touched == expected
    hashes()


@pytest.mark.slow
def test_a_new_model_leaves_the_runs_of_the_others_as_they_are(monkeypatch):
    before = hashes()
    monkeypatch.setitem(MODELS, "newcomer", RNN)
    after = hashes()
    monkeypatch.undo()
    assert {run for run in before if after[run] != before[run]} == {("scaling-decode", "")}, "which rests on all"
    hashes()


ONE_OF_EACH = [
    ("gradient-latch", {"variant": "lstm-chrono", "length": 16}),
    ("capacity-recall", {"variant": "linear-attention", "pairs": 2, "size": 12_000}),
    ("synthesis-rungs", {"variant": "rung-roles"}),
    ("questions-gates", {"variant": "lstm-shared"}),
    ("reading-places", {"variant": "window"}),
    ("credit-learning", {"variant": "gru", "length": 16}),
    ("structure-tracking", {"what": "parity"}),
    ("locality-moments", {"variant": "deep-bidirectional", "pairs": 4}),
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "knobs"), ONE_OF_EACH, ids=[name for name, _ in ONE_OF_EACH])
def test_all_code_that_runs_is_in_the_hash(name, knobs):
    """Nothing of the package runs unseen by it: the first steps of a run, and what is measured before them."""
    experiment = EXPERIMENTS[name]
    at, ran = experiment.settings(**knobs, rate=0.01), set()
    growing = experiment.stream(seeds=(0,), device="cpu", **at)
    sys.setprofile(lambda frame, *_: ran.add(frame.f_globals.get("__name__", "")))
    try:
        for _ in range(3):
            next(growing)
    finally:
        sys.setprofile(None)
    words = experiment.words(at)
    ours = {module for module in ran if module.startswith("sevenlenses")}
    assert {"sevenlenses.training", (MODELS | RIVALS)[subject(words)].__module__} <= ours
    assert not {module for module in ours - modules_of(experiment, words) if not is_aside(module)}
    assert latch.__name__ in modules_of(EXPERIMENTS["gradient-latch"], words)
