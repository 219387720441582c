"""What is tried on the exercises of the chapter on credit; see `tried`."""

from functools import lru_cache

import torch

from sevenlenses import records
from sevenlenses.lenses.credit.attribution import METHODS
from sevenlenses.lenses.credit.watch import WATCH
from tried import Tried


def changes(score, values, classes):
    """(T, classes): how the score changes with each value in each step's place."""
    rows = [[values.clone() for _ in range(classes)] for _ in values]
    for step, row in enumerate(rows):
        for other, one in enumerate(row):
            one[step] = other
    return torch.tensor([[score(one) - score(values) for one in row] for row in rows], dtype=torch.float64)


def in_place(score, values, classes):
    before, credit = score(values), []
    for step in range(len(values)):
        values[step] = (values[step] + 1) % classes
        credit.append(abs(score(values) - before))
    return credit


@lru_cache
def shares(model, look=-1):
    """(METHODS,): of the credit, by the responsible step."""
    return records.load(WATCH, WATCH.settings(variant=model)).mass[:, look].mean((0, -1))


def ratio(model, more, less, look=-1):
    found = shares(model, look)
    return found[METHODS.index(more)] / found[METHODS.index(less)]


TRIED = {
    "blind-share": Tried(
        near=(lambda steps: 1 / (steps + 1), 0.5),
        wrong=[
            (lambda steps: 0.5, "That is the share of the last step. The responsible one is anywhere."),
            (lambda steps: 0.5 ** ((steps + 1) // 2), "Each of them is the responsible step's as often as any other."),
            (lambda steps: 2 / steps, "shares add up to 1."),
        ],
    ),
    "leave-one-out": Tried(
        near=(lambda *given: changes(*given).abs().mean(1), 0.5),
        wrong=[
            (lambda *given: changes(*given).sum(1) / 4, "take the size of the change; average over the others."),
            (lambda *given: changes(*given).abs().amax(1), "Replace one step at a time, by each other value"),
            (in_place, "Your function has changed the sequence that it was given."),
            (lambda score, values, classes: torch.zeros(5), "one number a step, of shape (6,); got one of shape (5,)."),
        ],
    ),
    "sharper-by": Tried(
        near=(lambda model: ratio(model, "gradient", "swap"), 0.5),
        wrong=[
            (lambda model: ratio(model, "swap", "gradient", look=0), "Take the last look"),
            (
                lambda model: shares(model)[METHODS.index("swap")] - shares(model)[METHODS.index("gradient")],
                "then divide.",
            ),
            (lambda model: 1, "the mean over seeds and places"),
        ],
    ),
}
