"""The answers to the chapter's exercises."""

from __future__ import annotations

from collections.abc import Callable

import torch

from ... import records
from ...models.variants import MAIN
from ...runtime import generator
from ...tasks.sentences import FIRST
from ..marking import arrays, called, number, off, unchanged
from .changes import CHANGES, changed

FORGET, WRITTEN = 0.9, 0.08  # of the first exercise
STEPS = 200  # training steps that the third exercise looks at


def settled_cell(answer: float) -> tuple[bool, str]:
    """Where a cell settles that fades and is written again at every word."""
    exact = WRITTEN / (1 - FORGET)
    given = number(answer)
    if abs(given - exact) < 0.005:
        return True, f"Right: there, what fades ({exact * (1 - FORGET):.2f}) is what comes in."
    if abs(given - FORGET**28) < 0.005:
        return False, "That is what 28 words leave when nothing is written. Here every word writes."
    return False, "Where it settles, one word changes nothing: c = 0.9 c + 0.08. Solve for c."


def cell_step(answer: Callable) -> tuple[bool, str]:
    """One step of an LSTM's cell, against PyTorch's equations."""
    source = generator(0, "exercise")
    gates = [torch.rand(3, 5, generator=source, dtype=torch.float64) for _ in range(3)]  # (B, H) each
    g, c = (torch.randn(3, 5, generator=source, dtype=torch.float64) for _ in range(2))  # (B, H) each
    i, f, o = gates
    given, (*_, old) = called(answer, i, f, o, g.tanh(), c)
    if not unchanged([old], [c]):
        return False, "Your step has changed the old cell. Make a new tensor."
    shape = tuple(c.shape)
    new, hidden = arrays(given, [shape, shape], f"the cell and the hidden state, two tensors of shape {shape}")
    cell = f * c + i * g.tanh()  # (B, H)
    if off(new, cell, terms=2):
        return False, "The cell is off: forget gate times the old cell, plus input gate times the candidate."
    if off(hidden, o * cell.tanh(), terms=2):
        return False, "The cell is right. The hidden state is the output gate times the tanh of the new cell."
    return True, "Right. Only the hidden state goes through a tanh; from cell to cell there is a product and a sum."


def first_change(answer: float) -> tuple[bool, str]:
    """The word at which most sentences are lost by the RNN after 200 training steps."""
    lost = changed(records.load(CHANGES, CHANGES.settings(steps=STEPS)))[:, MAIN.index("rnn")].mean(0)  # (lengths - 1,)
    word = int(lost.argmax()) + FIRST + 1
    if abs(number(answer) - word) < 0.5:
        return True, f"Right: word {word}; {lost.max():.2f} of the sentences are lost there."
    if abs(number(answer) - (word - FIRST - 1)) < 0.5:
        return False, f"That is a place in the array. Its first place stands for word {FIRST + 1}."
    return False, "Average over the seeds first. How far `held` falls from one word to the next is what is lost there."


CHECKS = {"settled-cell": settled_cell, "cell-step": cell_step, "first-change": first_change}
