"""A chapter as a student gets it, with their own numbers and no solution; and as its instructor reads it."""

from __future__ import annotations

import copy
import json
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from jupytext.myst import myst_to_notebook
from pybtex.database import parse_file

from sevenlenses.exercises import Exercise
from sevenlenses.exercises.cells import checked, restated
from sevenlenses.lenses import LENSES

from .assignment import Assignment
from .grading.notebook import SOLUTION

sys.path.append(str(Path(__file__).resolve().parents[1] / "tools"))
from first_cell import ROOT, BadAddress, first_cell
from first_cell import last_commit as last_commit_of
from glued import NumbersFailed, numbers_of
from notebooks import pages_of_book, to_notebook
from plain_inline import CannotConvert, read_page
from plain_markdown import Converter

GUESS = "*Your guess, before you compute:*"
MINUTES = {"predict": 5, "implement": 20, "investigate": 15}  # planned, not measured


class CannotCopy(ValueError):
    """A chapter of which no copies can be made; the message says why, and what can be done."""


@dataclass(frozen=True)
class Chapter:
    """A chapter's notebook, with marks in its text where an exercise states a number, and its exercises."""

    name: str
    notebook: dict[str, Any]
    exercises: tuple[Exercise, ...]


def mark(key: str) -> str:
    """What stands for a number until it is known whose it is: in a script that no chapter is written in."""
    return f"\ue000{key}\ue001"


def chapters(names: list[str]) -> list[Chapter]:
    """These chapters, in the book's order.

    Raises:
        CannotCopy: one has no exercises, or is not there, or does not become a notebook.
    """
    known = [name for name in LENSES if LENSES[name].exercises]
    for name in names:
        if name not in known:
            raise CannotCopy(f"CHAPTER must be one or more of {', '.join(known)}; got {name!r}.")
    paths = pages_of_book(ROOT)
    pages = {path.stem: read_page(path) for path in paths}
    papers = parse_file(ROOT / "book/references.bib")
    wanted = [path for path in paths if path.stem in names]
    found = []
    try:
        numbers, first = numbers_of(wanted, ROOT), first_cell(ROOT).source
        for path in wanted:
            exercises = LENSES[path.stem].exercises
            converter = Converter(path, pages, papers, numbers.get(path.stem, {}) | marks(exercises))
            found.append(Chapter(path.stem, json.loads(to_notebook(path, converter, first)), exercises))
    except (BadAddress, CannotConvert, NumbersFailed) as error:
        raise CannotCopy(str(error)) from error
    return found


def texts(name: str) -> dict[Exercise, str]:
    """What each exercise of a chapter asks, as Markdown without its heading, with marks where it states a number."""
    path = ROOT / f"book/{name}.md"
    chapter = Chapter(name, {}, LENSES[name].exercises)
    cells = myst_to_notebook(path.read_text(encoding="utf-8")).cells
    pages = {page.stem: read_page(page) for page in pages_of_book(ROOT)}
    converter = Converter(path, pages, parse_file(ROOT / "book/references.bib"), marks(chapter.exercises))
    return {
        exercise: " ".join(re.split(r"^#.*$", converter.convert(above.source, 1), flags=re.MULTILINE)[-1].split())
        for above, cell in pairwise(cells)
        if (exercise := asked(cell, chapter))
    }


def marks(exercises: Iterable[Exercise]) -> dict[str, str]:
    """By its name in the text: what stands there for a number."""
    return {key: repr(mark(key)) for one in exercises for key in one.stated(one.practice)}


def last_commit() -> str:
    """The commit of the course that copies are made from; nothing where git does not know."""
    return last_commit_of(ROOT)


def remarks() -> tuple[str, ...]:
    """Why a copy's first cell cannot bring the course as it is, if it cannot."""
    return first_cell(ROOT).remarks


def student_copy(chapter: Chapter, assignment: Assignment, student: str) -> dict[str, Any]:
    """The notebook for a student: their numbers, points, a box for the guess; no solution."""
    made, cells = with_numbers(chapter, assignment, student), []
    for cell in made["cells"]:
        if is_solution(cell):
            continue
        if (exercise := asked(cell, chapter)) and exercise.kind == "predict":
            cells.append(guess(cell))
        cells.append(cell)
    made["cells"] = cells
    made["metadata"]["sevenlenses"] = {
        "assignment": assignment.name, "copy": assignment.copy_of(student), "course": assignment.course
    }  # fmt: skip
    return made


def instructors_copy(chapter: Chapter, assignment: Assignment, student: str) -> dict[str, Any]:
    """The same numbers with the solutions, which are unfolded, and after each what the points are for."""
    made, cells = with_numbers(chapter, assignment, student), []
    for cell in made["cells"]:
        cells.append(cell)
        if is_solution(cell):
            cell["metadata"] = {}
            for exercise in (named(name, chapter) for name in checked("".join(cell["source"]))):
                cells.append(text(cell["id"] + "-r", f"**{exercise.points} points.** {exercise.rubric}"))
    made["cells"] = cells
    return made


def with_numbers(chapter: Chapter, assignment: Assignment, student: str) -> dict[str, Any]:
    """The chapter's notebook with what this student's exercises state, in the text and in the stubs."""
    stated = {one.name: assignment.parameters(student, one) for one in chapter.exercises}
    said = {key: value for one in chapter.exercises for key, value in one.stated(stated[one.name]).items()}
    made = copy.deepcopy(chapter.notebook)
    for cell in made["cells"]:
        source = "".join(cell["source"])
        for key, value in said.items():
            source = source.replace(mark(key), value)
        if cell["cell_type"] == "code" and (exercise := asked(cell, chapter)):
            source = restated(source, stated[exercise.name])
        elif cell["cell_type"] == "markdown":
            source = with_points(source, chapter, made, cell, assignment)
        cell["source"] = source.splitlines(keepends=True)
    return made


def with_points(
    source: str, chapter: Chapter, made: Mapping[str, Any], cell: Mapping[str, Any], assignment: Assignment
) -> str:
    """The text above a stub, with the points in its heading."""
    following = made["cells"][made["cells"].index(cell) + 1 :]
    after = next((one for one in following if one["cell_type"] == "code"), None)
    exercise = asked(after, chapter) if after is not None and following[0] is after else None
    if not exercise:
        return source
    lines = source.split("\n")
    heading = max((n for n, line in enumerate(lines) if line.startswith("#")), default=None)
    if heading is not None:
        lines[heading] += f" ({exercise.points} points)" if exercise.name in assignment.exercises else " (not graded)"
    return "\n".join(lines)


def is_solution(cell: Mapping[str, Any]) -> bool:
    """Of an exercise, or of a step on the chapter's way: whatever a page folds whole."""
    return SOLUTION in cell["metadata"].get("tags", ())


def asked(cell: Mapping[str, Any], chapter: Chapter) -> Exercise | None:
    """The exercise whose stub a cell is."""
    if cell["cell_type"] != "code" or is_solution(cell):
        return None
    return next((named(name, chapter) for name in checked("".join(cell["source"]))), None)


def named(name: str, chapter: Chapter) -> Exercise:
    return next(one for one in chapter.exercises if one.name == name)


def guess(cell: Mapping[str, Any]) -> dict[str, Any]:
    return text(cell["id"] + "-g", GUESS)


def text(identity: str, source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": identity[:64], "metadata": {}, "source": source.splitlines(keepends=True)}


def written(notebook: Mapping[str, Any]) -> str:
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
