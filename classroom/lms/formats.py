"""The forms that questions can be written in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from . import gift, moodle, qti12, qti21
from .items import Chapter

DRAWN = "add a random question from an exercise's own category to a quiz, and each attempt draws one of its variants"


@dataclass(frozen=True)
class Format:
    """One form: how its file's name ends, what writes it, and what an instructor does with the file."""

    suffix: str
    export: Callable[[str, Sequence[Chapter]], bytes]
    guide: str


FORMATS = {
    "qti": Format(
        ".zip",
        qti12.export,
        "In Canvas: Settings, Import Course Content, QTI .zip file; each chapter becomes an unpublished practice quiz. "
        "When you import again, tick 'Overwrite assessment content with matching IDs'.",
    ),
    "qti21": Format(
        ".zip",
        qti21.export,
        "Import it as a QTI 2.1 package in OpenOLAT, TAO, Blackboard or elsewhere; it holds the questions, and a test "
        "that has a section for each chapter.",
    ),
    "moodle": Format(".xml", moodle.export, f"In Moodle: Question bank, Import, Moodle XML format; {DRAWN}."),
    "gift": Format(".txt", gift.export, f"In Moodle: Question bank, Import, GIFT format; {DRAWN}."),
}
