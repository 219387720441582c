"""Where does the credit go, while a model learns?"""

from __future__ import annotations

from functools import partial

import numpy as np

from ... import figures
from ...lens import Knob
from ...models.variants import EVERY
from ..learning import Lesson, of_models, trained
from ..rates import RATE
from .attribution import METHODS
from .learning import COMPARED, LENGTHS, STEPS
from .learning import lesson as usual
from .watching import Watched, watch

LOOKS = (0, 25, 50, 100, 200, STEPS)  # training steps at which we look

KNOBS = {
    "variant": of_models("lstm-forget-1", COMPARED),
    "length": Knob("Sequence length", 64, LENGTHS, 16, 128, "log", "steps"),
    "rate": RATE,
}


def lesson(variant: str, length: int, rate: str | float) -> Lesson:
    """The usual lesson, to the end of the budget."""
    return usual(variant, length, rate).to_the_end()


def draw(result: Watched, axes, own: Watched | None = None) -> None:
    """Precision at 1 and mass at each look, by gradient (full) and by occlusion (dashed), one line a seed."""
    color = figures.STYLES[result.knobs["variant"]].color
    looks = np.arange(len(LOOKS))
    for ax, field, title in zip(
        axes, ("top", "mass"), ("most credit in the right place", "share of credit there"), strict=True
    ):
        for method in ("gradient", "swap"):
            line = figures.STYLES[f"by-{method}"].line
            runs = getattr(result, field)[:, :, METHODS.index(method)].mean(-1)  # (seeds, looks)
            for row in runs:
                ax.plot(looks, row, color=color, linewidth=1.0, alpha=0.75, linestyle=line, gid="runs/credit")
            if own is not None:
                mine = getattr(own, field)[0, :, METHODS.index(method)].mean(-1)  # (looks,)
                ax.plot(looks, mine, color=figures.STYLES["own"].color, linewidth=2.4, linestyle=line, gid="own/credit")
        ax.set_xticks(looks, LOOKS)
        ax.set(xlim=(0, looks[-1] + 0.1), ylim=(0, 1.04), xlabel="training step", title=title)


def describe(result: Watched) -> dict[str, str]:
    """Both measures by both methods, at the first and the last look."""
    top, mass = (found.mean((0, 3)) for found in (result.top, result.mass))  # (looks, METHODS)
    said = "; ".join(
        f"by {name}, precision at 1 {top[0, i]:.2f} before training and {top[-1, i]:.2f} after, share "
        f"{mass[0, i]:.2f} and {mass[-1, i]:.2f}"
        for name, i in (("gradient", METHODS.index("gradient")), ("occlusion", METHODS.index("swap")))
    )
    return {
        "frame": f"One of the steps is responsible for the answer; looks at steps {', '.join(map(str, LOOKS))}.",
        "runs": f"{EVERY[result.knobs['variant']].label}, {result.knobs['length']} steps, mean accuracy at the end "
        f"{result.final.mean():.2f}. Credit: {said}.",
    }


WATCH = trained(
    lesson,
    name="credit-watch",
    version=2,  # since ranks tell apart no more than processors agree on
    question="Where does the credit go, while a model learns?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    follow=partial(watch, looks=LOOKS),
    layers={"frame": (), "runs": ("variant", "length"), "own": ()},
    result=Watched,
    panels=2,
    # beside the grid, the usual LSTM at every rate: does the rate decide what is found?
    trials=lambda: ((WATCH.settings(rate=rate), (100, 101, 102)) for rate in RATE.more),
)
