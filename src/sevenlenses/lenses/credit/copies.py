"""Two steps bear the answer: who has the credit then?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ...lens import Experiment, Knob
from ...models.variants import EVERY, MAIN
from ..learning import Lesson, in_turn
from ..rates import RATE
from .learning import LENGTHS, STEPS
from .learning import lesson as usual
from .watching import Watched, to_the_end, watch

LENGTH = LENGTHS[0]
COMPARED = [*MAIN, "deep-attention"]

KNOBS = {
    "variant": Knob("Model", "attention", tuple(COMPARED), names={name: EVERY[name].label for name in COMPARED}),
    "copies": Knob("Flagged steps", 2, (2,), 1, 4),
    "rate": RATE,
}


def lesson(variant: str, copies: int, rate: str | float) -> Lesson:
    """As for one flagged step, with more of them, all of the same value; the learning rate is that for one."""
    one = to_the_end(usual(variant, LENGTH, rate), STEPS)
    return replace(one, task=replace(one.task, copies=copies))


def run(*, seeds, device, **knobs) -> Iterator[Watched]:
    """Train once per seed; look before and after."""
    return in_turn(lambda seed: watch(lesson(**knobs), (), knobs, seed, device), seeds)


def draw(result: Watched, axes, own=None) -> None:
    """todo"""


def describe(result: Watched) -> dict[str, str]:
    """todo"""
    return {}


COPIES = Experiment(
    name="credit-copies",
    question="Two steps bear the answer: who has the credit then?",
    knobs=KNOBS,
    run=run,
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": ("variant", "copies"), "own": ()},
    result=Watched,
    models=lambda result: [result.knobs["variant"], "own"],
    depends=lambda settings: lesson(**settings).depends(),
    recorded=True,
)
