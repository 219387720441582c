"""Grade what students handed in: `make grade IN=canvas.zip ASSIGNMENT=private/NAME.json`.

Killed at any moment and started again, it goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed
from functools import partial
from pathlib import Path

from filelock import FileLock

from sevenlenses.lenses import LENSES
from sevenlenses.record.crews import Cluster, NoCluster

from .. import assignment as assignments
from . import notebook
from .gradebook import BadGradebook, Gradebook
from .intake import BadIntake, Submission, submissions
from .judge import Graded, digest_of, grade
from .report import most_of, write
from .sandbox import KINDS, Limits, NoSandbox, sandbox

DONE = "graded.jsonl"


def main(argv: list[str] | None = None) -> int:
    """Returns 0, or 1 with a message where nothing, or not all, can be graded."""
    options = parse(argv)
    try:
        assignment = assignments.load(options.assignment)
        box = sandbox([options.sandbox] if options.sandbox else list(KINDS), options.trust)
        kind, handed = submissions(options.submissions)
        book = Gradebook(options.gradebook, options.column or assignment.name) if options.gradebook else None
        if book and kind not in (book.kind, "folder"):
            raise BadGradebook(f"GRADEBOOK and IN must be of one system; got {book.kind} and {kind}. Export both anew.")
        refuse_strangers(handed, assignment)
        out = options.out or Path("graded") / assignments.slug(assignment.name)
        out.mkdir(parents=True, exist_ok=True)
        crew = Cluster(options.dask, options.workers) if options.dask else ThreadPoolExecutor(options.workers)
    except (assignments.BadAssignment, NoSandbox, BadIntake, BadGradebook, NoCluster, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    every = [one for name in assignment.chapters for one in LENSES[name].exercises]
    exercises = {one.name: one for one in every if one.name in assignment.exercises}
    limits = Limits(options.seconds, options.megabytes)
    state = f"{assignment.digest('state', str(limits)).hex()[:16]}"
    work = partial(grade, assignment=assignment, exercises=exercises, kind=box, limits=limits)
    with FileLock(out / ".lock"), crew:
        graded, failed = grade_all(handed, crew, work, out / DONE, state)
        if failed:
            print(f"{len(failed)} were not graded, the first as {failed[0]}. Call again.", file=sys.stderr)
            return 1
        most = most_of(exercises)
        remarks = book.fill(graded, most, kind == "folder") if book else []
        made = write(out, kind, assignment.name, graded, exercises, book and bytes(book), remarks)
    print(f"Written to {out}: {', '.join(made)}.")
    if book and book.most not in (None, most):
        print(f"The gradebook has {book.most:g} points for what has {most} here: its grades are scaled.")
    if look := len(remarks) + sum(len(one.look) for one in graded):
        print(f"{counted(look, 'remark')} for you to look at, in look.csv.")
    return 0


def grade_all(
    handed: list[Submission], crew: Executor | Cluster, work: Callable[[Submission], Graded], done: Path, state: str
) -> tuple[list[Graded], list[str]]:
    """Each submission graded, in order, as far as `done` does not hold it from an earlier run; or what failed."""
    there, failed = kept(done, state), []
    left = [one for one in handed if digest_of(one) not in there]
    print(f"{counted(len(handed), 'submission')}, {len(left)} to grade.", flush=True)
    with done.open("a", encoding="utf-8") as file:
        runs = {crew.submit(partial(work, one)): one for one in left}
        for number, run in enumerate(as_completed(runs), 1):
            try:
                made = run.result()
            except Exception as error:  # on another machine: it left, or has no such sandbox
                failed.append(f"{runs[run].name}: {type(error).__name__}: {error}")
                continue
            keep(file, state, made)
            there[made.digest] = made
            print(f"{number}/{len(left)}  {made.name}: {made.total:g} of {made.most}", flush=True)
    return [there[digest_of(one)] for one in handed if digest_of(one) in there], failed


def refuse_strangers(handed: list[Submission], assignment: assignments.Assignment) -> None:
    """Where all that was handed in belongs to other assignments, this one's file was named by mistake.

    Raises:
        BadIntake: it does.
    """
    named = [notebook.named(content) for one in handed for content in one.files.values()]
    if (others := sorted(set(named) - {""})) and assignment.name not in others:
        raise BadIntake(
            f"IN and ASSIGNMENT must belong together; these are copies of {', '.join(others)}, and the file is that of "
            f"{assignment.name}. Name the other file."
        )


def parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m classroom.grading", description=__doc__.split("\n")[0])
    add = parser.add_argument
    add("submissions", type=Path, metavar="IN", help="an archive of Canvas or Moodle, or a folder")
    add("--assignment", type=Path, required=True, metavar="FILE", help="as `make assign` wrote it, in private/")
    add("--gradebook", type=Path, metavar="FILE", help="as Canvas or Moodle exports it, to be filled in")
    add("--column", default="", metavar="NAME", help="of the assignment in Canvas' gradebook (the assignment's name)")
    add("--out", type=Path, metavar="FOLDER", help="for grades and feedback (graded/NAME)")
    add("--workers", type=int, default=cores(), metavar="N", help="at once (%(default)s)")
    add("--dask", metavar="ADDRESS", help='on the Dask cluster of this scheduler, or on a "local" one')
    add("--seconds", type=float, default=60.0, metavar="S", help="for one exercise (%(default)g)")
    add("--megabytes", type=int, default=3000, metavar="MB", help="for one submission (%(default)s)")
    add("--sandbox", choices=KINDS, help="of this kind; otherwise the first that works here")
    add("--trust", action="store_true", help="run the students' code without a sandbox, with all of your rights")
    return parser.parse_args(argv)


def counted(number: int, word: str) -> str:
    return f"{number} {word}{'s' * (number != 1)}"


def cores() -> int:
    """Those that this process may use, where the system tells."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def kept(path: Path, state: str) -> dict[str, Graded]:
    """What an earlier run graded under the same assignment and limits; a line that was cut short does not count."""
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        try:
            held = json.loads(line)
            if held.pop("state") == state:
                found[held["digest"]] = Graded.from_plain(held)
        except (ValueError, KeyError, TypeError):
            continue
    return found


def keep(file, state: str, done: Graded) -> None:
    """Append a submission's line, whole on disk before the next one's."""
    file.write(json.dumps({"state": state, **done.to_plain()}) + "\n")
    file.flush()
    os.fsync(file.fileno())


if __name__ == "__main__":
    sys.exit(main())
