"""How large must a change be to show who is responsible?"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn.functional import one_hot

from ... import figures
from ...models.base import SequenceModel
from ...models.variants import EVERY, MAIN
from ...runtime import generator, one_thread
from ...tasks.flagged import Flagged
from ...tasks.tokens import SIZE
from ..learning import Learned, Lesson, of_models, trained
from ..rates import RATE
from . import learning
from .attribution import log_odds

LENGTH = learning.LENGTHS[-1]
FRACTIONS = (0.01, 0.03, 0.1, 0.25, 0.5, 0.75, 1.0)
SEQUENCES = 16  # on which the trained model is asked
COMPARED = [*MAIN, "lstm-chrono", "min-lstm"]

KNOBS = {
    "variant": of_models("lstm-forget-1", COMPARED),
    "rate": RATE,
}


@dataclass(frozen=True, kw_only=True)
class Fractions(Learned):
    """A learning curve; and `share`, `moved`: (seeds, FRACTIONS), after training.

    Each step's value is replaced by that fraction of another one: x + α (x' - x). `share`: the responsible step's part
    of the changes in the log odds of the right answer, mean over sequences. `moved`: the change at that step itself.
    """

    share: np.ndarray
    moved: np.ndarray


def lesson(variant: str, rate: str | float) -> Lesson:
    """As where credit is watched: to the end of the budget."""
    return learning.lesson(variant, LENGTH, rate).to_the_end()


@torch.no_grad()
@one_thread()
def fractions(model: SequenceModel | None, task: Flagged, seed: int) -> dict[str, np.ndarray]:
    """Change each step by each fraction of the way to another value; see `Fractions`. In float64."""
    if model is None:
        return dict.fromkeys(("share", "moved"), np.full((1, len(FRACTIONS)), np.nan))
    exact, source = deepcopy(model).double(), generator(seed, "fraction")
    batch = task.sample(SEQUENCES, source)
    x, y = batch.x.double().to(next(model.parameters()).device), batch.y[:, -1:].to(next(model.parameters()).device)
    steps = task.length - 1
    apart = torch.randint(1, task.values, (SEQUENCES, steps), generator=source).to(x.device)  # (B, T - 1)
    others = (x[:, :-1, : task.values].argmax(-1) + apart) % task.values  # (B, T - 1)
    toward = SIZE * one_hot(others, task.values).to(x) - x[:, :-1, : task.values]  # (B, T - 1, values)
    every = torch.arange(steps)
    share, moved = [], []
    for fraction in FRACTIONS:
        changes = []
        for one, answer, way in zip(x, y, toward, strict=True):
            changed = one.repeat(steps, 1, 1)  # (T - 1, T, n_in)
            changed[every, every, : task.values] += fraction * way
            after = log_odds(exact(changed).outputs, answer.expand(steps, 1))  # (T - 1,)
            changes.append((after - log_odds(exact(one[None]).outputs, answer[None])).abs())
        credit = torch.stack(changes)  # (B, T - 1)
        right = (credit * task.responsible(batch)[:, :-1].to(x)).sum(1)  # (B,)
        share.append((right / credit.sum(1)).mean().item())
        moved.append(right.mean().item())
    return {"share": np.array([share]), "moved": np.array([moved])}


def draw(result: Fractions, axes, own: Fractions | None = None) -> None:
    """Share of the responsible step against the fraction, one line a seed."""
    (ax,) = axes
    style = figures.STYLES[result.knobs["variant"]]
    for row in result.share:
        ax.plot(FRACTIONS, row, color=style.color, linewidth=1.2, marker=style.marker, gid="runs/share")
    if own is not None:
        mine = figures.STYLES["own"]
        ax.plot(FRACTIONS, own.share[0], color=mine.color, linewidth=2.4, linestyle=mine.line, gid="own/share")
    figures.reference(ax, 1 / (LENGTH - 1), "even", "frame")
    ax.set_xscale("log")
    ax.set_xticks((0.01, 0.1, 1.0), ("1%", "10%", "100%"))
    ax.minorticks_off()
    ax.set(xlim=(0.009, 1.1), ylim=(0, 1.04), xlabel="part of the way to another value")
    ax.set_title("share of the responsible step")


def describe(result: Fractions) -> dict[str, str]:
    """The share at some fractions."""
    said = ", ".join(f"{share:.2f} at {part:.0%}" for part, share in zip(FRACTIONS, result.share.mean(0), strict=True))
    return {
        "frame": f"After training. Shared evenly, each of {LENGTH - 1} steps would have {1 / (LENGTH - 1):.3f}.",
        "runs": f"{EVERY[result.knobs['variant']].label}: mean share of the responsible step, by the part of the way "
        f"that a value is moved towards another: {said}.",
    }


FRACTION = trained(
    lesson,
    name="credit-fraction",
    question="How large must a change be to show who is responsible?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    measure=lambda model, seed, knobs: fractions(model, lesson(**knobs).task, seed),
    layers={"frame": (), "runs": ("variant",), "own": ()},
    result=Fractions,
)
