"""The command line; `make lms` hands its variables on."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sevenlenses.files import write_whole
from sevenlenses.quiz import BankError

from .exercises import left_out, numerical
from .formats import FORMATS
from .items import Chapter
from .source import chapters, choose

COURSE = "Seven Lenses"


def main(argv: list[str] | None = None) -> int:
    """Write the file and say how to import it; where that cannot be, end with one line that says why."""
    parser = argparse.ArgumentParser(prog="python -m classroom.lms", description="Questions for a learning platform.")
    parser.add_argument("--format", default="", help=f"one of {', '.join(FORMATS)}")
    parser.add_argument("--chapter", default="", metavar="A,B", help="only these chapters")
    parser.add_argument("--exercises", default="all", metavar="A,B", help="only these, or none (%(default)s)")
    parser.add_argument("--seed", default="", metavar="TEXT", help="chooses the numbers of exercises")
    parser.add_argument("--bank", default="", metavar="DIR", help="a folder of your own TOML files")
    parser.add_argument("--out", default="_build/lms", metavar="DIR", help="where to write (%(default)s)")
    asked = parser.parse_args(argv)
    if asked.format not in FORMATS:
        sys.exit(f"FORMAT is one of {', '.join(FORMATS)}; got {asked.format!r}. Say for instance FORMAT=moodle.")
    bank = Path(asked.bank) if asked.bank else None
    try:
        exercises = [] if bank else numerical(asked.exercises, asked.seed)
        chosen = choose(chapters(bank, exercises), asked.chapter)
    except BankError as error:
        sys.exit(str(error))
    title = " ".join(bank.resolve().name.split()) if bank else COURSE
    path = write(asked.format, title, chosen, Path(asked.out))
    questions = sum(len(chapter.questions) + len(chapter.numerical) for chapter in chosen)
    print(f"Wrote {path}, {_count(questions, 'question')} of {_count(len(chosen), 'chapter')}.")
    if exercises and (others := left_out([chapter.name for chapter in chosen])):
        print(f"Without the exercises whose answers come from runs: {', '.join(others)}.")
    print(FORMATS[asked.format].guide)
    return 0


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def write(name: str, title: str, chosen: list[Chapter], folder: Path) -> Path:
    """Write the file in this form into the folder, which is made where it is missing; or end with one line."""
    form = FORMATS[name]
    path = folder / f"questions-{name}{form.suffix}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(path, form.export(title, chosen))
    except OSError as error:
        sys.exit(f"OUT is a folder to write into; got '{folder}' ({error.strerror}). Name another one.")
    return path
