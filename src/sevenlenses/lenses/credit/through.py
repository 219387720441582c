"""How soon, and over what distance, does the credit find the responsible step?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Knob, Result
from ...models.variants import MAIN
from ...tasks.flagged import Flagged
from ..tables import named, table, unnamed
from .attribution import METHODS
from .learning import COMPARED, LENGTHS
from .watch import LOOKS, WATCH
from .watching import places

SIDES = {"gradient": "by gradient", "swap": "by occlusion"}
MEASURES = {"mass": "share of credit", "top": "precision at 1"}
LENGTH = LENGTHS[-1]
BACK = [LENGTH - 1 - place for place in places(Flagged(LENGTH))]  # steps from the question back

MEASURE = Knob("Measured", "mass", tuple(MEASURES), names=MEASURES)
LOOK = Knob("After training steps", LOOKS[-1], LOOKS, 0, LOOKS[-1], unit="steps")


@dataclass(frozen=True, kw_only=True)
class Through(Result):
    """found: (seeds, models, SIDES, points), the measure at the responsible step: by look, or by distance."""

    found: np.ndarray


def gather_of(styles: dict[str, str], by_distance: bool):
    """A gathering function for the models in `styles`."""

    def gather(load, settings) -> Through:
        field, length = settings["measure"], settings.get("length", LENGTH)
        found = table(load, WATCH, {"variant": list(styles)}, field, length=length)
        sides = found.pop(field)[..., [METHODS.index(side) for side in SIDES], :]  # (seeds, models, looks, 2, places)
        points = sides[:, :, LOOKS.index(settings["look"])] if by_distance else sides.mean(-1).swapaxes(2, 3)
        return Through(knobs=dict(settings), found=points, **found)

    return gather


def draw_of(styles: dict[str, str], by_distance: bool):
    """A drawing function. Left: by gradient. Right: by occlusion."""

    def draw(result: Through, axes, own=None) -> None:
        x = np.array(BACK) if by_distance else np.arange(len(LOOKS))
        steps = result.knobs.get("length", LENGTH) - 1
        for ax, (side, words) in zip(axes, enumerate(SIDES.values()), strict=True):
            for i, style in enumerate(figures.STYLES[name] for name in styles.values()):
                figures.band(ax, x, result.found[:, i, side], style, layer="runs")
            figures.reference(ax, 1 / steps, "even", "even")
            ax.set(ylim=(0, 1.04), title=f"{MEASURES[result.knobs['measure']]}, {words}")
            if by_distance:
                ax.set(xlim=(0, LENGTH), xlabel="steps back from the question")
            else:
                ax.set_xticks(x, [str(look) for look in LOOKS])
                ax.set(xlim=(0, x[-1] + 0.1), xlabel="training step")

    return draw


def describe_of(styles: dict[str, str], by_distance: bool):
    """Each model by both methods: at three looks, or near and far."""

    def describe(result: Through) -> dict[str, str]:
        mean, at = result.found.mean(0), ((-1, 3, 0) if by_distance else (0, 3, -1))  # (models, SIDES, points)
        unit = [f"{BACK[i]} steps back" if by_distance else f"step {LOOKS[i]}" for i in at]
        rows = [
            f"{figures.STYLES[name].label}: "
            + "; ".join(
                f"{words} " + ", ".join(f"{mean[i, side, point]:.2f} at {u}" for point, u in zip(at, unit, strict=True))
                for side, words in enumerate(SIDES.values())
            )
            for i, name in enumerate(styles.values())
        ]
        steps = result.knobs.get("length", LENGTH) - 1
        return {
            "frame": "Median over seeds as a line, least to greatest as a band.",
            "even": f"Shared evenly, each of {steps} steps would have {1 / steps:.3f}.",
            "runs": f"Mean {MEASURES[result.knobs['measure']]} of the responsible step:\n" + "\n".join(rows),
        }

    return describe


def experiment(name: str, question: str, styles: dict[str, str], *, by_distance: bool) -> Experiment:
    """The picture for some models, before or after the term is revealed."""
    own = {"look": LOOK} if by_distance else {"length": WATCH.knobs["length"]}
    turned = tuple(own)
    return Experiment(
        name=name,
        question=question,
        knobs={"measure": MEASURE, **own},
        draw=draw_of(styles, by_distance),
        describe=describe_of(styles, by_distance),
        layers={
            "frame": ("measure",),
            "even": () if by_distance else turned,
            "runs": ("measure", *turned),
        },
        result=Through,
        models=lambda result: list(styles.values()),
        recorded=True,
        gather=gather_of(styles, by_distance),
        panels=2,
        height=3.8,
    )


THROUGH = experiment(
    "credit-through", "How soon does the credit find the responsible step?", unnamed(MAIN), by_distance=False
)
DISTANCE = experiment(
    "credit-distance",
    "Does it matter how far back the responsible step is?",
    named([name for name in COMPARED if name not in ("lstm-forget-0", "lstm-forget-3")]),
    by_distance=True,
)
