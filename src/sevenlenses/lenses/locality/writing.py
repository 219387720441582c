"""Which steps does a trained LSTM take into its state?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from ... import figures
from ...lens import Knob
from ...models.base import SequenceModel
from ...models.variants import EVERY
from ...runtime import generator, one_thread
from ...tasks.moments import Moments
from ...training import Fit
from ..learning import FRESH, Learned, Lesson, draw_curves, trained
from ..rates import RATE, rate_of
from .moments import BUDGET, MOMENTS_RUN, STEPS, TRIED
from .moments import KNOBS as RUN_KNOBS

PAIRS = 8
VARIANT = "lstm-forget-1"

KNOBS = {
    "when": RUN_KNOBS["when"],
    "keys": Knob("Different keys", 32, (8, 32), names={8: "8, as many as pairs", 32: "32"}),
    "rate": RATE,
}


@dataclass(frozen=True, kw_only=True)
class Writing(Learned):
    """A learning curve, and what the state before the question hangs on.

    moved: (seeds, pairs), the size of the change of h just before the last step when the value at one pair is another;
        root mean square over sequences in which the pair in the middle matters.
    """

    moved: np.ndarray


def lesson(when: str, keys: int, rate: str | float) -> Lesson:
    """The LSTM of the other experiments, with 8 pairs."""
    chosen = rate_of(MOMENTS_RUN, {"variant": VARIANT, "when": when, "pairs": TRIED, "rate": rate})
    return Lesson(VARIANT, BUDGET, Moments(PAIRS, when, keys=keys), Fit(steps=STEPS, learning_rate=chosen))


@torch.no_grad()
@one_thread()
def swapped(model: SequenceModel | None, task: Moments, seed: int) -> dict[str, np.ndarray]:
    """Swap the value at each pair in turn for the next one, and see how far the state before the last step moves."""
    if model is None:
        return {"moved": np.full((1, PAIRS), np.nan)}
    x = task.sample(FRESH, generator(seed, "swapped")).x.to(next(model.parameters()).device)  # (B, T, n_in)
    before = model(x).states[:, -2]  # (B, H)
    values = slice(task.keys, task.keys + task.values)
    moved = []
    for step in range(1, PAIRS + 1):
        other = x.clone()
        other[:, step, values] = x[:, step, values].roll(1, -1)
        moved.append((model(other).states[:, -2] - before).square().sum(-1).mean().sqrt().item())
    return {"moved": np.array([moved])}


def draw(result: Writing, axes, own: Writing | None = None) -> None:
    """Left: learning curves. Right: how far each pair's value moves the state."""
    learning, moving = axes
    style = figures.STYLES["lstm"]
    draw_curves(learning, result, own, style, STEPS)
    figures.reference(learning, Moments().chance, "chance", "frame")
    draw_moved(moving, result.moved, style, "runs")
    if own is not None and np.isfinite(own.moved).all():
        draw_moved(moving, own.moved, figures.STYLES["own"], "own")


def draw_moved(ax, moved: np.ndarray, style: figures.Style, layer: str) -> None:
    """Change of the state by pair; the one that matters is shaded, once."""
    pairs = np.arange(1, PAIRS + 1)
    if layer != "own":
        ax.axvspan(PAIRS // 2 + 0.5, PAIRS // 2 + 1.5, color=figures.FAINT, linewidth=0, gid="frame/matters")
    figures.spread(ax, pairs, moved, style, layer=layer)
    ax.set_xticks(pairs)
    ax.set(ylim=(0, 8), xlabel="pair (shaded: the one that matters)", title="how far its value moves the state")


def describe(result: Writing) -> dict[str, str]:
    """The accuracy, and the pair that matters against the others."""
    here, moved, final = PAIRS // 2, result.moved.mean(0), result.final
    return {
        "frame": f"{EVERY[VARIANT].label}, {PAIRS} pairs; chance is {Moments().chance:.3g}.",
        "runs": f"The pair that matters is {KNOBS['when'].say(result.knobs['when'])}; {result.knobs['keys']} different "
        f"keys. Mean accuracy {final.mean():.2f}. To swap the value of the pair that matters moves the state before "
        f"the last step by {moved[here]:.1f}, that of another pair by {np.delete(moved, here).mean():.1f}.",
    }


WRITING = trained(
    lesson,
    name="locality-writing",
    question="Which pairs does the LSTM take into its state, before the last step?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    measure=lambda model, seed, knobs: swapped(
        model, Moments(PAIRS, knobs["when"], keys=knobs["keys"], place=PAIRS // 2), seed
    ),
    layers={"frame": (), "runs": ("when", "keys"), "own": ()},
    result=Writing,
    models=lambda result: ["lstm"],
    panels=2,
)
