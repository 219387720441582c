"""The answers to the chapter's exercises, from the program and from the runs."""

from __future__ import annotations

from collections.abc import Callable

from ... import kata
from ...figures import scientific
from ..marking import called, number, off
from .turning import spiral

SIZE, INPUTS = 128, 128  # of the exercise on counts
TINY = {  # whose squares are 0, by the type that an answer computes in; with their cosines
    "float32": [([1e-25, 2e-25], [2e-25, 1e-25], 0.8), ([1e-30], [-3.0], -1.0)],
    "float64": [([1e-40, 2e-40], [2e-40, 1e-40], 0.8), ([1e-200], [-3.0], -1.0)],
}


def crossing(answer: float) -> tuple[bool, str]:
    """The length from which on attention multiplies more, with every product and the projections counted."""
    length = number(answer)
    exact = (4 * SIZE * (SIZE + INPUTS) - (SIZE * INPUTS + 4 * SIZE**2)) / (2 * SIZE)
    if abs(length - exact) <= 2:
        return True, f"Right: {exact:.0f} steps. The program's two formulas meet at {4 * (SIZE + INPUTS):,}."
    if abs(length - 4 * (SIZE + INPUTS)) <= 2:
        return False, "That is where the program's formulas meet: they leave out a product and all projections."
    return False, "Write both counts for T steps, divide by T, and solve for T. Attention multiplies each pair twice."


def cosine(answer: Callable) -> tuple[bool, str]:
    """A similarity that says when it cannot tell, and that very small states do not mislead."""

    def given(a: list[float], b: list[float]) -> float | None:
        found, _ = called(answer, list(a), list(b))
        return None if found is None else number(found)

    usual = [([3.0, 4.0], [4.0, 3.0], 0.96), ([1.0, 0.0], [0.0, 2.0], 0.0)]
    nothing = given([0.0, 0.0], [1.0, 0.0])
    if nothing is not None:
        return False, f"Of a state that is all zero there is no direction: return None there; got {nothing!r}."
    single = given([1e-60], [1.0]) is None  # to float32 it is all zero, and to float64 not yet small
    tiny = TINY["float32" if single else "float64"]
    for a, b, right in [*usual, *tiny]:
        found = given(a, b)
        if found is None or off(found, right, terms=len(a), size=1.0):
            return False, (
                f"For {a} and {b} the cosine is {right:g}; got {found!r}. Divide each by its largest entry first: a "
                f"square of {tiny[-1][0][0]:g} is 0."
            )
    return True, "Right: direction without a threshold, and None where there is none."


def full_turn(answer: float) -> tuple[bool, str]:
    """The steps after which the program's cell points the same way again."""
    steps, (size, turn) = number(answer), spiral(kata.weights())
    if abs(steps - turn) <= 3:
        return (
            True,
            f"Right: the matrix turns once in {turn:.1f} steps, and leaves {scientific(size**turn)} of the size by "
            "then.",
        )
    return False, "Run 100 blank steps and look where the cosine of the cell comes back to a maximum after its lowest."


CHECKS = {
    "kata-crossing": crossing,
    "kata-cosine": cosine,
    "kata-turn": full_turn,
}
