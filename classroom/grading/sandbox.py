"""Where a student's code runs: no network, no files but the course's own, and limits on all that it takes."""

from __future__ import annotations

import contextlib
import json
import secrets
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
INSIDE = Path(__file__).with_name("inside.py")
PROGRAM = Path(__file__).with_name("program.py")
NOBODY = 65534
SYSTEM = ("/usr", "/bin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/alternatives")
SETTINGS = {"PATH": "/usr/bin:/bin", "HOME": "/tmp", "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1", "MPLBACKEND": "agg"}
IMAGE = "localhost/sevenlenses-nothing"
EMPTY = bytes(10_240)  # a tar archive that holds nothing
KEYS = {"exercise", "taken", "ended", "text"}
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
    """An exercise to answer, and the seed of its cases."""

    exercise: str
    seed: int


@dataclass(frozen=True)
class Sandbox:
    """A kind of sandbox.

    command: limits, and a name for what runs, to the command line in front of the program's.
    end: what ends that which runs under a name, where killing the command does not.
    """

    command: Callable[[Limits, str], list[str]]
    end: tuple[str, ...] = ()


def bubblewrap(limits: Limits, name: str) -> list[str]:
    """Namespaces of its own for everything, as nobody, with an empty home; bubblewrap 0.8 or later."""
    command = ["bwrap", "--unshare-all", "--unshare-user", "--uid", str(NOBODY), "--gid", str(NOBODY)]
    command += ["--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"]
    command += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]
    command += ["--size", str(64 * 2**20), "--tmpfs", "/tmp", "--size", str(16 * 2**20), "--tmpfs", "/dev/shm"]
    for path in visible():
        command += ["--ro-bind", path, path]
    for key, value in SETTINGS.items():
        command += ["--setenv", key, value]
    return [*command, "--chdir", "/tmp", "--"]


def container(tool: str, limits: Limits, name: str) -> list[str]:
    """The same in a container of Podman or Docker, on Linux. Its image is empty: the system is this machine's."""
    command = [tool, "run", "--rm", "--interactive", "--pull", "never", "--name", name, "--network", "none"]
    command += ["--read-only", "--cap-drop", "ALL", "--user", f"{NOBODY}:{NOBODY}"]
    command += ["--security-opt", "no-new-privileges", "--security-opt", "label=disable"]
    command += ["--memory", f"{limits.megabytes}m", "--memory-swap", f"{limits.megabytes}m"]
    command += ["--pids-limit", str(limits.processes), "--ulimit", "nofile=256:256", "--ulimit", "nproc=4096:4096"]
    command += ["--tmpfs", "/tmp:size=64m,mode=1777", "--shm-size", "16m"]
    for path in visible():
        command += ["--volume", f"{path}:{path}:ro"]
    for key, value in SETTINGS.items():
        command += ["--env", f"{key}={value}"]
    return [*command, IMAGE]


def visible() -> list[str]:
    """What can be read inside: the system's programs, this Python, and the course's code."""
    code = {sys.prefix, sys.base_prefix, str(ROOT / "src"), str(ROOT / "records"), str(INSIDE), str(PROGRAM)}
    return [path for path in (*SYSTEM, *sorted(code)) if Path(path).exists()]


def unprotected(limits: Limits, name: str) -> list[str]:
    """No sandbox at all: only the limits that a process can give itself."""
    return []


KINDS = {"bubblewrap": Sandbox(bubblewrap)} | {
    tool: Sandbox(partial(container, tool), (tool, "rm", "--force")) for tool in ("podman", "docker")
}


def sandbox(kinds: Sequence[str] = tuple(KINDS), trust: bool = False) -> Sandbox:
    """The first of these kinds that works on this machine.

    Raises:
        NoSandbox: none does, and the code is not trusted.
    """
    if trust:
        return Sandbox(unprotected)
    found = {kind: why_not(kind) for kind in kinds}
    if works := next((kind for kind, why in found.items() if not why), None):
        return KINDS[works]
    raise NoSandbox(
        f"students' code runs in a sandbox only, and there is none here: {'; '.join(found.values())}. Install "
        "bubblewrap 0.8 or later (apt install bubblewrap), or rootless Podman, or grade on a Linux machine that has "
        "one of them. --trust runs the code with all of your rights."
    )


def why_not(kind: str) -> str:
    """Why a kind does not work here; nothing where it does."""
    program = {"bubblewrap": "bwrap"}.get(kind, kind)
    if not shutil.which(program):
        return f"{kind} is not installed"
    tries = [[*KINDS[kind].command(Limits(), new_name()), sys.executable, "-I", "-c", ""]]
    if program == kind:
        tries.insert(0, [kind, "import", "-", IMAGE])
    for command in tries:
        tried = subprocess.run(command, input=EMPTY, capture_output=True)
        if tried.returncode:
            said = tried.stderr.decode("utf-8", "replace").strip().split("\n")[-1]
            return f"{kind} is installed and does not work ({said})"
    return ""


def new_name() -> str:
    return f"sevenlenses-{secrets.token_hex(8)}"


def answers(jobs: Sequence[Job], books: Sequence[tuple[str, list]], kind: Sandbox, limits: Limits) -> dict[str, dict]:
    """By exercise: "taken", what was found in which book, as text; how its job "ended", and the "text" that came of it.
    Jobs of which nothing came are left out.

    Args:
        books: notebooks, each its name and its cells.

    Raises:
        Broken: the sandbox did not start.
    """
    cells = [[name, [[cell.source, cell.exercise, cell.code] for cell in book]] for name, book in books]
    asked = {**asdict(limits), "books": cells, "jobs": [asdict(job) for job in jobs]}
    call = [*kind.command(limits, name := new_name()), sys.executable, "-I", str(INSIDE)]
    process = subprocess.Popen(call, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    end = partial(stop, process, [*kind.end, name] if kind.end else [])
    deadline = time.monotonic() + PATIENCE + limits.seconds * len(jobs)
    done = threading.Event()
    watch = threading.Thread(target=watched, args=(process, limits, deadline, done, end), daemon=True)
    watch.start()
    complaint = threading.Thread(target=drained, args=(process.stderr, said := []), daemon=True)
    complaint.start()
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(json.dumps(asked).encode())
        process.stdin.close()
    text = process.stdout.read(len(jobs) * 2_200_000 + SLACK)
    done.set()
    watch.join()
    end()
    complaint.join()
    process.stdout.close()
    process.stderr.close()
    found = {}
    for line in text.splitlines():
        with contextlib.suppress(ValueError, RecursionError):
            one = json.loads(line)
            if isinstance(one, dict) and set(one) == KEYS and all(isinstance(value, str) for value in one.values()):
                found.setdefault(one.pop("exercise"), one)
    if not found and process.returncode not in (0, -9):
        raise Broken(b"".join(said).decode("utf-8", "replace").strip()[-500:] or f"it ended with {process.returncode}")
    return found


def watched(process: subprocess.Popen, limits: Limits, deadline: float, done: threading.Event, end: Callable) -> None:
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
            end()
            return


def stop(process: subprocess.Popen, end: Sequence[str]) -> None:
    """Kill it, and with it all that it started."""
    family = []
    with contextlib.suppress(psutil.Error):
        family = psutil.Process(process.pid).children(recursive=True)
    if end and process.poll() is None:
        subprocess.run(end, capture_output=True)
    for one in [process, *family]:
        with contextlib.suppress(psutil.Error, OSError):
            one.kill()
    process.wait()


def drained(stream, into: list) -> None:
    """Read to the end and keep the beginning."""
    while part := stream.read(4096):
        if sum(map(len, into)) < 65536:
            into.append(part)
