"""What a feed-forward part, a second layer and each kind of position change, on tasks of two lenses."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch

from ... import figures
from ...lens import Knob
from ...models.base import SequenceModel
from ...models.block import LAYERS, POSITIONS, name_of
from ...runtime import generator, one_thread
from ...tasks.base import Classification
from ...tasks.moments import Moments
from ...tasks.ordered import Ordered
from ...tasks.recall import Recall
from ...tasks.tracking import Tracking
from ...training import Fit
from ..learning import FRESH, Learned, Lesson, draw_curves, trained
from ..rates import RATE, rate_of, trials
from .relation import BUDGET, TRIED, rules

READS = (1, 8, 32, 128)  # reads in a row; in training one
AT = (8, 16, 32, 64)  # steps of a parity that goes on; in training 32
PAIRS = (8, 16)  # in training the first
TASKS: dict[str, Classification] = {
    "relation": Ordered(TRIED),
    "reads": Recall(pairs=4, keys=4, values=8, reads=1),
    "parity": Tracking(32, "parity"),
    "first": Moments(PAIRS[0], "first"),
}
SHORT = {"steps": 1000}  # the training budgets, the same for all designs; many stop early
BUDGETS = {
    **dict.fromkeys(TASKS, SHORT),
    "parity": {"steps": 2000, "batch": 32},
}
MARKS = {  # what is measured once a task is learned
    "relation": ("in order", "shuffled, by the relation"),
    "reads": tuple(f"at read {r}" for r in READS),
    "parity": tuple(f"step {step}" for step in AT),
    "first": tuple(f"{pairs} pairs" for pairs in PAIRS),
}

KNOBS = {
    "task": Knob(
        "Task",
        "relation",
        tuple(TASKS),
        names={
            "relation": "pairs in order",
            "reads": "four pairs, one read",
            "parity": "parity",
            "first": "the pair asked first",
        },
    ),
    "layers": Knob("Layers", 1, LAYERS),
    "part": Knob("Feed-forward part", "attend", ("attend", "block"), names={"attend": "without", "block": "with"}),
    "positions": Knob(
        "Positions",
        "none",
        POSITIONS,
        names={
            "none": "none",
            "sinusoidal": "sinusoidal",
            "learned": "learned",
            "alibi": "ALiBi",
            "rotary": "rotary",
        },
    ),
    "rate": RATE,
}


@dataclass(frozen=True, kw_only=True)
class BlockRun(Learned):
    """A learning curve, and `marks`: (seeds, MARKS of the task), the accuracies of the trained model."""

    marks: np.ndarray


def lesson(task: str, layers: int, part: str, positions: str, rate: str | float) -> Lesson:
    """One of the designs on one of the tasks; the learning rate is chosen for each."""
    tried = {"task": task, "layers": layers, "part": part, "positions": positions, "rate": rate}
    plan = Fit(**BUDGETS[task], learning_rate=rate_of(BLOCK, tried))
    return Lesson(name_of(layers, part == "block", positions), BUDGET, TASKS[task], plan)


@torch.no_grad()
@one_thread()
def tested(model: SequenceModel | None, task: str, seed: int) -> dict[str, np.ndarray]:
    """The MARKS of a task, on fresh sequences."""
    if model is None:
        return {"marks": np.full((1, len(MARKS[task])), np.nan)}
    source, trained_on = generator(seed, "marks"), TASKS[task]
    if task == "relation":
        marks = [right(model, trained_on, source).mean(), rules(model, trained_on, seed)[0]]
    elif task == "reads":
        marks = right(model, replace(trained_on, reads=READS[-1]), source)[np.array(READS) - 1]
    elif task == "parity":
        marks = right(model, replace(trained_on, length=AT[-1]), source)[np.array(AT) - 1]
    else:
        marks = [right(model, replace(trained_on, pairs=pairs), source).mean() for pairs in PAIRS]
    return {"marks": np.array([marks])}


def right(model: SequenceModel, task: Classification, source: torch.Generator) -> np.ndarray:
    """(T scored,): the share of right answers at each step where the task asks for one, which are the same steps for
    all sequences."""
    batch = task.sample(FRESH, source).to(next(model.parameters()).device)
    hits = (model(batch.x).outputs.argmax(-1) == batch.y)[:, batch.scored[0]]  # (B, T scored)
    return hits.double().mean(0).cpu().numpy()


def draw(result: BlockRun, axes, own: BlockRun | None = None) -> None:
    """Left: learning curves. Right: what is measured afterwards, a dot a seed and a bar for their mean."""
    learning, testing = axes
    knobs = result.knobs
    style = figures.STYLES[style_of(knobs)]
    draw_curves(learning, result, own, style, BUDGETS[knobs["task"]]["steps"])
    places = np.arange(result.marks.shape[1])
    testing.bar(places, result.marks.mean(0), width=0.5, color=style.color, alpha=0.35, gid="runs/means")
    for row in result.marks:
        testing.plot(places, row, color=style.color, linestyle="", marker=".", markersize=8, gid="runs/seeds")
    if own is not None:
        mine = figures.STYLES["own"]
        testing.plot(places + 0.3, own.marks[0], color=mine.color, ls="", marker=mine.marker, gid="own/marks")
    for ax in axes:
        figures.reference(ax, TASKS[knobs["task"]].chance, "chance", "frame")
    testing.set_xticks(places, [mark.replace(", by", ",\nby") for mark in MARKS[knobs["task"]]])
    testing.tick_params(axis="x", length=0)
    testing.grid(False, axis="x")
    testing.set(xlim=(-0.5, len(places) - 0.5), ylim=(0, 1.03), title="accuracy once trained")


def describe(result: BlockRun) -> dict[str, str]:
    """Where the seeds end, and what is measured afterwards."""
    knobs, final = result.knobs, result.final
    task, label = knobs["task"], figures.STYLES[style_of(knobs)].label
    steps = BUDGETS[task]["steps"]
    said = ", ".join(f"{v:.2f} {m}" for v, m in zip(result.marks.mean(0), MARKS[task], strict=True))
    return {
        "frame": f"{KNOBS['task'].say(task).capitalize()}, in training; chance is {TASKS[task].chance:.3g}.",
        "runs": f"{label[0].upper()}{label[1:]}, positions: {KNOBS['positions'].say(knobs['positions'])}. Mean "
        f"accuracy {final.mean():.2f} after at most {steps} steps, from {final.min():.2f} to {final.max():.2f}. "
        f"Afterwards: {said}.",
    }


def style_of(knobs) -> str:
    """The style of a design."""
    return f"{knobs['part']}-{knobs['layers']}"


BLOCK = trained(
    lesson,
    name="structure-block",
    question="What do a feed-forward part, a second layer and positions change?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    measure=lambda model, seed, knobs: tested(model, knobs["task"], seed),
    layers={"frame": ("task",), "runs": ("task", "layers", "part", "positions"), "own": ()},
    result=BlockRun,
    models=lambda result: [style_of(result.knobs)],
    panels=2,
    trials=lambda: trials(BLOCK),
)
