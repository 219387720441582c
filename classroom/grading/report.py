"""What grading puts out: grades to import, a page for each student, and what a person must look at."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from html import escape
from pathlib import Path

from sevenlenses.exercises import Exercise
from sevenlenses.files import write_whole

from .judge import Graded

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>
:root {{ color-scheme: light dark; }}
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }}
h1 {{ font-size: 1.4rem; }} h2 {{ font-size: 1.1rem; margin-bottom: 0; }} p {{ margin: .3rem 0 1rem; }}
</style></head><body><main><h1>{title}</h1><p>{student}: <strong>{total} of {most} points</strong></p>
{exercises}</main></body></html>
"""
ONE = "<h2>{kind}: {name}, {points} of {most}</h2><p>{message}</p>\n"


def write(
    out: Path,
    kind: str,
    name: str,
    graded: list[Graded],
    exercises: dict[str, Exercise],
    gradebook: bytes | None = None,
    remarks: Iterable[tuple[str, str]] = (),
) -> list[str]:
    """Write all reports into `out`, with a gradebook that is filled in as the grades; returns their names."""
    made = {"grades.csv": gradebook or grades(kind, name, graded, exercises), "look.csv": to_look_at(graded, remarks)}
    made["exercises.csv"] = by_exercise(graded, exercises)
    (out / "feedback").mkdir(parents=True, exist_ok=True)
    for one in graded:
        made[f"feedback/{file_name(one)}.html"] = feedback(name, one, exercises)
    for page in (out / "feedback").glob("*.html"):  # of somebody who was in another archive
        if f"feedback/{page.name}" not in made:
            page.unlink()
    for path, text in made.items():
        write_whole(out / path, text)
    return [*list(made)[:3], "feedback/"]


def file_name(one: Graded) -> str:
    """Letters, digits and a few signs: nothing that a student's name holds leads elsewhere."""
    return re.sub(r"[^\w.-]+", "-", f"{one.name}-{one.id}" if one.name != one.id else one.name).strip(".-") or "student"


def most_of(exercises: dict[str, Exercise]) -> int:
    return sum(one.points for one in exercises.values())


def grades(kind: str, name: str, graded: list[Graded], exercises: dict[str, Exercise]) -> str:
    """In the columns that Canvas or Moodle imports; from a folder, with a column for each exercise."""
    most = most_of(exercises)
    if kind == "canvas":
        rows = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", name]]
        rows += [["    Points Possible", "", "", "", "", most]]
        rows += [[one.name, one.id, "", "", "", one.total] for one in graded]
    elif kind == "moodle":
        rows = [["Identifier", "Full name", "Grade", "Maximum Grade", "Last modified (grade)", "Feedback comments"]]
        rows += [[f"Participant {one.id}", one.name, one.total, most, "-", comments(one)] for one in graded]
    else:
        rows = [["Student", *exercises, "Total", "Most"]]
        rows += [[one.name, *(one.exercises[e].points for e in exercises), one.total, most] for one in graded]
    return table(rows)


def comments(one: Graded) -> str:
    """The feedback in one line, as HTML: Moodle shows it as such."""
    return " ".join(
        f"{escape(name)} ({m.points:g} of {m.most}): {escape(m.message)}" for name, m in one.exercises.items()
    )


def to_look_at(graded: list[Graded], remarks: Iterable[tuple[str, str]] = ()) -> str:
    return table([["Student", "Why"], *([one.name, why] for one in graded for why in one.look), *map(list, remarks)])


def by_exercise(graded: list[Graded], exercises: dict[str, Exercise]) -> str:
    """How many had all points, some, and none, and the mean share."""
    rows = [["Exercise", "Points", "All", "Some", "None", "Mean share"]]
    for name, exercise in exercises.items():
        shares = [one.exercises[name].points / exercise.points for one in graded]
        counts = [sum(s == 1 for s in shares), sum(0 < s < 1 for s in shares), sum(s == 0 for s in shares)]
        rows.append([name, exercise.points, *counts, f"{sum(shares) / len(shares):.2f}"])
    return table(rows)


def feedback(name: str, one: Graded, exercises: dict[str, Exercise]) -> str:
    """A page for the student, headed as the exercises are in the chapter; whatever they wrote is shown as text."""
    parts = ""
    for exercise, m in one.exercises.items():
        kind = exercises[exercise].kind.capitalize()
        parts += ONE.format(kind=kind, name=exercise, points=f"{m.points:g}", most=m.most, message=escape(m.message))
    total = f"{one.total:g}"
    return PAGE.format(title=escape(name), student=escape(one.name), total=total, most=one.most, exercises=parts)


def table(rows: Iterable[list]) -> str:
    """Comma-separated values; a cell that a spreadsheet would compute is made text."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([[inert(cell) for cell in row] for row in rows])
    return text.getvalue()


def inert(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t\r" and cell else cell
