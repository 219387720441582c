"""What an LSTM gains by more room, more practice, and keys that it knows; and what time alone costs it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Result
from ...models.variants import EVERY
from ...tasks.recall import Recall
from ..tables import side_by_side, table
from .causes import CAUSES, SIZE, VARIANT
from .length import KEPT, LENGTH
from .length import KNOBS as LENGTH_KNOBS
from .length import PAIRS as STORED
from .recall import RECALL, SIZES, unbound

PAIRS = CAUSES.knobs["pairs"].stops
BLANKS = LENGTH_KNOBS["blanks"].stops

WAYS = (VARIANT, "lstm-larger", "lstm-longer", "lstm-few-keys")  # how the LSTM is changed; names of styles


@dataclass(frozen=True, kw_only=True)
class Limits(Result):
    """ways: (seeds, WAYS, PAIRS), accuracy of the LSTM. time: (seeds, KEPT, BLANKS), accuracy on four pairs."""

    ways: np.ndarray
    time: np.ndarray


def gather(load, settings) -> Limits:
    """From the records of the recall, its causes and its length."""
    sizes = table(load, RECALL, {"size": (SIZE, SIZES[-1]), "pairs": PAIRS}, "final", variant=VARIANT)
    causes = table(load, CAUSES, {"change": ("longer", "few-keys"), "pairs": PAIRS}, "final")
    time = table(load, LENGTH, {"variant": KEPT, "blanks": BLANKS}, "final")
    seconds = sum(one["setup"]["seconds"] for one in (sizes, causes, time))
    return Limits(
        knobs=dict(settings),
        seeds=sizes["seeds"],
        setup={**sizes["setup"], "seconds": round(seconds, 1)},
        ways=np.concatenate([sizes["final"], causes["final"]], 1),
        time=time["final"],
    )


def draw(result: Limits, axes, own=None) -> None:
    """Left: four ways to train the LSTM. Right: accuracy against the steps in between."""
    ways, time = axes
    x = np.log2(PAIRS)
    for i, name in enumerate(WAYS):
        shift = side_by_side(len(WAYS), 0.1)[i]
        figures.spread(ways, x + shift, result.ways[:, i], figures.STYLES[name], layer="ways")
    ways.plot(x, [unbound(n) for n in PAIRS], color=figures.INK, linewidth=1.0, linestyle=(0, (4, 2)), gid="frame/v")
    ways.set_xticks(x, [str(n) for n in PAIRS])
    ways.set(ylim=(0, 1.05), xlabel="pairs to store", title="accuracy of the LSTM")
    places = np.arange(len(BLANKS))
    for i, name in enumerate(KEPT):
        shift = side_by_side(len(KEPT), 0.12)[i]
        figures.spread(time, places + shift, result.time[:, i], figures.STYLES[name], layer="time")
    figures.reference(time, Recall().chance, "chance", "frame")
    time.set_xticks(places, [str(n) for n in BLANKS])
    time.set(ylim=(0, 1.05), xlabel="blank steps in between", title=f"accuracy, {STORED} pairs")


def describe(result: Limits) -> dict[str, str]:
    """Both panels in numbers."""
    ways, time = result.ways.mean(0), result.time.mean(0)
    said = [
        f"{figures.STYLES[name].label}: "
        + ", ".join(f"{value:.2f} at {n} pairs" for value, n in zip(ways[i], PAIRS, strict=True))
        for i, name in enumerate(WAYS)
    ]
    waits = [
        f"{EVERY[name].label}: " + ", ".join(f"{v:.2f} over {n} steps" for v, n in zip(time[i], BLANKS, strict=True))
        for i, name in enumerate(KEPT)
    ]
    return {
        "frame": "Mean accuracy.",
        "ways": "; ".join(said) + ".",
        "time": f"{STORED} pairs kept over blank steps: " + "; ".join(waits) + ".",
    }


LIMITS = Experiment(
    name="capacity-limits",
    question="What does the LSTM lack: room, practice, a way to find what it stored, or endurance?",
    knobs={},
    draw=draw,
    describe=describe,
    layers={"frame": (), "ways": (), "time": ()},
    result=Limits,
    models=lambda result: [*WAYS, "lstm-chrono", "attention"],
    recorded=True,
    gather=gather,
    panels=2,
)
