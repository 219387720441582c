"""For every exercise: a near miss with the share that it earns, and three wrong answers with what is said of them.

Where the answer is a number, each is a function of the exercise's parameters; else the function that is handed in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from sevenlenses.lenses import NAMES


@dataclass(frozen=True)
class Tried:
    """near: the miss and its share. wrong: by a piece of the feedback that is theirs; three of them at least."""

    near: tuple[Callable, float]
    wrong: list[tuple[Callable, str]]


TRIED: dict[str, Tried] = {}
for lens in NAMES:
    TRIED |= import_module(f"{__name__}.{lens}").TRIED
