"""Following something that every step changes, over the trained length and far beyond it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from ... import figures
from ...lens import Knob
from ...models.base import SequenceModel
from ...models.variants import EVERY, MAIN
from ...runtime import generator, one_thread
from ...tasks.tracking import GROUPS, Tracking
from ...training import Fit
from ..learning import FRESH, Learned, Lesson, draw_curves, trained
from ..rates import RATE, rate_of
from .relation import BUDGET, RELATION, TRIED

STEPS = 500  # the training budget, the same for all
TRAINED = 32  # steps of the sequences in training
TESTED = 256  # and of those that the trained model is put to

KNOBS = {
    "variant": Knob(
        "Model",
        "attention",
        (*MAIN, "linear-attention", "deep-positions"),
        names={name: one.label for name, one in EVERY.items()},
    ),
    "what": Knob("Keep track of", "parity", tuple(GROUPS), names={"parity": "two things", "order": "three things"}),
    "rate": RATE,
}


@dataclass(frozen=True, kw_only=True)
class TrackingRun(Learned):
    """A learning curve, and `right`: (seeds, TESTED), the accuracy of the trained model at each step."""

    right: np.ndarray


def lesson(variant: str, what: str, rate: str | float) -> Lesson:
    """Short sequences with a label at every step; the learning rate is the model's on pairs in order."""
    chosen = rate_of(RELATION, {"variant": variant, "pairs": TRIED, "rate": rate})
    return Lesson(variant, BUDGET, Tracking(TRAINED, what), Fit(steps=STEPS, learning_rate=chosen))


@torch.no_grad()
@one_thread()
def tested(model: SequenceModel | None, task: Tracking, seed: int) -> dict[str, np.ndarray]:
    """The accuracy at each step, on fresh sequences."""
    if model is None:
        return {"right": np.full((1, task.length), np.nan)}
    batch = task.sample(FRESH, generator(seed, "tracking")).to(next(model.parameters()).device)
    return {"right": task.right(model(batch.x).outputs, batch).cpu().double().numpy()[None]}


def draw(result: TrackingRun, axes, own: TrackingRun | None = None) -> None:
    """Left: learning curves. Right: accuracy at each step."""
    learning, testing = axes
    style = figures.STYLES[result.knobs["variant"]]
    draw_curves(learning, result, own, style, STEPS)
    draw_steps(testing, result, own, style)
    for ax in axes:
        figures.reference(ax, Tracking(what=result.knobs["what"]).chance, "chance", "frame")


def draw_steps(ax, result: TrackingRun, own: TrackingRun | None, style: figures.Style) -> None:
    """Accuracy at each step, one line a seed; what training went up to is marked."""
    points = figures.octaves(TESTED)
    for row in result.right:
        ax.plot(points, row[points - 1], color=style.color, linewidth=1.0, alpha=0.75, gid="runs/right")
    if own is not None:
        mine = figures.STYLES["own"]
        ax.plot(points, own.right[0, points - 1], color=mine.color, linewidth=2.4, gid="own/right")
    ax.axvline(TRAINED, color=figures.INK, linewidth=1.0, linestyle=(0, (4, 2)), gid="frame/to")
    figures.octave_axis(ax, TESTED)
    ax.set(ylim=(0, 1.03), xlabel="step (dashed: trained)", title="accuracy at each step")


def describe(result: TrackingRun) -> dict[str, str]:
    """Where the seeds end, and at a few steps."""
    label = figures.STYLES[result.knobs["variant"]].label
    final = result.final
    said = ", ".join(f"{result.right[:, t - 1].mean():.2f} at step {t}" for t in (2, 8, 32, TESTED))
    return {
        "frame": f"Keeping track of {KNOBS['what'].say(result.knobs['what'])}; chance is "
        f"{Tracking(what=result.knobs['what']).chance:.2g}.",
        "runs": f"{label}: mean accuracy {final.mean():.2f} over {TRAINED} steps, from "
        f"{final.min():.2f} to {final.max():.2f}; {said}.",
    }


TRACKING = trained(
    lesson,
    name="structure-tracking",
    question="Every step changes how things stand: how do they stand now?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    measure=lambda model, seed, knobs: tested(model, Tracking(TESTED, knobs["what"]), seed),
    layers={"frame": ("what",), "runs": ("variant", "what"), "own": ()},
    result=TrackingRun,
    panels=2,
)
