"""What mends a short memory, and what does not: all changes side by side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Result
from ...tasks.cue import Cue
from ..scaling.curves import level, row, rows_axis
from ..tables import table
from .mends import CHANGES, MENDS_RUN
from .mends import KNOBS as RUN_KNOBS

NAMES = tuple(CHANGES)
KNOBS = {"lag": RUN_KNOBS["lag"]}


@dataclass(frozen=True, kw_only=True)
class Mended(Result):
    """final, used: (seeds, NAMES), accuracy on fresh sequences, and the training steps until .99 or the end."""

    final: np.ndarray
    used: np.ndarray


def gather(load, settings) -> Mended:
    """From the training runs."""
    return Mended(
        knobs=dict(settings), **table(load, MENDS_RUN, {"change": NAMES}, "final", "used", lag=settings["lag"])
    )


def draw(result: Mended, axes, own=None) -> None:
    """A row for each change: mean, least and greatest."""
    (ax,) = axes
    for i, name in enumerate(NAMES):
        label = RUN_KNOBS["change"].say(name)
        row(ax, i, result.final[:, i], figures.STYLES[f"lstm-{name}"], label, "runs", np.mean)
    level(ax, len(NAMES), Cue().chance, "frame/chance", color=figures.INK, linewidth=1.2, linestyle=":")
    ax.set(xlim=(0, 1.04), xlabel="accuracy (dotted: chance)", title="the LSTM and what is said to mend it")
    rows_axis(ax, len(NAMES))


def describe(result: Mended) -> dict[str, str]:
    """Each change's accuracy."""
    rows = [
        f"{RUN_KNOBS['change'].say(name).capitalize()}: {result.final[:, i].mean():.2f} "
        f"({result.final[:, i].min():.2f} to {result.final[:, i].max():.2f})"
        for i, name in enumerate(NAMES)
    ]
    return {
        "frame": f"Chance is {Cue().chance:.3g}.",
        "runs": f"Lag {result.knobs['lag']}. Mean accuracy, and least to greatest:\n" + "\n".join(rows),
    }


MENDED = Experiment(
    name="kata-mended",
    question="What mends a short memory?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": ("lag",)},
    result=Mended,
    models=lambda result: [],
    recorded=True,
    gather=gather,
    height=5.6,
)
