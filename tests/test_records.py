"""Records: written whole or not at all, and refused when missing, broken or stale."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, fields, replace

import numpy as np
import pytest

from sevenlenses import record, records
from sevenlenses.lens import Experiment, Knob, Result
from sevenlenses.lenses.gradient.latch import LATCH
from sevenlenses.records import Missing, RecordError


@dataclass(frozen=True, kw_only=True)
class Toy(Result):
    curve: np.ndarray


def toy(curve, seed: int = 0) -> Toy:
    return Toy(knobs={"n": 2}, seeds=(seed,), setup={"device": "CPU", "seconds": 1.5}, curve=np.array(curve))


TOY = Experiment(
    name="toy", question="?", knobs={"n": Knob("N", 2, (2, 3), 1, 9), "rate": Knob("Rate", 0.1, (0.1, 0.001), 0, 1)},
    run=toy, draw=toy, describe=toy, layers={}, result=Toy, models=toy, recorded=True, seeds=(0, 1),
)  # fmt: skip
AT = TOY.settings(rate=0.001)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A folder of records that starts empty."""
    monkeypatch.setattr(records, "home", lambda: tmp_path)
    return tmp_path


# To disk and back


def test_what_is_saved_is_loaded(home):
    result = toy([[1.0, 1 / 3, np.nan, 0.0, 6.02214076e23]])
    path = records.save(TOY, AT, 0, result)
    assert path == home / "toy/n=2,rate=0.001,seed=0.json"
    assert records.load_one(TOY, AT, 0).curve[0] == pytest.approx([1, 0.333333, np.nan, 0, 6.02214e23], nan_ok=True)
    assert replace(records.load_one(TOY, AT, 0), curve=None) == replace(result, curve=None)
    assert len(path.read_text().splitlines()) == 1


def test_seeds_are_joined_and_shorter_runs_filled(home):
    for seed, curve in enumerate(([[[1.0, 2.0]]], [[[3.0], [4.0], [5.0]]])):  # (1, 1, 2) and (1, 3, 1)
        records.save(TOY, AT, seed, toy(curve, seed))
    both, nan = records.load(TOY, AT), np.nan
    padded = [[[1, 2], [nan, nan], [nan, nan]], [[3, nan], [4, nan], [5, nan]]]
    assert np.array_equal(both.curve, padded, equal_nan=True)
    assert (both.seeds, both.setup["seconds"]) == ((0, 1), 3.0)


def test_what_is_missing_is_named_and_listed(home):
    with pytest.raises(Missing, match=r"^no recorded run n=2,rate=0\.001,seed=0\.json of toy; run `make record`\.$"):
        records.load(TOY, AT)
    assert len(record.missing(TOY)) == 2 * 2 * 2
    path = records.save(TOY, AT, 1, toy([[1.0]], 1))
    assert len(record.missing(TOY)) == 7 and ("toy", AT, 1) not in record.missing(TOY)
    path.write_text("{")
    assert ("toy", AT, 1) in record.missing(TOY)


def test_only_what_is_recorded_can_be_asked_for(capsys):
    with pytest.raises(SystemExit):
        record.main(["gradient-flow"])
    said = capsys.readouterr().err
    assert "'gradient-flow' is not a recorded experiment; choose from " in said and "gradient-latch" in said


# Broken, half-written, stale


WHOLE = {"code": "?", "result": json.loads(toy([[1.0]]).to_json())}
BROKEN = {
    "empty": "",
    "cut short": json.dumps(WHOLE)[:-20],
    "garbage": "\x00\x01",
    "another thing": "[1, 2]",
    "no hash": json.dumps({"result": WHOLE["result"]}),
    "a field too few": json.dumps(WHOLE | {"result": {"knobs": {}}}),
    "a ragged array": json.dumps(WHOLE | {"result": WHOLE["result"] | {"curve": [[1], [2, 3]]}}),
    "words for numbers": json.dumps(WHOLE | {"result": WHOLE["result"] | {"curve": "many"}}),
    "a number for seeds": json.dumps(WHOLE | {"result": WHOLE["result"] | {"seeds": 0}}),
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=list(BROKEN))
def test_a_broken_record_is_refused_by_name(home, text):
    records.save(TOY, AT, 0, toy([[1.0]])).write_text(text)
    with pytest.raises(RecordError, match=r"^the record n=2,rate=0\.001,seed=0\.json is broken .*delete it and run"):
        records.load_one(TOY, AT, 0)


def test_bytes_that_are_no_text_are_refused(home):
    records.save(TOY, AT, 0, toy([[1.0]])).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RecordError, match="is broken"):
        records.load_one(TOY, AT, 0)


def test_a_stale_record_is_refused(home, monkeypatch):
    records.save(TOY, AT, 0, toy([[1.0]]))
    monkeypatch.setattr(records, "code_hash", lambda experiment, settings: "another")
    with pytest.raises(RecordError, match=r"seed=0\.json is stale: the code .* has changed; run `make record`"):
        records.load_one(TOY, AT, 0)


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_failure_in_mid_write_leaves_the_old_record_alone(home, monkeypatch, call):
    old = records.save(TOY, AT, 0, toy([[1.0]]))

    def fail(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
        broken.setattr(os, call, fail)
        records.save(TOY, AT, 0, toy([[2.0]]))
    assert records.load_one(TOY, AT, 0).curve == [[1.0]]
    assert list(home.rglob("*.*")) == [old]


DIE = "lambda *_: os.kill(os.getpid(), signal.SIGKILL)"
HALF = f"lambda record, file, **_: (file.write(str(record)[:99]), file.flush(), ({DIE})())"
PROGRAM = """
import os, pathlib, signal, sys
from sevenlenses import records
from sevenlenses.lenses.gradient.latch import LATCH
records.home = lambda: pathlib.Path(sys.argv[1])
result = records.load_one(LATCH, LATCH.settings(), 0)
result.final[:] = 1.0
{}
records.save(LATCH, LATCH.settings(), 0, result)
"""


@pytest.mark.parametrize(
    "death",
    [f"records.json.dump = {HALF}", f"os.fsync = {DIE}", f"os.replace = {DIE}"],
    ids=["half written", "not on disk", "not renamed"],
)
def test_a_kill_in_mid_write_leaves_the_old_record_whole(home, death):
    empty = {field.name: np.zeros((1, 1)) for field in fields(LATCH.result) if field.type == "np.ndarray"}
    result = LATCH.result(knobs=LATCH.settings(), seeds=(0,), setup={}, **empty)
    path = records.save(LATCH, LATCH.settings(), 0, result)
    killed = subprocess.run([sys.executable, "-c", PROGRAM.format(death), home])
    assert killed.returncode == -signal.SIGKILL
    assert records.load_one(LATCH, LATCH.settings(), 0).to_json() == result.to_json()
    assert [left.suffix for left in path.parent.iterdir() if left != path] == [".part"]  # which nothing reads
    records.save(LATCH, LATCH.settings(), 0, replace(result, final=np.ones((1, 1))))
    assert records.load_one(LATCH, LATCH.settings(), 0).final == [[1.0]]
