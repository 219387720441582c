"""Hands the runs out, writes what comes back, and says how far it is."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter, deque
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from contextlib import suppress
from functools import partial
from pathlib import Path

import pebble
from filelock import FileLock, Timeout

from .. import records
from ..lens import Experiment
from .crews import Cluster, Processes
from .evidence import code_of, origin
from .plan import Job, Shard, label, rank, state, survey, waits_for, without_choice
from .work import OtherCode, do

CLAIMS = ".claims"  # a folder beside the records


class Lost(ConnectionError):
    """The cluster is gone."""


class CtrlC:
    """Ctrl-C as an exception, and noted: one that is raised within a finaliser or a callback is dropped by Python."""

    def __init__(self):
        self.pressed = False

    def __enter__(self) -> CtrlC:
        self.heard = threading.current_thread() is threading.main_thread()  # no other thread hears it
        if self.heard:
            self.before = signal.signal(signal.SIGINT, self.note)
        return self

    def __exit__(self, *_) -> None:
        if self.heard:
            signal.signal(signal.SIGINT, self.before)

    def note(self, *_) -> None:
        self.pressed = True
        raise KeyboardInterrupt


class Recorder:
    """Records everything in the grids of `experiments` that is in the shard.

    Attributes:
        queue: the runs that can be done now, in order.
        waiting: those that need a record which is not there yet.
        failed: what was wrong with the runs that failed `retries` + 1 times, by their names.
    """

    def __init__(
        self,
        experiments: dict[str, Experiment],
        course: str,
        *,
        device: str = "cpu",
        limit: float = 600,
        retries: int = 1,
        shard: Shard,
    ):
        self.experiments, self.course, self.shard = experiments, course, shard
        self.device, self.limit, self.retries = device, limit, retries
        self.failed: dict[str, str] = {}
        self.attempts: Counter[str] = Counter()
        self.settled = self.ran = 0
        self.start = time.monotonic()
        self.plan()

    def plan(self) -> None:
        """See what is left to do. Records that have come since may have ended a wait."""
        found = survey(self.experiments.values(), self.shard)
        self.waiting = found["waiting"]
        self.queue = deque(job for job in found["missing"] + found["stale"] if self.name(job) not in self.failed)
        self.total = self.settled + len(self.queue) + len(self.waiting)

    def record(self, crew: Processes | Cluster, ctrl_c: CtrlC) -> None:
        """Do all that can be done: run, plan again, until a plan finds nothing to run, or somebody presses Ctrl-C."""
        self.start = time.monotonic()
        running: dict[Future[str], tuple[Job, Claim]] = {}
        while self.queue:
            self.elsewhere: list[Job] = []
            while self.queue or running:
                while self.queue and len(running) < crew.slots():
                    self.hand_out(self.queue.popleft(), crew, running)
                done, _ = wait(running, timeout=5, return_when=FIRST_COMPLETED)  # a cluster may have grown meanwhile
                if ctrl_c.pressed:
                    raise KeyboardInterrupt
                for future in done:
                    job, claim = running.pop(future)
                    self.settle(job, future)
                    claim.give_back()
            if self.elsewhere:  # other recorders are at the rest: what they leave, should they die, is ours
                time.sleep(1)
            self.plan()

    def hand_out(self, job: Job, crew: Processes | Cluster, running: dict) -> None:
        """Start a run, unless another recorder has made its record since the plan, or is at it."""
        experiment, claim = self.experiments[job.name], Claim(self.name(job))
        if not claim.taken:
            self.elsewhere.append(job)
            return
        if state(experiment, job.settings, job.seed) == "done":
            self.settled += 1
            claim.give_back()
            return
        expected = origin(experiment, job.settings)
        future = crew.submit(partial(do, self.course, job, expected, device=self.device, limit=self.limit))
        running[future] = job, claim

    def settle(self, job: Job, future: Future[str]) -> None:
        """Write the record, or try again, or give up this run.

        Raises:
            OtherCode, Lost: no other run can do better.
        """
        experiment, name = self.experiments[job.name], self.name(job)
        try:
            result = experiment.result.from_json(future.result())
            code = code_of(experiment, experiment.words(job.settings))
            records.save(experiment, job.settings, job.seed, result, code)
        except OtherCode:
            raise
        except CancelledError:
            raise Lost("The cluster is gone. Nothing is lost: run the same command again when it is back.") from None
        except Exception as error:
            self.attempts[name] += 1
            if self.attempts[name] <= self.retries:
                self.queue.append(job)
                print(f"tried again later: {name}: {self.why(error)}", flush=True)
                return
            self.failed[name] = self.why(error)
        self.settled += 1
        self.ran += 1
        print(f"{self.progress()}  {'FAILED  ' * (name in self.failed)}{name}", flush=True)

    def name(self, job: Job) -> str:
        """The run as messages name it."""
        return label(self.experiments[job.name], job.settings, job.seed)

    def why(self, error: Exception) -> str:
        """What was wrong with a run, in one line."""
        if isinstance(error, TimeoutError):
            return f"not finished after {self.limit:g} s (--time-limit)"
        if isinstance(error, pebble.ProcessExpired):
            return f"its process died (exit code {error.exitcode})"
        return f"{type(error).__name__}: {error}"

    def progress(self) -> str:
        """How many are done, how fast, and how long the rest takes at that rate."""
        minutes = (time.monotonic() - self.start) / 60
        rate = self.ran / minutes
        left = span((self.total - self.settled) / rate)
        return f"{self.settled}/{self.total}  {rate:.{0 if rate >= 10 else 1}f} a minute  {left} left"

    def close(self) -> int:
        """Sort what was written and say what is not there and why; returns the exit code: 0 if only other shards can go
        on, 1 if runs failed."""
        for experiment in self.experiments.values():
            records.sort(experiment)
            if said := without_choice(experiment):
                print(f"{experiment.name}: {said}")
        for name, error in self.failed.items():
            print(f"FAILED  {name}: {error}")
        if self.failed:
            print(f"{len(self.failed)} runs failed. Run the same command again to try them again.")
        if self.waiting:
            first = self.waiting[0]
            reason = waits_for(self.experiments[first.name], first.settings)
            names = ", ".join(dict.fromkeys(job.name for job in self.waiting))
            print(f"{len(self.waiting)} runs of {names} wait for records of other runs: {reason}")
            if not self.ran and self.shard.count == 1:
                print("If `make record` alone ends so too, no experiment makes them: its `trials` leave them out.")
            if self.shard.count > 1:
                print("Other shards may make them: run this again when they are there.")
        return 1 if self.failed or (self.waiting and self.shard.count == 1) else 0


def span(minutes: float) -> str:
    """A time as people say it: "40 s", "12 min", "3.5 h"."""
    if minutes < 1:
        return f"{60 * minutes:.0f} s"
    return f"{minutes:.0f} min" if minutes < 100 else f"{minutes / 60:.1f} h"


class Claim:
    """Keeps a run for this recorder until it is settled. The system gives it back when the recorder's process ends,
    however that ended."""

    def __init__(self, name: str):
        folder = records.home() / CLAIMS
        folder.mkdir(parents=True, exist_ok=True)
        self.lock = FileLock(folder / f"{rank(name):016x}")
        try:
            self.lock.acquire(blocking=False)
            self.taken = True
        except Timeout:
            self.taken = False

    def give_back(self) -> None:
        """Let other recorders have the run."""
        with suppress(OSError):  # Windows cannot remove it while it is locked
            Path(self.lock.lock_file).unlink()
        self.lock.release()
