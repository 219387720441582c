"""What runs in the sandbox: it takes notebooks apart, asks programs for their answers, and writes values. It knows
nothing of right or wrong.

`python inside.py` reads a JSON object from standard input: the limits of sandbox.py, "books" and "jobs". It writes a
line of JSON for each job. Each job runs in children of its own, so that none can stop another; and what a student's
code was found to be is written by a child that never ran it.
"""

import contextlib
import json
import os
import resource
import select
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

LONGEST = 1_000_000  # bytes of an answer
READING = 20  # seconds to take notebooks apart
NOTHING = os.devnull
UNREAD = "its code cannot be taken apart ({})"


def main() -> None:
    """Do the jobs in order."""
    if os.getcwd() == "/":  # in a container: Docker would make a folder that it starts in root's
        os.chdir("/tmp")
    asked = json.loads(sys.stdin.buffer.read())
    import sevenlenses.lenses  # noqa: F401  before the fork: once for all jobs

    taker()
    to_read = asked | {"seconds": READING}
    out = os.dup(1)
    for job in asked["jobs"]:
        ended, text = in_a_child(lambda job=job: apart(job, asked["books"]), to_read, out)
        found = (
            json.loads(text) if ended == "done" else {"files": [["", False, [UNREAD.format(ended)]]], "programs": []}
        )
        if found["programs"]:
            ended, text = in_a_child(lambda job=job, found=found: answer(job, found["programs"]), asked, out)
        line = {"exercise": job["exercise"], "taken": json.dumps(found["files"]), "ended": ended, "text": text}
        os.write(out, json.dumps(line).encode() + b"\n")


def in_a_child(task: Callable[[], dict], asked: dict, out: int) -> tuple[str, str]:
    """How a child that does the task ended ("done", "time", "size" or "died"), and what it wrote."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ours)
        os.close(out)
        try:
            os.setsid()
            confine(asked)
            text = json.dumps(task())
        except BaseException as error:
            text = json.dumps({"ended": "raised", "said": said(error)})
        with contextlib.suppress(OSError), os.fdopen(theirs, "wb") as pipe:
            pipe.write(text.encode())
        os._exit(0)
    os.close(theirs)
    ended, parts, deadline = "done", [], time.monotonic() + asked["seconds"]
    while True:
        ready, _, _ = select.select([ours], [], [], max(0.0, deadline - time.monotonic()))
        part = os.read(ours, 65536) if ready else b""
        parts.append(part)
        if not ready:
            ended = "time"
        elif sum(map(len, parts)) > LONGEST:
            ended = "size"
        if not part or ended != "done":
            break
    with contextlib.suppress(OSError):
        os.killpg(child, signal.SIGKILL)
    with contextlib.suppress(OSError):
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(ours)
    text = b"".join(parts).decode("utf-8", "replace")
    return ("died", "") if ended == "done" and not text else (ended, text if ended == "done" else "")


def confine(asked: dict) -> None:
    """Limits that hold for the child and all that it starts; what it prints goes nowhere."""
    limits = {
        resource.RLIMIT_CPU: int(asked["seconds"]) + 5,
        resource.RLIMIT_AS: asked["megabytes"] * 2**20,
        resource.RLIMIT_FSIZE: 16 * 2**20,
        resource.RLIMIT_NOFILE: 256,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NPROC: asked["processes"],
    }
    for kind, most in limits.items():
        resource.setrlimit(kind, (most, most))
    nowhere = os.open(NOTHING, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)


def apart(job: dict, books: list) -> dict:
    """What the exercise needs of the books. Under "files" for each: its name, whether there is an answer, remarks."""
    from sevenlenses.lenses import exercise_of

    program = taker()
    exercise = exercise_of(job["exercise"])
    files, programs = [], []
    for name, cells in books:
        read = [program.Cell(*cell) for cell in cells]
        try:
            made, all_of_it = (take(exercise, read) for take in (program.program_for, program.whole))
        except (RecursionError, MemoryError, ValueError) as error:  # nothing that a person would write
            files.append([name, False, [UNREAD.format(type(error).__name__)]])
            continue
        files.append([name, bool(made.source), list(made.remarks)])
        if made.source:
            programs = [one for one in dict.fromkeys((made.source, all_of_it.source)) if one]
    return {"files": files, "programs": programs}


def taker():
    """program.py, which lies beside this file."""
    sys.path.insert(0, str(Path(__file__).parent))
    import program

    return program


def answer(job: dict, programs: list[str]) -> dict:
    """The values of the first program that runs."""
    from sevenlenses.exercises.values import NotAnswered, Unusable, written
    from sevenlenses.lenses import exercise_of

    exercise = exercise_of(job["exercise"])
    failed = ""
    for program in programs:
        try:
            collected = exercise.collect(outcome(program), exercise.cases(job["seed"]))
        except NotAnswered:
            return {"ended": "open"}
        except Unusable as why:
            return {"ended": "unusable", "said": str(why)[:500]}
        except Exception as error:
            failed = failed or said(error)
        else:
            return {"ended": "collected", "values": written(collected)}
    return {"ended": "raised", "said": failed}


def outcome(program: str) -> object:
    """What the program's last line gives a name to."""
    names = {"__name__": "__main__"}
    exec(compile(program, "<notebook>", "exec"), names)
    return names["__answer__"]


def said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:500]


if __name__ == "__main__":
    main()
