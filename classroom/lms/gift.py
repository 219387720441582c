r"""GIFT, Moodle's text format: what :: { } = ~ # : and \ mean to it stands behind a backslash where it is text."""

from __future__ import annotations

from collections.abc import Sequence

from sevenlenses.quiz import Question

from .items import Chapter, Variant
from .moodle import category
from .texts import with_tex

SIGNS = str.maketrans({sign: f"\\{sign}" for sign in "\\~=#{}:"} | {"\n": " ", "\r": " "})


def export(title: str, chapters: Sequence[Chapter]) -> bytes:
    """The text file."""
    blocks = []
    for chapter in chapters:
        place = category(title, chapter.name)
        blocks += [f"$CATEGORY: {place}", *map(_choices, chapter.questions)]
        for exercise in chapter.numerical:
            blocks.append(f"$CATEGORY: {place}/{exercise.id}")
            blocks += [_number(name, variant) for name, variant in exercise.named()]
    return ("\n\n".join(blocks) + "\n").encode()


def _choices(question: Question) -> str:
    answers = [
        f"\t{'=' if choice.right else '~'}{_html(choice.text)}#{_html(choice.feedback)}" for choice in question.choices
    ]
    return "\n".join([_head(question.id, question.stem) + " {", *answers, "}"])


def _number(name: str, variant: Variant) -> str:
    answers = []
    for band in variant.answers.bands:
        weight = "" if band.judgement.share == 1 else f"%{100 * band.judgement.share:g}%"
        answers.append(f"\t={weight}{band.at!r}:{band.off!r}#{_html(band.judgement.message)}")
    rest = f"\t~#{_html(variant.answers.otherwise.message)}"
    return "\n".join([_head(name, variant.text) + " {#", *answers, rest, "}"])


def _head(name: str, text: str) -> str:
    """The line before tells Moodle the id."""
    return f"// [id:{name}]\n::{name}::{_html(text)}"


def _html(text: str) -> str:
    return "[html]" + with_tex(text).translate(SIGNS)
