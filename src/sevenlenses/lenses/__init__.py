"""One lens per folder. A new lens is one folder and its name here.

A lens is loaded when it is first asked for. So a chapter rests on its own lens and on those that this one imports; a
change elsewhere leaves its page as it is.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..lens import Lens

if TYPE_CHECKING:
    from ..exercises import Exercise

NAMES = (  # in the book's order
    "reading",
    "kata",
    "gradient",
    "capacity",
    "locality",
    "credit",
    "structure",
    "access",
    "scaling",
    "synthesis",
    "questions",
)


class Lenses(Mapping[str, Lens]):
    """The lenses by their names, in the book's order."""

    def __getitem__(self, name: str) -> Lens:
        if name not in NAMES:
            raise KeyError(name)
        try:
            return import_module(f"{__name__}.{name}").LENS
        except AttributeError as error:  # which an import of EXPERIMENTS would take for a name that is not there
            raise ImportError(f"the lens {name!r} cannot be loaded: {error}") from error

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)


LENSES = Lenses()


def __getattr__(name: str) -> Any:
    """EXPERIMENTS and EXERCISES, all of them by their names, which loads every lens."""
    if name == "EXPERIMENTS":
        made = {experiment.name: experiment for lens in LENSES.values() for experiment in lens.experiments.values()}
    elif name == "EXERCISES":
        made = {exercise.name: exercise for lens in LENSES.values() for exercise in lens.exercises}
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return globals().setdefault(name, made)


def exercise_of(name: str) -> Exercise:
    """The exercise of this name. The lenses that are loaded are asked first: a chapter's own is.

    Raises:
        ValueError: there is no such exercise.
    """
    for lens in sorted(NAMES, key=lambda name: f"{__name__}.{name}" not in sys.modules):
        if found := next((one for one in LENSES[lens].exercises if one.name == name), None):
            return found
    known = ", ".join(one.name for lens in LENSES.values() for one in lens.exercises)
    raise ValueError(f"there is no exercise {name!r}; the exercises are {known}.")
