"""Two steps bear the answer: who has the credit then?"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from ... import figures
from ...lens import Knob
from ...models.variants import EVERY, MAIN
from ..learning import Lesson, of_models, trained
from ..rates import RATE
from .attribution import METHODS
from .learning import LENGTHS
from .learning import lesson as usual
from .watching import Watched, watch

LENGTH = LENGTHS[0]
COMPARED = [*MAIN, "deep-attention"]

KNOBS = {
    "variant": of_models("attention", COMPARED),
    "copies": Knob("Flagged steps", 2, (2,), 1, 4),
    "rate": RATE,
}


def lesson(variant: str, copies: int, rate: str | float) -> Lesson:
    """As for one flagged step, with more of them, all of the same value; the learning rate is that for one."""
    one = usual(variant, LENGTH, rate).to_the_end()
    return replace(one, task=replace(one.task, copies=copies))


def draw(result: Watched, axes, own: Watched | None = None) -> None:
    """Left: the share that the two flagged steps have together. Right: the share of the lesser one. One dot a seed."""
    color = figures.STYLES[result.knobs["variant"]].color
    ways = {"gradient": "gradi-\nent", "swap": "occlu-\nsion", "out": "left\nout", "weights": "weights"}
    for method, x in zip(ways, range(len(ways)), strict=True):
        i = METHODS.index(method)
        for runs, dots, size, layer in ((result, color, 5, "runs"), (own, figures.STYLES["own"].color, 8, "own")):
            if runs is None:
                continue
            for ax, found in zip(axes, (runs.mass[:, -1, i].mean(-1), runs.least[:, -1, i]), strict=True):
                seen = found[np.isfinite(found)]
                shifts = np.linspace(-0.18, 0.18, len(seen)) if len(seen) > 1 else np.zeros(len(seen))
                ax.plot(x + shifts, seen, color=dots, linestyle="", marker="o", markersize=size, gid=f"{layer}/dots")
    for ax, title in zip(axes, ("share of both flagged steps", "share of the lesser one"), strict=True):
        ax.set_xticks(range(len(ways)), ways.values())
        ax.tick_params(axis="x", length=0)
        ax.grid(False, axis="x")
        ax.set(xlim=(-0.5, len(ways) - 0.5), ylim=(-0.02, 1.04), title=title)


def describe(result: Watched) -> dict[str, str]:
    """Both panels in numbers."""
    mass, least, size = (found[:, -1].mean(0) for found in (result.mass.mean(-1), result.least, result.size))
    swap, out, weights, gradient = (METHODS.index(name) for name in ("swap", "out", "weights", "gradient"))
    said = [
        f"by gradient {mass[gradient]:.2f} and {least[gradient]:.2f}",
        f"by occlusion {mass[swap]:.2f} and {least[swap]:.2f}",
        f"left out {mass[out]:.2f} and {least[out]:.2f}",
    ]
    if np.isfinite(mass[weights]):
        said.append(f"by weights {mass[weights]:.2f} and {least[weights]:.2f}")
    return {
        "frame": f"{result.knobs['copies']} of {LENGTH - 1} steps are flagged and bear the same value.",
        "runs": f"{EVERY[result.knobs['variant']].label} after training, mean accuracy {result.final.mean():.2f}. "
        f"Share of both and of the lesser one: {'; '.join(said)}. To change the value of one flagged step moves "
        f"log p by {figures.scientific(size[swap])}, to leave it out by {figures.scientific(size[out])}.",
    }


COPIES = trained(
    lesson,
    name="credit-copies",
    version=2,  # since ranks tell apart no more than processors agree on
    question="Two steps bear the answer: who has the credit then?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    follow=partial(watch, looks=()),
    layers={"frame": (), "runs": ("variant",), "own": ()},
    result=Watched,
    panels=2,
)
