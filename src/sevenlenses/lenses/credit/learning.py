"""Can the model learn to answer with the value of the flagged step?"""

from __future__ import annotations

from ... import figures
from ...lens import Knob
from ...models.variants import EVERY, MAIN
from ...tasks.flagged import Flagged
from ...training import Fit
from ..learning import Learned, Lesson, draw_curves, of_models, trained
from ..rates import RATE, rate_of, trials

BUDGET = 6800  # parameters
STEPS = 600  # the training budget, the same for all
LENGTHS = (16, 64)

COMPARED = [*MAIN, "lstm-forget-0", "lstm-forget-3", "lstm-chrono", "min-lstm", "deep-attention"]

KNOBS = {
    "variant": of_models("lstm-forget-1", COMPARED),
    "length": Knob("Sequence length", 64, LENGTHS, 16, 128, "log", "steps"),
    "rate": RATE,
}


def lesson(variant: str, length: int, rate: str | float) -> Lesson:
    """One flagged step; the learning rate is chosen for each model and length."""
    tried = {"variant": variant, "length": min(LENGTHS, key=lambda stop: abs(stop - length)), "rate": rate}
    return Lesson(variant, BUDGET, Flagged(length), Fit(steps=STEPS, learning_rate=rate_of(LEARNING, tried)))


def draw(result: Learned, axes, own: Learned | None = None) -> None:
    """Learning curves, one line a seed."""
    (ax,) = axes
    draw_curves(ax, result, own, figures.STYLES[result.knobs["variant"]], STEPS)
    figures.reference(ax, Flagged().chance, "chance", "frame")


def describe(result: Learned) -> dict[str, str]:
    """Where the seeds end, and how soon."""
    final, used = result.final, result.used
    return {
        "frame": f"The answer is the value of one flagged step among {result.knobs['length'] - 1}; chance is "
        f"{Flagged().chance:.3g}.",
        "runs": f"{EVERY[result.knobs['variant']].label}: mean accuracy {final.mean():.2f}, from {final.min():.2f} to "
        f"{final.max():.2f}, after {used.mean():.0f} steps on average, at most {STEPS}.",
    }


LEARNING = trained(
    lesson,
    name="credit-learning",
    question="Can the model learn to answer with the value of the flagged step?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": ("length",), "runs": ("variant", "length"), "own": ()},
    trials=lambda: trials(LEARNING),
)
