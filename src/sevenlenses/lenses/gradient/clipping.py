"""What does clipping the gradient do to training, and how large would it get?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from ... import figures
from ...lens import Knob, Value
from ...models.base import SequenceModel
from ...models.variants import BUDGET, VARIANTS
from ...tasks.latch import Latch
from ...training import Fit
from ..learning import STRIDE, Learned, Lesson, Training, draw_curves, trained
from ..rates import RATE, rate_of, trials

STEPS = 600  # the training budget, the same for all
LENGTH = 32  # steps to remember
NEVER = 1e9  # a norm that no gradient has
COMPARED = ("rnn", "rnn-orthogonal", "lstm-forget-1", "lstm-chrono")

KNOBS = {
    "variant": Knob("Model and start", "rnn", COMPARED, names={name: VARIANTS[name].label for name in COMPARED}),
    "clip": Knob(
        "Gradient", "clipped", ("clipped", "free"), names={"clipped": "clipped to norm 1", "free": "as it is"}
    ),
    "rate": RATE,
}


@dataclass(frozen=True, kw_only=True)
class ClippingRun(Learned):
    """A learning curve, and `norm`: (seeds, points), the largest norm of the gradient, before it is clipped, since the
    point before."""

    norm: np.ndarray


def lesson(variant: str, clip: str, rate: str | float) -> Lesson:
    """Keep the first token; the learning rate is chosen for each start, with clipping and without."""
    chosen = rate_of(CLIPPING, {"variant": variant, "clip": clip, "rate": rate})
    plan = Fit(steps=STEPS, learning_rate=chosen, clip=1.0 if clip == "clipped" else NEVER)
    return Lesson(variant, BUDGET, Latch(LENGTH), plan)


class Norms:
    """The norms of a model's gradients as they come, one a backward pass."""

    def __init__(self, model: SequenceModel):
        self.squares = {}
        for name, parameter in model.named_parameters():
            parameter.register_hook(lambda gradient, name=name: self.squares.update({name: gradient.square().sum()}))

    def last(self) -> float:
        """Of the pass just made, before clipping."""
        return torch.stack([*self.squares.values()]).sum().sqrt().item()


def watch(lesson: Lesson, knobs: dict[str, Value], seed: int, device: str) -> Iterator[ClippingRun]:
    """One training run, and the largest gradient of each stretch of it."""
    training = Training(lesson, seed, device)
    norms, largest, norm = Norms(training.model), 0.0, []
    for now in training:
        largest = max(largest, norms.last())
        if now.step == 1 or now.step % STRIDE == 0 or now.done:
            norm.append(largest)
            largest = 0.0
        yield ClippingRun(knobs=knobs, **training.learned(), norm=np.array([norm]))


def draw(result: ClippingRun, axes, own: ClippingRun | None = None) -> None:
    """Left: learning curves. Right: the gradient's norm before it is clipped, one line a seed."""
    learning, sizes = axes
    style, mine = figures.STYLES[result.knobs["variant"]], figures.STYLES["own"]
    draw_curves(learning, result, own, style, STEPS)
    figures.reference(learning, Latch().chance, "chance", "frame")
    for step, norm in zip(result.step, result.norm, strict=True):
        points = figures.thin(int(np.isfinite(step).sum()), 24)
        sizes.plot(step[points], norm[points], color=style.color, linewidth=1.0, alpha=0.75, gid="runs/norm")
    if own is not None:
        sizes.plot(own.step[0], own.norm[0], color=mine.color, linewidth=2.4, linestyle=mine.line, gid="own/norm")
    figures.log_axis(sizes, -3, 4, 1)
    sizes.axhline(1.0, color=figures.INK, linewidth=1.0, linestyle=(0, (4, 2)), gid="frame/clip")
    sizes.set(xlim=(0, STEPS), xlabel="training step (dashed: clipped here)", title="largest gradient norm")


def describe(result: ClippingRun) -> dict[str, str]:
    """Where the seeds end, and the largest gradient of each."""
    final, largest = result.final, np.nanmax(result.norm, 1)
    name, clip = (KNOBS[knob].say(result.knobs[knob]) for knob in ("variant", "clip"))
    return {
        "frame": f"Remember the first of {LENGTH} tokens; chance is {Latch().chance:.3g}.",
        "runs": f"{name}, the gradient {clip}: mean accuracy {final.mean():.2f} after at most {STEPS} steps, from "
        f"{final.min():.2f} to {final.max():.2f}. The largest gradients of the runs have norms from "
        f"{largest.min():.3g} to {largest.max():.3g}.",
    }


CLIPPING = trained(
    lesson,
    name="gradient-clipping",
    question="What does clipping do, and how large would the gradient get?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": ("variant", "clip"), "own": ()},
    result=ClippingRun,
    follow=watch,
    panels=2,
    trials=lambda: trials(CLIPPING),
)
