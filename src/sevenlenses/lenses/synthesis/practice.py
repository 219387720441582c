"""Does the rung before each step only need more practice?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from ... import figures
from ...lens import Knob
from ...models.base import SequenceModel
from ...models.variants import EVERY
from ...runtime import generator, one_thread
from ...training import Fit
from ..learning import Learned, Lesson, draw_curves, trained
from ..rates import RATE, rate_of
from .rungs import BUDGET, RUNGS, STEPS, TASKS

LONGER = 4
ASKED = 4096  # sequences on which each key is looked at
BEFORE = {"rung-mean": "few", "rung-asked": "many", "rung-unchained": "kin"}  # what it fails

KNOBS = {
    "variant": Knob(
        "Rung and test",
        "rung-mean",
        tuple(BEFORE),
        names={
            "rung-mean": "rung 1, 4 pairs",
            "rung-asked": "rung 2, 32 pairs",
            "rung-unchained": "rung 4, the next key",
        },
    ),
    "rate": RATE,
}


@dataclass(frozen=True, kw_only=True)
class Practised(Learned):
    """A learning curve, and `by_key`: (seeds, keys), the trained model's accuracy by the key that is shown last."""

    by_key: np.ndarray


def lesson(variant: str, rate: str | float) -> Lesson:
    """The same model and test with four times the steps, at the learning rate that was chosen for the fewer."""
    test = BEFORE[variant]
    chosen = rate_of(RUNGS, {"variant": variant, "test": test, "rate": rate})
    return Lesson(variant, BUDGET, TASKS[test], Fit(steps=LONGER * STEPS, learning_rate=chosen))


@torch.no_grad()
@one_thread()
def by_key(model: SequenceModel | None, variant: str, seed: int) -> dict[str, np.ndarray]:
    """Accuracy for each key, on fresh sequences; NaN for a key that is never shown."""
    task = TASKS[BEFORE[variant]]
    if model is None:
        return {"by_key": np.full((1, task.keys), np.nan)}
    batch = task.sample(ASKED, generator(seed, "by key")).to(next(model.parameters()).device)
    right = (model(batch.x).outputs[:, -1].argmax(-1) == batch.y[:, -1]).double()  # (B,)
    shown = batch.x[:, -1, : task.keys].argmax(-1)  # (B,)
    times = shown.bincount(minlength=task.keys)  # (keys,)
    return {"by_key": (shown.bincount(right, minlength=task.keys) / times).cpu().numpy()[None]}


def draw(result: Practised, axes, own: Practised | None = None) -> None:
    """Left: learning curves; where the ladder's training stops is marked. Right: a dot for each key and seed."""
    learning, keys = axes
    style, chance = figures.STYLES[result.knobs["variant"]], TASKS[BEFORE[result.knobs["variant"]]].chance
    draw_curves(learning, result, own, style, LONGER * STEPS)
    learning.axvline(STEPS, color=figures.INK, linewidth=1.0, linestyle=(0, (4, 2)), gid="frame/budget")
    count = result.by_key.shape[1]
    for row in result.by_key:
        keys.plot(np.arange(1, count + 1), row, ".", color=style.color, alpha=0.6, markersize=9, gid="runs/keys")
    if own is not None:
        mine = figures.STYLES["own"]
        keys.plot(np.arange(1, count + 1), own.by_key[0], mine.marker, color=mine.color, gid="own/keys")
    for ax in axes:
        figures.reference(ax, chance, "chance", "frame")
    keys.set(xlim=(0, count + 1), ylim=(0, 1.04), xlabel="key that is shown", title="accuracy for each key")
    keys.set_xticks(np.linspace(0, count, 5)[1:])


def describe(result: Practised) -> dict[str, str]:
    """Where the seeds end, and for which keys."""
    final, name = result.final, result.knobs["variant"]
    missed = (result.by_key < 0.5).sum(1)  # (seeds,)
    return {
        "frame": f"{LONGER * STEPS} training steps; the ladder's training stops at {STEPS} (dashed line). Chance is "
        f"{TASKS[BEFORE[name]].chance:.3g}.",
        "runs": f"{EVERY[name].label}; {KNOBS['variant'].say(name)}: mean accuracy {final.mean():.2f}, from "
        f"{final.min():.2f} to {final.max():.2f}. Keys out of {result.by_key.shape[1]} for which it is right less than "
        f"half of the time: {', '.join(map(str, missed))} (by seed).",
    }


PRACTICE = trained(
    lesson,
    name="synthesis-practice",
    question="Does the rung before each step only need more practice?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    measure=lambda model, seed, knobs: by_key(model, knobs["variant"], seed),
    layers={"frame": ("variant",), "runs": ("variant",), "own": ()},
    result=Practised,
    panels=2,
)
