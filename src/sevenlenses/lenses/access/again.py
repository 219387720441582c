"""How well is a stored pair read the r-th time?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Knob, Result
from ...models.variants import MAIN
from ...runtime import generator
from ..tables import named, table, unnamed
from .reads import COMPARED, READS, READS_RUN, STORE
from .reads import KNOBS as RUN_KNOBS

KNOBS = {
    "trained": RUN_KNOBS["trained"],
    "asked": Knob("Asked for", "random", ("random", "same"), names={"random": "random keys", "same": "one key only"}),
}


def values_known() -> float:
    """The score of knowing which values were stored, and not with which key."""
    return STORE.unbound(generator(0, "unbound"))


@dataclass(frozen=True, kw_only=True)
class Again(Result):
    """right: (seeds, models, READS), accuracy at the r-th read. snapshot: (seeds, models), right after the writes."""

    right: np.ndarray
    snapshot: np.ndarray


def gather_of(styles: dict[str, str]):
    """A gathering function for the models in `styles`."""

    def gather(load, settings) -> Again:
        found = table(load, READS_RUN, {"variant": list(styles)}, "right", "snapshot", trained=settings["trained"])
        found["right"] = found["right"][:, :, KNOBS["asked"].stops.index(settings["asked"])]  # (seeds, models, READS)
        return Again(knobs=dict(settings), **found)

    return gather


def draw_of(styles: dict[str, str]):
    """A drawing function: accuracy against the number of the read."""

    def draw(result: Again, axes, own=None) -> None:
        (ax,) = axes
        points = figures.octaves(READS)
        for i, style in enumerate(figures.STYLES[name] for name in styles.values()):
            figures.band(ax, points, result.right[:, i, points - 1], style, layer="runs")
        ax.axvline(result.knobs["trained"], color=figures.INK, linewidth=1.0, linestyle=(0, (4, 2)), gid="trained/to")
        figures.reference(ax, STORE.chance, "chance", "frame")
        figures.reference(ax, values_known(), "", "frame", (0, (4, 2)))
        figures.octave_axis(ax, READS)
        ax.set(
            ylim=(0, 1.04),
            xlabel="read, r (dashed: trained up to here)",
            title="accuracy (level line: values only)",
        )

    return draw


def describe_of(styles: dict[str, str]):
    """Each model at four reads."""

    def describe(result: Again) -> dict[str, str]:
        mean = result.right.mean(0)
        rows = [
            f"{figures.STYLES[name].label}: " + ", ".join(f"{mean[i, r - 1]:.2f} at read {r}" for r in (1, 8, 32, 128))
            for i, name in enumerate(styles.values())
        ]
        asked = KNOBS["asked"].say(result.knobs["asked"])
        return {
            "frame": f"{STORE.pairs} pairs stored once; chance is {STORE.chance:.3g}, and to know the values "
            f"without their keys is worth {values_known():.2f}.",
            "trained": f"Reads in a row, in training: {result.knobs['trained']}.",
            "runs": f"Asked for {asked}. Mean accuracy:\n" + "\n".join(rows),
        }

    return describe


def experiment(name: str, question: str, styles: dict[str, str]) -> Experiment:
    """The picture for some models, each in a style: before or after the term is revealed."""
    return Experiment(
        name=name,
        question=question,
        knobs=KNOBS,
        draw=draw_of(styles),
        describe=describe_of(styles),
        layers={"frame": (), "trained": ("trained",), "runs": ("trained", "asked")},
        result=Again,
        models=lambda result: list(styles.values()),
        recorded=True,
        gather=gather_of(styles),
        height=4.0,
    )


AGAIN = experiment("access-again", "How well is a stored pair read the r-th time?", unnamed(MAIN))
RIVALS = experiment("access-rivals", "Which memories bear being read?", named(COMPARED))
