"""What is tried on the exercises of the chapter on temporal locality; see `tried`."""

from functools import lru_cache

import torch

from sevenlenses import records
from sevenlenses.lenses.locality.moments import COMPARED, MOMENTS
from sevenlenses.lenses.locality.when import RIVALS
from tried import Tried


@lru_cache
def final(pairs, model, when):
    runs = records.load(RIVALS, RIVALS.settings(pairs=pairs)).final
    return runs[:, COMPARED.index(model), MOMENTS.index(when)].mean()


TRIED = {
    "two-values": Tried(
        near=(lambda values: 0.5, 0.5),
        wrong=[
            (lambda values: 1 / values, "With two values in hand one guesses one of them."),
            (lambda values: 1 / 2 + 1 / values, "How often is that right?"),
            (lambda values: 1, "How often is that right?"),
        ],
    ),
    "gates-by-hand": Tried(
        near=(lambda mark: (1, mark), 0.5),
        wrong=[
            (lambda mark: (mark, 1 - mark), "What should the gates do at a step without a mark?"),
            (lambda mark: (1, 1), "The cell is off by up to"),
            (lambda mark: (1 - mark, 2 * mark), "A gate is a number from 0 to 1."),
            (lambda mark: (mark * torch.nan, mark), "off by up to nan"),
            (lambda mark: mark, "two gates: forget, input, each of shape (64,); got one of"),
        ],
    ),
    "moment-gap": Tried(
        near=(lambda pairs, model: final(pairs, model, "last") - final(pairs, model, "flag"), 0.5),
        wrong=[
            (lambda pairs, model: final(pairs, model, "last"), "Take the mean over the five seeds"),
            (lambda pairs, model: 100 * final(pairs, model, "flag"), "subtract 'last' from 'flag'."),
            (lambda pairs, model: 0, "for '"),
        ],
    ),
}
