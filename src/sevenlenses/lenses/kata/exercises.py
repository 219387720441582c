"""The answers to the chapter's exercises, from the program and from the runs."""

from __future__ import annotations

import math

import torch

from ... import kata
from ...exercises import Answers, Band, Formula, Function, Judgement, partly, right, wrong
from ...exercises.values import Returned, number, off
from ...figures import scientific
from ...runtime import generator
from .turning import spiral

Vectors = tuple[list[float], list[float]]
NOTHING = ([0.0, 0.0], [1.0, 0.0])
BETWEEN = ([1e-60], [1.0])  # to float32 it is all zero, and to float64 not yet small
USUAL = [([3.0, 4.0], [4.0, 3.0]), ([1.0, 0.0], [0.0, 2.0])]
TINY = [  # whose squares are 0: first to float32, then to float64 alone
    ([1e-25, 2e-25], [2e-25, 1e-25]),
    ([1e-30], [-3.0]),
    ([1e-40, 2e-40], [2e-40, 1e-40]),
    ([1e-200], [-3.0]),
]
LEAST = 1e-37  # float32 holds no less with all its digits


def crossing(*, size: int, inputs: int) -> Answers:
    """The length from which on attention multiplies more, with every product and the projections counted."""
    exact = (4 * size * (size + inputs) - (size * inputs + 4 * size**2)) / (2 * size)
    formulas = 4 * (size + inputs)
    solve = "Write both counts for T steps, divide by T, and solve for T. Attention multiplies each pair twice."
    left_out = "That is where the program's formulas meet: they leave out a product and all projections."
    return Answers(
        (
            Band(exact, 2, right(f"Right: {exact:.0f} steps. The program's two formulas meet at {formulas:,}.")),
            Band(2 * exact, 2, partly(0.5, f"There it would be, if attention multiplied each pair once. {solve}")),
            Band(formulas, 2, wrong(left_out)),
        ),
        wrong(solve),
    )


def pairs(seed: int) -> list[Vectors]:
    """Pairs of vectors: no direction, what tells the type, usual ones and tiny ones."""
    source = generator(seed, "exercise")
    signs = torch.randint(2, (2, 3), generator=source)  # (2, 3)
    drawn = (torch.randint(1, 10, (2, 3), generator=source) - 10 * signs).tolist()  # without a 0
    few, fewer, fewest = ([[float(f"{one}e{power}") for one in row] for row in drawn] for power in (0, -30, -190))
    return [NOTHING, BETWEEN, *USUAL, tuple(few), *TINY, tuple(fewer), tuple(fewest)]


def cosine(found: list[Returned], cases: list[Vectors]) -> Judgement:
    """A similarity that says when it cannot tell, and that very small states do not mislead."""
    nothing, single = (one.value for one in found[:2])
    asked = [
        (one.value, a, b)
        for one, (a, b) in zip(found[2:], cases[2:], strict=True)
        if single is not None or min(largest(a), largest(b)) > LEAST
    ]
    tiny = min(min(largest(a), largest(b)) for _, a, b in asked)
    missed = ""
    for value, a, b in asked:
        value, exact = None if value is None else number(value), direction(a, b)
        if value is None or off(value, exact, terms=len(a), size=1.0):
            missed = (
                f"For {a} and {b} the cosine is {exact:g}; got {value!r}. Divide each by its largest entry first: a "
                f"square of {tiny:g} is 0."
            )
            break
    if nothing is not None:
        said = f"Of a state that is all zero there is no direction: return None there; got {number(nothing)!r}."
        return wrong(said) if missed else partly(0.5, said)
    return wrong(missed) if missed else right("Right: direction without a threshold, and None where there is none.")


def largest(vector: list[float]) -> float:
    """The size of the largest entry."""
    return max(map(abs, vector))


def direction(a: list[float], b: list[float]) -> float:
    """The cosine of two vectors that are not zero."""
    a, b = ([one / largest(vector) for one in vector] for vector in (a, b))
    return kata.dot(a, b) / math.hypot(*a) / math.hypot(*b)


def full_turn(*, turns: int) -> Answers:
    """The steps after which the program's cell points the same way again, so many times."""
    size, turn = spiral(kata.weights())
    left = f"leaves {scientific(size ** (turns * turn))} of the size by then"
    said = (
        f"Run {100 * turns} blank steps and look where the cosine of the cell comes back to a maximum after its lowest."
    )
    said += f" Count {turns} of these maxima." if turns > 1 else ""
    return Answers(
        (
            Band(turns * turn, 3 * turns, right(f"Right: the matrix turns once in {turn:.1f} steps, and {left}.")),
            Band(turns * turn, 6 * turns, partly(0.5, f"That is close. {said}")),
        ),
        wrong(said),
    )


EXERCISES = (
    Formula(
        name="kata-crossing",
        kind="predict",
        answer="answer",
        rubric="The length at which the two counts are equal, to within two steps; half of the points where the two "
        "products for each pair are counted as one.",
        judge=crossing,
        practice={"size": 128, "inputs": 128},
        fresh={"size": (64, 96, 192, 256, 512), "inputs": (32, 48, 72, 80, 96, 160, 192, 256)},
    ),
    Function(
        name="kata-cosine",
        kind="implement",
        answer="similarity",
        rubric="The right cosine for usual vectors and for tiny ones, and None where a vector is zero; half of the "
        "points where only the None is missing.",
        judge=cosine,
        given=pairs,
    ),
    Formula(
        name="kata-turn",
        kind="investigate",
        answer="steps",
        rubric="The steps of so many full turns, to within three for each turn; half of the points within six.",
        judge=full_turn,
        practice={"turns": 1},
        fresh={"turns": (2, 3, 4, 5)},
    ),
)
