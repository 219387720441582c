"""Does it matter when the model learns which pair is wanted?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from ... import figures
from ...lens import Knob
from ...models.base import SequenceModel
from ...models.variants import EVERY, MAIN
from ...runtime import generator, one_thread
from ...tasks.moments import MOMENTS, Moments
from ...training import Fit
from ..learning import FRESH, Learned, Lesson, draw_curves, of_models, trained
from ..rates import RATE, down_from, rate_of, trials

BUDGET = 28_000  # parameters
STEPS = 1500  # the training budget, the same for all
TRIED = 8  # pairs at which learning rates are tried
FEWER = 4  # and at which more, where a model learns nothing with so many:
FAILING = (("gru", "last"), ("attention", "first"), ("attention-positions", "first"))
COMPARED = [*MAIN, "deep-attention", "bidirectional", "deep-bidirectional"]

KNOBS = {
    "variant": of_models("lstm-forget-1", COMPARED),
    "when": Knob(
        "The pair that matters is",
        "last",
        MOMENTS,
        names={"flag": "marked when written", "first": "asked first", "last": "asked last"},
    ),
    "pairs": Knob("Pairs", 8, (4, 8, 16, 32), 2, 32, "log", "pairs"),
    "rate": RATE,
}


@dataclass(frozen=True, kw_only=True)
class MomentsRun(Learned):
    """A learning curve, and when the trained model attends to what.

    written: (seeds, T), how far the input gate stands open at each step, mean over units and sequences in which the
        pair in the middle matters; NaN for models without one.
    read: (seeds, T), the weight that the last step gives to each step, mean over heads, on the same sequences; NaN for
        models without such weights.
    """

    written: np.ndarray
    read: np.ndarray


def lesson(variant: str, when: str, pairs: int, rate: str | float) -> Lesson:
    """What a run trains; the learning rate is chosen for each model and moment."""
    stops = down_from(pairs, (FEWER, TRIED) if (variant, when) in FAILING else (TRIED,))
    tried = [{"variant": variant, "when": when, "pairs": stop, "rate": rate} for stop in stops]
    return Lesson(variant, BUDGET, Moments(pairs, when), Fit(steps=STEPS, learning_rate=rate_of(MOMENTS_RUN, *tried)))


@torch.no_grad()
@one_thread()
def attended(model: SequenceModel | None, task: Moments, seed: int) -> dict[str, np.ndarray]:
    """What opens the input gate, and what the last step reads, on fresh sequences of `task`."""
    unknown = np.full((1, task.length), np.nan)
    if model is None:
        return {"written": unknown, "read": unknown}
    device = next(model.parameters()).device
    batch = task.sample(FRESH, generator(seed, "attended")).to(device)
    inside = model(batch.x, watch=True).inside
    gate, weights = inside.get("input"), inside.get("weights", inside.get("second weights"))
    return {
        "written": unknown if gate is None else gate.mean((0, 2)).cpu().double().numpy()[None],  # (1, T)
        "read": unknown if weights is None else weights[:, :, -1].mean((0, 1)).cpu().double().numpy()[None],  # (1, T)
    }


def draw(result: MomentsRun, axes, own: MomentsRun | None = None) -> None:
    """Learning curves, one line a seed."""
    (ax,) = axes
    draw_curves(ax, result, own, figures.STYLES[result.knobs["variant"]], STEPS)
    figures.reference(ax, Moments().chance, "chance", "frame")


def describe(result: MomentsRun) -> dict[str, str]:
    """Where the seeds end."""
    final, when = result.final, KNOBS["when"].say(result.knobs["when"])
    return {
        "frame": f"One of {result.knobs['pairs']} pairs matters, and is {when}; chance is {Moments().chance:.3g}.",
        "runs": f"{EVERY[result.knobs['variant']].label}: mean accuracy {final.mean():.2f} after at most {STEPS} "
        f"steps, from {final.min():.2f} to {final.max():.2f}.",
    }


MOMENTS_RUN = trained(
    lesson,
    name="locality-moments",
    question="Can the model learn which pair is wanted, if it is told at this moment?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    measure=lambda model, seed, knobs: attended(
        model, Moments(knobs["pairs"], knobs["when"], place=knobs["pairs"] // 2), seed
    ),
    layers={"frame": ("when", "pairs"), "runs": ("variant", "when", "pairs"), "own": ()},
    result=MomentsRun,
    trials=lambda: (
        *trials(MOMENTS_RUN, pairs=TRIED),
        *(one for name, when in FAILING for one in trials(MOMENTS_RUN, variant=name, when=when, pairs=FEWER)),
    ),
)
