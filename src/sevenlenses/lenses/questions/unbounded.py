"""Does a recurrent network need a bounded activation?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from ... import figures
from ...lens import Knob
from ...models.base import SequenceModel
from ...models.variants import EVERY
from ...runtime import generator, one_thread
from ...tasks.latch import Latch
from ...training import Fit
from ..learning import FRESH, Learned, Lesson, draw_curves, of_models, trained
from ..rates import RATE, rate_of, trials

BUDGET = 6800  # parameters
STEPS = 600  # the training budget, the same for both
BEYOND = 256  # steps that the trained network is let run on

COMPARED = ["rnn", "irnn"]

KNOBS = {
    "variant": of_models("irnn", COMPARED),
    "length": Knob("Steps to remember", 64, (16, 32, 64), 8, 128, "log", "steps"),
    "rate": RATE,
}


@dataclass(frozen=True, kw_only=True)
class UnboundedRun(Learned):
    """A learning curve, and how large the trained network's numbers get.

    largest: (seeds, BEYOND), the greatest entry of |h(t)|, mean over sequences, when noise goes on for `BEYOND` steps.
    """

    largest: np.ndarray


def lesson(variant: str, length: int, rate: str | float) -> Lesson:
    """Keep the first token; the learning rate is chosen for each model and length."""
    nearest = min(KNOBS["length"].stops, key=lambda stop: abs(np.log(stop / length)))
    plan = Fit(steps=STEPS, learning_rate=rate_of(UNBOUNDED_RUN, {"variant": variant, "length": nearest, "rate": rate}))
    return Lesson(variant, BUDGET, Latch(length), plan)


@torch.no_grad()
@one_thread()
def grown(model: SequenceModel | None, seed: int) -> dict[str, np.ndarray]:
    """See `UnboundedRun`."""
    if model is None:
        return {"largest": np.full((1, BEYOND), np.nan)}
    x = Latch(BEYOND).sample(FRESH, generator(seed, "beyond")).x.to(next(model.parameters()).device)  # (B, T, n_in)
    largest = model(x).states.abs().amax(-1).mean(0)  # (T,)
    return {"largest": largest.cpu().double().numpy()[None]}


def draw(result: UnboundedRun, axes, own: UnboundedRun | None = None) -> None:
    """Left: learning curves. Right: the greatest number in the trained network's state."""
    learning, size = axes
    style = figures.STYLES[result.knobs["variant"]]
    draw_curves(learning, result, own, style, STEPS)
    figures.reference(learning, Latch().chance, "chance", "frame")
    t = figures.octaves(BEYOND)
    for row in result.largest:
        size.plot(t, row[t - 1], color=style.color, linewidth=1.0, alpha=0.75, gid="runs/largest")
    if own is not None:
        size.plot(t, own.largest[0, t - 1], color=figures.STYLES["own"].color, linewidth=2.4, gid="own/largest")
    figures.octave_axis(size, BEYOND)
    figures.log_axis(size, -8, 48, 8)
    figures.reference(size, np.finfo(np.float32).max, "float32 ends here", "frame")
    size.set(xlabel="step, t", title="largest |h(t)|")


def describe(result: UnboundedRun) -> dict[str, str]:
    """Where the seeds end, and how large the state is then."""
    final, length = result.final, result.knobs["length"]
    large = ", ".join(f"{describe_size(result.largest[:, t - 1])} at step {t}" for t in (1, length, BEYOND))
    return {
        "frame": f"Keep the first token; chance is {Latch().chance:.3g}. The trained network then runs on for {BEYOND} "
        "steps of noise.",
        "runs": f"{EVERY[result.knobs['variant']].label}, {length} steps: mean accuracy "
        f"{final.mean():.2f} after at most {STEPS} training steps, from {final.min():.2f} to {final.max():.2f}. "
        f"Greatest number in its state, median over seeds: {large}.",
    }


def describe_size(values: np.ndarray) -> str:
    """A median as a reader says it; records hold nothing where float32 held infinity."""
    middle = np.median(np.where(np.isfinite(values), values, np.inf))
    if not np.isfinite(middle):
        return "more than float32 holds"
    return f"{middle:,.0f}" if 10 <= middle < 10_000 else figures.scientific(middle)


UNBOUNDED_RUN = trained(
    lesson,
    name="questions-unbounded",
    question="Does a recurrent network need a bounded activation?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    measure=lambda model, seed, knobs: grown(model, seed),
    layers={"frame": (), "runs": ("variant", "length"), "own": ()},
    result=UnboundedRun,
    panels=2,
    trials=lambda: trials(UNBOUNDED_RUN),
)
