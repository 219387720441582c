"""Moodle XML: a category a chapter; of an exercise a category of its own, from which a quiz draws one at random."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from sevenlenses.quiz import Question

from .items import Chapter, Variant
from .package import add, document
from .texts import with_tex

PENALTY = "0.3333333"  # of each further try, as Moodle's own form has it


def export(title: str, chapters: Sequence[Chapter]) -> bytes:
    """The XML file."""
    root = Element("quiz")
    for chapter in chapters:
        place = category(title, chapter.name)
        _enter(root, place)
        for question in chapter.questions:
            _choices(root, question)
        for exercise in chapter.numerical:
            _enter(root, f"{place}/{exercise.id}")
            for name, variant in exercise.named():
                _number(root, name, variant)
    return document(root)


def category(title: str, chapter: str) -> str:
    """Its path in Moodle, where a slash in a name is written twice."""
    return f"$course$/top/{title.replace('/', '//')}/{chapter}"


def _enter(root: Element, path: str) -> None:
    add(add(add(root, "question", type="category"), "category"), "text", path)


def _choices(root: Element, question: Question) -> None:
    made = _question(root, "multichoice", question.id, question.stem)
    add(made, "single", "true")
    add(made, "shuffleanswers", "true")
    add(made, "answernumbering", "ABCD")
    for choice in question.choices:
        answer = add(made, "answer", fraction="100" if choice.right else "0", format="html")
        add(answer, "text", with_tex(choice.text))
        _html(answer, "feedback", with_tex(choice.feedback))


def _number(root: Element, name: str, variant: Variant) -> None:
    made, answers = _question(root, "numerical", name, variant.text), variant.answers
    rows = [(repr(band.at), repr(band.off), band.judgement) for band in answers.bands]
    for number, off, judgement in [*rows, ("*", "0", answers.otherwise)]:
        answer = add(made, "answer", fraction=f"{100 * judgement.share:g}", format="moodle_auto_format")
        add(answer, "text", number)
        _html(answer, "feedback", with_tex(judgement.message))
        add(answer, "tolerance", off)


def _question(root: Element, kind: str, name: str, text: str) -> Element:
    made = add(root, "question", type=kind)
    add(add(made, "name"), "text", name)
    _html(made, "questiontext", f"<p>{with_tex(text)}</p>")
    _html(made, "generalfeedback", "")
    add(made, "defaultgrade", "1")
    add(made, "penalty", PENALTY)
    add(made, "hidden", "0")
    add(made, "idnumber", name)
    return made


def _html(parent: Element, tag: str, text: str) -> None:
    add(add(parent, tag, format="html"), "text", text)
