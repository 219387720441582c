"""The same room, with and without an address: an LSTM beside cells whose state is a matrix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Result
from ...models.variants import EVERY
from ...tasks.recall import Recall
from ..tables import table
from .address import ADDRESS, CELLS, PAIRS, ROOM, parameters
from .recall import RECALL, SIZES, STEPS, unbound

(STORED,) = PAIRS
VECTOR, SIZE = "lstm-forget-1", SIZES[-1]  # an LSTM of this size has a state of ROOM numbers
SHORT = {
    VECTOR: "LSTM",
    "matrix-cell": "matrix,\nadded to",
    "matrix-gated": "with\ngates",
    "matrix-reading": "gates\nthat read",
    "matrix-delta": "delta\nrule",
}


@dataclass(frozen=True, kw_only=True)
class Rooms(Result):
    """final: (seeds, designs), accuracy after training; the LSTM, then the matrix cells, in the order of SHORT."""

    final: np.ndarray


def gather(load, settings) -> Rooms:
    """From the records of the LSTM and of the matrix cells."""
    lstm = table(load, RECALL, {"variant": (VECTOR,)}, "final", pairs=STORED, size=SIZE)["final"]  # (seeds, 1)
    found = table(load, ADDRESS, {"variant": CELLS}, "final", pairs=STORED)
    return Rooms(knobs=dict(settings), final=np.concatenate([lstm, found.pop("final")], 1), **found)


def draw(result: Rooms, axes, own=None) -> None:
    """Designs along x: a marker for the mean, a bar from the lowest seed to the highest."""
    (ax,) = axes
    for i, name in enumerate(SHORT):
        figures.spread(ax, np.array([i]), result.final[:, i : i + 1], figures.STYLES[name], layer="runs")
    figures.reference(ax, Recall().chance, "chance", "runs")
    figures.reference(ax, unbound(STORED), "knows the values, not the keys", "runs", (0, (4, 2)))
    ax.set_xticks(range(len(SHORT)), SHORT.values())
    ax.tick_params(axis="x", length=0)
    ax.grid(False, axis="x")
    ax.set(xlim=(-0.6, len(SHORT) - 0.4), ylim=(0, 1.05), title="accuracy")


def describe(result: Rooms) -> dict[str, str]:
    """Each design's accuracy and parameters."""
    sizes = {VECTOR: SIZE} | {name: parameters(name) for name in CELLS}
    said = ", ".join(
        f"{EVERY[name].label} (at most {sizes[name]:,} parameters) {mean:.2f}"
        for name, mean in zip(SHORT, result.final.mean(0), strict=True)
    )
    return {
        "runs": f"{STORED} pairs, a state of {ROOM} numbers, at most {STEPS} training steps. To know the values "
        f"without their keys is worth {unbound(STORED):.2f}. Mean accuracy: {said}. The bars go from the lowest seed "
        "to the highest.",
    }


ROOMS = Experiment(
    name="capacity-rooms",
    question="The same room, with an address and without: who finds what was stored?",
    knobs={},
    draw=draw,
    describe=describe,
    layers={"runs": ()},
    result=Rooms,
    models=lambda result: list(SHORT),
    recorded=True,
    gather=gather,
    height=4.0,
)
