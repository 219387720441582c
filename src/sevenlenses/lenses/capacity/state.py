"""Is it the number of floats in memory that decides?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ... import figures
from ...lens import Experiment, Knob, Result
from ...models import create
from ...models.memory import bytes_kept
from ...models.variants import EVERY, size_within
from ...runtime import generator
from ...tasks.recall import Recall
from ..tables import table
from .pairs import PAIRS
from .recall import COMPARED, RECALL, SIZES, unbound
from .small import SIZE, SMALL, VARIANT

LADDER = (SIZE, *SIZES)  # parameters; the first for linear attention alone

KNOBS = {"pairs": Knob("Pairs to store", 16, PAIRS, 1, 64, "log", "pairs")}


@dataclass(frozen=True, kw_only=True)
class States(Result):
    """Accuracy against what is kept; models in the order of COMPARED, sizes in that of LADDER; NaN where not trained.

    final: (seeds, models, sizes), accuracy after training.
    floats: (1, models, sizes), numbers kept of the past when the pairs are stored.
    """

    final: np.ndarray
    floats: np.ndarray


def gather(load, settings) -> States:
    """From the recall's records; what is kept is counted on the models themselves."""
    found = table(load, RECALL, {"variant": COMPARED, "size": SIZES}, "final", pairs=settings["pairs"])
    small = load(SMALL, SMALL.settings(pairs=settings["pairs"])).final  # (seeds,)
    smallest = np.full_like(found["final"][:, :, :1], np.nan)  # (seeds, models, 1)
    smallest[:, COMPARED.index(VARIANT), 0] = small
    floats = [[floats_kept(EVERY[name].model, size, settings["pairs"]) for size in LADDER] for name in COMPARED]
    final = np.concatenate([smallest, found.pop("final")], 2)
    return States(
        knobs=dict(settings),
        final=final,
        floats=np.where(np.isfinite(final[:1]), np.array([floats], float), np.nan),
        **found,
    )


@lru_cache(maxsize=256)
def floats_kept(model: str, budget: int, pairs: int) -> int:
    """Numbers that a model of at most `budget` parameters keeps of `pairs` pairs."""
    task = Recall(pairs=pairs)
    size = size_within(model, task.n_in, task.n_out, budget)
    return bytes_kept(create(model, task.n_in, size, task.n_out, generator=generator(0, "weights")), pairs) // 4


def draw(result: States, axes, own=None) -> None:
    """One line a model through its sizes: accuracy against floats kept."""
    (ax,) = axes
    for i, name in enumerate(COMPARED):
        there = np.isfinite(result.floats[0, i])
        figures.spread(ax, result.floats[0, i, there], result.final[:, i, there], figures.STYLES[name], layer="runs")
    figures.reference(ax, Recall().chance, "chance", "frame")
    figures.reference(ax, unbound(result.knobs["pairs"]), "knows the values, not the keys", "runs", (0, (4, 2)))
    ax.set_xscale("log", base=2)
    ax.set_xticks([2**e for e in (5, 7, 9, 11, 13)], [f"{2**e:,}" for e in (5, 7, 9, 11, 13)])
    ax.minorticks_off()
    ax.set(xlim=(2**4.6, 2**13.5), ylim=(0, 1.05), xlabel="numbers kept in memory", title="accuracy")


def describe(result: States) -> dict[str, str]:
    """Each model's accuracy at each size."""
    rows = []
    for i, name in enumerate(COMPARED):
        there = np.isfinite(result.floats[0, i])
        pairs = zip(result.final[:, i, there].mean(0), result.floats[0, i, there], strict=True)
        rows.append(f"{EVERY[name].label}: " + ", ".join(f"{v:.2f} with {int(kept):,} numbers" for v, kept in pairs))
    stored = result.knobs["pairs"]
    return {
        "frame": "Mean accuracy by how many numbers are kept:",
        "runs": f"{stored} pairs; to know the values without their keys is worth {unbound(stored):.2f}.\n"
        + "\n".join(rows),
    }


STATES = Experiment(
    name="capacity-state",
    question="Is it the number of floats in memory that decides?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": ("pairs",)},
    result=States,
    models=lambda result: COMPARED,
    recorded=True,
    gather=gather,
    height=4.0,
)
