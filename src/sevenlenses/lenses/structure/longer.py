"""Does attention only need more practice at parity?"""

from __future__ import annotations

from ... import figures
from ...lens import Knob
from ...models.variants import EVERY
from ...tasks.tracking import Tracking
from ...training import Fit
from ..learning import Lesson, draw_curves, trained
from ..rates import RATE, rate_of, trials
from .relation import BUDGET
from .tracking import STEPS, TESTED, TRAINED, TrackingRun, draw_steps, tested

TIMES = 4

KNOBS = {
    "variant": Knob("Model", "deep-positions", ("deep-positions",), names={n: one.label for n, one in EVERY.items()}),
    "rate": RATE,
}


def lesson(variant: str, rate: str | float) -> Lesson:
    """Parity with several times the steps; the learning rate is chosen at this length of training."""
    chosen = rate_of(LONGER, {"variant": variant, "rate": rate})
    return Lesson(variant, BUDGET, Tracking(TRAINED, "parity"), Fit(steps=TIMES * STEPS, learning_rate=chosen))


def draw(result: TrackingRun, axes, own: TrackingRun | None = None) -> None:
    """Left: learning curves. Right: accuracy at each step."""
    learning, testing = axes
    style = figures.STYLES[result.knobs["variant"]]
    draw_curves(learning, result, own, style, TIMES * STEPS)
    learning.axvline(STEPS, color=figures.INK, linewidth=1.0, linestyle=(0, (4, 2)), gid="frame/budget")
    draw_steps(testing, result, own, style)
    for ax in axes:
        figures.reference(ax, Tracking().chance, "chance", "frame")


def describe(result: TrackingRun) -> dict[str, str]:
    """Where the seeds end, and at a few steps."""
    label = figures.STYLES[result.knobs["variant"]].label
    final = result.final
    said = ", ".join(f"{result.right[:, t - 1].mean():.2f} at step {t}" for t in (2, 8, 32, TESTED))
    return {
        "frame": f"Parity, {TIMES * STEPS} training steps; the other runs stop at {STEPS} (dashed line). Chance is "
        f"{Tracking().chance:.2g}.",
        "runs": f"{label}: mean accuracy {final.mean():.2f} over {TRAINED} steps, from "
        f"{final.min():.2f} to {final.max():.2f}; {said}.",
    }


LONGER = trained(
    lesson,
    name="structure-longer",
    question="Does attention only need more practice?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    measure=lambda model, seed, knobs: tested(model, Tracking(TESTED, "parity"), seed),
    layers={"frame": (), "runs": (), "own": ()},
    result=TrackingRun,
    panels=2,
    trials=lambda: trials(LONGER),
)
