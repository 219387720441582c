"""Does a GRU that stores nothing in the usual budget only need more training?"""

from __future__ import annotations

from ... import figures
from ...models.variants import EVERY
from ...tasks.recall import Recall
from ...training import Fit
from ..learning import Learned, Lesson, draw_curves, of_models, trained
from ..rates import RATE, rate_of, trials
from .recall import STEPS, unbound

PAIRS = 2
SIZE = 40_000  # parameters
LONGER = 4

KNOBS = {"variant": of_models("gru", ("gru",)), "rate": RATE}


def lesson(variant: str, rate: str | float) -> Lesson:
    """Two pairs, and four times the steps of the other experiments."""
    chosen = rate_of(PATIENCE, {"variant": variant, "rate": rate})
    return Lesson(variant, SIZE, Recall(pairs=PAIRS), Fit(steps=LONGER * STEPS, learning_rate=chosen))


def draw(result: Learned, axes, own: Learned | None = None) -> None:
    """Learning curves, one line a seed; where the other experiments stop is marked."""
    (ax,) = axes
    draw_curves(ax, result, own, figures.STYLES[result.knobs["variant"]], LONGER * STEPS)
    ax.axvline(STEPS, color=figures.INK, linewidth=1.0, linestyle=(0, (4, 2)), gid="frame/budget")
    figures.reference(ax, Recall().chance, "chance", "frame")
    figures.reference(ax, unbound(PAIRS), "knows the values, not the keys", "frame", (0, (4, 2)))


def describe(result: Learned) -> dict[str, str]:
    """Where the seeds end."""
    final = result.final
    return {
        "frame": f"{PAIRS} pairs, {LONGER * STEPS:,} training steps; the other experiments stop at {STEPS:,} (dashed "
        f"line). To know the values without their keys is worth {unbound(PAIRS):.2f}.",
        "runs": f"{EVERY[result.knobs['variant']].label}: mean accuracy {final.mean():.2f}, from {final.min():.2f} to "
        f"{final.max():.2f}.",
    }


PATIENCE = trained(
    lesson,
    name="capacity-patience",
    question="Does the GRU only need more training?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": (), "own": ()},
    trials=lambda: trials(PATIENCE),
)
