"""Which of four tests does a rung between an LSTM and attention pass?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch

from ... import figures
from ...lens import Knob
from ...models.base import SequenceModel
from ...models.variants import EVERY
from ...runtime import generator, one_thread
from ...tasks.base import Batch, Task
from ...tasks.kin import Kin
from ...tasks.latch import Latch
from ...tasks.moments import Moments
from ...training import Fit
from ..learning import FRESH, Learned, Lesson, draw_curves, of_models, trained
from ..rates import RATE, rate_of, trials

BUDGET = 12_000  # parameters
STEPS = 600  # the training budget, the same for all

LADDER = ("lstm-forget-1", "rung-mean", "rung-asked", "rung-selective", "rung-unchained", "rung-roles")
ABLATIONS = ("no-growth", "no-asking", "no-softmax", "no-content", "rung-unchained", "chained-roles", "no-scale")
OTHERS = ("attention", "tied-heads", "linear-attention")
COMPARED = tuple(dict.fromkeys((*LADDER, *ABLATIONS, *OTHERS)))

TASKS = {
    "far": Latch(length=64),
    "few": Moments(pairs=4, when="last", keys=64),
    "many": Moments(pairs=32, when="last", keys=64),
    "kin": Kin(pairs=8, keys=16),
}
TESTS = tuple(TASKS)
PLACE = {"far": 0, "few": 3, "many": 17, "kin": 4}  # the step that holds the answer, where weights are looked at

KNOBS = {
    "variant": of_models("rung-asked", COMPARED),
    "test": Knob(
        "Test",
        "few",
        TESTS,
        names={"far": "first of 64 steps", "few": "4 pairs", "many": "32 pairs", "kin": "the next key"},
    ),
    "rate": RATE,
}


@dataclass(frozen=True, kw_only=True)
class Rung(Learned):
    """A learning curve, and how the trained model's last step reads.

    read: (seeds, T), the share that each step has in the weights of the last one, by absolute size; mean over heads and
        over sequences in which the answer lies at step `PLACE`. NaN for models without weights.
    turned: (seeds,), the share of answers that change when all steps but the last are shuffled.
    """

    read: np.ndarray
    turned: np.ndarray


def lesson(variant: str, test: str, rate: str | float) -> Lesson:
    """What a run trains."""
    chosen = rate_of(RUNGS, {"variant": variant, "test": test, "rate": rate})
    return Lesson(variant, BUDGET, TASKS[test], Fit(steps=STEPS, learning_rate=chosen))


def placed(test: str) -> Task:
    """The test's task with the answer always at step `PLACE`."""
    task = TASKS[test]
    if isinstance(task, Moments):
        return replace(task, place=PLACE[test] - 1)  # an opening step comes before the pairs
    return replace(task, place=PLACE[test]) if isinstance(task, Kin) else task


@torch.no_grad()
@one_thread()
def look(model: SequenceModel | None, test: str, seed: int) -> dict[str, np.ndarray]:
    """What the last step reads, and whether the order of the others counts; see `Rung`."""
    task = placed(test)
    unknown = np.full((1, task.length), np.nan)
    if model is None:
        return {"read": unknown, "turned": np.full(1, np.nan)}
    source = generator(seed, "look")
    batch: Batch = task.sample(FRESH, source).to(next(model.parameters()).device)
    seen = model(batch.x, watch=True)
    weights = seen.inside.get("weights")  # (B, heads, T, T)
    if weights is not None:
        sizes = weights[:, :, -1].abs()  # (B, heads, T)
        shares = sizes / sizes.sum(-1, keepdim=True)  # (B, heads, T)
        unknown = shares.mean((0, 1)).cpu().double().numpy()[None]
    order = torch.randperm(task.length - 1, generator=source).to(batch.x.device)  # (T - 1,)
    shuffled = model(torch.cat([batch.x[:, order], batch.x[:, -1:]], 1)).outputs[:, -1]  # (B, n_out)
    turned = (shuffled.argmax(-1) != seen.outputs[:, -1].argmax(-1)).double().mean().item()
    return {"read": unknown, "turned": np.array([turned])}


def draw(result: Rung, axes, own: Rung | None = None) -> None:
    """Learning curves, one line a seed."""
    (ax,) = axes
    draw_curves(ax, result, own, figures.STYLES[result.knobs["variant"]], STEPS)
    figures.reference(ax, TASKS[result.knobs["test"]].chance, "chance", "frame")


def describe(result: Rung) -> dict[str, str]:
    """Where the seeds end."""
    final = result.final
    return {
        "frame": f"Chance is {TASKS[result.knobs['test']].chance:.3g}.",
        "runs": f"{EVERY[result.knobs['variant']].label}, {KNOBS['test'].say(result.knobs['test'])}: mean accuracy "
        f"{final.mean():.2f} after at most {STEPS} steps, from {final.min():.2f} to {final.max():.2f}.",
    }


RUNGS = trained(
    lesson,
    name="synthesis-rungs",
    question="Can this rung learn the test?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    measure=lambda model, seed, knobs: look(model, knobs["test"], seed),
    layers={"frame": (), "runs": ("variant", "test"), "own": ()},
    result=Rung,
    trials=lambda: trials(RUNGS),
)
