"""Agreement: does the verb look to its subject, when more and more nouns of the other number stand between?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch

from ... import figures
from ...models.base import SequenceModel
from ...models.variants import EVERY, MAIN
from ...runtime import generator, one_thread
from ...tasks.agreement import PHRASE, Agreement
from ...training import Fit
from ..learning import FRESH, Learned, Lesson, draw_curves, of_models, trained
from ..rates import RATE, rate_of, trials
from .learning import BUDGET, STEPS

TASK = Agreement(phrases=2)
TESTED = (1, 2, 4, 8)  # nouns of the other number between subject and verb
COMPARED = (*MAIN, "deep-attention", "deep-positions")

KNOBS = {"variant": of_models("lstm-forget-1", COMPARED), "rate": RATE}


@dataclass(frozen=True, kw_only=True)
class AgreeRun(Learned):
    """A learning curve, and sentences whose nouns between subject and verb are all of the other number.

    right: (seeds, TESTED), accuracy.
    share: (seeds, TESTED), of what it moves log p of the right answer to turn one noun's number, in sum over the
        subject and the nouns after it: the subject's part.
    """

    right: np.ndarray
    share: np.ndarray


def lesson(variant: str, rate: str | float) -> Lesson:
    """Up to two phrases between; the learning rate is chosen for each model."""
    chosen = rate_of(AGREE, {"variant": variant, "rate": rate})
    return Lesson(variant, BUDGET, TASK, Fit(steps=STEPS, learning_rate=chosen))


@torch.no_grad()
@one_thread()
def tested(model: SequenceModel | None, seed: int) -> dict[str, np.ndarray]:
    """Accuracy and the subject's share, by the number of nouns between."""
    looks = np.full((2, 1, len(TESTED)), np.nan)
    if model is not None:
        source = generator(seed, "agreement")
        looks[:, 0] = np.transpose([among(model, replace(TASK, phrases=n, opposed=True), source) for n in TESTED])
    return dict(zip(("right", "share"), looks, strict=True))


def among(model: SequenceModel, task: Agreement, source: torch.Generator) -> tuple[float, float]:
    """Accuracy on sentences of a task, and the subject's share; see `AgreeRun`."""
    device = next(model.parameters()).device
    same = source.clone_state()
    batch, subject = task.sample(FRESH, source).to(device), task.tokens(FRESH, same)[1].to(device)

    def said(x: torch.Tensor) -> torch.Tensor:
        """log p of the right answer: (B,)."""
        odds = model(x).outputs[batch.scored].log_softmax(-1)  # (B, 2)
        return odds.gather(1, batch.y[batch.scored][:, None])[:, 0]

    before = said(batch.x)  # (B,)
    moved = [(said(turned(batch.x, subject + PHRASE * j, task)) - before).abs() for j in range(task.phrases + 1)]
    moved = torch.stack(moved).double()  # (nouns, B)
    right = (before > np.log(0.5)).double().mean().item()
    return right, (moved[0].sum() / moved.sum()).item()


def turned(x: torch.Tensor, at: torch.Tensor, task: Agreement) -> torch.Tensor:
    """x (B, T, n_in) with the number of the noun at step `at` (B,) turned: singular for plural, plural for singular."""
    which = torch.arange(len(x), device=x.device)
    word, other = x[which, at], x.clone()  # (B, n_in), (B, T, n_in)
    one, many = word[:, : task.nouns], word[:, task.nouns : 2 * task.nouns]  # (B, nouns) each
    other[which, at] = torch.cat([many, one, word[:, 2 * task.nouns :]], 1)  # (B, n_in)
    return other


def draw(result: AgreeRun, axes, own: AgreeRun | None = None) -> None:
    """Left: learning curves. Right: accuracy against the nouns of the other number."""
    learning, testing = axes
    style, x = figures.STYLES[result.knobs["variant"]], np.log2(TESTED)
    draw_curves(learning, result, own, style, STEPS)
    figures.spread(testing, x, result.right, style, layer="runs")
    if own is not None:
        mine = figures.STYLES["own"]
        testing.plot(x, own.right[0], color=mine.color, linewidth=2.4, gid="own/right")
    for ax in axes:
        figures.reference(ax, TASK.chance, "chance", "frame")
    testing.set_xticks(x, [str(n) for n in TESTED])
    testing.set(
        xlim=(-0.15, x[-1] + 0.15),
        ylim=(0, 1.03),
        xlabel=f"other nouns (trained: {TASK.phrases})",
        title="accuracy",
    )


def describe(result: AgreeRun) -> dict[str, str]:
    """Where the seeds end, and how they fare with more nouns between."""
    final = result.final
    right, share = (", ".join(f"{v:.2f}" for v in found.mean(0)) for found in (result.right, result.share))
    return {
        "frame": f"Trained on sentences with up to {TASK.phrases} nouns between subject and verb, of either number.",
        "runs": f"{EVERY[result.knobs['variant']].label}: mean accuracy {final.mean():.2f} after at most {STEPS} "
        f"steps, from {final.min():.2f} to {final.max():.2f}. With {', '.join(map(str, TESTED))} nouns between, all of "
        f"the other number: mean accuracy {right}; mean share of the subject {share}.",
    }


AGREE = trained(
    lesson,
    name="credit-agree",
    question="Does the verb agree with its subject?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    measure=lambda model, seed, knobs: tested(model, seed),
    layers={"frame": (), "runs": ("variant",), "own": ()},
    result=AgreeRun,
    panels=2,
    trials=lambda: trials(AGREE),
)
