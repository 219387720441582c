"""A notebook as it was handed in: its cells, its mark, and what is odd about it. Never by nbformat's own strictness."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from .program import Cell

MOST = 5_000  # cells
LONGEST = 1_000_000  # letters in all cells: a chapter has forty thousand
SOLUTION = "hide-cell"  # the tag of a cell that a chapter folds


class Unreadable(ValueError):
    """It is no notebook; the message says why."""


@dataclass(frozen=True)
class Notebook:
    """copy, assignment: the mark that the assignment gave it, and its name.

    versions: of the exercises, by their ids, as its cells say.
    published: whether it is the chapter as it is published; its solutions are not among the cells.
    """

    cells: list[Cell]
    copy: str
    assignment: str
    versions: dict[str, int]
    published: bool


def read(content: bytes) -> Notebook:
    """The notebook.

    Raises:
        Unreadable: it is none.
    """
    try:
        held = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise Unreadable(f"it is not a notebook that can be read ({error})") from error
    cells = held.get("cells") if isinstance(held, dict) else None
    if not isinstance(cells, list):
        raise Unreadable("it is not a notebook: it has no cells")
    if len(cells) > MOST:
        raise Unreadable(f"it has more than {MOST:,} cells")
    marks = table(table(held, "metadata"), "sevenlenses")
    found, versions, published = [], {}, False
    for cell in cells:
        if isinstance(cell, dict):
            mark = table(table(cell, "metadata"), "sevenlenses")
            exercise = text(mark.get("exercise"))
            if exercise and isinstance(mark.get("version"), int):
                versions[exercise] = mark["version"]
            code, tags = source(cell.get("source")), table(cell, "metadata").get("tags")
            if isinstance(tags, list) and SOLUTION in tags:
                published |= "check(" in code
            else:
                found.append(Cell(code, exercise, cell.get("cell_type") == "code"))
    if sum(len(cell.source) for cell in found) > LONGEST:
        raise Unreadable(f"its cells hold more than {LONGEST:,} letters")
    return Notebook(found, text(marks.get("copy")), text(marks.get("assignment")), versions, published)


def named(content: bytes) -> str:
    """The assignment that a notebook says it is a copy of; nothing where it says none, or cannot be read."""
    try:
        return read(content).assignment
    except Unreadable:
        return ""


def table(held: dict, key: str) -> dict:
    value = held.get(key)
    return value if isinstance(value, dict) else {}


def text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def source(value: Any) -> str:
    """nbformat has it as one text or as a list of lines."""
    if isinstance(value, list):
        return "".join(part for part in value if isinstance(part, str))
    return text(value)
