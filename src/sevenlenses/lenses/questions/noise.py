"""What does noise on the gates' arguments do, at test time and in training?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from ... import figures
from ...models.base import SequenceModel
from ...models.tied import disturbed
from ...models.variants import EVERY
from ...runtime import generator, one_thread
from ...tasks.flagged import Flagged
from ...training import Fit
from ..learning import FRESH, Learned, Lesson, draw_curves, of_models, trained
from ..rates import RATE, rate_of, trials

BUDGET = 10_000  # parameters
STEPS = 600  # the training budget, the same for all
TASK = Flagged(24)
NOISES = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0)  # standard deviations
NEAR = 0.1  # a gate this close to 0 or 1 counts as open or shut

COMPARED = ["lstm-forget-1", "lstm-shared", "lstm-noisy", "lstm-shared-noisy"]

KNOBS = {
    "variant": of_models("lstm-noisy", COMPARED),
    "rate": RATE,
}


@dataclass(frozen=True, kw_only=True)
class NoiseRun(Learned):
    """A learning curve, and the trained model with noise on the arguments of its gates i, f and o.

    right: (seeds, NOISES), accuracy by the noise's standard deviation.
    shut: (seeds,), share of the gates' values within `NEAR` of 0 or 1, when there is no noise.
    """

    right: np.ndarray
    shut: np.ndarray


def lesson(variant: str, rate: str | float) -> Lesson:
    """Keep the flagged value; a noisy model is trained, and its learning rate chosen, with its noise."""
    plan = Fit(steps=STEPS, learning_rate=rate_of(NOISE_RUN, {"variant": variant, "rate": rate}))
    return Lesson(variant, BUDGET, TASK, plan)


@torch.no_grad()
@one_thread()
def shaken(model: SequenceModel | None, seed: int) -> dict[str, np.ndarray]:
    """See `NoiseRun`."""
    if model is None:
        return {"right": np.full((1, len(NOISES)), np.nan), "shut": np.full(1, np.nan)}
    source = generator(seed, "noise")
    batch = TASK.sample(FRESH, source).to(next(model.parameters()).device)
    right = [TASK.score(model.head(disturbed(model, batch.x, noise, source)), batch) for noise in NOISES]
    inside = model.inside(batch.x, disturbed(model, batch.x, 0.0, source))
    gates = torch.stack([inside[name] for name in ("input", "forget", "output")])  # (3, B, T, H)
    shut = ((gates - 0.5).abs() > 0.5 - NEAR).float().mean().item()
    return {"right": np.array([right]), "shut": np.array([shut])}


def draw(result: NoiseRun, axes, own: NoiseRun | None = None) -> None:
    """Learning curves, one line a seed."""
    (ax,) = axes
    draw_curves(ax, result, own, figures.STYLES[result.knobs["variant"]], STEPS)
    figures.reference(ax, TASK.chance, "chance", "frame")


def describe(result: NoiseRun) -> dict[str, str]:
    """Where the seeds end."""
    final = result.final
    return {
        "frame": f"One of {TASK.length - 1} values is flagged; chance is {TASK.chance:.3g}.",
        "runs": f"{EVERY[result.knobs['variant']].label}: mean accuracy {final.mean():.2f} after "
        f"{result.used.mean():.0f} training steps, from {final.min():.2f} to {final.max():.2f}.",
    }


NOISE_RUN = trained(
    lesson,
    name="questions-noise",
    question="Can a network learn with noise in its gates?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    measure=lambda model, seed, knobs: shaken(model, seed),
    layers={"frame": (), "runs": ("variant",), "own": ()},
    result=NoiseRun,
    trials=lambda: trials(NOISE_RUN),
)
