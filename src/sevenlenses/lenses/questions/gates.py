"""What does an LSTM lose when its gates share weights, or one of them is missing?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from ... import figures
from ...lens import Knob
from ...models import create
from ...models.base import SequenceModel, parameter_count
from ...models.lstm import LSTM
from ...models.tied import disturbed
from ...models.variants import EVERY, size_within
from ...runtime import generator, one_thread
from ...tasks.base import Task
from ...tasks.flagged import Flagged
from ...tasks.latch import Latch
from ...tasks.recall import Recall
from ...tasks.report import Report
from ...training import Fit
from ..learning import FRESH, Learned, Lesson, draw_curves, of_models, trained
from ..rates import RATE, rate_of, trials

BUDGET = 10_000  # parameters
STEPS = 600  # the training budget, the same for all models
LONGER = {"recall": 4}  # times that
TASKS: dict[str, Task] = {
    "flag": Flagged(24),
    "latch": Latch(16),
    "report": Report(16),
    "recall": Recall(pairs=4, keys=4, values=8),
}
GATES = ("input", "forget", "output")
ROUNDS = 24  # of the computation of all steps at once

COMPARED = [
    "lstm-forget-1",
    "lstm-coupled",
    "lstm-equal",
    "lstm-shared",
    "lstm-single",
    "lstm-exposed",
    "gru",
]

KNOBS = {
    "variant": of_models("lstm-shared", COMPARED),
    "task": Knob(
        "Task",
        "flag",
        tuple(TASKS),
        names={
            "flag": "keep the flagged value",
            "latch": "keep the first token",
            "report": "say this value or the kept one",
            "recall": "keep four pairs",
        },
    ),
    "matched": Knob(
        "As many", "parameters", ("parameters", "size"), names={"parameters": "parameters", "size": "units"}
    ),
    "rate": RATE,
}


@dataclass(frozen=True, kw_only=True)
class GatesRun(Learned):
    """A learning curve, and what the trained model's gates do. NaN where a model or a task has no such thing.

    gates: (seeds, GATES, 3), on flagged sequences: the gate's mean at the flagged step; its mean at all others; and the
        root mean square over units of the difference between the unit's own two means.
    changed: (seeds, 2), on flagged sequences: how often the answer changes when the flagged step gets another value,
        and when one of the others does.
    cell: (seeds, 2), |c| at the last step: median over units and sequences, and the greatest.
    rounds: (seeds, ROUNDS), how far the outputs of `at_once` are from those of the fused pass, the greatest difference
        over steps as a share of the greatest output.
    """

    gates: np.ndarray
    changed: np.ndarray
    cell: np.ndarray
    rounds: np.ndarray


def lesson(variant: str, task: str, matched: str, rate: str | float) -> Lesson:
    """What a run trains; the learning rate is chosen for each model and task, at as many parameters."""
    tried = {"variant": variant, "task": task, "matched": "parameters", "rate": rate}
    plan = Fit(steps=LONGER.get(task, 1) * STEPS, learning_rate=rate_of(GATES_RUN, tried))
    return Lesson(variant, budget(variant, TASKS[task], matched), TASKS[task], plan)


def budget(variant: str, task: Task, matched: str) -> int:
    """`BUDGET`, or as many parameters as the model has with as many units as the LSTM of that budget."""
    if matched == "parameters":
        return BUDGET
    units = size_within("lstm", task.n_in, task.n_out, BUDGET)
    return parameter_count(create(EVERY[variant].model, task.n_in, units, task.n_out, generator=torch.Generator()))


@torch.no_grad()
@one_thread()
def looked_into(model: SequenceModel | None, task: Task, seed: int) -> dict[str, np.ndarray]:
    """See `GatesRun`."""
    found = {
        "gates": np.full((1, len(GATES), 3), np.nan),
        "changed": np.full((1, 2), np.nan),
        "cell": np.full((1, 2), np.nan),
        "rounds": np.full((1, ROUNDS), np.nan),
    }
    if model is None:
        return found
    source = generator(seed, "gates")
    batch = task.sample(FRESH, source).to(next(model.parameters()).device)
    if isinstance(task, Flagged):
        found["changed"][0] = changed(model, task, batch.x, source)
    if isinstance(model, LSTM):
        inside = model(batch.x, watch=True).inside
        cell = inside["cell"][:, -1].abs()  # (B, H)
        found["cell"][0] = cell.median().item(), cell.max().item()
        found["rounds"][0] = at_once(model, batch.x, ROUNDS)
        if isinstance(task, Flagged):
            flagged = task.responsible(batch)  # (B, T)
            found["gates"][0] = [contrast(inside[name], flagged) for name in GATES]
    return found


def contrast(gate: torch.Tensor, flagged: torch.Tensor) -> tuple[float, float, float]:
    """Of a gate (B, T, H): its mean at flagged steps, elsewhere, and how far the two are apart unit by unit."""
    there, elsewhere = gate[flagged].mean(0), gate[~flagged].mean(0)  # (H,) each
    return there.mean().item(), elsewhere.mean().item(), (there - elsewhere).square().mean().sqrt().item()


def changed(model: SequenceModel, task: Flagged, x: torch.Tensor, source: torch.Generator) -> tuple[float, float]:
    """How often another value at the flagged step changes the answer, and at one of the other steps."""
    before = model(x).outputs[:, -1].argmax(-1)  # (B,)
    flagged = (x[..., -2] > 0).float()  # (B, T)
    others = 1 - flagged
    others[:, -1] = 0
    shares = []
    for where in (flagged, others):
        step = where.cpu().multinomial(1, generator=source).to(x.device)[:, 0]  # (B,)
        turn = torch.randint(1, task.values, (1,), generator=source).item()
        other, rows = x.clone(), torch.arange(len(x), device=x.device)
        other[rows, step, : task.values] = x[rows, step, : task.values].roll(turn, -1)
        shares.append((model(other).outputs[:, -1].argmax(-1) != before).float().mean().item())
    return tuple(shares)


def at_once(model: LSTM, x: torch.Tensor, rounds: int) -> list[float]:
    """All steps at once, from a guess of every h: gates from the guess, cells by a scan, and so a better guess.

    After r rounds the first r steps are exact, whatever the model is; further ones are as good as the model's memory
    through its gates is short. Returns how far off all outputs are after each round.

    Source: the fixed-point view of Lim et al. (2024), without their Newton step.
    """
    exact = model.head(disturbed(model, x, 0.0, torch.Generator()))  # (B, T, K)
    h, off = torch.zeros(*x.shape[:2], model.n_hidden).to(x), []  # (B, T, H)
    for _ in range(rounds):
        inside = model.inside(x, h)
        h = inside["output"] * inside["cell"].tanh()  # (B, T, H)
        off.append(((model.head(h) - exact).abs().max() / exact.abs().max()).item())
    return off


def draw(result: GatesRun, axes, own: GatesRun | None = None) -> None:
    """Learning curves, one line a seed."""
    (ax,) = axes
    task = result.knobs["task"]
    draw_curves(ax, result, own, figures.STYLES[result.knobs["variant"]], LONGER.get(task, 1) * STEPS)
    figures.reference(ax, TASKS[task].chance, "chance", "frame")


def describe(result: GatesRun) -> dict[str, str]:
    """Where the seeds end."""
    final, task = result.final, TASKS[result.knobs["task"]]
    return {
        "frame": f"Task: {KNOBS['task'].say(result.knobs['task'])}, {task.length} steps; chance is {task.chance:.3g}.",
        "runs": f"{EVERY[result.knobs['variant']].label}: mean accuracy {final.mean():.2f} after "
        f"{result.used.mean():.0f} training steps, from {final.min():.2f} to {final.max():.2f}.",
    }


GATES_RUN = trained(
    lesson,
    name="questions-gates",
    question="What does an LSTM lose when its gates share weights, or one is missing?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    measure=lambda model, seed, knobs: looked_into(model, TASKS[knobs["task"]], seed),
    layers={"frame": ("task",), "runs": ("variant", "task", "matched"), "own": ()},
    result=GatesRun,
    trials=lambda: trials(GATES_RUN, matched="parameters"),
)
