"""`make verify`, in a clone of this repository: what is harmless is stamped, and what moves numbers is named."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sevenlenses.record.compare import parted
from sevenlenses.record.stamps import unverified

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
HERE = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org"]


class Clone:
    """A clone of the working tree, whose code is the base."""

    def __init__(self, folder: Path):
        self.folder = folder
        subprocess.run(["git", "clone", "-q", ROOT, folder], check=True)
        changed = subprocess.run(["git", "diff", "HEAD", "--binary"], cwd=ROOT, capture_output=True, check=True).stdout
        if changed:
            subprocess.run(["git", "apply", "--index"], input=changed, cwd=folder, check=True)
            subprocess.run([*HERE, "commit", "-qam", "as it is here"], cwd=folder, check=True)

    def change(self, module: str, old: str, new: str) -> None:
        path = self.folder / "src/sevenlenses" / module
        text = path.read_text(encoding="utf-8")
        assert old in text, "this test lags behind the code"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def verify(self, *options: str) -> tuple[int, str]:
        environment = os.environ | {"PYTHONPATH": str(self.folder / "src"), "OMP_NUM_THREADS": "1"}
        call = [sys.executable, "-m", "sevenlenses.record.verify", "--workers=1", *options]
        found = subprocess.run(call, env=environment, capture_output=True, text=True)
        return found.returncode, found.stdout + found.stderr

    def mend(self) -> None:
        subprocess.run(["git", "checkout", "-q", "--", "src", "records"], cwd=self.folder, check=True)


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    return Clone(tmp_path_factory.mktemp("clone") / "course")


@pytest.fixture
def changed(clone):
    yield clone
    clone.mend()


GATED, CHRONO = "credit-learning/min-lstm", "capacity-length/lstm"  # quick to look at
MUTATIONS = {
    "a gate's sign": ("models/min_lstm.py", "f.sigmoid(), i", "(-f).sigmoid(), i", GATED, "numbers part at step 1"),
    "what is drawn": (
        "tasks/sentences.py",
        "unknown: float = 0.05",
        "unknown: float = 0.5",
        "reading-letters/rnn",
        "step 1",
    ),
    "the chrono span": ("models/variants.py", "longest=longest", "longest=4 * longest", CHRONO, "step 1"),
    "all weights": (
        "models/__init__.py",
        "    return known[name](n_in, n_hidden, n_out, generator=generator)",
        "    model = known[name](n_in, n_hidden, n_out, generator=generator)\n"
        "    model.load_state_dict({key: 2 * weight for key, weight in model.state_dict().items()})\n"
        "    return model",
        GATED,
        "numbers part at step 1",
    ),
    "the clip": ("training.py", "plan.clip)", "plan.clip / 2)", GATED, "numbers part at step"),
    "a metric": ("lenses/learning.py", "FRESH = 512", "FRESH = 500", GATED, "what is measured is other: final"),
    "the optimiser": ("training.py", "betas=(0.9, 0.99)", "betas=(0.9, 0.999)", GATED, "numbers part at step"),
    "the budget": ("lenses/credit/learning.py", "STEPS =", "STEPS = 7 +", GATED, "the plan was"),
    "the data's stream": (
        "lenses/learning.py",
        'generator(self._seed, "data")',
        'generator(self._seed, "more")',
        GATED,
        "step 1",
    ),
    "an error": (
        "training.py",
        "    model.to(device).train()",
        "    model.to(device).tran()",
        GATED,
        "it cannot be looked at",
    ),
}


@pytest.mark.parametrize(("module", "old", "new", "group", "said"), MUTATIONS.values(), ids=list(MUTATIONS))
def test_a_change_that_moves_numbers_is_named(changed, module, old, new, group, said):
    changed.change(module, old, new)
    code, told = changed.verify("--base=HEAD", group)
    assert code == 1 and said in told
    assert f"Mend {group.split('/')[0]}, or raise its version and run `make record`" in told


def test_a_clean_up_moves_none_and_is_stamped(changed):
    changed.change(
        "training.py", "    running = task.chance\n", "    running = smoothed = task.chance\n    del smoothed\n"
    )
    changed.change("training.py", "def improve(", "def step_of(")
    changed.change("training.py", " improve(", " step_of(")
    code, told = changed.verify("--base=HEAD", GATED)
    assert code == 0, told
    code, told = changed.verify("--base=HEAD", GATED)
    assert code == 0 and "First steps" not in told, "what is stamped is not looked at again"


def test_two_looks_part_where_they_differ():
    look = {
        "version": 1,
        "words": ["lstm 8"],
        "plans": ["Fit"],
        "steps": [["a", 2.0], ["b", 4.0]],
        "arrays": {"x": "1"},
        "error": "",
    }
    assert parted(look, look) == ""
    assert (
        parted(look, look | {"steps": [["a", 2.0], ["c", 4.0004]]})
        == "numbers part at step 2, by 1e-04 of the weights' sum"
    )
    assert parted(look, look | {"words": ["lstm 4"]}) == "it was lstm 8 and is lstm 4"
    assert parted(look, look | {"arrays": {"y": "1"}}) == "what is measured is other: y, x"
    assert parted(look, look | {"steps": look["steps"][:1]}) == "training took 2 steps and takes 1"
    assert parted(look | {"error": "E: no"}, look | {"error": "E: no"}).startswith("it cannot be looked at")


def test_what_can_be_asked_for_is_said(changed):
    changed.change("training.py", "SMOOTHING = 0.9", "SMOOTHING = 0.8")
    for options, said in {
        ("--base=nothing", GATED): "--base must be a commit of this repository",
        ("no-such",): "'no-such' is not recorded; choose from reading-",
    }.items():
        code, told = changed.verify(*options)
        assert code and said in told and "Traceback" not in told


def test_the_records_were_verified_under_this_code():
    names = sorted({group.experiment for group in unverified()})
    assert not names, (
        f"the code under {', '.join(names)} has changed: run `make verify` and commit records/verified.json"
    )
