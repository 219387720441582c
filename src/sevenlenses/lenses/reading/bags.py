"""Which networks can tell two orders of the same words apart?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Result
from ...models.variants import MAIN
from ..tables import table, unnamed
from .ceiling import names_known
from .holding import LAST
from .learning import STEPS
from .reading import READING, looks, words

NAMES = "names-known"
SHOWN = {"bag": "bag", "window": "window", **unnamed(MAIN)}  # styles

KNOBS = {}


@dataclass(frozen=True, kw_only=True)
class Bags(Result):
    """right: (seeds, SHOWN, lengths), accuracy at each length. both: (seeds, SHOWN), pairs of orders, both right.

    apart: (seeds, SHOWN), largest change of an output when the suspect and the next name change places.
    """

    right: np.ndarray
    both: np.ndarray
    apart: np.ndarray


def gather(load, settings) -> Bags:
    """From the records of the mixed diet, at the end of training."""
    found = table(load, READING, {"variant": list(SHOWN)}, "right", "both", "apart")
    found["right"] = found["right"][:, :, looks().index(STEPS)]
    return Bags(knobs=dict(settings), **found)


def draw(result: Bags, axes, own=None) -> None:
    """Left: accuracy by length, and what the names alone are worth. Right: pairs of orders, a dot a seed."""
    reading, pairs = axes
    for i, style in enumerate(figures.STYLES[name] for name in SHOWN.values()):
        figures.band(reading, words(), result.right[:, i], style, layer="runs")
        found = result.both[:, i]
        pairs.plot(found, np.full(len(found), -i), style.marker, color=style.color, alpha=0.7, gid="runs/pairs")
    known = [names_known(count) for count in words()]
    style = figures.STYLES[NAMES]
    reading.plot(words(), known, color=style.color, linestyle=style.line, linewidth=1.6, zorder=3, gid="frame/known")
    reading.set(xlim=(words()[0], LAST), ylim=(0, 1.03), xlabel="words", title="answered right")
    pairs.set(xlim=(-0.05, 1.05), ylim=(0.6 - len(SHOWN), 0.6), xlabel="share", title="both orders right")
    pairs.set_yticks([])


def describe(result: Bags) -> dict[str, str]:
    """Accuracy at three lengths and both orders, by model."""
    mean, both = result.right.mean(0), result.both.mean(0)
    rows = [
        f"{figures.STYLES[name].label}: "
        + ", ".join(f"{mean[i, n - 5]:.2f} at {n} words" for n in (5, 12, 33, 61))
        + f"; both orders right {both[i]:.2f}"
        for i, name in enumerate(SHOWN.values())
    ]
    known = ", ".join(f"{names_known(n):.2f} at {n} words" for n in (12, 33, 61))
    return {"frame": f"To know the names alone is worth {known}.", "runs": "Mean accuracy.\n" + "\n".join(rows)}


BAGS = Experiment(
    name="reading-bags",
    question="Which networks can tell two orders of the same words apart?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": ()},
    result=Bags,
    models=lambda result: [*SHOWN.values(), NAMES],
    recorded=True,
    gather=gather,
    panels=2,
)
