"""The same room, with an address and without: accuracy by the number of pairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Result
from ...models.variants import EVERY
from ..tables import side_by_side, table
from .address import ADDRESS, CELLS, PAIRS, SIZE, TRIED
from .recall import RECALL, SIZES, STEPS, unbound
from .recall import TRIED as CHAIN_TRIED
from .state import floats_kept

CHAIN = "lstm-forget-1"
MEMORIES = (CHAIN, *CELLS)
ASKED = tuple(pairs for pairs in PAIRS if pairs in RECALL.knobs["pairs"].stops)  # of the LSTM
ROOM = (SIZE // 4) ** 2  # numbers


@dataclass(frozen=True, kw_only=True)
class Rooms(Result):
    """final: (seeds, MEMORIES, PAIRS), accuracy after training; NaN where not trained."""

    final: np.ndarray


def gather(load, settings) -> Rooms:
    """From the records of the cells, and of the LSTM whose state is as large."""
    (size,) = (size for size in SIZES if floats_kept("lstm", size, PAIRS[0]) == ROOM)
    chain = table(load, RECALL, {"pairs": ASKED}, "final", variant=CHAIN, size=size)["final"]  # (seeds, ASKED)
    found = table(load, ADDRESS, {"variant": CELLS, "pairs": PAIRS}, "final")
    first = np.full_like(found["final"][:, :1], np.nan)  # (seeds, 1, PAIRS)
    first[:, 0, [PAIRS.index(pairs) for pairs in ASKED]] = chain
    return Rooms(knobs=dict(settings), final=np.concatenate([first, found.pop("final")], 1), **found)


def draw(result: Rooms, axes, own=None) -> None:
    """A line a memory against the number of pairs."""
    (ax,) = axes
    x = np.log2(PAIRS)
    for i, (name, shift) in enumerate(zip(MEMORIES, side_by_side(len(MEMORIES), 0.16), strict=True)):
        there = np.isfinite(result.final[0, i])
        figures.spread(ax, x[there] + shift, result.final[:, i, there], figures.STYLES[name], layer="runs")
    known = [unbound(pairs) for pairs in PAIRS]
    ax.plot(x, known, color=figures.INK, linewidth=1.0, linestyle=(0, (4, 2)), gid="frame/known")
    ax.set_xticks(x, [str(pairs) for pairs in PAIRS])
    ax.set(ylim=(0, 1.05), xlabel="pairs (dashed: knows the values, not the keys)", title="accuracy")


def describe(result: Rooms) -> dict[str, str]:
    """Each memory's accuracy by pairs."""
    rows = []
    for name, row in zip(MEMORIES, result.final.mean(0), strict=True):
        there = [f"{v:.2f} with {pairs}" for v, pairs in zip(row, PAIRS, strict=True) if np.isfinite(v)]
        rows.append(f"{EVERY[name].label[0].upper()}{EVERY[name].label[1:]}: {', '.join(there)}.")
    return {
        "frame": f"Every memory has {ROOM} numbers; {STEPS} training steps. Learning rates were chosen with {TRIED} "
        f"pairs, the LSTM's with {CHAIN_TRIED}; elsewhere a low score may be the rate's. The dashed line is the score "
        "of one who knows the values, not the keys. The bars go from the lowest seed to the highest.",
        "runs": "Mean accuracy by pairs:\n" + "\n".join(rows),
    }


ROOMS = Experiment(
    name="capacity-rooms",
    question="What does the same room store, with an address and without?",
    knobs={},
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": ()},
    result=Rooms,
    models=lambda result: list(MEMORIES),
    recorded=True,
    gather=gather,
    height=4.0,
)
