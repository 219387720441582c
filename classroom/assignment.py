"""An assignment: its exercises, its secret, and whose copy states which numbers. Its file is for instructors alone."""

from __future__ import annotations

import hmac
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sevenlenses.exercises import Exercise
from sevenlenses.files import write_whole

EVERYBODY = ""  # whose numbers those without a copy of their own have


class BadAssignment(ValueError):
    """What should hold an assignment does not; the message says where, and what to do."""


@dataclass(frozen=True)
class Assignment:
    """Attributes:
    name: of the assignment, as students and the gradebook see it.
    secret: what fresh numbers come from; hexadecimal digits.
    chapters: their names, in the book's order.
    exercises: the version of each at the time of assigning, by its id.
    course: the commit of the course that the copies were made from.
    students: those with a copy of their own.
    """

    name: str
    secret: str = field(repr=False)
    chapters: tuple[str, ...]
    exercises: Mapping[str, int]
    course: str = ""
    students: tuple[str, ...] = ()

    def digest(self, *words: str) -> bytes:
        """A keyed hash of these words (HMAC-SHA-256, RFC 2104), which tells nothing of the secret."""
        return hmac.digest(bytes.fromhex(self.secret), json.dumps(words).encode(), "sha256")

    def seed(self, student: str, exercise: Exercise) -> int:
        """What a student's cases and parameters of an exercise are made from."""
        return int.from_bytes(self.digest("exercise", exercise.name, student)[:8]) >> 1

    def parameters(self, student: str, exercise: Exercise) -> dict[str, Any]:
        """What a student's copy states."""
        return exercise.parameters(self.seed(student, exercise))

    def copy_of(self, student: str) -> str:
        """The mark of a student's copy."""
        return self.digest("copy", student).hex()[:16]

    def owner(self, copy: str) -> str | None:
        """Whose copy has this mark; None where it is none of ours."""
        return next((one for one in (EVERYBODY, *self.students) if self.copy_of(one) == copy), None)

    def save(self, path: Path) -> None:
        """Write it for the instructor's eyes alone."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.parent.chmod(0o700)
        write_whole(path, json.dumps(asdict(self), indent=1) + "\n")
        path.chmod(0o600)


def slug(name: str) -> str:
    """A name for a file or a folder: letters, digits and a few signs."""
    return re.sub(r"[^\w.-]+", "-", name).strip(".-")


def new_secret() -> str:
    return secrets.token_hex(32)


def load(path: Path) -> Assignment:
    """The assignment that was saved in this file.

    Raises:
        BadAssignment: there is none.
    """
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        return Assignment(**held | {"chapters": tuple(held["chapters"]), "students": tuple(held["students"])})
    except FileNotFoundError:
        near = ", ".join(map(str, sorted(path.parent.glob("*.json")))) or "none"
        raise BadAssignment(
            "ASSIGNMENT must be the file that `make assign` wrote, as in assignments/NAME/private/NAME.json; "
            f"there is no {path}. In that folder there is {near}."
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadAssignment(
            "ASSIGNMENT must be the file that `make assign` wrote, as in assignments/NAME/private/NAME.json; "
            f"{path} is not one ({type(error).__name__}: {error}). Name that file, or restore it."
        ) from error
