"""What can linear attention store that keeps fewer numbers than the largest LSTM?"""

from __future__ import annotations

from ... import figures
from ...models.variants import EVERY
from ...tasks.recall import Recall
from ...training import Fit
from ..learning import Learned, Lesson, draw_curves, trained
from ..rates import RATE, rate_of
from .recall import KNOBS as RECALL_KNOBS
from .recall import RECALL, SIZES, STEPS, TRIED, unbound

VARIANT = "linear-attention"
SIZE = 6_000  # parameters

KNOBS = {"pairs": RECALL_KNOBS["pairs"], "rate": RATE}


def lesson(pairs: int, rate: str | float) -> Lesson:
    """Linear attention of half the smallest size, at the learning rate of that size."""
    chosen = rate_of(RECALL, {"variant": VARIANT, "pairs": TRIED, "size": SIZES[0], "rate": rate})
    return Lesson(VARIANT, SIZE, Recall(pairs=pairs), Fit(steps=STEPS, learning_rate=chosen))


def draw(result: Learned, axes, own: Learned | None = None) -> None:
    """Learning curves, one line a seed."""
    (ax,) = axes
    draw_curves(ax, result, own, figures.STYLES[VARIANT], STEPS)
    figures.reference(ax, Recall().chance, "chance", "frame")
    figures.reference(ax, unbound(result.knobs["pairs"]), "knows the values, not the keys", "runs", (0, (4, 2)))


def describe(result: Learned) -> dict[str, str]:
    """Where the seeds end."""
    pairs, final = result.knobs["pairs"], result.final
    return {
        "frame": f"{EVERY[VARIANT].label} of at most {SIZE:,} parameters; chance is {Recall().chance:.3g}.",
        "runs": f"{pairs} pairs: mean accuracy {final.mean():.2f}, from {final.min():.2f} to {final.max():.2f}. "
        f"To know the values without their keys is worth {unbound(pairs):.2f}.",
    }


SMALL = trained(
    lesson,
    name="capacity-small",
    question="What can a small network store whose memory has an address?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": ("pairs",), "own": ()},
    models=lambda result: [VARIANT],
)
