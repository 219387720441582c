"""Does it never learn, or only not in this budget?"""

from __future__ import annotations

from dataclasses import replace

from ... import figures
from ...lens import Knob
from ...models.variants import EVERY
from ...tasks.sentences import Sentences
from ..learning import Learned, Lesson, draw_curves, trained
from ..rates import RATES
from .learning import STEPS, sentences
from .learning import lesson as shorter

LONGER = 4
CASES = {"rnn-19": ("rnn", "19"), "rnn-33": ("rnn", "33"), "lstm-33": ("lstm-forget-1", "33")}

KNOBS = {
    "case": Knob(
        "Model and sentences",
        "rnn-19",
        tuple(CASES),
        names={case: f"{EVERY[name].label}, exactly {diet} words" for case, (name, diet) in CASES.items()},
    ),
    "rate": Knob("Learning rate", 0.003, RATES[1:], 0.0003, 0.1, "log"),
}


def lesson(case: str, rate: float) -> Lesson:
    """The same lesson with four times the steps."""
    variant, diet = CASES[case]
    known = shorter(variant, diet, rate)
    return replace(known, plan=replace(known.plan, steps=LONGER * STEPS))


def draw(result: Learned, axes, own: Learned | None = None) -> None:
    """Learning curves, one line a seed; where the other experiments stop is marked."""
    (ax,) = axes
    draw_curves(ax, result, own, figures.STYLES[CASES[result.knobs["case"]][0]], LONGER * STEPS)
    ax.axvline(STEPS, color=figures.INK, linewidth=1.0, linestyle=(0, (4, 2)), gid="frame/budget")
    figures.reference(ax, Sentences().chance, "chance", "frame")


def describe(result: Learned) -> dict[str, str]:
    """Where the seeds end."""
    final = result.final
    variant, diet = CASES[result.knobs["case"]]
    return {
        "frame": f"{LONGER * STEPS} training steps; elsewhere training stops at {STEPS} (dashed line).",
        "runs": f"{EVERY[variant].label}, exactly {sentences(diet).words} words, learning rate "
        f"{result.knobs['rate']:g}: accuracy by seed {', '.join(f'{one:.2f}' for one in final)}.",
    }


LONGER_RUN = trained(
    lesson,
    name="reading-longer",
    question="Does it never learn, or only not in this budget?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": ("case", "rate"), "own": ()},
    models=lambda result: [CASES[result.knobs["case"]][0]],
    seeds=(0, 1, 2),
)
