"""Where questions come from: the course's own bank, or an instructor's folder of TOML files in the same form."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.resources.abc import Traversable
from pathlib import Path

from sevenlenses.quiz import Question
from sevenlenses.quiz.bank import BankError, by_file, home, inside

from .items import Chapter, Numerical, check_signs

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


def chapters(folder: Path | None = None, numerical: Iterable[Numerical] = ()) -> list[Chapter]:
    """The chapters of the course, or of the bank in `folder`, with what `numerical` adds to them.

    Raises:
        BankError: the folder holds no bank, or a rule is broken; the message names file, question and rule.
    """
    asked: dict[str, list[Question]] = {}
    for file, questions in by_file(_files(folder)).items():
        _check_questions(file, questions)
        name = file.removesuffix(".toml")
        if folder is None:
            name = name.partition("_")[0]  # the course's questions_gates.toml is a part of its chapter questions
        asked.setdefault(name, []).extend(questions)
    exercises = list(numerical)
    _check_exercises(exercises, asked)
    return [
        Chapter(name, tuple(questions), tuple(one for one in exercises if one.chapter == name))
        for name, questions in asked.items()
    ]


def choose(found: list[Chapter], names: str) -> list[Chapter]:
    """The chapters of a list such as "gradient,capacity"; all where it is empty.

    Raises:
        BankError: there is no such chapter.
    """
    wanted = {name.strip() for name in names.split(",") if name.strip()}
    there = [chapter.name for chapter in found]
    for name in sorted(wanted.difference(there)):
        raise BankError(f"CHAPTER names chapters of the bank; got {name!r}. Choose from {', '.join(there)}.")
    return [chapter for chapter in found if chapter.name in wanted or not wanted]


def _files(folder: Path | None) -> list[Traversable]:
    """The bank's files; there is one at least."""
    try:
        paths = inside(home() if folder is None else folder)
    except OSError as error:
        raise BankError(
            f"BANK is a folder of .toml files; got '{folder}' ({error.strerror}). Correct the path, or leave BANK out."
        ) from error
    if not paths:
        raise BankError(f"BANK holds at least one .toml file; there is none in '{folder}'. Put your questions there.")
    return paths


def _check_questions(file: str, questions: list[Question]) -> None:
    if not NAME.fullmatch(file.removesuffix(".toml")):
        raise BankError(f"{file}: a file has its chapter's name: letters, digits, - and _, a letter first. Rename it.")
    if not questions:
        raise BankError(f"{file}: a file holds at least one question; got none. Begin each with a [[question]] line.")
    for one in questions:
        choices = [text for choice in one.choices for text in (choice.text, choice.feedback)]
        check_signs(f"{file}: {one.id}", [one.stem, *choices])


def _check_exercises(exercises: list[Numerical], asked: dict[str, list[Question]]) -> None:
    ids = [question.id for questions in asked.values() for question in questions] + [one.id for one in exercises]
    for one in exercises:
        check_signs(one.id, one.texts)
        if one.chapter not in asked:
            raise BankError(f"{one.id}: its chapter is one of the bank; got {one.chapter!r}. Name another.")
        if ids.count(one.id) > 1:
            raise BankError(f"{one.id}: an id is unique in the bank; it is there twice. Rename one of them.")
