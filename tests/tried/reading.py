"""What is tried on the exercises of the chapter on reading; see `tried`."""

from functools import lru_cache

from sevenlenses import records
from sevenlenses.lenses.reading.changes import CHANGES
from tried import Tried


@lru_cache
def word(steps, first):
    held = records.load(CHANGES, CHANGES.settings(steps=steps)).held[:, 0].mean(0)  # (words,): of the RNN
    return int((held[first - 6 : -1] - held[first - 5 :]).argmax()) + first


def step(i, f, o, candidate, c):
    c = f * c + i * candidate
    return c, o * c.tanh()


def without_tanh(i, f, o, candidate, c):
    c = f * c + i * candidate
    return c, o * c


def squashed(i, f, o, candidate, c):
    c = (f * c + i * candidate).tanh()
    return c, o * c


TRIED = {
    "settled-cell": Tried(
        near=(lambda forget, written: 1.03 * written / (1 - forget), 0.5),
        wrong=[
            (lambda forget, written: forget**28, "That is what 28 words leave when nothing is written."),
            (lambda forget, written: written * forget, "one word changes nothing: c = "),
            (lambda forget, written: written / (1 - forget) + written, "Solve for c."),
            (lambda forget, written: forget + written, "Solve for c."),
        ],
    ),
    "cell-step": Tried(
        near=(without_tanh, 0.5),
        wrong=[
            (squashed, "The cell is off: forget gate times the old cell, plus input gate times"),
            (lambda i, f, o, candidate, c: step(f, i, o, candidate, c), "The cell is off"),
            (lambda i, f, o, candidate, c: step(1 - f, f, o, candidate, c), "The cell is off"),
            (lambda *given: step(*given)[0], "two tensors of shape (3, 5); got one of shape (3, 5)."),
        ],
    ),
    "first-change": Tried(
        near=(lambda steps, first: word(steps, first) - 1, 0.5),
        wrong=[
            (lambda steps, first: word(steps, first) + 1, "Average over the seeds first."),
            (lambda steps, first: 61, "Average over the seeds first."),
            (lambda steps, first: 33, "How far `held` falls from one word to the next is what is lost there."),
            (lambda steps, first: 20, "Look from word"),
        ],
    ),
}
