"""After training: the same networks, asked in five ways who is responsible."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Result
from ..tables import side_by_side, table
from .attribution import METHODS
from .learning import COMPARED
from .through import MEASURE, MEASURES
from .watch import WATCH

WAYS = {
    "gradient": "by-gradient",
    "whole": "by-whole",
    "product": "by-product",
    "odds": "by-odds",
    "swap": "by-swap",
}  # method: style
MODELS = [name for name in COMPARED if name not in ("lstm-forget-0", "lstm-forget-3")]
SHORT = {
    "rnn": "RNN",
    "lstm-forget-1": "LSTM",
    "gru": "GRU",
    "lstm-chrono": "chrono",
    "min-lstm": "min-\nLSTM",
    "attention": "att.",
    "attention-positions": "att.,\npos.",
    "deep-attention": "att.\n×2",
}


@dataclass(frozen=True, kw_only=True)
class Compared(Result):
    """found: (seeds, models, WAYS), the measure at the responsible step. final: (seeds, models), accuracy."""

    found: np.ndarray
    final: np.ndarray


def gather(load, settings) -> Compared:
    """From the watched runs, the last look."""
    field = settings["measure"]
    runs = table(load, WATCH, {"variant": MODELS}, field, "final", length=settings["length"])
    found = runs.pop(field)[:, :, -1, [METHODS.index(way) for way in WAYS]].mean(-1)  # (seeds, models, WAYS)
    return Compared(knobs=dict(settings), found=found, **runs)


def draw(result: Compared, axes, own=None) -> None:
    """Models along x, one marker a way to ask, the spread over seeds as a bar."""
    (ax,) = axes
    for i, (shift, style) in enumerate(zip(side_by_side(len(WAYS), 0.56), WAYS.values(), strict=True)):
        runs, x = result.found[:, :, i], np.arange(len(MODELS)) + shift
        look = figures.STYLES[style]
        ax.vlines(x, runs.min(0), runs.max(0), color=look.color, linewidth=1.6, alpha=0.6, gid="runs/bars")
        ax.plot(x, runs.mean(0), color=look.color, linestyle="", marker=look.marker, markersize=7, gid="runs/means")
    figures.reference(ax, 1 / (result.knobs["length"] - 1), "even", "even")
    ax.set_xticks(range(len(MODELS)), [SHORT.get(name, figures.STYLES[name].label) for name in MODELS], fontsize=9)
    ax.tick_params(axis="x", length=0)
    ax.grid(False, axis="x")
    title = f"{MEASURES[result.knobs['measure']]} at the responsible step"
    ax.set(xlim=(-0.5, len(MODELS) - 0.5), ylim=(0, 1.05), title=title)


def describe(result: Compared) -> dict[str, str]:
    """Every model, every way."""
    mean, final = result.found.mean(0), result.final.mean(0)
    rows = [
        f"{figures.STYLES[name].label} (accuracy {final[i]:.2f}): "
        + ", ".join(f"{mean[i, j]:.2f} {figures.STYLES[style].label}" for j, style in enumerate(WAYS.values()))
        for i, name in enumerate(MODELS)
    ]
    return {
        "frame": "After the whole training budget. Mean over seeds, least to greatest as a bar.",
        "even": f"Shared evenly, each step would have {1 / (result.knobs['length'] - 1):.3f}.",
        "runs": f"Mean {MEASURES[result.knobs['measure']]}:\n" + "\n".join(rows),
    }


COMPARED_WAYS = Experiment(
    name="credit-compared",
    question="Five ways to ask the same trained network. Do they agree?",
    knobs={"measure": MEASURE, "length": WATCH.knobs["length"]},
    draw=draw,
    describe=describe,
    layers={"frame": ("measure",), "even": ("length",), "runs": ("measure", "length")},
    result=Compared,
    models=lambda result: list(WAYS.values()),
    recorded=True,
    gather=gather,
    height=4.0,
)
