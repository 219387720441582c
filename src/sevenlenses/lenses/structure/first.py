"""What a set cannot tell: which of two came first."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ... import figures
from ...lens import Knob
from ...models.base import SequenceModel
from ...models.variants import EVERY, MAIN
from ...runtime import generator
from ...tasks.precedence import Precedence
from ...training import Fit, evaluate
from ..learning import FRESH, Learned, Lesson, draw_curves, trained
from ..rates import RATE, rate_of
from .relation import BUDGET, RELATION, TRIED

STEPS = 800  # the training budget, the same for all
TASK = Precedence(length=16)
LENGTHS = (8, 16, 32, 64)  # steps of the sequences that the trained model is put to

KNOBS = {
    "variant": Knob(
        "Model",
        "attention",
        (*MAIN, "linear-attention", "deep-attention", "deep-positions"),
        names={name: one.label for name, one in EVERY.items()},
    ),
    "rate": RATE,
}


@dataclass(frozen=True, kw_only=True)
class FirstRun(Learned):
    """A learning curve, and `right`: (seeds, LENGTHS), the accuracy of the trained model at other lengths."""

    right: np.ndarray


def lesson(variant: str, rate: str | float) -> Lesson:
    """Say the value of the marked step that came first; the learning rate is the model's on pairs in order."""
    chosen = rate_of(RELATION, {"variant": variant, "pairs": TRIED, "rate": rate})
    return Lesson(variant, BUDGET, TASK, Fit(steps=STEPS, learning_rate=chosen))


def tested(model: SequenceModel | None, seed: int) -> dict[str, np.ndarray]:
    """The accuracy at every length, on fresh sequences."""
    if model is None:
        return {"right": np.full((1, len(LENGTHS)), np.nan)}
    source, device = generator(seed, "lengths"), next(model.parameters()).device
    found = [
        evaluate(model, replace(TASK, length=length), batch=4 * FRESH, generator=source, device=device)
        for length in LENGTHS
    ]
    return {"right": np.array([found])}


def draw(result: FirstRun, axes, own: FirstRun | None = None) -> None:
    """Left: learning curves. Right: accuracy at other lengths."""
    learning, testing = axes
    style = figures.STYLES[result.knobs["variant"]]
    draw_curves(learning, result, own, style, STEPS)
    figures.spread(testing, np.arange(len(LENGTHS)), result.right, style, layer="runs")
    if own is not None:
        mine = figures.STYLES["own"]
        testing.plot(own.right[0], color=mine.color, linewidth=2.4, gid="own/right")
    for ax in axes:
        figures.reference(ax, TASK.chance, "chance", "frame")
        word = "knows both, not their order" if ax is learning else ""
        figures.reference(ax, TASK.unordered, word, "frame", (0, (4, 2)))
    testing.axvline(LENGTHS.index(TASK.length), color=figures.INK, linewidth=1.0, linestyle=(0, (4, 2)), gid="frame/to")
    testing.set_xticks(range(len(LENGTHS)), [str(length) for length in LENGTHS])
    testing.set(ylim=(0, 1.03), xlabel="steps (dashed: trained)", title="accuracy, other lengths")


def describe(result: FirstRun) -> dict[str, str]:
    """Where the seeds end, and at other lengths."""
    label = figures.STYLES[result.knobs["variant"]].label
    final = result.final
    said = ", ".join(f"{v:.2f} at {n} steps" for v, n in zip(result.right.mean(0), LENGTHS, strict=True))
    return {
        "frame": f"Trained on {TASK.length} steps. Chance is {TASK.chance:.3g}; who knows both values, but not their "
        f"order, scores {TASK.unordered:.2g}.",
        "runs": f"{label}: mean accuracy {final.mean():.2f} after at most {STEPS} "
        f"training steps, from {final.min():.2f} to {final.max():.2f}; on fresh sequences {said}.",
    }


FIRST = trained(
    lesson,
    name="structure-first",
    question="Two steps are marked: which one came first?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    measure=lambda model, seed, knobs: tested(model, seed),
    layers={"frame": (), "runs": ("variant",), "own": ()},
    result=FirstRun,
    panels=2,
)
