"""Is it the budget? The LSTM with more steps, or more parameters."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from ... import figures
from ...lens import Knob
from ...models.variants import EVERY
from ..learning import Lesson, trained
from ..rates import RATE
from .attribution import METHODS
from .learning import LENGTHS, STEPS
from .learning import lesson as usual
from .watching import Watched, watch

LENGTH = LENGTHS[-1]
LONGER, LARGER = 4, 4
VARIANT = "lstm-forget-1"

KNOBS = {
    "change": Knob(
        "What is changed",
        "longer",
        ("longer", "larger"),
        names={
            "longer": f"{LONGER} times as many steps",
            "larger": f"{LARGER} times as many parameters",
        },
    ),
    "rate": RATE,
}


def lesson(change: str, rate: str | float) -> Lesson:
    """As usual, with one thing changed."""
    same = usual(VARIANT, LENGTH, rate)
    if change == "longer":
        return same.to_the_end(LONGER * STEPS)
    return replace(same, budget=LARGER * same.budget).to_the_end()


def draw(result: Watched, axes, own: Watched | None = None) -> None:
    """The responsible step's share at each look, by gradient (full) and by occlusion (dashed), one line a seed."""
    color = figures.STYLES[VARIANT].color
    looked = result.looked[0]
    for ax, method, title in zip(axes, ("gradient", "swap"), ("by gradient", "by occlusion"), strict=True):
        for runs, colour, width, layer in (
            (result, color, 1.2, "runs"),
            (own, figures.STYLES["own"].color, 2.4, "own"),
        ):
            for row in () if runs is None else runs.mass[:, :, METHODS.index(method)].mean(-1):
                ax.plot(np.arange(len(row)), row, color=colour, linewidth=width, marker="o", gid=f"{layer}/share")
        ax.set_xticks(np.arange(len(looked)), [f"{look:g}" for look in looked])
        ax.set(xlim=(-0.1, len(looked) - 0.9), ylim=(0, 1.04), xlabel="training step", title=f"share {title}")


def describe(result: Watched) -> dict[str, str]:
    """Both methods at every look."""
    mass = result.mass.mean((0, -1))  # (looks, METHODS)
    said = "; ".join(
        f"{mass[i, METHODS.index('gradient')]:.2f} by gradient and {mass[i, METHODS.index('swap')]:.2f} by occlusion "
        f"after {look:g} steps"
        for i, look in enumerate(result.looked[0])
    )
    change = KNOBS["change"].say(result.knobs["change"])
    return {
        "frame": f"{LENGTH} steps; one thing is changed: {change}.",
        "runs": f"{EVERY[VARIANT].label}, mean accuracy {result.final.mean():.2f}. Mean share of the "
        f"responsible step: {said}.",
    }


DOUBTS = trained(
    lesson,
    name="credit-doubts",
    version=2,  # since ranks tell apart no more than processors agree on
    question="Is it the budget, or the size?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    follow=partial(watch, looks=(STEPS,)),
    layers={"frame": ("change",), "runs": ("change",), "own": ()},
    result=Watched,
    models=lambda result: ["lstm"],
    panels=2,
)
