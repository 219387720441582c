"""A submission to its points: programs out, values in, and what each exercise's judge says of the values."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from threading import Lock
from typing import Any

from sevenlenses.exercises import Exercise, Judgement, wrong
from sevenlenses.exercises.values import Unusable, read
from sevenlenses.settings import fixed

from ..assignment import EVERYBODY, Assignment
from . import notebook
from .intake import Submission
from .program import Cell
from .sandbox import Broken, Job, Limits, Sandbox, answers

NOT_FOUND = "Not found in what was handed in."
UNREADABLE = "Nothing was handed in that can be read as a notebook."
JUDGING = Lock()  # settings are the process's, so one answer is judged at a time


@dataclass
class Marked:
    """One exercise of one submission."""

    points: float
    most: int
    message: str
    remarks: list[str] = field(default_factory=list)


@dataclass
class Graded:
    """One submission.

    digest: of what was handed in; `look`: what a person must look at, and why.
    """

    id: str
    name: str
    digest: str
    exercises: dict[str, Marked] = field(default_factory=dict)
    look: list[str] = field(default_factory=list)

    @property
    def total(self) -> float:
        return round(sum(one.points for one in self.exercises.values()), 2)

    @property
    def most(self) -> int:
        return sum(one.most for one in self.exercises.values())

    def to_plain(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_plain(cls, held: dict[str, Any]) -> Graded:
        marked = {name: Marked(**one) for name, one in held["exercises"].items()}
        return cls(**held | {"exercises": marked})


def digest_of(submission: Submission) -> str:
    """A hash of what was handed in, and by whom."""
    parts = [submission.id, submission.name, *submission.look]
    parts += [f"{name} {hashlib.sha256(content).hexdigest()}" for name, content in submission.files.items()]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def grade(
    submission: Submission, assignment: Assignment, exercises: dict[str, Exercise], kind: Sandbox, limits: Limits
) -> Graded:
    """Every exercise of the assignment; one that was not found has no points."""
    graded = Graded(submission.id, submission.name, digest_of(submission), look=list(submission.look))
    books = []
    for name, content in submission.files.items():
        try:
            books.append((name, book := notebook.read(content)))
            if book.published:
                graded.look.append(f"{name}: it is the published chapter; its solutions were left out")
        except notebook.Unreadable as why:
            graded.look.append(f"{name}: {why}")
    student = whose_numbers(submission, assignment, [book for _, book in books], graded)
    for name, exercise in exercises.items():
        marked = graded.exercises[name] = Marked(0.0, exercise.points, NOT_FOUND if books else UNREADABLE)
        versions = {book.versions.get(name, exercise.version) for _, book in books} - {exercise.version}
        for version in sorted(versions):
            marked.remarks.append(f"it is of version {version}, and judged by version {exercise.version}")
    jobs = [Job(name, assignment.seed(student, exercise)) for name, exercise in exercises.items()] if books else []
    for name, came in run(jobs, [(name, book.cells) for name, book in books], kind, limits).items():
        exercise, marked = exercises[name], graded.exercises[name]
        if taken(came, marked):
            seed, stated = assignment.seed(student, exercise), assignment.parameters(student, exercise)
            judgement, remark = judged(exercise, seed, stated, came, limits)
            marked.points, marked.message = round(judgement.share * exercise.points, 2), judgement.message
            marked.remarks += [remark] if remark else []
    graded.look += [f"{name}: {remark}" for name, one in graded.exercises.items() for remark in one.remarks]
    return graded


def taken(came: dict, marked: Marked) -> bool:
    """Whether an answer was found, with remarks on where it was."""
    found = False
    for file, there, remarks in json.loads(came["taken"]) if came["taken"] else [["", True, []]]:
        if there and found:
            marked.remarks.append(f"it is in several notebooks; that of {file} counts")
        found |= there
        marked.remarks += [f"{file}: {remark}" if file else remark for remark in remarks]
    return found


def whose_numbers(submission: Submission, assignment: Assignment, books: list, graded: Graded) -> str:
    """The student by whose numbers the answers are judged: whoever the copy belongs to."""
    known = {one.casefold(): one for one in assignment.students}
    own = next((known[word.casefold()] for word in (submission.id, submission.name) if word.casefold() in known), None)
    owners = {assignment.owner(book.copy) for book in books} - {None}
    if len(owners) == 1 and (owner := owners.pop()) is not None:
        if own is not None and owner not in (own, EVERYBODY):
            graded.look.append(f"it is the copy of {owner}: judged by the numbers of {own}")
            return own
        if own is None and owner != EVERYBODY:
            graded.look.append(f"it is the copy of {owner}; say whether {submission.name} is that student")
        return owner
    if others := sorted({book.assignment for book in books} - {"", assignment.name}):
        graded.look.append(f"this is a copy of the assignment {', '.join(others)}, judged as {assignment.name}")
    elif books:
        graded.look.append(
            "the notebook does not say whose copy it is (it was made anew, or from another source): "
            f"judged by the numbers of {own or 'the copy for everybody'}"
        )
    return own if own is not None else EVERYBODY


def run(jobs: list[Job], books: list[tuple[str, list[Cell]]], kind: Sandbox, limits: Limits) -> dict[str, dict]:
    """What came of each job. Where one has torn the others down, each goes once more, alone."""
    if not jobs:
        return {}
    try:
        found = answers(jobs, books, kind, limits)
    except Broken:
        found = {}
    for job in jobs:
        if job.exercise not in found and len(jobs) > 1:
            found |= run([job], books, kind, limits)
    return {job.exercise: found.get(job.exercise, {"taken": "", "ended": "died", "text": ""}) for job in jobs}


def judged(
    exercise: Exercise, seed: int, parameters: dict[str, Any], came: dict, limits: Limits
) -> tuple[Judgement, str]:
    """What is to be said of what came, and a remark where a person should look."""
    if came["ended"] != "done":
        why = {
            "time": f"It was stopped after {limits.seconds:g} seconds.",
            "size": "What it gives is larger than a million bytes.",
        }.get(came["ended"], "It ended without an answer: it left, or took too much memory or too many processes.")
        return wrong(why), why
    try:
        held = json.loads(came["text"])
        ended, values = held["ended"], read(held["values"]) if held["ended"] == "collected" else None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        return wrong("What came is no answer."), f"what came is no answer ({type(error).__name__}: {str(error)[:80]})"
    if ended == "open":
        return wrong("Not answered."), ""
    if ended != "collected":
        said = str(held.get("said", ""))[:500]
        return wrong(said if ended == "unusable" else f"Your answer could not be used: {said}"), ""
    with JUDGING, fixed():
        try:
            return exercise.judged(values, exercise.cases(seed), parameters), ""
        except Unusable as why:
            return wrong(str(why)), ""
        except Exception as error:  # a value of a kind that no judge expects
            return wrong("Your answer could not be used."), f"its judge failed ({type(error).__name__}: {error})"
