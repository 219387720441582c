"""A chapter as otter-grader and nbgrader take it: one notebook with solutions and hidden tests, which they take apart.

Their tests run beside the student's code. What they ask is our judge, in a process of its own; what that leaves open
is on the page for instructors.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sevenlenses.exercises import Exercise
from sevenlenses.exercises.cells import call_of
from sevenlenses.files import write_whole

from .assignment import EVERYBODY, Assignment, slug
from .copies import Chapter, asked, student_copy, text, written
from .key import exercises_of

sys.path.append(str(Path(__file__).resolve().parents[1] / "book/_ext"))
from launch import read as repository_of

ROOT = Path(__file__).resolve().parents[1]
# Both tools know these lines; what stands between them is left out of the students' copies.
BEGIN, END = "# BEGIN SOLUTION NO PROMPT", "# END SOLUTION"
SHARES = (0.5, 1.0)  # otter's tests are passed or failed: each of these is one, with half of the points
CONFIG = """\
c = get_config()  # noqa: F821
c.ClearSolutions.code_stub = {"python": ""}  # the three dots are there already
"""


def for_otter(found: list[Chapter], made: Assignment, folder: Path) -> str:
    """Write a source for each chapter; returns what to run next."""
    here = folder / slug(made.name)
    here.mkdir(parents=True, exist_ok=True)
    write_whole(here / "requirements.txt", requirements(made))
    for chapter in found:
        write_whole(here / f"{chapter.name}.ipynb", written(source(chapter, made, otter)))
    return "; ".join(f"otter assign {here / one.name}.ipynb {here / 'dist' / one.name}" for one in found)


def for_nbgrader(found: list[Chapter], made: Assignment, folder: Path) -> str:
    """Write a course's folder, with the assignment as its source; returns what to run next."""
    here = folder / "source" / slug(made.name)
    here.mkdir(parents=True, exist_ok=True)
    for chapter in found:
        write_whole(here / f"{chapter.name}.ipynb", written(source(chapter, made, nbgrader)))
    if not (folder / "nbgrader_config.py").exists():  # else it is the instructor's own
        write_whole(folder / "nbgrader_config.py", CONFIG)
    return f"cd {folder} && nbgrader generate_assignment {here.name}"


SOURCES = {"otter": for_otter, "nbgrader": for_nbgrader}

Cells = list[dict[str, Any]]


def source(chapter: Chapter, made: Assignment, cells_for: Callable[[Exercise, dict[str, Any], str], Cells]) -> dict:
    """Everybody's copy with a solution in each exercise's cell, and after it the tests."""
    known = exercises_of(chapter, made, EVERYBODY)
    notebook, cells = student_copy(chapter, made, EVERYBODY), []
    if cells_for is otter:
        config = {"name": made.name, "requirements": "requirements.txt", "export_cell": {"pdf": False}}
        cells.append(raw("config", "ASSIGNMENT CONFIG", **config))
    for cell in notebook["cells"]:
        exercise = asked(cell, chapter)
        if exercise not in known:  # not graded, or none
            cells.append(cell)
            continue
        _, stub, solution = known[exercise]
        cell["source"] = solved(exercise, stub, solution).splitlines(keepends=True)
        stated = "".join(f", {name}={value!r}" for name, value in made.parameters(EVERYBODY, exercise).items())
        seed = made.seed(EVERYBODY, exercise)
        test = (
            "from sevenlenses.apart import judged\n\n"
            f"told = judged({exercise.name!r}, {exercise.answer}, seed={seed}{stated})\n"
        )
        cells += cells_for(exercise, cell, test)
    return notebook | {"cells": cells}


def solved(exercise: Exercise, stub: str, solution: str) -> str:
    """The stub with a solution before its `check`, between lines that both tools know."""
    before, check = parted(exercise, stub)
    own, handed_in = parted(exercise, solution)
    answer = ast.unparse(call_of(ast.parse(handed_in), exercise.name)[0].args[1])
    own += "" if answer == exercise.answer else f"{exercise.answer} = {answer}\n"
    return f"{before.rstrip()}\n\n{BEGIN}\n{own.strip()}\n{END}\n{check}"


def parted(exercise: Exercise, code: str) -> tuple[str, str]:
    """What comes before the statement that hands in, and that statement."""
    lines = code.split("\n")
    last = next(node for node in ast.parse(code).body if call_of(node, exercise.name))
    return "\n".join(lines[: last.lineno - 1]) + "\n", "\n".join(lines[last.lineno - 1 :])


def otter(exercise: Exercise, cell: dict[str, Any], test: str) -> Cells:
    """A question: its cell, and hidden tests for half of the points and for all."""
    name = exercise.name
    tests = [
        code(
            f"{name}-t{number}",
            f'""" # BEGIN TEST CONFIG\nhidden: true\npoints: {exercise.points / len(SHARES):g}\n'
            f'""" # END TEST CONFIG\n{test}assert told.share >= {share}, told.message',
        )
        for number, share in enumerate(SHARES)
    ]
    return [
        raw(f"{name}-q", "BEGIN QUESTION", name=name, points=exercise.points, check_cell=False),
        raw(f"{name}-s", "BEGIN SOLUTION"),
        cell,
        raw(f"{name}-e", "END SOLUTION"),
        raw(f"{name}-b", "BEGIN TESTS"),
        *tests,
        raw(f"{name}-d", "END TESTS"),
        raw(f"{name}-f", "END QUESTION"),
    ]


def nbgrader(exercise: Exercise, cell: dict[str, Any], test: str) -> Cells:
    """An answer, and a locked cell whose value is its points."""
    name, most = exercise.name, exercise.points
    cell["metadata"]["nbgrader"] = graded(name, solution=True)
    shown = f"# Graded here, {most} points. Leave this cell as it is."
    hidden = f"### BEGIN HIDDEN TESTS\n{test}print(told.message)\ntold.share * {most}\n### END HIDDEN TESTS"
    locked = code(f"{name}-t", f"{shown}\n{hidden}")
    locked["metadata"] = {"nbgrader": graded(f"{name}-test", solution=False) | {"points": most}}
    return [cell, locked]


def graded(name: str, solution: bool) -> dict[str, Any]:
    """What nbgrader keeps of a cell (its schema 3)."""
    kind = {"grade": not solution, "locked": not solution, "solution": solution, "task": False}
    return {"schema_version": 3, "cell_type": "code", "grade_id": name, **kind}


def raw(identity: str, kind: str, **config: Any) -> dict[str, Any]:
    """One of otter's own cells. Its configuration is YAML, and JSON is that."""
    lines = [f"# {kind}", *(f"{name}: {json.dumps(value)}" for name, value in config.items())]
    return text(identity, "\n".join(lines)) | {"cell_type": "raw"}


def code(identity: str, source: str) -> dict[str, Any]:
    return text(identity, source) | {"cell_type": "code", "execution_count": None, "outputs": []}


def requirements(made: Assignment) -> str:
    """What otter's grading environment needs: the course, as the copies were made from it."""
    url = repository_of(ROOT).url
    if not url:
        return "# The course: `repository: url:` in _config.yml is not set. Write here where to get it.\n"
    at = f"@{made.course}" if made.course else ""
    return f"sevenlenses @ git+{url}{at}\n"
