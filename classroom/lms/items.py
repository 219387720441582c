"""What is exported: the questions of a chapter, and exercises whose numbers differ from student to student."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isfinite
from typing import NamedTuple

from sevenlenses.exercises import Answers
from sevenlenses.quiz import Question
from sevenlenses.quiz.bank import ID, BankError
from sevenlenses.quiz.words import Unreadable, to_html

UNSAYABLE = re.compile(r"[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML has no sign for


class Variant(NamedTuple):
    """The exercise with one set of numbers: its text, and what is said of any answer. All text is Markdown."""

    text: str
    answers: Answers


@dataclass(frozen=True)
class Numerical:
    """An exercise whose answer is a number; each student meets one of its variants, drawn at random.

    Attributes:
        id: unique among all questions.
        chapter: the chapter that it belongs to.
        variants: one at least.

    Raises:
        BankError: a rule is broken.
    """

    id: str
    chapter: str
    variants: tuple[Variant, ...]

    def __post_init__(self):
        if not ID.fullmatch(self.id):
            raise BankError(f"an id is small letters and digits joined by hyphens; got {self.id!r}. Rename it.")
        if not self.variants:
            raise BankError(f"{self.id}: an exercise has at least one variant; got none. Add one.")
        for n, (_, answers) in enumerate(self.variants, 1):
            for band in answers.bands:
                if not (isfinite(band.at) and isfinite(band.off) and band.off >= 0):
                    raise BankError(
                        f"{self.id}, variant {n}: an answer is a number and its tolerance one that is not negative; "
                        f"got {band.at} and {band.off}. Correct them."
                    )
        for text in self.texts:
            try:
                to_html(text)
            except Unreadable as error:
                raise BankError(f"{self.id}: {error}") from error

    @property
    def texts(self) -> list[str]:
        """All of its Markdown."""
        found = []
        for text, answers in self.variants:
            found += [text, *(band.judgement.message for band in answers.bands), answers.otherwise.message]
        return found

    def named(self) -> list[tuple[str, Variant]]:
        """The variants, each with an id of its own."""
        return [(f"{self.id}-v{n}", variant) for n, variant in enumerate(self.variants, 1)]


@dataclass(frozen=True)
class Chapter:
    """What one chapter asks."""

    name: str
    questions: tuple[Question, ...] = ()
    numerical: tuple[Numerical, ...] = ()


def check_signs(name: str, texts: list[str]) -> None:
    """Refuse what no platform's file can hold.

    Raises:
        BankError: a text has a control character.
    """
    for text in texts:
        if found := UNSAYABLE.search(text):
            raise BankError(f"{name}: a text has no control characters; got U+{ord(found[0]):04X}. Take it out.")
