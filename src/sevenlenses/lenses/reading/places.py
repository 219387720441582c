"""Does a network still find the suspect where it never stood in training?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...models.base import SequenceModel
from ...models.variants import EVERY, MAIN
from ...runtime import generator
from ...tasks.moved import Moved
from ...training import Fit, evaluate
from ..learning import FRESH, Learned, Lesson, draw_curves, of_models, trained
from ..rates import RATE, rate_of, trials
from .learning import BUDGET, STEPS

TASK = Moved(before=2, after=2)
FIRST = range(5)  # clauses before the main one, in the tests: up to 2 in training

COMPARED = [*MAIN, "bag", "window"]

KNOBS = {
    "variant": of_models("lstm-forget-1", COMPARED),
    "rate": RATE,
}


@dataclass(frozen=True, kw_only=True)
class Placed(Learned):
    """A learning curve, and `right`: (seeds, FIRST), accuracy with so many clauses before the main one, none after."""

    right: np.ndarray


def lesson(variant: str, rate: str | float) -> Lesson:
    """Sentences with up to two clauses on either side of the main one."""
    plan = Fit(steps=STEPS, learning_rate=rate_of(PLACES, {"variant": variant, "rate": rate}))
    return Lesson(variant, BUDGET, TASK, plan)


def tested(model: SequenceModel | None, seed: int) -> dict[str, np.ndarray]:
    """Accuracy by the number of clauses that come first."""
    if model is None:
        return {"right": np.full((1, len(FIRST)), np.nan)}
    device, source = next(model.parameters()).device, generator(seed, "places")
    tasks = [Moved(before=FIRST[-1], after=0, exactly=count) for count in FIRST]
    found = [evaluate(model, task, batch=FRESH, generator=source, device=device) for task in tasks]
    return {"right": np.array([found])}


def draw(result: Placed, axes, own: Placed | None = None) -> None:
    """Left: learning curves. Right: accuracy by the number of clauses that come first."""
    learning, placing = axes
    style, mine = figures.STYLES[result.knobs["variant"]], figures.STYLES["own"]
    draw_curves(learning, result, own, style, STEPS)
    for row in result.right:
        placing.plot(FIRST, row, color=style.color, marker=style.marker, linewidth=1.1, alpha=0.75, gid="runs/right")
    if own is not None:
        placing.plot(FIRST, own.right[0], color=mine.color, marker=mine.marker, linewidth=2.4, gid="own/right")
    for ax in axes:
        figures.reference(ax, TASK.chance, "chance", "frame")
    placing.axvline(TASK.before, color=figures.INK, linewidth=1.0, linestyle=(0, (4, 2)), gid="frame/to")
    placing.set(ylim=(0, 1.03), xlabel="clauses before it (dashed: trained to)", title="accuracy")
    placing.set_xticks(FIRST)


def describe(result: Placed) -> dict[str, str]:
    """Accuracy at each number of clauses."""
    mean = result.right.mean(0)
    said = ", ".join(f"{mean[count]:.2f} with {count}" for count in FIRST)
    return {
        "frame": f"Trained with up to {TASK.before} clauses before the main one. Chance is {TASK.chance:.3g}.",
        "runs": f"{EVERY[result.knobs['variant']].label}: mean accuracy {said} clauses before it.",
    }


PLACES = trained(
    lesson,
    name="reading-places",
    question="Does a network still find the suspect where it never stood in training?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    measure=lambda model, seed, knobs: tested(model, seed),
    layers={"frame": (), "runs": ("variant",), "own": ()},
    result=Placed,
    panels=2,
    trials=lambda: trials(PLACES),
)
