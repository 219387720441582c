"""Who are "they", what is "it"? A pronoun read in the middle of a sentence, and another one after it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from ... import figures
from ...models.base import SequenceModel
from ...models.variants import BUDGET, EVERY, MAIN
from ...runtime import generator, one_thread
from ...tasks.pronouns import CLAUSE, Pronouns
from ...training import Fit
from ..learning import FRESH, Learned, Lesson, draw_curves, of_models, trained
from ..rates import RATE, rate_of, trials

STEPS = 1000  # the training budget, the same for all
TASK = Pronouns(most=2)
CLAUSES = (2, 4)  # before each pronoun, when tested: the most in training, and twice that
READ = ("first", "again", "other")  # the first pronoun; the second, where it is the same word; where it is the other
COMPARED = (*MAIN, "bag")

KNOBS = {"variant": of_models("lstm-forget-1", COMPARED), "rate": RATE}


@dataclass(frozen=True, kw_only=True)
class PronounRun(Learned):
    """A learning curve, and `right`: (seeds, CLAUSES, READ), the accuracy of the trained model at the pronouns."""

    right: np.ndarray


def lesson(variant: str, rate: str | float) -> Lesson:
    """Two pronouns in a sentence; the learning rate is chosen for each model."""
    chosen = rate_of(PRONOUN, {"variant": variant, "rate": rate})
    return Lesson(variant, BUDGET, TASK, Fit(steps=STEPS, learning_rate=chosen))


def words(clauses: int) -> int:
    """How many words so many clauses have."""
    return clauses * len(CLAUSE)


@torch.no_grad()
@one_thread()
def tested(model: SequenceModel | None, seed: int) -> dict[str, np.ndarray]:
    """Accuracy at the pronouns, by the clauses before each, on fresh sentences."""
    right, source = np.full((1, len(CLAUSES), len(READ)), np.nan), generator(seed, "pronouns")
    if model is not None:
        for i, clauses in enumerate(CLAUSES):
            batch = Pronouns(most=clauses, exactly=clauses).sample(2 * FRESH, source)
            batch = batch.to(next(model.parameters()).device)
            hit = (model(batch.x).outputs.argmax(-1) == batch.y)[batch.scored].view(-1, 2).double()  # (B, 2)
            first, second = batch.y[batch.scored].view(-1, 2).unbind(1)  # (B,) each
            right[0, i] = [part.mean().item() for part in (hit[:, 0], hit[first == second, 1], hit[first != second, 1])]
    return {"right": right}


def draw(result: PronounRun, axes, own: PronounRun | None = None) -> None:
    """Learning curves, one line a seed."""
    (ax,) = axes
    draw_curves(ax, result, own, figures.STYLES[result.knobs["variant"]], STEPS)
    figures.reference(ax, TASK.chance, "", "frame")  # two names have no room
    figures.reference(ax, TASK.unread, "a person or a thing, not which", "frame", (0, (4, 2)))


def describe(result: PronounRun) -> dict[str, str]:
    """Where the seeds end, and what they read at the pronouns."""
    final = result.final
    said = "; ".join(
        f"with {words(clauses)} words before each pronoun, mean accuracy {first:.2f} at the first, {again:.2f} at the "
        f"second if it is the same word, {other:.2f} if it is the other"
        for clauses, (first, again, other) in zip(CLAUSES, result.right.mean(0), strict=True)
    )
    return {
        "frame": f"Chance is {TASK.chance:.3g}, and to know whether a person or a thing is meant is worth "
        f"{TASK.unread:.3g}.",
        "runs": f"{EVERY[result.knobs['variant']].label[0].upper()}{EVERY[result.knobs['variant']].label[1:]}: mean "
        f"accuracy {final.mean():.2f} after at most {STEPS} steps, from {final.min():.2f} to {final.max():.2f}. "
        f"Afterwards: {said}.",
    }


PRONOUN = trained(
    lesson,
    name="reading-pronoun",
    question="Does the network know who is meant, in the middle of the sentence?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    measure=lambda model, seed, knobs: tested(model, seed),
    layers={"frame": (), "runs": ("variant",), "own": ()},
    result=PronounRun,
    trials=lambda: trials(PRONOUN),
)
