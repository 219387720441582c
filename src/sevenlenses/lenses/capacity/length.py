"""Does it matter how long the pairs have to be kept?"""

from __future__ import annotations

from ... import figures
from ...lens import Knob
from ...models.variants import EVERY
from ...tasks.recall import Recall
from ...training import Fit
from ..learning import Learned, Lesson, draw_curves, of_models, trained
from ..rates import RATE, rate_of
from .recall import RECALL, STEPS, TRIED

PAIRS = 4
SIZE = 40_000  # parameters
KEPT = ("lstm-forget-1", "lstm-chrono", "attention")

KNOBS = {
    "variant": of_models("lstm-forget-1", KEPT),
    "blanks": Knob("Blank steps between storing and asking", 20, (0, 20, 52, 116), 0, 116, unit="steps"),
    "rate": RATE,
}


def lesson(variant: str, blanks: int, rate: str | float) -> Lesson:
    """Four pairs, then blank steps, then the questions; the learning rate is that of the same model without blanks."""
    of = variant if variant in RECALL.knobs["variant"].stops else "lstm-forget-1"
    chosen = rate_of(RECALL, {"variant": of, "pairs": TRIED, "size": SIZE, "rate": rate})
    return Lesson(variant, SIZE, Recall(pairs=PAIRS, blanks=blanks), Fit(steps=STEPS, learning_rate=chosen))


def draw(result: Learned, axes, own: Learned | None = None) -> None:
    """Learning curves, one line a seed."""
    (ax,) = axes
    draw_curves(ax, result, own, figures.STYLES[result.knobs["variant"]], STEPS)
    figures.reference(ax, Recall().chance, "chance", "frame")


def describe(result: Learned) -> dict[str, str]:
    """Where the seeds end."""
    final = result.final
    return {
        "frame": f"Store {PAIRS} pairs, keep them for {result.knobs['blanks']} blank steps, then answer.",
        "runs": f"{EVERY[result.knobs['variant']].label}: mean accuracy {final.mean():.2f}, from {final.min():.2f} to "
        f"{final.max():.2f}.",
    }


LENGTH = trained(
    lesson,
    name="capacity-length",
    question="Does it matter how long the pairs must be kept?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": ("blanks",), "runs": ("variant", "blanks"), "own": ()},
)
