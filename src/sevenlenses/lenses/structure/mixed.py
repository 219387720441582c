"""How many counterexamples does it take?"""

from __future__ import annotations

from ... import figures
from ...lens import Knob
from ...tasks.ordered import Ordered
from ...training import Fit
from ..learning import Lesson, of_models, trained
from ..rates import RATE, rate_of
from .relation import BUDGET, RELATION, RULES, TRIED, RelationRun, draw_rules, tested

STEPS = 1000  # all of them: nobody stops early, so that all see as many counterexamples
NEVER = 1.1  # a target above what can be reached

MIXED_MODELS = ("lstm-forget-1", "attention-positions")
SHARES = (0.0, 0.01, 0.1)

KNOBS = {
    "variant": of_models("lstm-forget-1", MIXED_MODELS),
    "shuffled": Knob("Shuffled in training", 0.01, SHARES, 0.0, 1.0, names={s: f"{100 * s:g}%" for s in SHARES}),
    "rate": RATE,
}


def lesson(variant: str, shuffled: float, rate: str | float) -> Lesson:
    """Pairs in order, a share of the sequences shuffled; the learning rate is that of training in order."""
    chosen = rate_of(RELATION, {"variant": variant, "pairs": TRIED, "rate": rate})
    return Lesson(variant, BUDGET, Ordered(TRIED, shuffled=shuffled), Fit(STEPS, learning_rate=chosen, target=NEVER))


def draw(result: RelationRun, axes, own: RelationRun | None = None) -> None:
    """The share of shuffled sequences answered by each rule, a dot a seed."""
    (ax,) = axes
    draw_rules(ax, result, own, figures.STYLES[result.knobs["variant"]])


def describe(result: RelationRun) -> dict[str, str]:
    """The three shares."""
    label = figures.STYLES[result.knobs["variant"]].label
    said = ", ".join(f"{abs(share):.2f} {rule}" for share, rule in zip(result.rules.mean(0), RULES, strict=True))
    return {
        "frame": f"{TRIED} pairs, {STEPS} training steps; chance is {Ordered().chance:.3g} for either rule.",
        "runs": f"{label}, {KNOBS['shuffled'].say(result.knobs['shuffled'])} of the "
        f"training sequences shuffled. Shuffled, mean shares of answers: {said}.",
    }


MIXED = trained(
    lesson,
    name="structure-mixed",
    question="How many counterexamples does it take?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    measure=lambda model, seed, knobs: tested(model, Ordered(TRIED), seed),
    layers={"frame": (), "runs": ("variant", "shuffled"), "own": ()},
    result=RelationRun,
)
