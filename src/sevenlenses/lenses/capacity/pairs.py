"""How many pairs fit into a model of this size?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Knob, Result
from ...models.variants import MAIN
from ...tasks.recall import Recall
from ..tables import side_by_side, table, unnamed
from .recall import KNOBS as RECALL_KNOBS
from .recall import RECALL, SIZES, STEPS, unbound

PAIRS = RECALL_KNOBS["pairs"].stops
SOLVED = 0.9

KNOBS = {"size": Knob("Parameters", 40_000, SIZES, 6_000, 200_000, "log")}


@dataclass(frozen=True, kw_only=True)
class Pairs(Result):
    """final: (seeds, models, pairs), accuracy after training; models in the order of MAIN."""

    final: np.ndarray


def gather(load, settings) -> Pairs:
    """From the recall's records."""
    found = table(load, RECALL, {"variant": MAIN, "pairs": PAIRS}, "final", size=settings["size"])
    return Pairs(knobs=dict(settings), **found)


def reach(final: np.ndarray) -> np.ndarray:
    """(seeds, ..., pairs) to (seeds, ...): pairs stored at SOLVED accuracy, between two measured values by log n.

    0 where even the fewest do not reach it; the most that was tried where all do.
    """
    logs = np.log2(PAIRS)

    def one(row: np.ndarray) -> float:
        above = row >= SOLVED
        if not above[0]:
            return 0.0
        if above.all():
            return float(PAIRS[-1])
        j = int(np.argmin(above))  # the first that fails
        share = (row[j - 1] - SOLVED) / (row[j - 1] - row[j])
        return float(2 ** (logs[j - 1] + share * (logs[j] - logs[j - 1])))

    return np.apply_along_axis(one, -1, final)


def draw(result: Pairs, axes, own=None) -> None:
    """A line per model against the number of pairs."""
    (ax,) = axes
    x = np.log2(PAIRS)
    shifts = side_by_side(len(MAIN), 0.12)
    for i, name in enumerate(MAIN):
        figures.spread(ax, x + shifts[i], result.final[:, i], figures.STYLES[unnamed(MAIN)[name]], layer="runs")
    ax.plot(x, [unbound(n) for n in PAIRS], color=figures.INK, linewidth=1.0, linestyle=(0, (4, 2)), gid="frame/values")
    ax.annotate(
        "values only", (x[1], unbound(PAIRS[1])), (4, 5), textcoords="offset points",
        fontsize=10, gid="frame/values-word",
    )  # fmt: skip
    figures.reference(ax, Recall().chance, "chance", "frame")
    ax.set_xticks(x, [str(n) for n in PAIRS])
    ax.set(xlim=(x[0] - 0.2, x[-1] + 0.2), ylim=(0, 1.05), xlabel="pairs to store", title="accuracy")


def describe(result: Pairs) -> dict[str, str]:
    """Each model's accuracies."""
    rows = [
        f"{figures.STYLES[unnamed(MAIN)[name]].label}: "
        + ", ".join(f"{value:.2f} at {n}" for value, n in zip(result.final[:, i].mean(0), PAIRS, strict=True))
        for i, name in enumerate(MAIN)
    ]
    return {
        "frame": f"Mean accuracy after at most {STEPS} training steps; chance is {Recall().chance:.3g}. Knowing the "
        f"values without their keys is worth {unbound(PAIRS[0]):.2f} at {PAIRS[0]} pairs and {unbound(PAIRS[-1]):.2f} "
        f"at {PAIRS[-1]}.",
        "runs": "\n".join(rows),
    }


PAIRS_STORED = Experiment(
    name="capacity-pairs",
    question="How many pairs can a model of this size store?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": ("size",)},
    result=Pairs,
    models=lambda result: list(unnamed(MAIN).values()),
    recorded=True,
    gather=gather,
    height=4.0,
)
