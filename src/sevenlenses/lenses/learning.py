"""What the training experiments share: a run with its curve, seed after seed, and how curves are drawn."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from .. import figures
from ..lens import Result, Value
from ..models.base import SequenceModel
from ..models.variants import EVERY
from ..runtime import generator, pick_device, setup
from ..tasks.base import Task
from ..training import Fit, evaluate, fit

STRIDE = 20  # steps between two points of a learning curve
FRESH = 512  # sequences that the final accuracy is measured on


@dataclass(frozen=True, kw_only=True)
class Learned(Result):
    """A learning curve and where it ended.

    step: (seeds, points), training steps.
    score: (seeds, points), running mean of the accuracy at those steps.
    loss: (seeds, points), cross-entropy of the last batch, nats.
    final: (seeds,), accuracy on fresh sequences after training; NaN while training runs.
    used: (seeds,), training steps until the target of .99 or the end of the budget.
    """

    step: np.ndarray
    score: np.ndarray
    loss: np.ndarray
    final: np.ndarray
    used: np.ndarray


@dataclass(frozen=True)
class Lesson:
    """Who learns what, with how many parameters, and how."""

    variant: str
    budget: int
    task: Task
    plan: Fit

    def words(self) -> list[str]:
        """What a record of this lesson is of, beside its knobs: the model and its size, and the learning rate."""
        of_model = EVERY[self.variant].words(self.task.n_in, self.task.n_out, self.budget)
        return [*of_model, f"rate {self.plan.learning_rate:g}"]


Measure = Callable[[SequenceModel | None], dict[str, np.ndarray]]


def learn(
    kind: type[Learned], lesson: Lesson, knobs: dict[str, Value], seed: int, device: str, measure: Measure | None = None
) -> Iterator[Learned]:
    """One training run, as a `kind` that grows.

    Args:
        measure: what else is measured on the trained model, by field; of None: the same fields, not yet measured.
    """
    start = time.perf_counter()
    where = pick_device(device)
    task, plan = lesson.task, lesson.plan
    model = EVERY[lesson.variant].build(
        task.n_in,
        task.n_out,
        longest=max(3, task.length),
        generator=generator(seed, "weights"),
        budget=lesson.budget,
    )
    fresh = generator(seed, "fresh")
    curve: list[tuple[float, float, float]] = []
    extra = measure(None) if measure else {}

    def result(step: int, progress: float, final: float) -> Learned:
        points = np.array(curve).reshape(-1, 3).T[:, None]  # (3, 1, points)
        return kind(
            knobs=knobs,
            seeds=(seed,),
            setup=setup(where, time.perf_counter() - start),
            progress=progress,
            step=points[0],
            score=points[1],
            loss=points[2],
            final=np.array([final]),
            used=np.array([float(step)]),
            **extra,
        )

    for now in fit(model, task, plan, generator=generator(seed, "data"), device=where):
        if now.step == 1 or now.step % STRIDE == 0 or now.done:
            curve.append((now.step, now.running, now.loss))
        yield result(now.step, min(now.step / plan.steps, 0.99), np.nan)
    final = evaluate(model, task, batch=FRESH, generator=fresh, device=where)
    extra = measure(model) if measure else {}
    yield result(now.step, 1.0, final)


def in_turn(one: Callable[[int], Iterator[Result]], seeds: tuple[int, ...]) -> Iterator[Result]:
    """Runs of several seeds: each as it grows, and at the end all of them as one."""
    done = []
    for seed in seeds:
        for partial in one(seed):
            if partial.progress < 1 or len(seeds) == 1:
                yield partial
        done.append(partial)
    if len(seeds) > 1:
        yield type(partial).join(done)


def draw_curves(ax, result: Learned, own: Learned | None, style: figures.Style, steps: int) -> None:
    """Accuracy against training steps, one thin line a seed; the reader's own run drawn over them."""
    for step, score in zip(result.step, result.score, strict=True):
        points = figures.thin(int(np.isfinite(step).sum()), 24)
        ax.plot(step[points], score[points], color=style.color, linewidth=1.0, alpha=0.75, gid="runs/curve")
    if own is not None:
        mine = figures.STYLES["own"]
        ax.plot(own.step[0], own.score[0], color=mine.color, linewidth=2.4, linestyle=mine.line, gid="own/curve")
    ax.set(xlim=(0, steps), ylim=(0, 1.03), xlabel="training step", title="accuracy")
