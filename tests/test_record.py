"""The recorder: killed, hung, out of luck, divided among machines, it ends with every record, and makes none twice."""

from __future__ import annotations

import contextlib
import importlib
import itertools
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sevenlenses import record, records
from sevenlenses.lenses.gradient.latch import LATCH
from sevenlenses.record import command
from sevenlenses.record.evidence import origin
from sevenlenses.record.plan import Job, Shard, label, rank, survey
from sevenlenses.record.recorder import CtrlC
from sevenlenses.record.work import OtherCode, do

pytestmark = pytest.mark.slow

TOYS = '''
"""Two experiments; the second needs all records of the first. A file named after a run says what happens to it."""
import os, signal, time
from dataclasses import dataclass
from dataclasses import replace
from functools import partial
from pathlib import Path
import numpy as np
from sevenlenses import records
from sevenlenses.lens import Experiment, Knob, Result

HOME = Path(os.environ["TOYS"])
records.home = lambda: HOME / "records"

@dataclass(frozen=True, kw_only=True)
class Toy(Result):
    value: np.ndarray

def run(name, *, seeds, device, n):
    (seed,) = seeds
    note = lambda word: os.write(log, f"{word} {name}-{n}-{seed} {os.getpid()}\\n".encode())
    log = os.open(HOME / "log", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    at = {"knobs": {"n": n}, "seeds": seeds, "setup": {"device": device, "seconds": 0.1}}
    result = partial(Toy, **at, value=np.array([[1.5]]))
    note("start")
    fate = HOME / f"{name}-{n}-{seed}"
    word = fate.read_text() if fate.exists() else ""
    if "once" in word:
        fate.unlink()
    if "hang" in word:  # as in C code that looks at no signal
        signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))
        time.sleep(10**6)
    while "gate" in word and not (HOME / "gate").exists():
        time.sleep(0.01)
    if "die" in word:
        os.kill(os.getpid(), signal.SIGKILL)
    if "fail" in word:
        raise ValueError("out of luck")
    while "slow" in word:
        time.sleep(0.01)
        yield result(progress=0.5)
    for _ in range(5):
        time.sleep(0.02)
        yield result(progress=0.9)
    note("end")
    os.close(log)
    yield result()

def needs(settings):
    return [records.load_one(FIRST, {"n": n}, seed).setup["device"] for n in FIRST.knobs["n"].stops for seed in (0, 1)]

def made(settings):
    return [f"made by {os.getpid()}" if (HOME / "everyone differs").exists() else "made by all"]

def toy(name, stops, words):
    return Experiment(
        name=name, question="?", knobs={"n": Knob("N", 0, stops, 0, 99)}, run=partial(run, name), draw=run,
        describe=run, layers={}, result=Toy, models=run, recorded=True, seeds=(0, 1), words=words,
    )

FIRST, SECOND = toy("first", tuple(range(20)), made), toy("second", (0, 1, 2), needs)
EXPERIMENTS = {"first": FIRST, "second": SECOND}
'''
PROGRAM = "import sys, toys; from sevenlenses.record import main; sys.exit(main(course=toys))"
FIRST = {f"first-{n}-{seed}" for n in range(20) for seed in (0, 1)}
ALL = FIRST | {f"second-{n}-{seed}" for n in range(3) for seed in (0, 1)}


def until(condition, what: str) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.01)


class Recording:
    """A course of toys in a folder of its own, recorded by real processes."""

    def __init__(self, home: Path, toys: ModuleType):
        self.home, self.toys = home, toys
        self.started: list[subprocess.Popen] = []

    def start(self, *options: str, **environment: str) -> subprocess.Popen:
        environment = {"TOYS": str(self.home), "PYTHONPATH": str(self.home), "OMP_NUM_THREADS": "1", **environment}
        with (self.home / "output").open("w") as output:
            command = [sys.executable, "-c", PROGRAM, "--workers=2", *options]
            started = subprocess.Popen(
                command, env=os.environ | environment, stdout=output, stderr=output, start_new_session=True
            )
        self.started.append(started)
        return started

    def record(self, *options: str, **environment: str) -> int:
        return self.start(*options, **environment).wait(timeout=300)

    def fate(self, run: str, word: str) -> None:
        (self.home / run).write_text(word)

    @property
    def said(self) -> str:
        return (self.home / "output").read_text()

    def log(self, word: str) -> list[tuple[str, int]]:
        """Every run that started or ended, in order, and its process."""
        path = self.home / "log"
        lines = [line.split() for line in path.read_text().splitlines()] if path.exists() else []
        return [(run, int(process)) for what, run, process in lines if what == word]

    def runs(self, word: str) -> list[str]:
        return [run for run, _ in self.log(word)]

    def saved(self) -> set[str]:
        """The runs with a valid record."""
        plans = [survey([experiment], Shard(1, 1)) for experiment in self.toys.EXPERIMENTS.values()]
        return {f"{job.name}-{job.settings['n']}-{job.seed}" for plan in plans for job in plan["done"]}

    def leave_nothing(self) -> None:
        """No process of any recorder may outlive it."""
        for process in self.started:
            try:
                process.wait(timeout=60)
                until(partial(is_empty, process.pid), "a recorder's processes end")
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)


def is_empty(group: int) -> bool:
    """Whether no process of a group lives; what is dead and waits for its parent's attention does not count."""
    said = subprocess.run(["ps", "-A", "-o", "pgid=,stat="], capture_output=True, text=True, check=True).stdout
    return not any(pgid == str(group) and not stat.startswith("Z") for pgid, stat in map(str.split, said.splitlines()))


@contextlib.contextmanager
def toy_course(home: Path):
    """A Recording in `home`, where `records` looks for records meanwhile."""
    (home / "toys.py").write_text(TOYS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "home", lambda: home / "records")  # what the toys set by themselves is undone with it
        patch.setenv("TOYS", str(home))
        patch.syspath_prepend(home)
        patch.delitem(sys.modules, "toys", raising=False)
        recording = Recording(home, importlib.import_module("toys"))
        try:
            yield recording
        finally:
            recording.leave_nothing()
            del sys.modules["toys"]


class Threads(ThreadPoolExecutor):
    """A crew for tests in which nobody is killed."""

    def __init__(self, *_):
        super().__init__(10)

    def slots(self) -> int:
        return 10


@pytest.fixture
def recording(tmp_path):
    with toy_course(tmp_path) as made:
        yield made


# Killed


def kill_all(recorder: subprocess.Popen) -> None:
    os.killpg(recorder.pid, signal.SIGKILL)


def interrupt(recorder: subprocess.Popen) -> None:
    os.killpg(recorder.pid, signal.SIGINT)  # as a terminal does


def test_killed_at_any_moment_it_loses_nothing_and_repeats_nothing(recording, capsys):
    chance, stops = random.Random(0), []
    for stop, fate in ((kill_all, ""), (interrupt, "hang"), (kill_all, ""), (subprocess.Popen.kill, "gate")):
        for run in FIRST:
            recording.fate(run, fate)
        recorder, enough = recording.start(), len(recording.runs("start")) + (2 if fate else 4)
        until(lambda enough=enough: len(recording.runs("start")) >= enough, "some runs have started")
        time.sleep(chance.uniform(0, 0.1))
        stop(recorder)
        code = recorder.wait(timeout=60)
        until(partial(is_empty, recorder.pid), "its workers have ended")
        if stop is interrupt:
            assert code == 130 and "Traceback" not in recording.said
            assert "Stopped. What has finished is recorded; run the same command again to go on." in recording.said
        stops.append((recording.saved(), len(recording.runs("start"))))
    (recording.home / "gate").touch()
    assert recording.record() == 0
    assert recording.saved() == ALL
    assert set() < stops[0][0] == stops[1][0] < stops[2][0] == stops[3][0] < ALL
    for saved, starts in stops:
        assert not saved & set(recording.runs("start")[starts:])

    ended = recording.log("end")
    assert record.main([], recording.toys) == 0
    assert recording.log("end") == ended
    assert capsys.readouterr().out == "0 runs to record\n"


def test_ctrl_c_is_noted_where_python_drops_it(monkeypatch):
    class Finalised:
        def __del__(self):
            signal.raise_signal(signal.SIGINT)

    dropped, before = [], signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(sys, "unraisablehook", lambda one: dropped.append(one.exc_type))
    with CtrlC() as ctrl_c:
        Finalised()
    assert dropped == [KeyboardInterrupt] and ctrl_c.pressed
    assert signal.getsignal(signal.SIGINT) is before


# Out of luck


@pytest.fixture(scope="module")
def unlucky(tmp_path_factory):
    """A recording in which some runs fail, hang or die, some of them once."""
    with toy_course(tmp_path_factory.mktemp("unlucky")) as made:
        for run, word in {"1-0": "die once", "2-0": "fail once", "3-0": "fail", "4-0": "hang", "5-0": "die"}.items():
            made.fate(f"first-{run}", word)
        made.code = made.record("--time-limit=2")
        yield made


def test_what_fails_again_is_reported_by_name_and_all_else_is_recorded(unlucky):
    assert unlucky.code == 1
    assert unlucky.saved() == FIRST - {"first-3-0", "first-4-0", "first-5-0"}
    told = {line for line in unlucky.said.splitlines() if line.startswith("FAILED")}
    assert told == {
        "FAILED  first/n=3,seed=0: ValueError: out of luck",
        "FAILED  first/n=4,seed=0: not finished after 2 s (--time-limit)",
        "FAILED  first/n=5,seed=0: its process died (exit code -9)",
    }
    assert "3 runs failed. Run the same command again to try them again." in unlucky.said
    assert "6 runs of second wait for records of other runs: no recorded run n=3,seed=0 of first" in unlucky.said


def test_each_gets_the_tries_that_it_may_have(unlucky):
    tries = Counter(unlucky.runs("start"))
    assert {run for run, times in tries.items() if times == 2} == {f"first-{n}-0" for n in range(1, 6)}
    assert set(tries.values()) == {1, 2}


def test_what_hangs_is_killed(unlucky):
    for run, process in unlucky.log("start"):
        if run == "first-4-0":
            with pytest.raises(ProcessLookupError):
                os.kill(process, 0)


def test_progress_is_told(unlucky):
    lines = [line for line in unlucky.said.splitlines() if " left  " in line]
    assert [line.split()[0] for line in lines] == [f"{n}/46" for n in range(1, 41)]
    assert sum("left  FAILED  first/n=" in line for line in lines) == 3
    assert all(" a minute  " in line for line in lines)


@pytest.mark.parametrize("retries", [0, 3])
def test_retries_are_counted(recording, monkeypatch, retries):
    recording.fate("first-2-0", "fail")
    monkeypatch.setattr(command, "hire", Threads)
    assert record.main([f"--retries={retries}", "first"], recording.toys) == 1
    assert recording.saved() == FIRST - {"first-2-0"}
    assert recording.runs("start").count("first-2-0") == 1 + retries


# Divided


NAMES = [label(LATCH, settings, seed) for settings, seed in LATCH.grid()]


@given(st.lists(st.text()), st.integers(1, 50))
def test_each_run_is_in_one_shard(names, count):
    for name in names:
        assert sum(Shard(index, count).holds(rank(name)) for index in range(1, count + 1)) == 1


def test_shards_are_balanced_and_slow_runs_spread():
    for index in range(1, 9):
        assert 0.7 < 8 * sum(Shard(index, 8).holds(rank(name)) for name in NAMES) / len(NAMES) < 1.3
    first = sorted(NAMES, key=rank)[: len(NAMES) // 4]
    usual = LATCH.knobs["length"].default
    for length in LATCH.knobs["length"].stops:
        said = [f"length={length}," in name or ("length=" not in name and length == usual) for name in first]
        assert 0.7 < 5 * sum(said) / len(first) < 1.3


def test_a_shard_stays_what_it_is_when_records_come(recording):
    parts = [survey([recording.toys.FIRST], Shard(index, 3))["missing"] for index in (1, 2, 3)]
    assert sorted(map(str, itertools.chain(*parts))) == sorted(map(str, record.missing(recording.toys.FIRST)))
    job, at = parts[0][0], {"setup": {"device": "cpu", "seconds": 1}, "value": [1.0]}
    result = recording.toys.Toy(knobs=job.settings, seeds=(job.seed,), **at)
    records.save(recording.toys.FIRST, job.settings, job.seed, result)
    again = [survey([recording.toys.FIRST], Shard(index, 3)) for index in (1, 2, 3)]
    assert [found["missing"] for found in again] == [parts[0][1:], *parts[1:]]
    assert again[0]["done"] == parts[0][:1]


def test_shards_in_turn_record_everything_once_and_say_what_they_wait_for(recording, monkeypatch, capsys):
    monkeypatch.setattr(command, "hire", Threads)
    assert record.main(["--shard=1/2"], recording.toys) == 0
    said = capsys.readouterr().out
    assert "6 runs" not in said and "runs of second wait for records of other runs: no recorded run" in said
    assert "Other shards may make them: run this again when they are there." in said
    assert recording.saved() < FIRST
    assert record.main(["--shard=2/2"], recording.toys) == 0
    assert FIRST < recording.saved() < ALL
    assert "wait for" not in capsys.readouterr().out
    assert record.main(["--shard=1/2"], recording.toys) == 0
    assert recording.saved() == ALL and Counter(recording.runs("end")) == Counter(ALL)


# One run after another


def test_what_waits_for_other_runs_comes_after_them(recording, monkeypatch, capsys):
    monkeypatch.setattr(command, "hire", Threads)
    assert record.main([], recording.toys) == 0
    assert Counter(recording.runs("end")) == Counter(ALL)
    assert {run for what in ("start", "end") for run in recording.runs(what)[:40]} == FIRST
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]] == [f"{n}/46" for n in range(1, 47)]


def test_a_wait_that_nobody_ends_is_an_error(recording, capsys):
    assert record.main(["second"], recording.toys) == 1
    assert capsys.readouterr().out == (
        "0 runs to record\n6 runs of second wait for records of other runs: "
        "no recorded run seed=0 of first; run `make record`.\n"
        "If `make record` alone ends so too, no experiment makes them: its `trials` leave them out.\n"
    )


def test_a_record_that_another_recorder_made_meanwhile_is_not_made_again(recording, monkeypatch):
    job = survey([recording.toys.FIRST], Shard(1, 1))["missing"][-1]
    result = recording.toys.Toy(knobs=job.settings, seeds=(job.seed,), setup={"device": "cpu"}, value=[2.5])

    class Meanwhile(Threads):
        def submit(self, task):
            records.save(recording.toys.FIRST, job.settings, job.seed, result)
            return super().submit(task)

    monkeypatch.setattr(command, "hire", Meanwhile)
    assert record.main(["first"], recording.toys) == 0
    assert recording.saved() == FIRST
    assert set(recording.runs("start")) == FIRST - {f"first-{job.settings['n']}-{job.seed}"}


def test_two_recorders_on_one_folder_repeat_nothing_and_one_ends_what_the_other_leaves(recording):
    for run in ALL:
        recording.fate(run, "gate")
    one, two = recording.start(), recording.start()
    until(lambda: len(recording.runs("start")) == 4, "both are at work")
    kill_all(one)
    one.wait(timeout=60)
    third = recording.start()
    (recording.home / "gate").touch()
    assert two.wait(timeout=300) == 0 and third.wait(timeout=300) == 0
    assert recording.saved() == ALL and Counter(recording.runs("end")) == Counter(ALL)
    again = [run for run, times in Counter(recording.runs("start")).items() if times > 1]
    assert len(again) == 2, "the two that were killed"
    assert not any((recording.home / "records/.claims").iterdir())


def test_what_shards_recorded_elsewhere_is_merged_newer_over_older(recording, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(command, "hire", Threads)
    elsewhere = tmp_path / "elsewhere"
    with monkeypatch.context() as there:
        there.setattr(records, "home", lambda: elsewhere)
        assert record.main(["--shard=1/2", "first"], recording.toys) == 0
    assert record.main(["--shard=2/2", "first"], recording.toys) == 0
    half = recording.saved()
    assert set() < half < FIRST
    capsys.readouterr()
    assert record.main(["--merge", str(elsewhere), "--", "first"], recording.toys) == 0
    assert capsys.readouterr().out == f"first: {40 - len(half)} runs from {elsewhere}\n"
    assert recording.saved() == FIRST and Counter(recording.runs("end")) == Counter(FIRST)
    before = (recording.home / "records/first.jsonl").read_bytes()
    assert record.main(["--merge", str(elsewhere)], recording.toys) == 0
    assert (recording.home / "records/first.jsonl").read_bytes() == before


def test_what_no_grid_asks_for_goes_when_it_is_pruned_and_not_before(recording, monkeypatch, capsys):
    monkeypatch.setattr(command, "hire", Threads)
    first = recording.toys.FIRST
    result = recording.toys.Toy(knobs={"n": 77}, seeds=(0,), setup={"device": "cpu", "seconds": 1}, value=[1.0])
    records.save(first, {"n": 77}, 0, result)
    assert record.main(["first"], recording.toys) == 0
    assert len(records.lines(first)) == 41
    assert record.main(["first", "--prune"], recording.toys) == 0
    assert len(records.lines(first)) == 40 and recording.saved() == FIRST
    assert capsys.readouterr().out.endswith("first: 1 runs dropped\n")


def test_a_dry_run_counts_and_runs_nothing(recording, capsys):
    first = recording.toys.FIRST
    result = recording.toys.Toy(knobs={"n": 0}, seeds=(0,), setup={"device": "cpu", "seconds": 1}, value=[1.0])
    records.save(first, {"n": 0}, 0, result)
    records.save(replace(first, version=0), {"n": 0}, 1, replace(result, seeds=(1,)))
    assert record.main(["--dry-run"], recording.toys) == 0
    said = [
        "first: 1 done, 38 missing, 1 stale, 0 waiting",
        "second: 0 done, 0 missing, 0 stale, 6 waiting (the record",
    ]
    found = capsys.readouterr().out.splitlines()
    assert len(found) == 2 and all(line.startswith(words) for line, words in zip(found, said, strict=True))
    assert "seed=1 of first is stale" in found[1]


def test_the_recorder_says_where_no_learning_rate_was_chosen(capsys):
    assert record.main(["kata-lags", "gradient-latch", "--dry-run"]) == 0
    lags, said, latch = capsys.readouterr().out.splitlines()
    assert lags.startswith("kata-lags: ") and latch.startswith("gradient-latch: ")  # whose rates are named
    assert said.startswith("    no learning rate did better than the others at 4 of the settings tried, so the trials")
    assert said.endswith("none there: the defaults; lag=256; lag=1024; lag=1024,learner=lstm-forget-3")


# Other code, other machines


def test_a_worker_with_other_code_is_refused(recording):
    with pytest.raises(OtherCode, match="has other code for first than this recorder"):
        do("toys", Job("first", {"n": 1}, 0), [1, [], "another"], device="cpu", limit=9)
    (recording.home / "everyone differs").touch()
    assert recording.record("first") == 1
    assert "has other code for first than this recorder. Bring all machines to one version" in recording.said
    assert "FAILED" not in recording.said and "tried again" not in recording.said
    assert recording.log("start") == []


def test_a_run_looks_at_the_clock_itself(recording):
    recording.fate("first-1-0", "slow")
    job = Job("first", {"n": 1}, 0)
    with pytest.raises(TimeoutError):
        do("toys", job, origin(recording.toys.FIRST, job.settings), device="cpu", limit=0.1)


def test_a_dask_worker_that_dies_costs_only_its_run(recording):
    late = {f"first-{n}-{seed}" for n in range(6) for seed in (0, 1)}
    for run in late:
        recording.fate(run, "gate")
    recording.fate("first-7-0", "fail once")
    recorder = recording.start("--dask=local", DASK_LOGGING__DISTRIBUTED="critical")
    until(lambda: len(late & set(recording.runs("start"))) == 2, "only runs before the gate are left")
    saved, starts = recording.saved(), len(recording.runs("start"))
    _, worker = recording.log("start")[-1]
    os.kill(worker, signal.SIGKILL)
    (recording.home / "gate").touch()
    assert recorder.wait(timeout=120) == 0
    assert recording.saved() == ALL
    assert not saved & set(recording.runs("start")[starts:])
    assert "tried again later: first/n=7,seed=0: ValueError: out of luck" in recording.said


def test_a_dask_cluster_that_is_not_there_is_named_with_the_remedy(recording):
    assert recording.record("--dask=tcp://127.0.0.1:1", DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT="1s") == 1
    assert "--dask must be the address of a running scheduler, or local; got 'tcp://127.0.0.1:1'" in recording.said
    assert "`dask scheduler`" in recording.said and "Traceback" not in recording.said


def test_missing_dask_is_named_with_the_remedy(recording, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(SystemExit, match=r"--dask needs a package that is not installed .* pip install distributed"):
        record.main(["--dask=local"], recording.toys)


# Arguments


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--shard=0/3", "a shard is i/n with i from 1 to n; got '0/3'. Try 1/3."),
        ("--shard=4/3", "a shard is i/n with i from 1 to n; got '4/3'. Try 1/3."),
        ("--shard=1/0", "a shard is i/n with i from 1 to n; got '1/0'. Try 1/2."),
        ("--shard=x", "a shard is i/n with i from 1 to n; got 'x'. Try 1/2."),
        ("--shard=1/2/3", "a shard is i/n with i from 1 to n; got '1/2/3'. Try 1/2."),
        ("--shard=-1/3", "a shard is i/n with i from 1 to n; got '-1/3'. Try 1/3."),
        ("--time-limit=0", "must be a number from 0.1 up; got '0'. Try 600."),
        ("--time-limit=nan", "must be a number from 0.1 up; got 'nan'. Try 600."),
        ("--retries=-1", "must be a whole number from 0 up; got '-1'. Try 1."),
        ("--workers=two", "must be a whole number from 1 up; got 'two'. Try "),
        ("--device=cuda:7", "choose from"),
        ("third", "'third' is not a recorded experiment; choose from first, second"),
    ],
)
def test_an_impossible_argument_is_said(recording, options, said, capsys):
    with pytest.raises(SystemExit) as stopped:
        record.main([options], recording.toys)
    assert stopped.value.code == 2
    assert said in capsys.readouterr().err
