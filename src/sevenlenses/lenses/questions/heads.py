"""An LSTM with a small head or a larger one, trained whole or in part: can it learn the test?"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import torch
from torch import Tensor

from ... import figures
from ...lens import Knob
from ...models.base import SequenceModel
from ...models.variants import EVERY
from ...runtime import generator, one_thread
from ...tasks.base import Batch, Task
from ...tasks.latch import Latch
from ...tasks.moments import Moments
from ...tasks.tracking import Tracking
from ...training import Fit
from ..learning import Learned, Lesson, draw_curves, of_models, trained
from ..rates import RATE, rate_of, trials
from ..readouts import readout

BUDGET = 12_000  # parameters
STEPS = 1000  # the usual training budget
PROBED = 2048  # sequences on which a linear readout is fitted, and as many on which it is tried
READERS = {"blurred": 1e-3, "sharp": 1e-9}  # ridge, in parts of the mean squared state

WHOLE = ("lstm-forget-1", "deep-head")
COMPARED = (*WHOLE, "head-alone", "deep-head-alone", "body-alone", "loud-body-alone")
UNTRAINED = "head-alone"  # its recurrent part stays as it started

TASKS = {"first": Latch(length=16), "pairs": Moments(pairs=4, when="last", keys=16), "parity": Tracking(32)}
TESTS = tuple(TASKS)
FAILING = (  # that learn nothing in the usual budget: for the longer one their rates are tried anew
    *product(("head-alone", "deep-head-alone"), TESTS),
    ("body-alone", "pairs"),
)

KNOBS = {
    "variant": of_models("deep-head", COMPARED),
    "test": Knob(
        "Test", "pairs", TESTS, names={"first": "first of 16 steps", "pairs": "4 pairs", "parity": "parity, each step"}
    ),
    "longer": Knob("Training", 1, (1, 4), 1, 4, names={1: f"{STEPS:,} steps", 4: f"{4 * STEPS:,} steps"}),
    "rate": RATE,
}


@dataclass(frozen=True, kw_only=True)
class Headed(Learned):
    """A learning curve, and what linear readouts get from the trained states, on sequences they were not fitted on.

    told: (seeds, READERS, T), accuracy at each step's token, read from the last state; NaN while training runs.
    solved: (seeds, READERS), accuracy at the test itself, read from the states that are asked; NaN likewise.
    """

    told: np.ndarray
    solved: np.ndarray


def lesson(variant: str, test: str, longer: int, rate: str | float) -> Lesson:
    """What a run trains; the learning rate is chosen at the usual budget, unless nothing is learned in it."""
    tried = 4 if longer > 1 and (variant, test) in FAILING else 1
    chosen = rate_of(HEADS, {"variant": variant, "test": test, "longer": tried, "rate": rate})
    return Lesson(variant, BUDGET, TASKS[test], Fit(steps=longer * STEPS, learning_rate=chosen))


def brought(task: Task, batch: Batch) -> Tensor:
    """(B, T): which token each step brings; of a pair, its value."""
    x = batch.x[..., task.keys : task.keys + task.values] if isinstance(task, Moments) else batch.x
    return x.argmax(-1)


@torch.no_grad()
@one_thread()
def read(model: SequenceModel | None, task: Task, seed: int) -> dict[str, np.ndarray]:
    """What linear readouts get from a model's states; see `Headed`."""
    if model is None:
        unknown = np.full((1, len(READERS), task.length), np.nan)
        return {"told": unknown, "solved": unknown[..., 0]}
    batch = task.sample(2 * PROBED, generator(seed, "read"))
    states = model(batch.x.to(next(model.parameters()).device)).states.double().cpu()  # (B, T, H)
    tokens = brought(task, batch)  # (B, T)
    asked = batch.scored[0].nonzero().flatten().tolist()  # these tests ask at the same steps in every sequence
    told = [readout(states[:, -1], tokens, ridge) for ridge in READERS.values()]
    solved = [
        np.mean([readout(states[:, t], batch.y[:, t : t + 1], ridge) for t in asked]) for ridge in READERS.values()
    ]
    return {"told": np.stack(told)[None], "solved": np.array([solved])}


def draw(result: Headed, axes, own: Headed | None = None) -> None:
    """Learning curves, one line a seed."""
    (ax,) = axes
    draw_curves(ax, result, own, figures.STYLES[result.knobs["variant"]], result.knobs["longer"] * STEPS)
    figures.reference(ax, TASKS[result.knobs["test"]].chance, "chance", "frame")


def describe(result: Headed) -> dict[str, str]:
    """Where the seeds end."""
    final, at = result.final, result.knobs
    what = f"{EVERY[at['variant']].label}, {KNOBS['test'].say(at['test'])}"
    return {
        "frame": f"Chance is {TASKS[at['test']].chance:.3g}.",
        "runs": f"{what}: mean accuracy {final.mean():.2f} after at most {at['longer'] * STEPS:,} steps, "
        f"from {final.min():.2f} to {final.max():.2f}.",
    }


HEADS = trained(
    lesson,
    name="questions-heads",
    question="Which part has to learn, the LSTM or the head?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    measure=lambda model, seed, knobs: read(model, TASKS[knobs["test"]], seed),
    layers={"frame": ("test", "longer"), "runs": ("variant", "test", "longer"), "own": ()},
    result=Headed,
    trials=lambda: (
        *trials(HEADS, longer=1),
        *(one for variant, test in FAILING for one in trials(HEADS, variant=variant, test=test, longer=4)),
    ),
)
