"""An assignment's key: what is asked, a solution, and what the points are for; and the right answer to each number."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from sevenlenses.exercises import Exercise, Number
from sevenlenses.exercises.cells import checked, imports
from sevenlenses.quiz.words import mathml

from .assignment import EVERYBODY, Assignment
from .copies import MINUTES, Chapter, asked, is_solution, named, with_numbers

sys.path.append(str(Path(__file__).resolve().parents[1] / "tools"))
from browser import BrowserMissing, find_browser, flags

MARKDOWN = MarkdownIt("commonmark", {"html": False}).use(dollarmath_plugin, allow_space=False)
MARKDOWN.add_render_rule("math_inline", mathml)
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{name}: key</title><style>
body {{ font: 11pt/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }}
section {{ break-inside: avoid; border-top: 1px solid #999; }}
pre {{ background: #f4f4f4; padding: .7rem; white-space: pre-wrap; }}
</style></head><body><main><h1>{name}: key</h1>
<p>{points} points, about {minutes} minutes of work (planned, not measured). {numbers}</p>
{exercises}</main></body></html>
"""
ONE = """<section>{text}
<p><strong>{points} points.</strong> {rubric} About {minutes} minutes.</p>
<p>A solution{answer}:</p><pre><code>{solution}</code></pre></section>
"""


def key_page(chapters: list[Chapter], made: Assignment) -> str:
    """The key as a page; where each student has numbers of their own, with those of an example."""
    parts, points, minutes = [], 0, 0
    for chapter in chapters:
        parts.append(f"<h2>{chapter.name.capitalize()}</h2>")
        for exercise, (text, _, solution) in exercises_of(chapter, made, EVERYBODY).items():
            answer = answer_of(exercise, chapter, made, EVERYBODY) if isinstance(exercise, Number) else None
            said = ONE.format(
                text=MARKDOWN.render(text), points=exercise.points, rubric=escape(exercise.rubric),
                minutes=MINUTES[exercise.kind], answer="" if answer is None else f" ({answer:.6g})",
                solution=escape(solution),
            )  # fmt: skip
            parts.append(said)
            points, minutes = points + exercise.points, minutes + MINUTES[exercise.kind]
    numbers = "Each student has numbers of their own: see numbers.csv. Here are those of an example."
    return PAGE.format(
        name=escape(made.name), points=points, minutes=minutes, numbers=numbers * bool(made.students),
        exercises="".join(parts),
    )  # fmt: skip


def numbers_table(chapters: list[Chapter], made: Assignment) -> str:
    """CSV: what each student's copy states, and the right answer where it is a number."""
    rows = [["Student", "Exercise", "Numbers", "Answer"]]
    for student in made.students or (EVERYBODY,):
        for chapter in chapters:
            for exercise in exercises_of(chapter, made, student):
                stated = ", ".join(f"{name} = {value!r}" for name, value in made.parameters(student, exercise).items())
                number = isinstance(exercise, Number)
                answer = f"{answer_of(exercise, chapter, made, student):.6g}" if number else ""
                rows.append([student or "everybody", exercise.name, stated, answer])
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def exercises_of(chapter: Chapter, made: Assignment, student: str) -> dict[Exercise, tuple[str, str, str]]:
    """The text, the stub and the solution of each exercise that is assigned, with a student's numbers."""
    found: dict[str, list[str]] = {}
    text = ""
    for cell in with_numbers(chapter, made, student)["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            text = source
        elif is_solution(cell):
            for name in checked(source):
                found[name].append(source.strip())
        elif exercise := asked(cell, chapter):
            found[exercise.name] = [text, source]
    return {named(name, chapter): tuple(parts) for name, parts in found.items() if name in made.exercises}


def answer_of(exercise: Exercise, chapter: Chapter, made: Assignment, student: str) -> float:
    """What the chapter's own solution comes to: its cells are run here, as they are the course's."""
    _, stub, solution = exercises_of(chapter, made, student)[exercise]
    key = exercise.name, *made.parameters(student, exercise).values()
    if key not in ANSWERS:
        names, found = dict(imported(chapter)), []
        names["check"] = lambda _, answer=..., **__: found.append(answer)
        exec(stub, names)
        exec(solution, names)
        ANSWERS[key] = float(found[-1])
    return ANSWERS[key]


ANSWERS: dict[tuple, float] = {}
NAMES: dict[str, Mapping[str, Any]] = {}


def imported(chapter: Chapter) -> Mapping[str, Any]:
    """What the chapter's cells import."""
    if chapter.name not in NAMES:
        names: dict[str, Any] = {}
        for cell in chapter.notebook["cells"]:
            lines = "".join(cell["source"]) if cell["cell_type"] == "code" else ""
            exec(imports(lines), names)
        NAMES[chapter.name] = names
    return NAMES[chapter.name]


def to_pdf(page: Path, to: Path) -> str:
    """Print a page with a browser; returns why not, where there is none."""
    from playwright.sync_api import sync_playwright

    try:
        path = find_browser()
    except BrowserMissing:
        return "there is no browser to print it: open it in yours, and print it there."
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=flags())
        tab = chromium.new_page()
        tab.goto(page.resolve().as_uri())
        tab.pdf(path=to, format="A4", margin=dict.fromkeys(("top", "bottom", "left", "right"), "18mm"))
        chromium.close()
    return ""
