"""Is it room that an LSTM lacks, or practice, or a way to find what it stored?"""

from __future__ import annotations

from functools import lru_cache

from ... import figures
from ...lens import Knob
from ...models import create
from ...models.base import parameter_count
from ...models.variants import EVERY, size_within
from ...runtime import generator
from ...tasks.recall import Recall
from ...training import Fit
from ..learning import Learned, Lesson, draw_curves, trained
from ..rates import RATE, rate_of, trials
from .recall import STEPS, TRIED

SIZE = 40_000  # parameters
VARIANT = "lstm-forget-1"
LONGER = 4

KNOBS = {
    "change": Knob(
        "What is changed",
        "longer",
        ("few-keys", "longer"),
        names={"few-keys": "as many keys as pairs", "longer": f"{LONGER} times as many training steps"},
    ),
    "pairs": Knob("Pairs to store", 8, (4, 8, 16), 2, 32, "log", "pairs"),
    "rate": RATE,
}


def lesson(change: str, pairs: int, rate: str | float) -> Lesson:
    """The LSTM of the middle size, with one thing changed; the learning rate is chosen for each change."""
    plan = Fit(
        steps=LONGER * STEPS if change == "longer" else STEPS,
        learning_rate=rate_of(CAUSES, {"change": change, "pairs": TRIED, "rate": rate}),
    )
    if change == "longer":
        return Lesson(VARIANT, SIZE, Recall(pairs=pairs), plan)
    few = Recall(pairs=pairs, keys=pairs)
    return Lesson(VARIANT, as_many_units(few), few, plan)


@lru_cache(maxsize=64)
def as_many_units(task: Recall) -> int:
    """The parameters of an LSTM that has as many units on `task` as one of SIZE has on the usual task."""
    name, usual = EVERY[VARIANT].model, Recall()
    units = size_within(name, usual.n_in, usual.n_out, SIZE)
    return parameter_count(create(name, task.n_in, units, task.n_out, generator=generator(0, "weights")))


def draw(result: Learned, axes, own: Learned | None = None) -> None:
    """Learning curves, one line a seed."""
    (ax,) = axes
    steps = LONGER * STEPS if result.knobs["change"] == "longer" else STEPS
    draw_curves(ax, result, own, figures.STYLES[VARIANT], steps)
    figures.reference(ax, Recall().chance, "chance", "frame")


def describe(result: Learned) -> dict[str, str]:
    """Where the seeds end."""
    final, change = result.final, KNOBS["change"].say(result.knobs["change"])
    return {
        "frame": f"{EVERY[VARIANT].label}, {result.knobs['pairs']} pairs, {change}.",
        "runs": f"Mean accuracy {final.mean():.2f}, from {final.min():.2f} to {final.max():.2f}.",
    }


CAUSES = trained(
    lesson,
    name="capacity-causes",
    question="What does the LSTM lack: room, practice, or a way to find what it stored?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": ("change", "pairs"), "runs": ("change", "pairs"), "own": ()},
    models=lambda result: ["lstm"],
    trials=lambda: trials(CAUSES, pairs=TRIED),
)
