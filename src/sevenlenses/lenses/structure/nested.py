"""Brackets within brackets, inside the trained lengths and depths and beyond them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from ... import figures
from ...lens import Knob
from ...models.base import SequenceModel
from ...models.variants import EVERY, MAIN
from ...runtime import generator, one_thread
from ...tasks.brackets import Brackets
from ...training import Fit
from ..learning import FRESH, Learned, Lesson, draw_curves, trained
from ..rates import RATE, rate_of, trials
from .relation import BUDGET

STEPS = 1500  # the training budget, the same for all
BATCH = 32
TASK = Brackets(length=32, deepest=4)
LENGTHS = (32, 64, 128)
DEPTHS = tuple(range(1, 9))
DEEP = Brackets(length=32, deepest=9)  # one more than the last of these, which is to have brackets inside

KNOBS = {
    "variant": Knob(
        "Model",
        "lstm-forget-1",
        (*MAIN, "deep-attention", "deep-positions"),
        names={name: one.label for name, one in EVERY.items()},
    ),
    "rate": RATE,
}


@dataclass(frozen=True, kw_only=True)
class NestedRun(Learned):
    """A learning curve, and how the trained model fares inside and beyond what it was trained on.

    Both on closing brackets that have others inside them: "the kind that opened last" is a guess there.

    lengths: (seeds, LENGTHS), accuracy in sequences of the trained depth.
    depths: (seeds, DEPTHS), accuracy at each depth, in sequences of the trained length that go deeper.
    """

    lengths: np.ndarray
    depths: np.ndarray


def lesson(variant: str, rate: str | float) -> Lesson:
    """Short and shallow sequences; the learning rate is chosen for each model."""
    chosen = rate_of(NESTED, {"variant": variant, "rate": rate})
    return Lesson(variant, BUDGET, TASK, Fit(STEPS, BATCH, chosen))


@torch.no_grad()
@one_thread()
def tested(model: SequenceModel | None, seed: int) -> dict[str, np.ndarray]:
    """Accuracy by length and by depth."""
    if model is None:
        return {"lengths": np.full((1, len(LENGTHS)), np.nan), "depths": np.full((1, len(DEPTHS)), np.nan)}
    source = generator(seed, "nested")
    tasks = [Brackets(length, TASK.deepest) for length in LENGTHS]
    by_length = [right[around].mean().item() for right, around, _ in (answered(model, task, source) for task in tasks)]
    right, around, depth = answered(model, DEEP, source)
    by_depth = [right[around & (depth == d)].mean().item() for d in DEPTHS]
    return {"lengths": np.array([by_length]), "depths": np.array([by_depth])}


def answered(model: SequenceModel, task: Brackets, source: torch.Generator) -> tuple[torch.Tensor, ...]:
    """(B, T) each: 1 where the answer is right; where a bracket closes that has others inside; its depth."""
    batch = task.sample(4 * FRESH, source).to(next(model.parameters()).device)
    right = (model(batch.x).outputs.argmax(-1) == batch.y).double()  # (B, T)
    return right, task.around(batch), task.depths(batch)


def draw(result: NestedRun, axes, own: NestedRun | None = None) -> None:
    """Left: learning curves. Right: accuracy by depth, on closing brackets that have others inside."""
    learning, testing = axes
    style = figures.STYLES[result.knobs["variant"]]
    draw_curves(learning, result, own, style, STEPS)
    figures.spread(testing, np.array(DEPTHS), result.depths, style, layer="runs")
    if own is not None:
        mine = figures.STYLES["own"]
        testing.plot(DEPTHS, own.depths[0], color=mine.color, linewidth=2.4, gid="own/depths")
    for ax in axes:
        figures.reference(ax, TASK.chance, "chance", "frame")
    testing.axvline(TASK.deepest - 1, color=figures.INK, linewidth=1.0, linestyle=(0, (4, 2)), gid="frame/to")
    testing.set(
        xlim=(0.7, DEPTHS[-1] + 0.3), ylim=(0, 1.03), xlabel="depth (dashed: trained)", title="accuracy, others inside"
    )


def describe(result: NestedRun) -> dict[str, str]:
    """Where the seeds end, and beyond what they were trained on."""
    label = figures.STYLES[result.knobs["variant"]].label
    final = result.final
    lengths = ", ".join(f"{v:.2f} at {n} steps" for v, n in zip(result.lengths.mean(0), LENGTHS, strict=True))
    depths = ", ".join(f"{v:.2f} at depth {d}" for v, d in zip(result.depths.mean(0), DEPTHS, strict=True))
    return {
        "frame": f"Trained on {TASK.length} steps and depths up to {TASK.deepest}; chance is {TASK.chance:.3g}.",
        "runs": f"{label}: mean accuracy {final.mean():.2f} over all closing brackets, "
        f"from {final.min():.2f} to {final.max():.2f}. With others inside: {lengths}; at the trained length {depths}.",
    }


NESTED = trained(
    lesson,
    name="structure-nested",
    question="Which kind of bracket must close here?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    measure=lambda model, seed, knobs: tested(model, seed),
    layers={"frame": (), "runs": ("variant",), "own": ()},
    result=NestedRun,
    panels=2,
    trials=lambda: trials(NESTED),
)
