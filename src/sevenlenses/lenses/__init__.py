"""One lens per folder. A new lens is one folder and its name here.

A lens is loaded when it is first asked for. So a chapter rests on its own lens and on those that this one imports; a
change elsewhere leaves its page as it is.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any

from ..lens import Lens

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
    """EXPERIMENTS and CHECKS, all of them by their names, which loads every lens."""
    if name == "EXPERIMENTS":
        made = {experiment.name: experiment for lens in LENSES.values() for experiment in lens.experiments.values()}
    elif name == "CHECKS":
        made = {check: judge for lens in LENSES.values() for check, judge in lens.checks.items()}
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return globals().setdefault(name, made)


def judge_of(exercise: str) -> Callable[[Any], tuple[bool, str]]:
    """What judges an exercise's answer. The lenses that are loaded are asked first: a chapter's own is.

    Raises:
        ValueError: there is no such exercise.
    """
    for lens in sorted(NAMES, key=lambda name: f"{__name__}.{name}" not in sys.modules):
        if exercise in LENSES[lens].checks:
            return LENSES[lens].checks[exercise]
    known = ", ".join(name for lens in LENSES.values() for name in lens.checks)
    raise ValueError(f"there is no exercise {exercise!r}; the exercises are {known}.")
