"""What does it cost to read letter by letter?"""

from __future__ import annotations

from ... import figures
from ...lens import Knob
from ...models import MODELS
from ...models.recurrence import RecurrentModel
from ...models.variants import EVERY, MAIN
from ...tasks.letters import Letters
from ...tasks.sentences import Sentences
from ...training import Fit
from ..learning import Learned, Lesson, draw_curves, of_models, trained
from ..rates import RATE, rate_of, trials
from .learning import BUDGET, STEPS

BY = {"words": Sentences(longest=12), "letters": Letters(Sentences(longest=12))}

READERS = [name for name in MAIN if issubclass(MODELS[EVERY[name].model], RecurrentModel)]

KNOBS = {
    "variant": of_models("rnn", READERS),
    "by": Knob("A step is", "letters", tuple(BY), names={"words": "a word", "letters": "a letter"}),
    "rate": RATE,
}


def lesson(variant: str, by: str, rate: str | float) -> Lesson:
    """The same sentences of 5 to 12 words, read either way."""
    plan = Fit(steps=STEPS, learning_rate=rate_of(SPELLING, {"variant": variant, "by": by, "rate": rate}))
    return Lesson(variant, BUDGET, BY[by], plan)


def draw(result: Learned, axes, own: Learned | None = None) -> None:
    """Learning curves, one line a seed."""
    (ax,) = axes
    draw_curves(ax, result, own, figures.STYLES[result.knobs["variant"]], STEPS)
    figures.reference(ax, BY["words"].chance, "chance", "frame")


def describe(result: Learned) -> dict[str, str]:
    """Where the seeds end, and how soon."""
    final, used = result.final, result.used
    return {
        "frame": f"Sentences of 5 to 12 words. Chance is {BY['words'].chance:.3g}.",
        "runs": f"{EVERY[result.knobs['variant']].label}, a step is {KNOBS['by'].say(result.knobs['by'])}: mean "
        f"accuracy {final.mean():.2f}, from {final.min():.2f} to {final.max():.2f}, after {used.mean():.0f} training "
        f"steps on average.",
    }


SPELLING = trained(
    lesson,
    name="reading-letters",
    question="What does it cost to read letter by letter?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": ("variant", "by"), "own": ()},
    trials=lambda: trials(SPELLING),
)
