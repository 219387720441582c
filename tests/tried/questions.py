"""What is tried on the exercises of the chapter on questions; see `tried`."""

import torch

from tried import Tried


def step(x, h, c, weight, bias, *, joined=None):
    rows = torch.cat([h, x] if joined is None else joined, 1) @ weight.T + bias  # (B, 4H)
    i, f, g, o = rows.chunk(4, 1)  # (B, H) each
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()  # (B, H)
    return o.sigmoid() * c.tanh(), c


def step_without_a_tanh(x, h, c, weight, bias):
    after, cell = step(x, h, c, weight, bias)
    return after / cell.tanh() * cell, cell


FEWEST = {0.1: 16, 0.01: 32, 0.02: 32, 0.4: 4, 0.45: 4, 0.5: 4, 0.65: 2}

TRIED = {
    "lstm-weights": Tried(
        near=(lambda inputs, units, length: 4 * units * (inputs + units + 1), 0.5),
        wrong=[
            (lambda inputs, units, length: 4 * units * (inputs + units + 2) * length, "The same weights serve every"),
            (lambda inputs, units, length: 4 * units * (inputs + units), "The biases are missing"),
            (lambda inputs, units, length: units * (inputs + units + 2), "That is one of the four"),
            (lambda inputs, units, length: 4 * (inputs + units), "Count rows, four for each unit"),
        ],
    ),
    "step-in-rows": Tried(
        near=(step_without_a_tanh, 0.5),
        wrong=[
            (lambda x, h, c, w, b: step(x, h, c, w, b, joined=[x, h]), "h comes first in the joined vector"),
            (lambda x, h, c, w, b: step(x, h, c, w, b)[::-1], "It is off by up to"),
            (lambda x, h, c, w, b: (h * torch.nan, c), "It is off by up to nan"),
            (lambda x, h, c, w, b: (h.T, c.T), "a row a sequence"),
        ],
    ),
    "steps-unrolled": Tried(
        near=(lambda below: 2 * FEWEST[below], 0.5),
        wrong=[
            (lambda below: FEWEST[below] // 2, "steps the median error is"),
            (lambda below: 10, "One of the numbers of steps that were measured: 1, 2, 4, 8, 16, 32, 64."),
            (lambda below: 1, "With 1 steps the median error is"),
        ],
    ),
}
