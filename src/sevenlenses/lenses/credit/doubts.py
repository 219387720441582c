"""Is it the budget? The same networks with more steps, more parameters, another learning rate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ...lens import Experiment, Knob
from ...models.variants import EVERY
from ..learning import Lesson, in_turn
from ..rates import RATE
from .learning import LENGTHS, STEPS
from .learning import lesson as usual
from .watching import Watched, to_the_end, watch

LENGTH = LENGTHS[-1]
LONGER, LARGER, SLOWER = 4, 4, 3
COMPARED = ("lstm-forget-1", "gru")

KNOBS = {
    "variant": Knob("Model", "lstm-forget-1", COMPARED, names={name: EVERY[name].label for name in COMPARED}),
    "change": Knob(
        "What is changed",
        "longer",
        ("longer", "larger", "slower"),
        names={
            "longer": f"{LONGER} times as many steps",
            "larger": f"{LARGER} times as many parameters",
            "slower": f"a learning rate of 1/{SLOWER}",
        },
    ),
    "rate": RATE,
}


def lesson(variant: str, change: str, rate: str | float) -> Lesson:
    """As usual, with one thing changed."""
    same = usual(variant, LENGTH, rate)
    if change == "longer":
        return to_the_end(same, LONGER * STEPS)
    if change == "larger":
        return to_the_end(replace(same, budget=LARGER * same.budget), STEPS)
    return to_the_end(replace(same, plan=replace(same.plan, learning_rate=same.plan.learning_rate / SLOWER)), STEPS)


def run(*, seeds, device, **knobs) -> Iterator[Watched]:
    """Train once per seed; look before, at the usual end of training, and at the end."""
    return in_turn(lambda seed: watch(lesson(**knobs), (STEPS,), knobs, seed, device), seeds)


def draw(result: Watched, axes, own=None) -> None:
    """todo"""


def describe(result: Watched) -> dict[str, str]:
    """todo"""
    return {}


DOUBTS = Experiment(
    name="credit-doubts",
    question="Is it the budget, the size or the learning rate?",
    knobs=KNOBS,
    run=run,
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": ("variant", "change"), "own": ()},
    result=Watched,
    models=lambda result: [result.knobs["variant"], "own"],
    depends=lambda settings: lesson(**settings).depends(),
    recorded=True,
)
