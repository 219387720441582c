"""The nouns: an exercise, and what its judge says of an answer.

Collecting an answer and judging it are two steps, with nothing but values in between. So a student's code can run
in one process, and be judged in another that it never meets.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product
from typing import Any, Literal

from .values import Returned, Unusable, call, number

Parameter = int | float | str
Kind = Literal["predict", "implement", "investigate"]
POINTS = {"predict": 2, "implement": 4, "investigate": 4}


@dataclass(frozen=True)
class Judgement:
    """The share of the points that an answer earns, from 0 to 1, and why."""

    share: float
    message: str


def right(message: str) -> Judgement:
    """All of the points."""
    return Judgement(1.0, message)


def partly(share: float, message: str) -> Judgement:
    """A share of the points; the message says what is missing."""
    return Judgement(share, message)


def wrong(message: str) -> Judgement:
    """None of the points."""
    return Judgement(0.0, message)


@dataclass(frozen=True)
class Band:
    """The answers from `at - off` to `at + off`, both included, and what is said of them."""

    at: float
    off: float
    judgement: Judgement

    def __post_init__(self):
        for name in ("at", "off"):  # the last digits of a logarithm are not the same on every machine
            object.__setattr__(self, name, float(f"{getattr(self, name):.12g}"))

    @property
    def bounds(self) -> tuple[Decimal, Decimal]:
        """The least and the greatest of them, without rounding, so that every judge draws the same line."""
        at, off = Decimal(repr(self.at)), Decimal(repr(self.off))
        return at - off, at + off

    def holds(self, given: float) -> bool:
        low, high = map(float, self.bounds)
        return low <= given <= high


@dataclass(frozen=True)
class Answers:
    """What is said of any answer that is a number, as data.

    bands: the first that holds an answer counts. The right answer's comes first, and no other has all of the points.
    otherwise: of what is in no band, and has no points.
    told: what an answer that is not right would come to; said before the rest.
    """

    bands: tuple[Band, ...]
    otherwise: Judgement
    told: Callable[[float], str] = lambda given: ""

    def __post_init__(self):
        shares = [judgement.share for judgement in (*(band.judgement for band in self.bands), self.otherwise)]
        if shares[0] != 1 or 1 in shares[1:] or shares[-1] != 0:
            raise ValueError(f"the first band alone must have all of the points, the rest none; got shares {shares}.")

    def judgement(self, given: float) -> Judgement:
        found = next((band.judgement for band in self.bands if band.holds(given)), self.otherwise)
        return found if found.share == 1 else Judgement(found.share, f"{self.told(given)} {found.message}".strip())


@dataclass(frozen=True, eq=False, kw_only=True)
class Exercise:
    """One exercise, as data. Its text, its stub and a solution stand in the chapter.

    name: as in `check("half-life", ...)`; no other exercise has it.
    kind: predict, implement or investigate.
    answer: the name that the stub gives to the answer.
    rubric: what the points are for, to a person.
    judge: what was collected, and the parameters by name, to a Judgement. For functions: the cases too. For formulas:
        the parameters alone, to Answers.
    practice: the parameters that the chapter states.
    fresh: for each parameter, other values that an assignment may state, so that the published solution teaches the
        method and is not the answer. Any values together make a sound exercise.
    version: raised when the same answer would be judged otherwise.
    """

    name: str
    kind: Kind
    answer: str
    rubric: str
    judge: Callable[..., Judgement | Answers]
    practice: Mapping[str, Parameter] = field(default_factory=dict)
    fresh: Mapping[str, tuple[Parameter, ...]] = field(default_factory=dict)
    version: int = 1

    def __post_init__(self):
        if set(self.practice) != set(self.fresh):
            raise ValueError(
                f"exercise {self.name!r}: `practice` and `fresh` must name the same parameters; "
                f"got {sorted(self.practice)} and {sorted(self.fresh)}."
            )
        for name, values in self.fresh.items():
            if self.practice[name] in values or len(set(values)) < 3:
                raise ValueError(
                    f"exercise {self.name!r}: `fresh` must hold three or more values of {name}, and not the published "
                    f"{self.practice[name]!r}; got {values}."
                )

    @property
    def points(self) -> int:
        return POINTS[self.kind]

    @property
    def mark(self) -> dict[str, str | int]:
        """What the metadata of its cell in a notebook say."""
        return {"exercise": self.name, "points": self.points, "version": self.version}

    def parameters(self, seed: int) -> dict[str, Parameter]:
        """Fresh parameters. The same seed gives the same ones on every machine."""
        drawn = {name: hashlib.sha256(f"{seed} {self.name} {name}".encode()).digest() for name in self.fresh}
        return {name: values[int.from_bytes(drawn[name]) % len(values)] for name, values in self.fresh.items()}

    def sets(self, seed: str, most: int) -> list[dict[str, Parameter]]:
        """Up to `most` different sets of fresh parameters. The same seed gives the same ones on every machine."""
        every = [dict(zip(self.fresh, values, strict=True)) for values in product(*self.fresh.values())]
        return sorted(every, key=lambda one: hashlib.sha256(f"{seed} {self.name} {one}".encode()).digest())[:most]

    def settled(self, parameters: Mapping[str, Parameter]) -> dict[str, Parameter]:
        """All parameters, those that are not given as in the chapter.

        Raises:
            ValueError: there is no such parameter, or this is none of its values.
        """
        for name, value in parameters.items():
            if name not in self.practice:
                known = ", ".join(self.practice) or "none"
                raise ValueError(f"exercise {self.name!r} has these parameters: {known}; got {name!r}.")
            if value not in (known := (self.practice[name], *self.fresh[name])):
                said = ", ".join(map(repr, known))
                raise ValueError(f"{name} of exercise {self.name!r} must be one of {said}; got {value!r}.")
        return {**self.practice, **parameters}

    def stated(self, parameters: Mapping[str, Parameter]) -> dict[str, str]:
        """The parameters as the text of the exercise says them, by the names that it knows them by."""
        word = self.name.replace("-", "_")
        said = {name: f"{value:,}" if isinstance(value, int) else f"{value}" for name, value in parameters.items()}
        return {f"{word}_{name}": text for name, text in said.items()}

    def collect(self, answer: Any, cases: list[tuple]) -> Any:
        """The values that an answer comes to: the first of the two steps, where the student's code runs.

        Raises:
            NotAnswered, Unusable: it comes to none. A function raises what it likes.
        """
        raise NotImplementedError

    def cases(self, seed: int = 0) -> list[tuple]:
        """What the answer is called with, where it is a function."""
        return []

    def judged(self, collected: Any, cases: list[tuple], parameters: Mapping[str, Parameter]) -> Judgement:
        """The second step."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False, kw_only=True)
class Number(Exercise):
    """The answer is one number."""

    def collect(self, answer: Any, cases: list[tuple]) -> float:
        return number(answer)

    def judged(self, collected: float, cases: list[tuple], parameters: Mapping[str, Parameter]) -> Judgement:
        return self.judge(number(collected), **parameters)


@dataclass(frozen=True, eq=False, kw_only=True)
class Formula(Number):
    """The number follows from the parameters alone, not from runs: so a learning platform can judge it too."""

    def answers(self, parameters: Mapping[str, Parameter]) -> Answers:
        return self.judge(**parameters)

    def judged(self, collected: float, cases: list[tuple], parameters: Mapping[str, Parameter]) -> Judgement:
        return self.answers(parameters).judgement(number(collected))


@dataclass(frozen=True, eq=False, kw_only=True)
class Function(Exercise):
    """The answer is a function. It is called once for each case.

    given: a seed to the cases, each the arguments of one call. Tensors are float64, or whole numbers.
    """

    given: Callable[[int], list[tuple]]

    def cases(self, seed: int = 0) -> list[tuple]:
        return self.given(seed)

    def collect(self, answer: Any, cases: list[tuple]) -> list[Returned]:
        return [call(answer, *case) for case in cases]

    def judged(self, collected: list[Returned], cases: list[tuple], parameters: Mapping[str, Parameter]) -> Judgement:
        if len(collected) != len(cases):
            raise Unusable(f"The function was to be called {len(cases)} times; {len(collected)} values came.")
        return self.judge(collected, cases, **parameters)
