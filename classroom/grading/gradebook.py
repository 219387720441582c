"""A gradebook as Canvas or Moodle exports it, with the grades filled in; all else stays as it is, byte for byte.

Canvas' importer finds students by ID; it ignores the grade of who is not assigned (N/A), and a number would end an
excuse (EX). Moodle's wants Identifier, Grade and Last modified (grade), and ignores the grade of a row that is locked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .judge import Graded
from .report import comments, inert

CELL = r'("(?:[^"]|"")*"|[^"{0}\r\n][^{0}\r\n]*|)({0}|\r\n|\n|\r|\Z)'
PEOPLE = {
    "canvas": ("ID", "Student", "SIS User ID", "SIS Login ID"),
    "moodle": ("Identifier", "Full name", "Email address"),
}
LOCKED = ("EX", "N/A")
RULE = "GRADEBOOK must be what Canvas exports as its gradebook, or Moodle as a grading worksheet, in English"


class BadGradebook(ValueError):
    """It cannot be filled in; the message says why, and what can be done."""


@dataclass
class Cell:
    """Its text as it stands in the file, and what ends it: a separator, or the end of the line."""

    raw: str
    end: str

    @property
    def value(self) -> str:
        text = self.raw.removeprefix("\ufeff")
        return text[1:-1].replace('""', '"') if text.startswith('"') else text

    def put(self, text: str) -> None:
        """Quoted where it was or where it has to be."""
        if text != self.value:
            quoted = self.raw.startswith('"') or re.search(r'[",;\t\r\n]', text)
            self.raw = '"{}"'.format(text.replace('"', '""')) if quoted else text


class Gradebook:
    """Attributes:
    kind: canvas or moodle.
    rows: all of the file, by line.
    most: the points that the gradebook has for the assignment; None where it does not say.
    """

    def __init__(self, path: Path, name: str):
        """
        Args:
            name: of the assignment, as its column is called in Canvas.

        Raises:
            BadGradebook: the file is something else, or has no such column.
        """
        try:
            self.rows = cells(path.read_bytes().decode())
        except (OSError, UnicodeDecodeError) as error:
            raise BadGradebook(f"{RULE}, as UTF-8; {path} cannot be read ({error}). Export it again.") from error
        self.header = [cell.value for cell in self.rows[0]]
        if {"ID", "Section"} <= set(self.header):
            self.kind, self.grade = "canvas", column(self.header, name)
        elif {"Identifier", "Grade", "Maximum Grade", "Last modified (grade)"} <= set(self.header):
            self.kind, self.grade = "moodle", self.header.index("Grade")
        else:
            raise BadGradebook(f"{RULE}; {path} has the columns {', '.join(self.header)}. Export it again.")
        for n, row in enumerate(self.rows, 1):
            if len(row) not in (1, len(self.header)):
                said = f"a row has {len(self.header)} cells; got {len(row)}. Export it again."
                raise BadGradebook(f"{path}, row {n}: {said}")
        points = [self.at(row, "Maximum Grade") for row in self.rows[1:]]
        if self.kind == "canvas":
            points = [row[self.grade].value for row in self.rows[1:] if "Points Possible" in row[0].value]
        self.most = next(filter(None, map(number, points)), None)

    def __bytes__(self) -> bytes:
        return "".join(cell.raw + cell.end for row in self.rows for cell in row).encode()

    def at(self, row: Sequence[Cell], column: str) -> str:
        return row[self.header.index(column)].value if column in self.header and len(row) > 1 else ""

    def rows_of(self, student: str, any_name: bool) -> list[list[Cell]]:
        """The rows of who has this id; where it comes from a folder, of who is called so in any way."""
        names = PEOPLE[self.kind][: None if any_name else 1]
        return [
            row
            for row in self.rows[1:]
            if student in (value.removeprefix("Participant ") for value in (self.at(row, name) for name in names))
        ]

    def fill(self, graded: Sequence[Graded], most: float, any_name: bool) -> list[tuple[str, str]]:
        """Enter the grades, scaled to the gradebook's points. Returns who must be looked at, and why."""
        remarks = []
        for one in graded:
            found = self.rows_of(one.id, any_name)
            if len(found) != 1:
                said = f"{len(found) or 'no'} rows of the gradebook are theirs"
                remarks.append((one.name, f"{said}: {one.total:g} of {most:g} points were not entered"))
                continue
            (row,) = found
            cell, points = row[self.grade], one.total * (self.most or most) / most
            total = f"{points:.2f}".rstrip("0").rstrip(".")
            if cell.value in LOCKED or self.at(row, "Grade can be changed") == "No":
                state = cell.value if cell.value in LOCKED else "locked"
                remarks.append((one.name, f"the gradebook says {state}: {total} points were not entered"))
                continue
            if (before := number(cell.value)) != float(total):
                if before is not None:
                    remarks.append((one.name, f"the gradebook had {before:g} points, and now has {total}"))
                cell.put(total)
            if "Feedback comments" in self.header:
                row[self.header.index("Feedback comments")].put(inert(comments(one)))
        return remarks


def cells(text: str) -> list[list[Cell]]:
    """The rows of comma-separated values; or of what else the first line is separated by."""
    bom = "\ufeff" * text.startswith("\ufeff")
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    pattern = re.compile(CELL.format(separator))
    rows, at = [[]], len(bom)
    while at < len(text) or not rows[-1] or rows[-1][-1].end == separator:
        found = pattern.match(text, at)
        if not found:
            raise BadGradebook(
                f"{RULE}; line {text.count(chr(10), 0, at) + 1} has a quotation mark astray. Export it again."
            )
        rows[-1].append(Cell(*found.groups()))
        at = found.end()
        if found[2] in ("\r\n", "\n", "\r") and at < len(text):
            rows.append([])
    rows[0][0].raw = bom + rows[0][0].raw
    return rows


def column(header: Sequence[str], name: str) -> int:
    """Where Canvas has the assignment of this name, behind which it writes the assignment's number."""
    found = [n for n, title in enumerate(header) if name in (title, re.sub(r" \(\d+\)$", "", title))]
    if len(found) != 1:
        titles = ", ".join(title for title in header if re.search(r" \(\d+\)$", title))
        raise BadGradebook(
            f"GRADEBOOK must have one column {name!r}; it has {len(found)}, and these assignments: {titles or 'none'}. "
            "Say which in GRADE_FLAGS=\"--column '...'\"."
        )
    return found[0]


def number(text: str) -> float | None:
    """The number that a cell holds, with a decimal point or comma."""
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None
