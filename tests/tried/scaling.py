"""What is tried on the exercises of the chapter on scaling; see `tried`."""

import torch

from tried import Tried


def loop(a, b):
    h, states = torch.zeros_like(b[:, 0]), []
    for t in range(b.shape[1]):
        h = a[:, t] * h + b[:, t]  # (B, H)
        states.append(h)
    return torch.stack(states, 1)  # (B, T, H)


def scan_that_forgets_the_product(a, b):
    reach = 1
    while reach < b.shape[1]:
        b = b + a * torch.nn.functional.pad(b[:, :-reach], (0, 0, reach, 0))  # (B, T, H)
        reach *= 2
    return b


PLACE = {1: 2, 1.5: 3, 2.5: 4, 3.5: 5, 4.5: 6, 7: 7}

TRIED = {
    "meeting-length": Tried(
        near=(lambda steps, loop, attention: loop / attention, 0.5),
        wrong=[
            (lambda steps, loop, attention: 2 * steps, "steps the loop takes"),
            (lambda steps, loop, attention: 3 * steps * loop / attention, "Write both times as a number times a power"),
            (lambda steps, loop, attention: -steps * loop / attention, "Twice the length: how much longer does each"),
        ],
    ),
    "doubling-scan": Tried(
        near=(loop, 0.5),
        wrong=[
            (scan_that_forgets_the_product, "What do two stretches side by side make of the h before them?"),
            (lambda a, b: b.cumsum(1), "It is off by up to"),
            (lambda a, b: b * torch.nan, "It is off by up to nan"),
            (lambda a, b: b[:, -1], "should return all h, a tensor of shape (2, 37, 5)"),
        ],
    ),
    "overtaken": Tried(
        near=(lambda above: PLACE[above], 0.5),
        wrong=[
            (lambda above: 32, "Take the curve of batch 16 and the median over the sweeps"),
            (lambda above: 64, "find the first length where it is above"),
            (lambda above: 700, "find the first length where it is above"),
        ],
    ),
}
