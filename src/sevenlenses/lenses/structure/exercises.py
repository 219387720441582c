"""The answers to the chapter's exercises."""

from __future__ import annotations

from collections.abc import Callable

from ... import records
from ...runtime import generator
from ...tasks.brackets import Brackets
from ..marking import array, called, number
from .rules import COMPARED, RIVALS

MARKED = 3
PAIRS = 8
TRIED = Brackets(length=24, deepest=8)


def which_of_three(answer: float) -> tuple[bool, str]:
    """The best score of who sees a set, when three different values are marked and the first is asked for."""
    given = number(answer)
    if abs(given - 1 / MARKED) < 0.01:
        return True, "Right: all orders of three are equally likely, so each value came first a third of the time."
    if abs(given - 1 / 8) < 0.01:
        return False, "That is chance, of who sees nothing. A set reader sees which three values are marked."
    return False, "A set reader knows the three values. How often did each of them come first?"


def closes(answer: Callable) -> tuple[bool, str]:
    """A reader of brackets that answers at every closing one."""
    batch = TRIED.sample(32, generator(0, "exercise"))
    for row in range(len(batch.x)):
        tokens = batch.x[row].argmax(-1).tolist()
        expected = batch.y[row][batch.scored[row]].tolist()
        found, _ = called(answer, list(tokens))
        what = f"a list, one kind for each closing bracket: here {len(expected)}"
        given = array(found, (len(expected),), what).tolist()
        if given != expected:
            wrong = next(i for i, (a, b) in enumerate(zip(given, expected, strict=True)) if a != b)
            return False, (
                f"In {tokens} closing bracket number {wrong + 1} closes kind {expected[wrong]}; you say "
                f"{given[wrong]:g}. Which open bracket came last and is still open?"
            )
    return True, f"Right on 32 sequences of {TRIED.length} steps: last in, first out."


def price_of_places(answer: float) -> tuple[bool, str]:
    """How much less often one layer of attention follows the relation once it has positions."""
    rules = records.load(RIVALS, RIVALS.settings(pairs=PAIRS)).rules[:, :, 0].mean(0)  # (models,)
    without, placed = (rules[COMPARED.index(name)] for name in ("attention", "attention-positions"))
    if abs(number(answer) - (without - placed)) < 0.02:
        return True, f"Right: {without:.2f} without positions, {placed:.2f} with them."
    return (
        False,
        "Take the share by relation, the first of the three, and its mean over the seeds; then without positions less "
        "with them.",
    )


CHECKS = {
    "first-of-three": which_of_three,
    "closing-kinds": closes,
    "price-of-places": price_of_places,
}
