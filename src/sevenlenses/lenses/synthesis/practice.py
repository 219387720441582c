"""Does the rung before each step only need more practice?"""

from __future__ import annotations

from collections.abc import Iterator

from ... import figures
from ...lens import Experiment, Knob
from ...models.variants import EVERY
from ...training import Fit
from ..learning import Learned, Lesson, draw_curves, in_turn, learn
from ..rates import RATE, rate_of
from .rungs import BUDGET, RUNGS, STEPS, TASKS, TRIED

LONGER = 4
BEFORE = {"rung-mean": "few", "rung-asked": "many", "rung-unchained": "kin"}  # what it fails

KNOBS = {
    "variant": Knob(
        "Rung and test",
        "rung-mean",
        tuple(BEFORE),
        names={
            "rung-mean": "rung 1, 4 pairs",
            "rung-asked": "rung 2, 32 pairs",
            "rung-unchained": "rung 4, the next key",
        },
    ),
    "rate": RATE,
}


def lesson(variant: str, rate: str | float) -> Lesson:
    """The same model and test with four times the steps, at the learning rate that was chosen for the fewer."""
    test = BEFORE[variant]
    chosen = rate_of(RUNGS, {"variant": variant, "test": TRIED[test], "rate": rate})
    return Lesson(variant, BUDGET, TASKS[test], Fit(steps=LONGER * STEPS, learning_rate=chosen))


def run(*, seeds, device, **knobs) -> Iterator[Learned]:
    """Train once per seed."""
    return in_turn(lambda seed: learn(Learned, lesson(**knobs), knobs, seed, device), seeds)


def draw(result: Learned, axes, own: Learned | None = None) -> None:
    """Learning curves, one line a seed; where the ladder's training stops is marked."""
    (ax,) = axes
    draw_curves(ax, result, own, figures.STYLES[result.knobs["variant"]], LONGER * STEPS)
    ax.axvline(STEPS, color=figures.INK, linewidth=1.0, linestyle=(0, (4, 2)), gid="frame/budget")
    figures.reference(ax, TASKS[BEFORE[result.knobs["variant"]]].chance, "chance", "frame")


def describe(result: Learned) -> dict[str, str]:
    """Where the seeds end."""
    final, name = result.final, result.knobs["variant"]
    return {
        "frame": f"{LONGER * STEPS} training steps; the ladder's training stops at {STEPS} (dashed line). Chance is "
        f"{TASKS[BEFORE[name]].chance:.3g}.",
        "runs": f"{EVERY[name].label}; {KNOBS['variant'].say(name)}: mean accuracy {final.mean():.2f}, from "
        f"{final.min():.2f} to {final.max():.2f}.",
    }


PRACTICE = Experiment(
    name="synthesis-practice",
    question="Does the rung before each step only need more practice?",
    knobs=KNOBS,
    run=run,
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": ("variant",), "own": ()},
    result=Learned,
    models=lambda result: [result.knobs["variant"]],
    depends=lambda settings: lesson(**settings).depends(),
    recorded=True,
)
