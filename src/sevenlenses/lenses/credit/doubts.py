"""Is it the budget? The same networks with more steps, more parameters, another learning rate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ...lens import Experiment, Knob
from ...models.variants import EVERY
from ..learning import Lesson, in_turn
from .learning import LENGTHS, STEPS, lesson
from .watching import Watched, watch

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
}


def lesson_of(variant: str, change: str) -> Lesson:
    """As usual, with one thing changed."""
    usual = lesson(variant, LENGTH, "chosen")
    plan = usual.plan
    return {
        "longer": lambda: replace(usual, plan=replace(plan, steps=LONGER * STEPS)),
        "larger": lambda: replace(usual, budget=LARGER * usual.budget),
        "slower": lambda: replace(usual, plan=replace(plan, learning_rate=plan.learning_rate / SLOWER)),
    }[change]()


def run(*, seeds, device, **knobs) -> Iterator[Watched]:
    """Train once per seed; look before, at the usual end of training, and at the end."""

    def one(seed: int) -> Iterator[Watched]:
        plan = lesson_of(**knobs)
        return watch(plan, tuple(sorted({0, STEPS, plan.plan.steps})), knobs, seed, device)

    return in_turn(one, seeds)


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
    depends=lambda settings: lesson_of(**settings).depends(),
    recorded=True,
)
