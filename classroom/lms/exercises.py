"""The course's exercises as questions: those whose answer follows from their numbers, with several sets of numbers."""

from __future__ import annotations

from sevenlenses.exercises import Formula, Number
from sevenlenses.lenses import LENSES
from sevenlenses.quiz.bank import BankError

from ..copies import mark, texts
from .items import Numerical, Variant

VARIANTS = 10  # of each exercise, where it has as many sets of numbers


def numerical(names: str = "all", seed: str = "") -> list[Numerical]:
    """The exercises of a list such as "half-life,own-share"; or "all", or "none".

    Raises:
        BankError: there is no such exercise, or its answer does not follow from its numbers.
    """
    there = {one.name: lens for lens in LENSES for one in LENSES[lens].exercises if isinstance(one, Formula)}
    wanted = {"all": list(there), "none": []}.get(names, [name.strip() for name in names.split(",")])
    for name in wanted:
        if name not in there:
            known = ", ".join(["all", "none", *there])
            raise BankError(f"EXERCISES names exercises whose answers are formulas; got {name!r}. Choose from {known}.")
    return [
        Numerical(one.name, lens, tuple(variant(one, text, numbers) for numbers in one.sets(seed, VARIANTS)))
        for lens in dict.fromkeys(there[name] for name in wanted)
        for one, text in texts(lens).items()
        if one.name in wanted
    ]


def left_out(chapters: list[str]) -> list[str]:
    """The exercises of these chapters whose answer is a number that comes from runs."""
    every = [one for lens in LENSES if lens in chapters for one in LENSES[lens].exercises]
    return [one.name for one in every if isinstance(one, Number) and not isinstance(one, Formula)]


def variant(exercise: Formula, text: str, numbers: dict) -> Variant:
    for key, said in exercise.stated(numbers).items():
        text = text.replace(mark(key), said)
    return Variant(text, exercise.answers(numbers))
