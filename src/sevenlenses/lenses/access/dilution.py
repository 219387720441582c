"""What do the reads themselves do to a store that keeps everything?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Result
from ...models.variants import EVERY
from ..tables import table
from .reads import KNOBS as RUN_KNOBS
from .reads import READS, READS_RUN

READERS = ("attention", "attention-positions", "linear-attention")

KNOBS = {"trained": RUN_KNOBS["trained"]}


@dataclass(frozen=True, kw_only=True)
class Dilution(Result):
    """stored: (seeds, READERS, READS), the weight that the r-th read gives to the pair it asks for, mean over heads."""

    stored: np.ndarray


def gather(load, settings) -> Dilution:
    """From the reads' records."""
    found = table(load, READS_RUN, {"variant": READERS}, "stored", trained=settings["trained"])
    return Dilution(knobs=dict(settings), **found)


def draw(result: Dilution, axes, own=None) -> None:
    """The weight on the right pair against the number of the read."""
    (ax,) = axes
    points = figures.octaves(READS)
    for i, name in enumerate(READERS):
        figures.band(ax, points, result.stored[:, i, points - 1], figures.STYLES[name], layer="runs")
    figures.octave_axis(ax, READS)
    ax.set(ylim=(0, 1.04), xlabel="read, r", title="weight on the stored pair that is asked for")


def describe(result: Dilution) -> dict[str, str]:
    """Each reader's weight at four reads."""
    mean = np.median(result.stored, 0)
    rows = [
        f"{EVERY[name].label}: " + ", ".join(f"{mean[i, r - 1]:.2f} at read {r}" for r in (1, 8, 32, 128))
        for i, name in enumerate(READERS)
    ]
    trained = f"Reads in a row, in training: {result.knobs['trained']}.\n"
    return {"frame": "Median weight on the pair asked for.", "runs": trained + "\n".join(rows)}


DILUTION = Experiment(
    name="access-dilution",
    question="What do the reads do to a store that keeps everything?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": ("trained",)},
    result=Dilution,
    models=lambda result: list(READERS),
    recorded=True,
    gather=gather,
)
