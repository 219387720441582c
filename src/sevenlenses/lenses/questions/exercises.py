"""The answers to the chapter's exercises."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from ...figures import scientific
from ...models.lstm import LSTM
from ...runtime import generator
from ..marking import arrays, called, number, off
from .truncated import KEPT, TRUNCATED

INPUTS, UNITS, STEPS = 10, 20, 50
OFF = 0.1


def weights(answer: float) -> tuple[bool, str]:
    """How many numbers nn.LSTM(10, 20) learns, whatever the length of what it reads."""
    exact = 4 * UNITS * (INPUTS + UNITS + 2)
    wrong = {
        exact * STEPS: "The same weights serve every step: the number of steps does not count.",
        4 * UNITS * (INPUTS + UNITS + 1): "PyTorch keeps two biases for each row, one beside each matrix.",
        4 * UNITS * (INPUTS + UNITS): "The biases are missing; PyTorch keeps two for each row.",
        UNITS * (INPUTS + UNITS + 2): "That is one of the four: three gates and the candidate.",
    }
    given = round(number(answer))
    if given == exact:
        return True, f"Right: 4 · {UNITS} rows of {INPUTS} + {UNITS} weights and 2 biases, {exact:,} in all."
    return False, wrong.get(given, "Count rows, four for each unit, and what each row holds.")


def step_in_rows(answer: Callable) -> tuple[bool, str]:
    """One step of an LSTM with one joined matrix, a row for each sequence, against PyTorch."""
    source = generator(0, "exercise")
    model = LSTM(3, 5, 1, generator=source).double()
    x, h, c = (torch.randn(2, size, generator=source, dtype=torch.float64) for size in (3, 5, 5))  # (B, n_in), (B, H)
    rnn = model.rnn
    joined = torch.cat([rnn.weight_hh_l0, rnn.weight_ih_l0], 1).detach()  # (4H, H + n_in)
    given, _ = called(answer, x, h, c, joined, (rnn.bias_ih_l0 + rnn.bias_hh_l0).detach())
    shape = tuple(h.shape)
    found = arrays(given, [shape, shape], f"h and c, two tensors of shape {shape}: a row a sequence")
    with torch.no_grad():
        (after, cell), _ = model.cell(x, (h, c))
    worst = off(np.stack(found), torch.stack([after, cell]), terms=joined.shape[1])
    if not worst:
        return True, "Right: your step equals PyTorch's."
    hint = "h comes first in the joined vector; rows of the matrix are in the order i, f, g, o."
    return False, f"It is off by up to {scientific(worst)}. {hint}"


def steps_needed(answer: float) -> tuple[bool, str]:
    """The fewest unrolled steps, of those measured, at which the gradient's median error is below a tenth."""
    error = np.median(TRUNCATED.measure(device="cpu", init="forget-1").error, 0)  # (KEPT,)
    fewest = KEPT[int(np.argmax(error < OFF))]
    given = number(answer)
    if given == fewest:
        return True, f"Right: {fewest} of {KEPT[-1]} steps leave an error of {error[KEPT.index(fewest)]:.3f}."
    if given in KEPT:
        return False, f"With {given:g} steps the median error is {scientific(error[KEPT.index(given)])}."
    return False, f"One of the numbers of steps that were measured: {', '.join(map(str, KEPT))}."


CHECKS = {
    "lstm-weights": weights,
    "step-in-rows": step_in_rows,
    "steps-unrolled": steps_needed,
}
