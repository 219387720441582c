"""A notebook as it was handed in: its cells, its mark, and what is odd about it. Never by nbformat's own strictness."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from .program import Cell

MOST = 5_000  # cells


class Unreadable(ValueError):
    """It is no notebook; the message says why."""


@dataclass(frozen=True)
class Notebook:
    """copy: the mark that the assignment gave it. versions: of the exercises, by their ids, as its cells say."""

    cells: list[Cell]
    copy: str
    assignment: str
    versions: dict[str, int]


def read(content: bytes) -> Notebook:
    """The notebook.

    Raises:
        Unreadable: it is none.
    """
    try:
        held = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise Unreadable(f"it is no notebook that can be read ({error})") from error
    cells = held.get("cells") if isinstance(held, dict) else None
    if not isinstance(cells, list):
        raise Unreadable("it is no notebook: it has no cells")
    if len(cells) > MOST:
        raise Unreadable(f"it has more than {MOST:,} cells")
    marks = table(table(held, "metadata"), "sevenlenses")
    found, versions = [], {}
    for cell in cells:
        if isinstance(cell, dict):
            mark = table(table(cell, "metadata"), "sevenlenses")
            exercise = text(mark.get("exercise"))
            if exercise and isinstance(mark.get("version"), int):
                versions[exercise] = mark["version"]
            found.append(Cell(source(cell.get("source")), exercise, cell.get("cell_type") == "code"))
    return Notebook(found, text(marks.get("copy")), text(marks.get("assignment")), versions)


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
