"""How many multiplications does a pass take? The program's formulas, and what PyTorch counts on the course's models."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from ... import figures, kata
from ...lens import Experiment, Knob, Result
from ...models import create
from ...models.base import SequenceModel
from ...runtime import pick_device, setup
from ..scaling.ways import looped, written

LENGTHS = tuple(2**e for e in range(2, 13))  # 4 … 4,096
STYLED = ("lstm-formula", "lstm-counted", "attention-formula", "attention-counted", "attention-pairs")

KNOBS = {"size": Knob("State size", 64, (4, 16, 64, 256), 4, 512, "log", multiple=4)}


@dataclass(frozen=True, kw_only=True)
class Counts(Result):
    """Multiply-accumulates of one forward pass of one sequence; half as many as floating-point operations.

    counted: (seeds, STYLED, LENGTHS): an LSTM by the program's formula, and counted; attention by the formula, counted,
        and counted without its projections.
    """

    counted: np.ndarray


def run(*, seeds, device, size) -> Counts:
    """Counted on PyTorch's "meta" device, where only shapes are worked out; neither weights nor inputs play a part."""
    pick_device(device)
    start = time.perf_counter()
    found = [[count(name, size, length) for length in LENGTHS] for name in STYLED]  # (STYLED, LENGTHS)
    return Counts(
        knobs={"size": size},
        seeds=tuple(seeds),
        setup=setup(torch.device("cpu"), time.perf_counter() - start),
        counted=np.repeat(np.array([found], float), len(seeds), 0),
    )


def inputs_of(size: int) -> int:
    """Numbers in an input: as many as in a state, and 3 for the program's own state of 4."""
    return kata.INPUTS if size == kata.HIDDEN else size


@lru_cache(maxsize=4096)
def count(name: str, size: int, length: int) -> int:
    """Multiply-accumulates of what STYLED names."""
    inputs = inputs_of(size)
    if name == "lstm-formula":
        return kata.lstm_operations(length, size, inputs)
    if name == "attention-formula":
        return kata.attention_operations(length, size)
    if name == "lstm-counted":
        return length * multiplied(blank("lstm", inputs, size), looped, 1)  # every step costs the same
    model = blank("attention", inputs, size)
    if name == "attention-counted":
        return multiplied(model, written, length)
    projections = sum(weight.numel() for weight in model.parameters() if weight.ndim == 2)
    return count("attention-counted", size, length) - length * projections


@lru_cache(maxsize=64)
def blank(name: str, inputs: int, size: int) -> SequenceModel:
    """The course's model with one output, without any numbers in it."""
    return create(name, inputs, size, 1, generator=torch.Generator()).to("meta")


def multiplied(model: SequenceModel, compute, length: int) -> int:
    """What PyTorch's counter finds in the forward pass, halved: it counts a multiplication and an addition as two.

    Matrix products alone are counted; gates' sigmoids, softmax and sums are not.
    """
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        compute(model, torch.empty(1, length, model.n_in, device="meta"))
    return counter.get_total_flops() // 2


def crossings(result: Counts) -> tuple[float, float]:
    """The length from which on attention multiplies more: by the formulas, and as counted; NaN if from the first.

    Both counts are exact, and attention's over the LSTM's is a straight line in the length.
    """
    rows = dict(zip(STYLED, result.counted[0], strict=True))  # (LENGTHS,) each
    first, last = LENGTHS[0], LENGTHS[-1]
    over = (rows[f"attention-{how}"] / rows[f"lstm-{how}"] for how in ("formula", "counted"))
    formula, counted = (first + (1 - r[0]) * (last - first) / (r[-1] - r[0]) if r[0] < 1 else np.nan for r in over)
    return formula, counted


def draw(result: Counts, axes, own=None) -> None:
    """Dashed: the formulas. With marks: what is counted."""
    (ax,) = axes
    for row, name in zip(result.counted[0], STYLED, strict=True):
        style = figures.STYLES[name]
        ax.plot(LENGTHS, row, color=style.color, linestyle=style.line, marker=style.marker, gid=f"runs/{name}")
    figures.octave_axis(ax, LENGTHS[-1])
    ax.set_xlim(0.9 * LENGTHS[0], 1.1 * LENGTHS[-1])
    figures.log_axis(ax, 1, 11, 2)
    ax.set(xlabel="sequence length, n", title="multiply-accumulates, one pass")


def describe(result: Counts) -> dict[str, str]:
    """Counts at two lengths, and where they cross."""
    rows = []
    for row, name in zip(result.counted[0], STYLED, strict=True):
        at = ", ".join(f"{row[LENGTHS.index(n)]:,.0f} at {n:,}" for n in (64, 1024))
        rows.append(f"{figures.STYLES[name].label}: {at}")
    formula, counted = crossings(result)
    size = result.knobs["size"]
    return {
        "frame": "A multiply-accumulate is a multiplication and an addition: two floating-point operations.",
        "runs": f"State size {size}, {inputs_of(size)} numbers in an input.\n" + "\n".join(rows) + "\n"
        f"Attention multiplies more than the LSTM {said(formula)} by the formulas, and {said(counted)} as counted.",
    }


def said(length: float) -> str:
    """A crossing in words."""
    return f"from {np.ceil(length - 1e-6):,.0f} steps on" if np.isfinite(length) else f"at {LENGTHS[0]} steps already"


COUNTS = Experiment(
    name="kata-counts",
    question="How many multiplications does a pass take?",
    knobs=KNOBS,
    run=run,
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": ("size",)},
    result=Counts,
    models=lambda result: list(STYLED),
    seeds=(0,),
    height=4.2,
)
