"""Columns on paper, rows in code: which shapes, and are the numbers the same?"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from ... import figures
from ...lens import Experiment, Knob, Result
from ...models.lstm import LSTM
from ...runtime import generator, one_thread, pick_device, setup
from ..synthesis import grid

INPUTS, STEPS = 5, 12
ROWS = ("all inputs", "x(t)", "W", "W x(t)", "h(t)", "c(t)")

KNOBS = {
    "batch": Knob("Sequences at once", 3, (1, 3, 16), 1, 64),
    "size": Knob("State size", 8, (4, 8, 32), 1, 64),
}


@dataclass(frozen=True, kw_only=True)
class Layout(Result):
    """The same LSTM written with columns, one sequence at a time, and as PyTorch has it.

    paper: (seeds, ROWS, 2), shapes. code: (seeds, ROWS, 3), shapes; 0 where there is no such axis.
    apart: (seeds, ROWS), the greatest difference between the two once one of them is turned.
    """

    paper: np.ndarray
    code: np.ndarray
    apart: np.ndarray


def run(*, seeds, device, batch, size) -> Layout:
    """Compute both ways in float64, and read the shapes off the tensors."""
    pick_device(device)  # a wrong name is refused here too, though this probe always runs on the CPU
    start = time.perf_counter()
    paper, code, apart = (np.stack(found) for found in zip(*(laid_out(batch, size, s) for s in seeds), strict=True))
    spent = setup(torch.device("cpu"), time.perf_counter() - start)
    knobs = {"batch": batch, "size": size}
    return Layout(knobs=knobs, seeds=tuple(seeds), setup=spent, paper=paper, code=code, apart=apart)


@lru_cache(maxsize=256)
@torch.no_grad()
@one_thread()
def laid_out(batch: int, size: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The three arrays of `Layout` for one seed."""
    model = LSTM(INPUTS, size, 1, generator=generator(seed, "weights")).double()
    x = torch.randn(batch, STEPS, INPUTS, generator=generator(seed, "inputs"), dtype=torch.float64)  # (B, T, n_in)
    states, (_, cells) = model.rnn(x)  # (B, T, H), (1, B, H)
    weight = model.rnn.weight_ih_l0  # (4H, n_in)
    code = [x, x[:, -1], weight, x[:, -1] @ weight.T, states[:, -1], cells[0]]
    apart = np.zeros(len(ROWS))
    for b in range(batch):
        columns = in_columns(model, x[b].T)
        rows = [one.T if one is weight else one[b] for one in code]
        there = [
            (column.T.flatten() - row.flatten()).abs().max().item() for column, row in zip(columns, rows, strict=True)
        ]
        apart = np.maximum(apart, there)
    paper = np.array([column.shape for column in columns], dtype=float)  # (ROWS, 2)
    shapes = np.array([[*one.shape, *[0] * (3 - one.ndim)] for one in code], dtype=float)  # (ROWS, 3)
    return paper, shapes, apart


def in_columns(model: LSTM, x: Tensor) -> list[Tensor]:
    """One sequence, a column (n_in, 1) of x (n_in, T) at a time, as papers write it: what `ROWS` names."""
    w, size = model.rnn, model.n_hidden
    h = c = x.new_zeros(size, 1)  # (H, 1)
    for t in range(x.shape[1]):
        drive = w.weight_ih_l0 @ x[:, t : t + 1]  # (4H, 1)
        i, f, g, o = (drive + w.weight_hh_l0 @ h + (w.bias_ih_l0 + w.bias_hh_l0)[:, None]).chunk(4)  # (H, 1) each
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()  # (H, 1)
        h = o.sigmoid() * c.tanh()  # (H, 1)
    return [x, x[:, -1:], w.weight_ih_l0, drive, h, c]


def shape(numbers: np.ndarray) -> str:
    """(3.0, 8.0, 0.0) as "3×8"."""
    return "×".join(f"{n:.0f}" for n in numbers if n)


def draw(result: Layout, axes, own=None) -> None:
    """A row for each quantity: its shape on paper, its shape in PyTorch, and how far the numbers are apart."""
    (ax,) = axes
    grid.frame(ax, len(ROWS), ["columns", "PyTorch", "difference"])
    ink = figures.STYLES["lstm"].color
    for i, name in enumerate(ROWS):
        grid.label(ax, i, name, "rows")
        grid.cell(ax, i, 0, 0.0, shape(result.paper[0, i]), ink, "rows")
        grid.cell(ax, i, 1, 0.3, shape(result.code[0, i]), ink, "rows")
        apart = result.apart[:, i].max()
        grid.cell(ax, i, 2, 0.0, f"≈ {figures.power_of_ten(apart)}" if apart else "0", ink, "rows")


def describe(result: Layout) -> dict[str, str]:
    """The shapes."""
    rows = [
        f"{name}: {shape(result.paper[0, i])} in columns, {shape(result.code[0, i])} in PyTorch"
        for i, name in enumerate(ROWS)
    ]
    return {
        "frame": f"{INPUTS} numbers a step, {STEPS} steps.",
        "rows": ";\n".join(rows) + f".\nGreatest difference {figures.scientific(result.apart.max())}.",
    }


LAYOUT = Experiment(
    name="questions-layout",
    question="Columns or rows?",
    knobs=KNOBS,
    run=run,
    draw=draw,
    describe=describe,
    layers={"frame": (), "rows": ("batch", "size")},
    result=Layout,
    models=lambda result: [],
    height=3.2,
)
