"""Does a recurrent network that is told too early, or too late, only need more practice?"""

from __future__ import annotations

from ... import figures
from ...lens import Knob
from ...models.variants import EVERY
from ...tasks.moments import Moments
from ...training import Fit
from ..learning import Learned, Lesson, draw_curves, of_models, trained
from ..rates import RATE, rate_of
from .baseline import unbound
from .moments import BUDGET, MOMENTS_RUN, STEPS, TRIED

PAIRS = 16
LONGER = 4
PRACTISED = ("lstm-forget-1", "bidirectional", "deep-bidirectional")

KNOBS = {
    "variant": of_models("lstm-forget-1", PRACTISED),
    "when": Knob(
        "The pair that matters is",
        "first",
        ("first", "last"),
        names={"first": "asked first", "last": "asked last"},
    ),
    "rate": RATE,
}


def lesson(variant: str, when: str, rate: str | float) -> Lesson:
    """The same models and tasks with four times the steps, at the learning rate that was chosen for the fewer."""
    chosen = rate_of(MOMENTS_RUN, {"variant": variant, "when": when, "pairs": TRIED, "rate": rate})
    return Lesson(variant, BUDGET, Moments(PAIRS, when), Fit(steps=LONGER * STEPS, learning_rate=chosen))


def draw(result: Learned, axes, own: Learned | None = None) -> None:
    """Learning curves, one line a seed; where the other experiments stop is marked."""
    (ax,) = axes
    draw_curves(ax, result, own, figures.STYLES[result.knobs["variant"]], LONGER * STEPS)
    ax.axvline(STEPS, color=figures.INK, linewidth=1.0, linestyle=(0, (4, 2)), gid="frame/budget")
    figures.reference(ax, Moments().chance, "chance", "frame")
    figures.reference(ax, unbound(PAIRS), "knows the values, not which", "frame", (0, (4, 2)))


def describe(result: Learned) -> dict[str, str]:
    """Where the seeds end."""
    final, when = result.final, KNOBS["when"].say(result.knobs["when"])
    return {
        "frame": f"{PAIRS} pairs, {LONGER * STEPS} training steps; the other experiments stop at {STEPS} (dashed "
        f"line). To know the values, and not which is wanted, is worth {unbound(PAIRS):.2f}.",
        "runs": f"{EVERY[result.knobs['variant']].label}, {when}: mean accuracy {final.mean():.2f}, from "
        f"{final.min():.2f} to {final.max():.2f}.",
    }


PRACTICE = trained(
    lesson,
    name="locality-practice",
    question="Do the recurrent networks only need more practice?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": ("variant", "when"), "own": ()},
)
