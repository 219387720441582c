"""Is the signal along an LSTM's cells the product of its forget gates, also once it has learned?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Result
from ..tables import table
from .attribution import METHODS
from .through import LOOK
from .watch import LOOKS, WATCH
from .watching import distances

STARTS = ("lstm-forget-0", "lstm-forget-1", "lstm-forget-3", "lstm-chrono")
LENGTH = 64
BACK = distances(LENGTH)

KNOBS = {"look": LOOK}


@dataclass(frozen=True, kw_only=True)
class Product(Result):
    """The product of forget gates against the exact derivative, and what the cells know of the responsible step.

    off: (seeds, STARTS, BACK), relative error of the product at ∂ log p / ∂c(T-1-k).
    at: (seeds, STARTS, 2), the responsible step's share of the gradient: at the cells, and at the inputs.
    """

    off: np.ndarray
    at: np.ndarray


def gather(load, settings) -> Product:
    """From the watched runs of the LSTMs, at one look."""
    runs = table(load, WATCH, {"variant": STARTS}, "off", "mass", length=LENGTH)
    look = LOOKS.index(settings["look"])
    mass = runs.pop("mass")[
        :, :, look, [METHODS.index("cell"), METHODS.index("gradient")]
    ]  # (seeds, STARTS, 2, places)
    return Product(knobs=dict(settings), off=runs.pop("off")[:, :, look], at=mass.mean(-1), **runs)


def draw(result: Product, axes, own=None) -> None:
    """Left: the formula's error against distance. Right: the responsible step's share, at the cells and the inputs."""
    error, share = axes
    for i, name in enumerate(STARTS):
        style = figures.STYLES[name]
        figures.band(error, np.array(BACK), result.off[:, i], style, layer="runs", floor=1e-3)
        figures.spread(share, np.arange(2) + 0.06 * (i - 1.5), result.at[:, i], style, layer="runs")
    figures.octave_axis(error, LENGTH)
    error.axhline(1, color=figures.INK, linewidth=1.0, linestyle=":", gid="frame/all")
    error.set_yscale("log")
    error.set_ylim(0.01, 100)
    error.set_yticks([0.01, 0.1, 1, 10, 100], ["0.01", "0.1", "1", "10", "100"])
    error.minorticks_off()
    error.set(xlabel="steps back, k", title="the formula's relative error")
    figures.reference(share, 1 / (LENGTH - 1), "even", "frame")
    share.set_xticks([0, 1], ["at the cells", "at the inputs"])
    share.set(xlim=(-0.4, 1.4), ylim=(0, 1.04), title="share of the right step")


def describe(result: Product) -> dict[str, str]:
    """Both panels in numbers."""
    off, at = np.median(result.off, 0), result.at.mean(0)
    rows = [
        f"{figures.STYLES[name].label}: error "
        + ", ".join(f"{figures.scientific(off[i, BACK.index(k)])} at k = {k}" for k in (1, 8, 32, LENGTH - 1))
        + f"; share {at[i, 0]:.2f} at the cells and {at[i, 1]:.2f} at the inputs"
        for i, name in enumerate(STARTS)
    ]
    return {
        "frame": "An error of 1 (dotted line) is as large as what is to be told.",
        "runs": f"After {result.knobs['look']} training steps, median error over seeds, mean share:\n"
        + "\n".join(rows),
    }


PRODUCT = Experiment(
    name="credit-product",
    question="Does the product of forget gates say where the credit goes?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": ("look",)},
    result=Product,
    models=lambda result: list(STARTS),
    recorded=True,
    gather=gather,
    panels=2,
)
