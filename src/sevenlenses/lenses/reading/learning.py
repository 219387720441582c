"""Can the model learn to say, at the stop, whom the detective suspects?"""

from __future__ import annotations

from ... import figures
from ...lens import Knob
from ...models.variants import EVERY, MAIN
from ...tasks.sentences import Sentences
from ...training import Fit
from ..learning import Learned, Lesson, draw_curves, trained
from ..rates import RATE, rate_of, trials

BUDGET = 2500  # parameters
STEPS = 800  # the training budget, the same for all
EXACT = ("12", "19", "33")  # words of a sentence, where all have as many

COMPARED = [*MAIN, "lstm-chrono", "bag", "window"]

KNOBS = {
    "variant": Knob(
        "Model",
        "rnn",
        tuple(COMPARED[:-2]),
        names={name: EVERY[name].label for name in COMPARED},
        more=tuple(COMPARED[-2:]),  # recorded on the mixed diet alone
    ),
    "diet": Knob(
        "Trained on",
        "mixed",
        ("mixed", *EXACT[1:]),
        names={"mixed": "5 to 33 words", **{words: f"exactly {words} words" for words in EXACT}},
        more=EXACT[:1],
    ),
    "rate": RATE,
}

SHORTER = KNOBS | {
    "diet": Knob("Trained on", "mixed", ("mixed", *EXACT[:1]), names=KNOBS["diet"].names, more=EXACT[1:]),
}


def sentences(diet: str) -> Sentences:
    """What a diet consists of."""
    return Sentences() if diet == "mixed" else Sentences(longest=int(diet), words=int(diet))


def lesson(variant: str, diet: str, rate: str | float) -> Lesson:
    """What a run trains; the learning rate is chosen for each model and diet."""
    chosen = rate_of(LEARNING, {"variant": variant, "diet": diet, "rate": rate})
    return Lesson(variant, BUDGET, sentences(diet), Fit(steps=STEPS, learning_rate=chosen))


def draw(result: Learned, axes, own: Learned | None = None) -> None:
    """Learning curves, one line a seed."""
    (ax,) = axes
    draw_curves(ax, result, own, figures.STYLES[result.knobs["variant"]], STEPS)
    figures.reference(ax, Sentences().chance, "chance", "frame")


def describe(result: Learned) -> dict[str, str]:
    """Where the seeds end, and how soon."""
    final, used = result.final, result.used
    return {
        "frame": f"Training steps, at most {STEPS}. Chance is {Sentences().chance:.3g}.",
        "runs": f"{EVERY[result.knobs['variant']].label}, {KNOBS['diet'].say(result.knobs['diet'])}: mean accuracy "
        f"{final.mean():.2f}, from {final.min():.2f} to {final.max():.2f}, after {used.mean():.0f} steps on average.",
    }


LEARNING = trained(
    lesson,
    name="reading-learning",
    question="Can the model learn to say whom the detective suspects?",
    knobs=SHORTER,
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": ("variant", "diet"), "own": ()},
    trials=lambda: (
        (at | {"variant": name, "diet": diet}, seeds)
        for at, seeds in trials(LEARNING, variant="rnn", diet="mixed")
        for name in COMPARED
        for diet in ("mixed", *(EXACT if name in KNOBS["variant"].stops else ()))
    ),
)
