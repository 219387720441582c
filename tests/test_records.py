"""Records: written whole or not at all, merged line by line, and refused when missing, broken or stale."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from sevenlenses import record, records
from sevenlenses.lens import Experiment, Knob, Result
from sevenlenses.records import Missing, RecordError


@dataclass(frozen=True, kw_only=True)
class Toy(Result):
    curve: np.ndarray


def toy(curve, seed: int = 0) -> Toy:
    return Toy(
        knobs={"n": 2, "rate": 0.001}, seeds=(seed,), setup={"device": "CPU", "seconds": 1.5}, curve=np.array(curve)
    )


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
    records.save(TOY, AT, 0, result, "made by this")
    assert records.load_one(TOY, AT, 0).curve[0] == pytest.approx([1, 0.333333, np.nan, 0, 6.02214e23], nan_ok=True)
    assert replace(records.load_one(TOY, AT, 0), curve=None) == replace(result, curve=None)
    (line,) = (home / "toy.jsonl").read_text().splitlines()
    said = json.loads(line)
    assert (said["key"], said["version"], said["words"], said["code"]) == ("rate=0.001,seed=0", 1, [], "made by this")


def test_settings_that_lack_a_knob_are_not_called_a_missing_run(home):
    with pytest.raises(ValueError) as error:
        records.load_one(TOY, {"n": 2}, 0)
    said = (
        "settings of toy must name its knobs, n, rate; got n. Make them by its settings(...), which fills in defaults."
    )
    assert str(error.value) == said


def test_seeds_are_joined_and_shorter_runs_filled(home):
    for seed, curve in enumerate(([[[1.0, 2.0]]], [[[3.0], [4.0], [5.0]]])):  # (1, 1, 2) and (1, 3, 1)
        records.save(TOY, AT, seed, toy(curve, seed))
    both, nan = records.load(TOY, AT), np.nan
    padded = [[[1, 2], [nan, nan], [nan, nan]], [[3, nan], [4, nan], [5, nan]]]
    assert np.array_equal(both.curve, padded, equal_nan=True)
    assert (both.seeds, both.setup["seconds"]) == ((0, 1), 3.0)


def test_what_is_missing_is_named_and_listed(home):
    with pytest.raises(Missing, match=r"^no recorded run rate=0\.001,seed=0 of toy; run `make record`\.$"):
        records.load(TOY, AT)
    assert len(record.missing(TOY)) == 2 * 2 * 2
    records.save(TOY, AT, 1, toy([[1.0]], 1))
    assert len(record.missing(TOY)) == 7 and ("toy", AT, 1) not in record.missing(TOY)
    (home / "toy.jsonl").write_text("{\n")
    assert ("toy", AT, 1) in record.missing(TOY)


def test_only_what_is_recorded_can_be_asked_for(capsys):
    with pytest.raises(SystemExit):
        record.main(["gradient-flow"])
    said = capsys.readouterr().err
    assert "'gradient-flow' is not a recorded experiment; choose from " in said and "gradient-latch" in said


# What a record is of


def test_a_knob_that_is_new_leaves_older_records_what_they_were(home):
    records.save(TOY, AT, 0, toy([[1.0]]))
    more = replace(TOY, knobs=TOY.knobs | {"new": Knob("New", "off", ("off", "on"))})
    assert records.load_one(more, AT | {"new": "off"}, 0).knobs == AT | {"new": "off"}
    with pytest.raises(Missing):
        records.load_one(more, AT | {"new": "on"}, 0)


def test_a_default_that_moves_takes_no_record_with_it(home):
    records.save(TOY, AT, 0, toy([[2.0]]))
    moved = replace(TOY, knobs=TOY.knobs | {"n": Knob("N", 3, (2, 3), 1, 9)})
    assert records.load_one(moved, AT, 0).curve == [[2.0]]
    with pytest.raises(Missing, match=r"no recorded run rate=0\.001,seed=0 of toy"):
        records.load_one(moved, AT | {"n": 3}, 0)


@pytest.mark.parametrize(
    ("change", "now"),
    [({"version": 2}, "version 2;"), ({"words": lambda settings: ["size 8"]}, "version 1, size 8;")],
    ids=["version", "words"],
)
def test_a_record_of_another_version_or_other_words_is_refused(home, change, now):
    records.save(TOY, AT, 0, toy([[1.0]]))
    with pytest.raises(
        RecordError, match=r"^the record rate=0\.001,seed=0 of toy is stale: it is version 1, and the"
    ) as e:
        records.load_one(replace(TOY, **change), AT, 0)
    assert f"the experiment is at {now} run `make record`." in str(e.value)
    assert records.load_one(replace(TOY, name="toy", question="Why?"), AT, 0).curve == [[1.0]]


def test_of_several_lines_of_a_run_the_newest_version_counts_and_of_these_the_last(home):
    newer = replace(TOY, version=2)
    for experiment, value in ((newer, 1.0), (newer, 2.0), (TOY, 3.0)):
        records.save(experiment, AT, 0, toy([[value]]))
    assert records.load_one(newer, AT, 0).curve == [[2.0]]
    records.sort(newer)
    assert records.load_one(newer, AT, 0).curve == [[2.0]]
    assert len((home / "toy.jsonl").read_text().splitlines()) == 1


def test_a_sorted_file_is_in_the_order_of_numbers_and_holds_all_that_it_held(home):
    for n, seed in ((9, 0), (3, 1), (3, 0), (1, 12), (1, 2)):
        records.save(TOY, {"n": n, "rate": 0.1}, seed, replace(toy([[n]], seed), knobs={"n": n, "rate": 0.1}))
    before = set((home / "toy.jsonl").read_text().splitlines())
    records.sort(TOY)
    lines = (home / "toy.jsonl").read_text().splitlines()
    keys = [json.loads(line)["key"] for line in lines]
    assert keys == ["n=1,seed=2", "n=1,seed=12", "n=3,seed=0", "n=3,seed=1", "n=9,seed=0"] and set(lines) == before
    records.sort(TOY, {"n=3,seed=1"})
    assert list(line.key for line in records.lines(TOY).values()) == ["n=3,seed=1"]


def test_two_branches_that_record_merge_without_a_conflict(tmp_path):
    """With the repository's own settings, in a real repository."""
    folder, git = tmp_path / "records", partial(subprocess.run, cwd=tmp_path, check=True, capture_output=True)
    settings = Path(__file__).parents[1] / ".gitattributes"
    (tmp_path / ".gitattributes").write_text(settings.read_text())
    here = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org"]
    git(["git", "init", "-q", "-b", "main"])

    def record_as(branch: str, n: int) -> None:
        git(["git", "checkout", "-q", "-B", branch, *(["main"] if branch != "main" else [])])
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(records, "home", lambda: folder)
            records.save(TOY, {"n": n, "rate": 0.1}, 0, replace(toy([[n]]), knobs={"n": n, "rate": 0.1}))
            records.sort(TOY)
        git(["git", "add", ".gitattributes", "records/toy.jsonl"])
        git([*here, "commit", "-qm", branch])

    for branch, n in (("main", 5), ("one", 4), ("two", 6)):
        record_as(branch, n)
    git([*here, "merge", "-q", "one"])
    keys = [json.loads(line)["key"] for line in (folder / "toy.jsonl").read_text().splitlines()]
    assert sorted(keys) == ["n=4,seed=0", "n=5,seed=0", "n=6,seed=0"]


# Broken, half-written


WHOLE = {"key": "rate=0.001,seed=0", "version": 1, "words": [], "code": "", "result": toy([[1.0]]).plain()}
BAD_LINES = {
    "cut short": json.dumps(WHOLE)[:-20],
    "garbage": "\x00\x01",
    "another thing": "[1, 2]",
    "no version": json.dumps({key: value for key, value in WHOLE.items() if key != "version"}),
    "a mark of a merge": "<<<<<<< HEAD",
    "two seeds": json.dumps(WHOLE | {"result": WHOLE["result"] | {"seeds": [0, 1]}}),
    "no settings": json.dumps(WHOLE | {"result": {"knobs": 3, "seeds": [0]}}),
}
BAD_RESULTS = {
    "a field too few": {"knobs": WHOLE["result"]["knobs"], "seeds": [0]},
    "a ragged array": WHOLE["result"] | {"curve": [[1], [2, 3]]},
    "words for numbers": WHOLE["result"] | {"curve": "many"},
}


@pytest.mark.parametrize("text", BAD_LINES.values(), ids=list(BAD_LINES))
def test_a_broken_line_is_refused_by_number_and_takes_no_other_with_it(home, text):
    records.save(TOY, AT, 1, toy([[1.0]], 1))
    path = home / "toy.jsonl"
    path.write_text(path.read_text() + text + "\n")
    with pytest.raises(
        RecordError, match=r"no record rate=0\.001,seed=0 of toy, but line 2 of toy\.jsonl is broken; del"
    ):
        records.load_one(TOY, AT, 0)
    assert records.load_one(TOY, AT, 1).seeds == (1,)
    records.save(TOY, AT, 0, toy([[2.0]]))
    assert records.load_one(TOY, AT, 0).curve == [[2.0]]
    records.sort(TOY)
    assert [json.loads(line)["key"] for line in path.read_text().splitlines()] == [
        "rate=0.001,seed=0",
        "rate=0.001,seed=1",
    ]


@pytest.mark.parametrize("result", BAD_RESULTS.values(), ids=list(BAD_RESULTS))
def test_a_result_of_another_kind_is_refused_by_name(home, result):
    home.joinpath("toy.jsonl").write_text(json.dumps(WHOLE | {"result": result}) + "\n")
    at = TOY.settings(**WHOLE["result"]["knobs"])
    with pytest.raises(RecordError, match=r"^the record rate=0\.001,seed=0 of toy is broken .*delete its line"):
        records.load_one(TOY, at, 0)


def test_bytes_that_are_no_text_are_refused(home):
    (home / "toy.jsonl").write_bytes(b"\xff\xfe\x00\n")
    with pytest.raises(RecordError, match="is broken"):
        records.load_one(TOY, AT, 0)


def test_what_was_cut_short_at_the_end_is_missing_and_makes_room_for_the_next(home):
    path = home / "toy.jsonl"
    records.save(TOY, AT, 0, toy([[1.0]]))
    whole = path.read_bytes()
    for length in (1, 7, len(whole) - 2):
        path.write_bytes(whole + whole.replace(b"seed=0", b"seed=1")[:length])
        with pytest.raises(Missing):
            records.load_one(TOY, AT, 1)
        records.save(TOY, AT, 1, toy([[2.0]], 1))
        assert len(path.read_bytes().splitlines()) == 2 and records.load_one(TOY, AT, 1).curve == [[2.0]]
        assert records.load_one(TOY, AT, 0).curve == [[1.0]]


def test_a_last_line_whose_end_an_editor_took_is_kept(home):
    path = home / "toy.jsonl"
    records.save(TOY, AT, 0, toy([[1.0]]))
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    assert records.load_one(TOY, AT, 0).curve == [[1.0]]
    records.save(TOY, AT, 1, toy([[2.0]], 1))
    assert [records.load_one(TOY, AT, seed).curve for seed in (0, 1)] == [[[1.0]], [[2.0]]]


@pytest.mark.parametrize("act", ["save", "sort"])
def test_a_failure_in_mid_write_leaves_the_file_as_it_was(home, monkeypatch, act):
    for seed in (1, 0):
        records.save(TOY, AT, seed, toy([[1.0]], seed))
    path = home / "toy.jsonl"
    before = path.read_bytes()

    def fail(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
        broken.setattr(os, "fsync", fail)
        records.save(TOY, AT, 2, toy([[2.0]], 2)) if act == "save" else records.sort(TOY)
    assert path.read_bytes() == before
    assert [left.name for left in home.iterdir() if left.suffix != ".lock"] in (["toy.jsonl"], [".lock", "toy.jsonl"])


PROGRAM = """
import os, pathlib, signal, sys
from sevenlenses import records
sys.path.insert(0, {tests!r})
from test_records import AT, TOY, toy
records.home = lambda: pathlib.Path(sys.argv[1])
die = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
{death}
records.save(TOY, AT, 1, toy([[2.0]], 1)) if {save} else records.sort(TOY)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("death", "save"),
    [("os.fsync = die", True), ("os.fsync = die", False), ("os.replace = die", False)],
    ids=["appended", "half sorted", "not renamed"],
)
def test_a_kill_in_mid_write_loses_no_record(home, death, save):
    for seed in (3, 0):
        records.save(TOY, AT, seed, toy([[1.0]], seed))
    program = PROGRAM.format(tests=str(Path(__file__).parent), death=death, save=save)
    killed = subprocess.run([sys.executable, "-c", program, home])
    assert killed.returncode == -signal.SIGKILL
    assert [records.load_one(TOY, AT, seed).curve for seed in (0, 3)] == [[[1.0]], [[1.0]]]
    records.save(TOY, AT, 2, toy([[3.0]], 2))
    records.sort(TOY)
    assert records.load_one(TOY, AT, 2).curve == [[3.0]] and len(records.lines(TOY)) in (3, 4)
    assert not list(home.glob(".*.part"))
