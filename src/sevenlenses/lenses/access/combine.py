"""What a read sees of the other pairs, and what takes two reads: a comparison, and two hops."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch

from ... import figures
from ...lens import Knob
from ...models.base import SequenceModel
from ...runtime import generator, one_thread
from ...tasks.base import Classification
from ...tasks.compared import Compared
from ...tasks.hops import Hops
from ...training import Fit
from ..learning import Learned, Lesson, draw_curves, trained
from ..rates import RATE, rate_of, trials
from ..readouts import readout
from .reads import BUDGET, STEPS, STORE

PROBED = 4096  # sequences: a linear readout is fitted on half of them, and tried on the other half
RIDGE = 1e-9  # of the mean squared number that is read
TASKS: dict[str, Classification] = {"read": replace(STORE, reads=1), "compared": Compared(), "hops": Hops()}
DESIGNS = {  # knob: model, and style
    "lstm-forget-1": "lstm-forget-1",
    "gru": "gru",
    "linear-attention": "linear-attention",
    "attend-1": "attend-1-none",
    "block-1": "block-1-none",
    "attend-2": "attend-2-none",
    "block-2": "block-2-none",
}

KNOBS = {
    "design": Knob(
        "Model", "lstm-forget-1", tuple(DESIGNS), names={name: figures.STYLES[name].label for name in DESIGNS}
    ),
    "task": Knob(
        "Task",
        "compared",
        tuple(TASKS),
        names={"read": "one value", "compared": "the greater of two", "hops": "two hops"},
    ),
    "rate": RATE,
}


@dataclass(frozen=True, kw_only=True)
class CombineRun(Learned):
    """A learning curve, and what lies open at the read.

    sees: (seeds, 2), the accuracy at which a linear readout of what the trained head is given says the value that was
        asked for, and the value of a key that was not. NaN for other tasks than one value.
    """

    sees: np.ndarray


def lesson(design: str, task: str, rate: str | float) -> Lesson:
    """Store pairs, then say one value, compare two, or go two hops; the learning rate is chosen for each."""
    chosen = rate_of(COMBINE, {"design": design, "task": task, "rate": rate})
    return Lesson(DESIGNS[design], BUDGET, TASKS[task], Fit(steps=STEPS, learning_rate=chosen))


@torch.no_grad()
@one_thread()
def seen(model: SequenceModel | None, task: str, seed: int) -> dict[str, np.ndarray]:
    """What lies open at a read; see `CombineRun`."""
    if model is None or task != "read":
        return {"sees": np.full((1, 2), np.nan)}
    put = TASKS[task]
    x = put.sample(PROBED, generator(seed, "seen")).x  # (B, T, n_in)
    given = heads_input(model, x.to(next(model.parameters()).device))[:, -1].double().cpu()  # (B, H)
    keys, values = x[:, : put.pairs, : put.keys], x[:, : put.pairs, put.keys :]  # (B, pairs, keys), (B, pairs, values)
    held = (keys.transpose(1, 2) @ values).argmax(-1)  # (B, keys): all keys are stored
    asked = x[:, -1, : put.keys].argmax(-1)  # (B,)
    own = readout(given, held.gather(1, asked.unsqueeze(1)), RIDGE).mean()
    others = [readout(given[asked != key], held[asked != key, key : key + 1], RIDGE).mean() for key in range(put.keys)]
    return {"sees": np.array([[own, np.mean(others)]])}


def heads_input(model: SequenceModel, x: torch.Tensor) -> torch.Tensor:
    """(B, T, H): what a model's head reads at each step."""
    caught = []
    hook = model.head.register_forward_pre_hook(lambda _, given: caught.append(given[0]))
    model(x)
    hook.remove()
    return caught[0]


def floor(task: str) -> tuple[float, str]:
    """What a single read is worth, and who scores it."""
    if task == "read":
        return TASKS[task].unbound(generator(0, "unbound")), "knows the values, not the keys"
    return TASKS[task].single, "one read alone"


def draw(result: CombineRun, axes, own: CombineRun | None = None) -> None:
    """Learning curves, one line a seed."""
    (ax,) = axes
    task = result.knobs["task"]
    draw_curves(ax, result, own, figures.STYLES[result.knobs["design"]], STEPS)
    figures.reference(ax, TASKS[task].chance, "chance", "frame")
    figures.reference(ax, *floor(task), "frame", (0, (4, 2)))


def describe(result: CombineRun) -> dict[str, str]:
    """Where the seeds end, and what lies open at a read."""
    final, task, sees = result.final, result.knobs["task"], result.sees.mean(0)
    worth, who = floor(task)
    said = (
        f" A linear readout of what its head is given says the value asked for {sees[0]:.2f} of the time, and another "
        f"pair's value {sees[1]:.2f}."
        if task == "read"
        else ""
    )
    return {
        "frame": f"{KNOBS['task'].say(task).capitalize()}; chance is {TASKS[task].chance:.3g}. Dashed: {who}, "
        f"{worth:.2f}.",
        "runs": f"{KNOBS['design'].say(result.knobs['design'])}: mean accuracy {final.mean():.2f} after at most "
        f"{STEPS} steps, from {final.min():.2f} to {final.max():.2f}.{said}",
    }


COMBINE = trained(
    lesson,
    name="access-combine",
    question="Can the model use two stored things at once?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    measure=lambda model, seed, knobs: seen(model, knobs["task"], seed),
    layers={"frame": ("task",), "runs": ("design", "task"), "own": ()},
    result=CombineRun,
    models=lambda result: [result.knobs["design"]],
    trials=lambda: trials(COMBINE),
)
