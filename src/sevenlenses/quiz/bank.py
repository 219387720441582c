"""The bank's files, and what a question must be."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from . import words

FEWEST, MOST = 3, 5  # choices
ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class BankError(ValueError):
    """A question breaks a rule: the message names the file, the rule, what is there, and the remedy."""


@dataclass(frozen=True)
class Choice:
    """One possible answer, as Markdown; the feedback is what a reader sees who chooses it."""

    text: str
    feedback: str
    right: bool = False


@dataclass(frozen=True)
class Question:
    """One self-check: its name in the whole book, what it asks (Markdown), and its choices, one of them right."""

    id: str
    stem: str
    choices: tuple[Choice, ...]


@cache
def bank() -> dict[str, Question]:
    """Every question of the book, by its id.

    Raises:
        BankError: a file breaks a rule.
    """
    return collect(inside(home()))


def home() -> Traversable:
    """Where the book's own files lie."""
    return files(__package__).joinpath("bank")


def inside(folder: Traversable) -> list[Traversable]:
    """The files of a bank, by name."""
    return sorted((one for one in folder.iterdir() if one.name.endswith(".toml")), key=lambda one: one.name)


def collect(paths: Iterable[Traversable]) -> dict[str, Question]:
    """The questions of several files, by id.

    Raises:
        BankError: a file breaks a rule, or two questions have one id.
    """
    return {question.id: question for questions in by_file(paths).values() for question in questions}


def by_file(paths: Iterable[Traversable]) -> dict[str, list[Question]]:
    """The questions of several files, by the file's name.

    Raises:
        BankError: a file breaks a rule, or two questions have one id.
    """
    found: dict[str, list[Question]] = {}
    places: dict[str, str] = {}
    for path in paths:
        found[path.name] = read(path)
        for question in found[path.name]:
            if question.id in places:
                there = places[question.id]
                raise BankError(
                    f"{path.name}: an id is unique in the bank; {question.id!r} is in {there} too. Rename one of them."
                )
            places[question.id] = path.name
    return found


def read(path: Traversable) -> list[Question]:
    """The questions of one file, in its order.

    Raises:
        BankError: the file breaks a rule.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BankError(f"{path.name}: a bank file is TOML in UTF-8; {error}. Mend that line.") from error
    try:
        return _questions(table)
    except ValueError as error:
        raise BankError(f"{path.name}: {error}") from error


def _questions(table: dict) -> list[Question]:
    _keys("the file", table, {"question"})
    return [_question(one, f"question {n}") for n, one in enumerate(_tables("the file", table, "question"), 1)]


def _question(table: dict, where: str) -> Question:
    _keys(where, table, {"id", "stem", "choices"})
    name = _text(where, table, "id", markdown=False)
    if not ID.fullmatch(name):
        raise ValueError(f"{where}: an id is small letters and digits joined by hyphens; got {name!r}. Rename it.")
    choices = tuple(_choice(one, f"{name}, choice {n}") for n, one in enumerate(_tables(name, table, "choices"), 1))
    if not FEWEST <= len(choices) <= MOST:
        raise ValueError(f"{name}: a question has {FEWEST} to {MOST} choices; got {len(choices)}. Add or drop some.")
    right = [choice.text for choice in choices if choice.right]
    if len(right) != 1:
        raise ValueError(f"{name}: exactly one choice has `right = true`; got {len(right)}. Mark one, and only one.")
    texts = [choice.text for choice in choices]
    twice = [text for text in texts if texts.count(text) > 1]
    if twice:
        raise ValueError(f"{name}: the choices differ; got {twice[0]!r} twice. Rewrite one of them.")
    return Question(name, _text(name, table, "stem"), choices)


def _choice(table: dict, where: str) -> Choice:
    _keys(where, table, {"text", "feedback", "right"}, optional={"right"})
    right = table.get("right", False)
    if not isinstance(right, bool):
        raise ValueError(f"{where}: `right` is true or false; got {right!r}. Write it without quotes.")
    return Choice(_text(where, table, "text"), _text(where, table, "feedback"), right)


def _keys(where: str, table: dict, known: set[str], optional: Iterable[str] = ()) -> None:
    for key in table:
        if key not in known:
            raise ValueError(f"{where}: the keys are {', '.join(sorted(known))}; got {key!r}. Rename or drop it.")
    missing = sorted(known - set(optional) - set(table))
    if missing:
        raise ValueError(f"{where}: there is no {missing[0]!r}. Add it.")


def _tables(where: str, table: dict, key: str) -> list[dict]:
    value = table[key]
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise ValueError(f"{where}: {key!r} is a list of tables; got {value!r}. Begin each with its [[...]] line.")
    return value


def _text(where: str, table: dict, key: str, markdown: bool = True) -> str:
    value = table[key]
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{where}: {key!r} is text, and not empty; got {value!r}. Write something there.")
    if markdown:
        try:
            words.to_html(value)
        except words.Unreadable as error:
            raise ValueError(f"{where}: {key!r}: {error}") from error
    return value
