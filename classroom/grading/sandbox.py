"""Where a student's code runs: no network, no files but the course's own, and limits on all that it takes."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
INSIDE = Path(__file__).with_name("inside.py")
NOBODY = 65534
SYSTEM = ("/usr", "/bin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/alternatives")
PATIENCE = 30  # seconds to start, beside what the jobs take
SLACK = 2**20  # bytes that all answers may take, beside the limit of each


class NoSandbox(RuntimeError):
    """There is none on this machine; the message says what to install."""


class Broken(RuntimeError):
    """A sandbox that did not come to its end; the message says why."""


@dataclass(frozen=True)
class Limits:
    """Of one exercise: seconds; of a whole submission: megabytes of memory, and processes."""

    seconds: float = 60.0
    megabytes: int = 3000
    processes: int = 48


@dataclass(frozen=True)
class Job:
    """An exercise to answer: programs, of which the first that runs counts, and the seed of the cases."""

    exercise: str
    seed: int
    programs: tuple[str, ...]


Command = Callable[[Limits], list[str]]  # the limits to the command line in front of the program's


def bubblewrap(limits: Limits) -> list[str]:
    """Namespaces of its own for everything, as nobody, with an empty home; bubblewrap 0.8 or later."""
    code = {sys.prefix, sys.base_prefix, str(ROOT / "src"), str(ROOT / "records"), str(INSIDE)}
    binds = [*SYSTEM, *sorted(code)]
    command = ["bwrap", "--unshare-all", "--unshare-user", "--uid", str(NOBODY), "--gid", str(NOBODY)]
    command += ["--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"]
    command += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]
    command += ["--size", str(64 * 2**20), "--tmpfs", "/tmp", "--size", str(16 * 2**20), "--tmpfs", "/dev/shm"]
    for path in binds:
        command += ["--ro-bind-try", path, path]
    settings = {"PATH": "/usr/bin:/bin", "HOME": "/tmp", "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1", "MPLBACKEND": "agg"}
    for name, value in settings.items():
        command += ["--setenv", name, value]
    return [*command, "--chdir", "/tmp", "--"]


def unprotected(limits: Limits) -> list[str]:
    """No sandbox at all: only the limits that a process can give itself."""
    return []


def sandbox(trust: bool = False) -> Command:
    """What there is on this machine.

    Raises:
        NoSandbox: nothing that works, and the code is not trusted.
    """
    if trust:
        return unprotected
    why = "bubblewrap (bwrap) is not installed"
    if shutil.which("bwrap"):
        tried = subprocess.run([*bubblewrap(Limits()), "/bin/true"], capture_output=True, text=True)
        if tried.returncode == 0:
            return bubblewrap
        why = f"bubblewrap is installed and does not work ({tried.stderr.strip()})"
    raise NoSandbox(
        f"students' code runs in a sandbox only, and there is none here: {why}. Install bubblewrap 0.8 or later "
        "(apt install bubblewrap), or grade on a machine that has it. --trust runs the code with all of your rights."
    )


def answers(jobs: Sequence[Job], command: Command, limits: Limits) -> dict[str, dict]:
    """By exercise: how its job ended, and the text that came of it. Jobs of which nothing came are left out.

    Raises:
        Broken: the sandbox did not start.
    """
    asked = {**asdict(limits), "jobs": [asdict(job) for job in jobs]}
    call = [*command(limits), sys.executable, "-I", str(INSIDE)]
    process = subprocess.Popen(call, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    deadline = time.monotonic() + PATIENCE + limits.seconds * len(jobs)
    done = threading.Event()
    watch = threading.Thread(target=watched, args=(process, limits, deadline, done), daemon=True)
    watch.start()
    complaint = threading.Thread(target=drained, args=(process.stderr, said := []), daemon=True)
    complaint.start()
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(json.dumps(asked).encode())
        process.stdin.close()
    most = len(jobs) * 1_100_000 + SLACK
    text = process.stdout.read(most)
    done.set()
    watch.join()
    stop(process)
    complaint.join()
    process.stdout.close()
    process.stderr.close()
    found = {}
    for line in text.splitlines():
        with contextlib.suppress(ValueError, RecursionError):
            one = json.loads(line)
            if (
                isinstance(one, dict)
                and {"exercise", "ended", "text"} == set(one)
                and all(isinstance(v, str) for v in one.values())
            ):
                found.setdefault(one["exercise"], {"ended": one["ended"], "text": one["text"]})
    if not found and process.returncode not in (0, -9):
        raise Broken(b"".join(said).decode("utf-8", "replace").strip()[-500:] or f"it ended with {process.returncode}")
    return found


def watched(process: subprocess.Popen, limits: Limits, deadline: float, done: threading.Event) -> None:
    """End it at its deadline, and when all of its processes together take too much memory or are too many."""
    while not done.wait(0.1):
        try:
            family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        except psutil.Error:
            return
        size = 0
        for one in family:
            with contextlib.suppress(psutil.Error):
                size += one.memory_info().rss
        if time.monotonic() > deadline or size > limits.megabytes * 2**20 or len(family) > limits.processes:
            stop(process)
            return


def stop(process: subprocess.Popen) -> None:
    """Kill it, and with it all that it started."""
    family = []
    with contextlib.suppress(psutil.Error):
        family = psutil.Process(process.pid).children(recursive=True)
    for one in [process, *family]:
        with contextlib.suppress(psutil.Error, OSError):
            one.kill()
    process.wait()


def drained(stream, into: list) -> None:
    """Read to the end and keep the beginning."""
    while part := stream.read(4096):
        if sum(map(len, into)) < 65536:
            into.append(part)
