"""Assign chapters: `make assign CHAPTER=gradient,capacity NAME="Week 2" ROSTER=students.csv`.

Writes student/ (what you hand out), instructor/ (solutions, rubric, key) and private/ (the secret; for `make grade`).
Called again, an assignment keeps its secret, and so its numbers.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from sevenlenses.files import write_whole

from . import assignment as assignments
from .assignment import EVERYBODY, Assignment, BadAssignment, slug
from .copies import CannotCopy, Chapter, chapters, instructors_copy, last_commit, remarks, student_copy, written
from .key import key_page, numbers_table, to_pdf
from .sources import SOURCES

LONGEST = 80  # letters of a name


class BadPlan(ValueError):
    """A plan or a roster that cannot be followed; the message says the rule, what is there, and the remedy."""


@dataclass(frozen=True)
class Wanted:
    """One assignment of a plan."""

    name: str
    chapters: tuple[str, ...]
    leave_out: tuple[str, ...] = ()


def main(argv: list[str] | None = None) -> int:
    """Returns 0, or 1 with a message where something cannot be assigned."""
    options = parse(argv)
    try:
        wanted = plan(options.plan) if options.plan else [one_of(options)]
        roster = students(options.roster) if options.roster else ()
        for one in wanted:
            out = options.out / slug(one.name)
            made, found = assign(one, roster, options.seed, out)
            hand_out(made, found, options, out)
    except (BadPlan, BadAssignment, CannotCopy, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m classroom.assign", description=__doc__.split(":")[0] + ".")
    add = parser.add_argument
    add("--chapter", metavar="NAME,...", help="the chapters, such as gradient,capacity")
    add("--name", metavar="NAME", help="of the assignment, as students see it; the chapters by default")
    add("--leave-out", metavar="ID,...", default="", help="exercises that are not part of it")
    add("--plan", type=Path, metavar="FILE", help="a term's assignments, as TOML, in place of these three")
    add("--roster", type=Path, metavar="FILE", help="CSV with a column `student`: each gets a copy with own numbers")
    add("--format", choices=("plain", *SOURCES), default="plain", help="for whom: %(choices)s (%(default)s)")
    add("--seed", metavar="TEXT", help="make the secret from this text, which must stay one; random by default")
    add("--out", type=Path, default=Path("assignments"), metavar="FOLDER", help="(%(default)s)")
    options = parser.parse_args(argv)
    if bool(options.chapter) == bool(options.plan):
        parser.error("name either the chapters (CHAPTER=gradient) or a plan (PLAN=term.toml)")
    if options.roster and options.format != "plain":
        parser.error(
            f"{options.format} hands out one copy to everybody; numbers for each need FORMAT=plain. Drop ROSTER"
        )
    return options


def listed(words: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in words.split(",") if word.strip())


def one_of(options: argparse.Namespace) -> Wanted:
    names = listed(options.chapter)
    return Wanted(options.name or ", ".join(names), names, listed(options.leave_out))


def plan(path: Path) -> list[Wanted]:
    """The assignments of a plan: [[assignment]] tables with name, chapters, and leave_out where there is something.

    Raises:
        BadPlan: it is none.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("assignment")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadPlan(f"PLAN must be a TOML file in UTF-8; {path}: {error}.") from error
    if not isinstance(tables, list) or not tables or not all(isinstance(one, dict) for one in tables):
        raise BadPlan(f"{path}: a plan has [[assignment]] tables; there is none. Add one with `name` and `chapters`.")
    found = [wanted_of(one, f"{path}: assignment {number}") for number, one in enumerate(tables, 1)]
    names = [slug(one.name) for one in found]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise BadPlan(f"{path}: names must differ in their letters and digits; two are {twice!r}. Rename one.")
    return found


def wanted_of(table: dict, where: str) -> Wanted:
    known = {"name", "chapters", "leave_out"}
    if unknown := set(table) - known:
        raise BadPlan(f"{where}: the keys are {', '.join(sorted(known))}; got {min(unknown)!r}. Rename or drop it.")
    lists = [table.get("chapters"), table.get("leave_out", [])]
    if not all(isinstance(one, list) and all(isinstance(word, str) for word in one) for one in lists) or not lists[0]:
        raise BadPlan(f"{where}: `chapters` is a list of names, and so is `leave_out`; got {lists[0]!r}, {lists[1]!r}.")
    name = table.get("name") or ", ".join(lists[0])
    if not isinstance(name, str):
        raise BadPlan(f"{where}: `name` is text; got {name!r}. Write it in quotes.")
    return Wanted(name, tuple(lists[0]), tuple(lists[1]))


def students(path: Path) -> tuple[str, ...]:
    """The column `student` of a CSV file: the ids or names under which work is handed in.

    Raises:
        BadPlan: it has no such column, an empty or a double one.
    """
    try:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadPlan(f"ROSTER must be a CSV file in UTF-8; {path} is not ({error}). Save it as CSV UTF-8.") from error
    except OSError as error:
        raise BadPlan(f"ROSTER must be a CSV file; {path}: {error.strerror}. Correct the path.") from error
    if not rows or "student" not in rows[0]:
        there = f"the columns {', '.join(map(str, rows[0]))}" if rows else "no rows"
        raise BadPlan(f"{path}: a roster must have a column `student` and a row for each; it has {there}.")
    found = [(row["student"] or "").strip() for row in rows]
    for line, (row, name) in enumerate(zip(rows, found, strict=True), 2):
        if None in row:
            raise BadPlan(f"{path}, line {line}: a row has more cells than the first. Quote a name that has a comma.")
        if not name or len(name) > LONGEST or not slug(name):
            raise BadPlan(f"{path}, line {line}: a student's name must have one to {LONGEST} letters; got {name!r}.")
        if (again := found.index(name) + 2) < line:
            raise BadPlan(f"{path}: {name!r} appears twice, in lines {again} and {line}. Remove one.")
    return tuple(found)


def assign(wanted: Wanted, roster: tuple[str, ...], seed: str | None, out: Path) -> tuple[Assignment, list[Chapter]]:
    """An assignment, old or new, and its chapters; its secret is saved.

    Raises:
        BadPlan, BadAssignment, CannotCopy: it cannot be.
    """
    found = chapters(list(wanted.chapters))
    exercises = {one.name: one.version for chapter in found for one in chapter.exercises}
    if unknown := set(wanted.leave_out) - set(exercises):
        raise BadPlan(f"{wanted.name}: what is left out is one of {', '.join(exercises)}; got {min(unknown)!r}.")
    exercises = {name: version for name, version in exercises.items() if name not in wanted.leave_out}
    secret_file = out / "private" / f"{slug(wanted.name)}.json"
    secret = hashlib.sha256(seed.encode()).hexdigest() if seed else assignments.new_secret()
    if secret_file.exists():
        before = assignments.load(secret_file)
        if seed and before.secret != secret:
            raise BadAssignment(
                f"{secret_file} holds the secret of numbers that may be handed out already; SEED would change it. "
                "Drop SEED, or move that file away."
            )
        secret = before.secret
        handed_out = (before.chapters, set(before.exercises)), (tuple(one.name for one in found), set(exercises))
        if handed_out[0] != handed_out[1] or not set(before.students) <= set(roster):
            raise BadAssignment(
                f"{wanted.name} is assigned already, with the chapters {', '.join(before.chapters)}, the exercises "
                f"{', '.join(before.exercises)} and {len(before.students)} students' own numbers. Called again, it may "
                f"have more students, and otherwise stays as it is. Take another NAME, or move {secret_file} away."
            )
    made = Assignment(wanted.name, secret, tuple(one.name for one in found), exercises, last_commit(), roster)
    made.save(secret_file)
    write_whole(out / "private/.gitignore", "*\n")
    return made, found


def hand_out(made: Assignment, found: list[Chapter], options: argparse.Namespace, out: Path) -> None:
    """Write the other folders, and say what is where."""
    for_instructors(found, made, out / "instructor")
    if options.format == "plain":
        copies = (
            f"{len(made.students)} copies, each with its own numbers" if made.students else "one copy for everybody"
        )
        then = f"{copies}. Hand out {for_students(found, made, out / 'student')}."
    else:
        then = f"as a source. Next: {SOURCES[options.format](found, made, options.out / options.format)}"
    print(f"{made.name}: {len(made.exercises)} exercises, {then}")
    for remark in remarks():
        print(f"  Students need the course installed. {remark}")
    print(f"  Solutions and the key are in {out / 'instructor'}; keep {out / 'private'}, which `make grade` needs.")


def for_students(found: list[Chapter], made: Assignment, folder: Path) -> Path:
    """Copies, each in a folder of its own where students have numbers of their own."""
    for student in made.students or (EVERYBODY,):
        (folder / slug(student)).mkdir(parents=True, exist_ok=True)
        for chapter in found:
            write_whole(folder / slug(student) / f"{chapter.name}.ipynb", written(student_copy(chapter, made, student)))
    return folder


def for_instructors(found: list[Chapter], made: Assignment, folder: Path) -> None:
    """Solutions, key and numbers."""
    folder.mkdir(parents=True, exist_ok=True)
    for chapter in found:
        write_whole(folder / f"{chapter.name}.ipynb", written(instructors_copy(chapter, made, EVERYBODY)))
    write_whole(folder / "numbers.csv", numbers_table(found, made))
    page = folder / "key.html"
    write_whole(page, key_page(found, made))
    if why := to_pdf(page, folder / "key.pdf"):
        print(f"  The key is {page}; it is no PDF, as {why}")


if __name__ == "__main__":
    sys.exit(main())
