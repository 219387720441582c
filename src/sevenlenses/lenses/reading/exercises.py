"""The answers to the chapter's exercises."""

from __future__ import annotations

import torch

from ... import records
from ...exercises import Answers, Band, Formula, Function, Judgement, Number, partly, right, wrong
from ...exercises.values import Returned, arrays, off, unchanged
from ...models.variants import MAIN
from ...runtime import generator
from ...tasks.sentences import FIRST
from .changes import CHANGES, changed

WORDS = 28  # over so many words the chapter follows a forget gate


def settled_cell(*, forget: float, written: float) -> Answers:
    """Where a cell settles that fades and is written again at every word."""
    exact = written / (1 - forget)
    solve = f"Where it settles, one word changes nothing: c = {forget:g} c + {written:g}. Solve for c."
    faded = wrong(f"That is what {WORDS} words leave when nothing is written. Here every word writes.")
    return Answers(
        (
            Band(exact, 0.005, right(f"Right: there, what fades ({written:g}) is what comes in.")),
            Band(exact, 0.05 * exact, partly(0.5, f"That is close; did you stop before it had settled? {solve}")),
            Band(forget**WORDS, 0.005, faded),
        ),
        wrong(solve),
    )


def cells(seed: int) -> list[tuple]:
    """The gates i, f and o, the candidate and the old cell of one step: (B, H) each."""
    source = generator(seed, "exercise")
    i, f, o = (torch.rand(3, 5, generator=source, dtype=torch.float64) for _ in range(3))  # (B, H) each
    g, c = (torch.randn(3, 5, generator=source, dtype=torch.float64) for _ in range(2))  # (B, H) each
    return [(i, f, o, g.tanh(), c)]


def cell_step(found: list[Returned], cases: list[tuple]) -> Judgement:
    """One step of an LSTM's cell, against PyTorch's equations."""
    ((i, f, o, candidate, c),) = cases
    shape = tuple(c.shape)
    what = f"the cell and the hidden state, two tensors of shape {shape}"
    new, hidden = arrays(found[0].value, [shape, shape], what)
    cell = f * c + i * candidate  # (B, H)
    if off(new, cell, terms=2):
        return wrong("The cell is off: forget gate times the old cell, plus input gate times the candidate.")
    if off(hidden, o * cell.tanh(), terms=2):
        return partly(0.5, "The cell is right. The hidden state is the output gate times the tanh of the new cell.")
    if not unchanged(found[0].given[-1:], [c]):
        return partly(0.5, "Your step has changed the old cell. Make a new tensor.")
    return right("Right. Only the hidden state goes through a tanh; from cell to cell there is a product and a sum.")


def first_change(given: float, *, steps: int, first: int) -> Judgement:
    """The word, from a first one on, at which the RNN loses most sentences after so many training steps."""
    lost = changed(records.load(CHANGES, CHANGES.settings(steps=steps)))[:, MAIN.index("rnn")].mean(0)  # (lengths - 1,)
    word = int(lost[first - FIRST - 1 :].argmax()) + first
    if abs(given - word) < 0.5:
        return right(f"Right: word {word}; {lost[word - FIRST - 1]:.2f} of the sentences are lost there.")
    if abs(given - (word - FIRST - 1)) < 0.5:
        return partly(0.5, f"That is a place in the array. Its first place stands for word {FIRST + 1}.")
    if abs(given - (word - 1)) < 0.5:
        return partly(0.5, "That is one word too early: up to this word they were still held.")
    return wrong(
        "Average over the seeds first. How far `held` falls from one word to the next is what is lost there. "
        f"Look from word {first} on."
    )


EXERCISES = (
    Formula(
        name="settled-cell",
        kind="predict",
        answer="answer",
        rubric="What the cell settles at, to two places; half of the points within a twentieth of it.",
        judge=settled_cell,
        practice={"forget": 0.9, "written": 0.08},
        fresh={"forget": (0.75, 0.8, 0.84, 0.85, 0.88, 0.92), "written": (0.05, 0.06, 0.07, 0.09)},
    ),
    Function(
        name="cell-step",
        kind="implement",
        answer="step",
        rubric="The new cell and the hidden state, as PyTorch's equations have them; half of the points for the cell "
        "alone, or where the old cell is overwritten.",
        judge=cell_step,
        given=cells,
    ),
    Number(
        name="first-change",
        kind="investigate",
        answer="word",
        rubric="The word of the largest fall, in the mean over the seeds; half of the points for the word before it, "
        "or for its place in the array.",
        judge=first_change,
        practice={"steps": 200, "first": 6},
        fresh={"steps": (50, 100, 400), "first": (8, 9, 10)},
    ),
)
