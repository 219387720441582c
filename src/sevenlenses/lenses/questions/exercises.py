"""The answers to the chapter's exercises."""

from __future__ import annotations

import numpy as np
import torch

from ...exercises import Answers, Band, Formula, Function, Judgement, Number, partly, right, wrong
from ...exercises.values import Returned, arrays, off
from ...figures import scientific
from ...models.lstm import LSTM
from ...runtime import generator
from .truncated import KEPT, TRUNCATED


def weights(*, inputs: int, units: int, length: int) -> Answers:
    """How many numbers an nn.LSTM learns, whatever the length of what it reads."""
    exact = 4 * units * (inputs + units + 2)
    rows = f"Right: 4 · {units} rows of {inputs} + {units} weights and 2 biases, {exact:,} in all."
    two = partly(0.5, "PyTorch keeps two biases for each row, one beside each matrix.")
    steps = wrong("The same weights serve every step: the number of steps does not count.")
    return Answers(
        (
            Band(exact, 0.5, right(rows)),
            Band(exact - 4 * units, 0.5, two),
            Band(exact - 8 * units, 0.5, wrong("The biases are missing; PyTorch keeps two for each row.")),
            Band(exact // 4, 0.5, wrong("That is one of the four: three gates and the candidate.")),
            Band(exact * length, 0.5, steps),
        ),
        wrong("Count rows, four for each unit, and what each row holds."),
    )


def steps_of_an_lstm(seed: int) -> list[tuple]:
    """x, h and c, the joined matrix and the sum of the biases: (B, n_in), (B, H) twice, (4H, H + n_in), (4H,)."""
    source = generator(seed, "exercise")
    rnn = LSTM(3, 5, 1, generator=source).double().rnn
    x, h, c = (torch.randn(2, size, generator=source, dtype=torch.float64) for size in (3, 5, 5))  # (B, n_in), (B, H)
    joined = torch.cat([rnn.weight_hh_l0, rnn.weight_ih_l0], 1).detach()  # (4H, H + n_in)
    return [(x, h, c, joined, (rnn.bias_ih_l0 + rnn.bias_hh_l0).detach())]


def step_in_rows(found: list[Returned], cases: list[tuple]) -> Judgement:
    """One step of an LSTM with one joined matrix, a row for each sequence, against PyTorch."""
    ((x, h, c, joined, bias),) = cases
    shape = tuple(h.shape)
    given = arrays(found[0].value, [shape, shape], f"h and c, two tensors of shape {shape}: a row a sequence")
    of_h, of_x = joined.split([shape[1], x.shape[1]], 1)  # (4H, H), (4H, n_in)
    exact = torch.stack(torch.lstm_cell(x, (h, c), of_x, of_h, bias, torch.zeros_like(bias)))  # (2, B, H)
    size = exact.abs().max().item()
    misses = [off(one, wanted, joined.shape[1], size) for one, wanted in zip(given, exact, strict=True)]
    if not any(misses):
        return right("Right: your step equals PyTorch's.")
    worst = scientific(np.max(misses))  # NaN is the greatest
    if not misses[1]:
        return partly(0.5, f"c is right, and h is off by up to {worst}. h is the output gate times the tanh of c.")
    if not misses[0]:
        return partly(0.5, f"h is right, and c is off by up to {worst}. Return the new c, as it is before the tanh.")
    hint = "h comes first in the joined vector; rows of the matrix are in the order i, f, g, o."
    return wrong(f"It is off by up to {worst}. {hint}")


def steps_needed(given: float, *, below: float) -> Judgement:
    """The fewest unrolled steps, of those measured, at which the gradient's median error is below this."""
    error = np.median(TRUNCATED.measure(device="cpu", init="forget-1").error, 0)  # (KEPT,)
    fewest = KEPT[int(np.argmax(error < below))]
    if given == fewest:
        return right(f"Right: {fewest} of {KEPT[-1]} steps leave an error of {error[KEPT.index(fewest)]:.3f}.")
    if given not in KEPT:
        return wrong(f"One of the numbers of steps that were measured: {', '.join(map(str, KEPT))}.")
    said = f"With {given:g} steps the median error is {scientific(error[KEPT.index(given)])}."
    if given == 2 * fewest:
        return partly(0.5, f"{said} That is below {below:g}, but half as many steps will do.")
    return wrong(said)


EXERCISES = (
    Formula(
        name="lstm-weights",
        kind="predict",
        answer="answer",
        rubric="All weights and both biases of each row, exactly; half of the points with one bias for each row.",
        judge=weights,
        practice={"inputs": 10, "units": 20, "length": 50},
        fresh={"inputs": (8, 12, 15, 18, 24), "units": (16, 25, 30, 32, 40), "length": (30, 40, 60, 80, 100)},
    ),
    Function(
        name="step-in-rows",
        kind="implement",
        answer="step",
        rubric="Both h and c equal PyTorch's; half of the points where one of the two does.",
        judge=step_in_rows,
        given=steps_of_an_lstm,
    ),
    Number(
        name="steps-unrolled",
        kind="investigate",
        answer="steps",
        rubric="The fewest of the measured numbers of steps whose median error is below the bound; half of the points "
        "for the next larger one.",
        judge=steps_needed,
        practice={"below": 0.1},
        fresh={"below": (0.01, 0.02, 0.4, 0.45, 0.5, 0.65)},
    ),
)
