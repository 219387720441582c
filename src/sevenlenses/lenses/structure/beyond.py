"""How do models fare on brackets beyond the lengths and depths that they were trained on?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from torch import Tensor

from ... import figures
from ...lens import Experiment, Result
from ...runtime import generator
from ...tasks.brackets import Brackets
from ..tables import table
from .nested import DEEP, DEPTHS, LENGTHS, NESTED, TASK

COMPARED = NESTED.knobs["variant"].stops
DRAWS = 2000  # sequences on which the level of counting is measured


@dataclass(frozen=True, kw_only=True)
class Beyond(Result):
    """Accuracy on closing brackets that have others inside.

    lengths: (seeds, models, LENGTHS), at the trained depth. depths: (seeds, models, DEPTHS), at the trained length.
    """

    lengths: np.ndarray
    depths: np.ndarray


def gather(load, settings) -> Beyond:
    """From the records of the brackets."""
    found = table(load, NESTED, {"variant": COMPARED}, "lengths", "depths")
    return Beyond(knobs=dict(settings), **found)


@lru_cache(maxsize=1)
def by_counting() -> tuple[list[float], list[float]]:
    """The accuracy of always saying the kind that has opened most often so far: at LENGTHS, at DEPTHS."""
    source = generator(0, "counting")
    by_length = [counted(Brackets(length, TASK.deepest), source) for length in LENGTHS]
    right, around, depth = counted(DEEP, source)
    return (
        [right[around].mean().item() for right, around, _ in by_length],
        [right[around & (depth == d)].mean().item() for d in DEPTHS],
    )


def counted(task: Brackets, source) -> tuple[Tensor, Tensor, Tensor]:
    """(B, T) each: 1 where the commonest kind is right; where a bracket closes that has others inside; its depth."""
    batch = task.sample(DRAWS, source)
    commonest = batch.x[..., : task.kinds].cumsum(1).argmax(-1)  # (B, T)
    return (commonest == batch.y).double(), task.around(batch), task.depths(batch)


def draw(result: Beyond, axes, own=None) -> None:
    """Left: accuracy against length. Right: against depth. Dashed: what training went up to."""
    for ax, x, runs, level, trained, word in (
        (axes[0], np.arange(len(LENGTHS)), result.lengths, by_counting()[0], 0, "length, in steps"),
        (axes[1], np.array(DEPTHS), result.depths, by_counting()[1], TASK.deepest - 1, "depth"),
    ):
        ax.plot(x, level, color=figures.INK, linewidth=1.0, linestyle=(0, (4, 2)), gid="frame/counting")
        for i, name in enumerate(COMPARED):
            figures.spread(ax, x, runs[:, i], figures.STYLES[name], layer="runs")
        ax.axvline(trained, color=figures.INK, linewidth=1.0, linestyle=(0, (4, 2)), gid="frame/trained")
        figures.reference(ax, TASK.chance, "chance", "frame")
        ax.set(ylim=(0, 1.04), xlabel=f"{word} (dashed: trained)")
    axes[0].set_xticks(range(len(LENGTHS)), [str(length) for length in LENGTHS])
    axes[0].set(title=f"accuracy, depth up to {TASK.deepest}", xlim=(-0.2, len(LENGTHS) - 0.8))
    axes[1].set(title=f"accuracy, {TASK.length} steps", xlim=(0.7, DEPTHS[-1] + 0.3))


def describe(result: Beyond) -> dict[str, str]:
    """Each model at every length, and at a few depths."""
    rows = []
    for i, name in enumerate(COMPARED):
        lengths, depths = result.lengths[:, i].mean(0), result.depths[:, i].mean(0)
        by_length = ", ".join(f"{v:.2f} at {length} steps" for v, length in zip(lengths, LENGTHS, strict=True))
        by_depth = ", ".join(f"{depths[DEPTHS.index(d)]:.2f} at depth {d}" for d in (1, TASK.deepest, DEPTHS[-1]))
        rows.append(f"{figures.STYLES[name].label}: {by_length}; {by_depth}")
    return {
        "frame": f"Trained on {TASK.length} steps and depths up to {TASK.deepest}; chance is {TASK.chance:.3g}, and to "
        f"say the kind that opened most often is worth {by_counting()[0][0]:.2f} at the trained length (dashed curve).",
        "runs": "Mean accuracy on closing brackets that have others inside.\n" + "\n".join(rows),
    }


BEYOND = Experiment(
    name="structure-beyond",
    question="Who closes the right bracket beyond what it was trained on?",
    knobs={},
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": ()},
    result=Beyond,
    models=lambda result: list(COMPARED),
    recorded=True,
    gather=gather,
    panels=2,
    height=4.0,
)
