"""What the training experiments share: a run with its curve, seed after seed, and how curves are drawn."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .. import figures
from ..lens import Experiment, Knob, Result, Value
from ..models.base import SequenceModel
from ..models.variants import EVERY
from ..runtime import generator, pick_device, setup
from ..tasks.base import Task
from ..training import Fit, Progress, evaluate, fit

STRIDE = 20  # steps between two points of a learning curve
FRESH = 512  # sequences that the final accuracy is measured on

Knobs = dict[str, Value]
Fields = dict[str, np.ndarray]


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

    def to_the_end(self, steps: int | None = None) -> Lesson:
        """The same lesson without an early stop, for so many steps; None: as many as its plan has."""
        return replace(self, plan=replace(self.plan, steps=steps or self.plan.steps, target=np.inf))

    def untrained(self, seed: int) -> SequenceModel:
        """The model before training."""
        return EVERY[self.variant].build(
            self.task.n_in,
            self.task.n_out,
            longest=max(3, self.task.length),
            generator=generator(seed, "weights"),
            budget=self.budget,
        )


def of_models(usual: str, compared: Sequence[str]) -> Knob:
    """The choice of the model that learns, by the names of `EVERY`."""
    return Knob("Model", usual, tuple(compared), names={name: EVERY[name].label for name in compared})


class Training:
    """One run of a lesson, step by step.

    Attributes:
        model: learns while the run is iterated over, on the chosen device; before that it is untrained.
        device: where it is.
    """

    def __init__(self, lesson: Lesson, seed: int, device: str = "cpu", stride: int = STRIDE):
        self._start, self.device = time.perf_counter(), pick_device(device)
        self._lesson, self._seed, self._stride = lesson, seed, stride
        self.model = lesson.untrained(seed).to(self.device)
        self._curve: list[tuple[float, float, float]] = []
        self._final = np.nan

    def __iter__(self) -> Iterator[Progress]:
        """Take the next step, and say where training stands."""
        task, plan, data = self._lesson.task, self._lesson.plan, generator(self._seed, "data")
        for now in fit(self.model, task, plan, generator=data, device=self.device):
            self._now = now
            if now.step == 1 or now.step % self._stride == 0 or now.done:
                self._curve.append((now.step, now.running, now.loss))
            if now.done:
                fresh = generator(self._seed, "fresh")
                self._final = evaluate(self.model, task, batch=FRESH, generator=fresh, device=self.device)
            yield now

    def learned(self) -> dict[str, Any]:
        """The fields of `Learned` as they stand after the last step, but for the knobs."""
        now, points = self._now, np.array(self._curve).reshape(-1, 3).T[:, None]  # (3, 1, points)
        return {
            "seeds": (self._seed,),
            "setup": setup(self.device, time.perf_counter() - self._start),
            "progress": 1.0 if now.done else min(now.step / self._lesson.plan.steps, 0.99),
            "step": points[0],
            "score": points[1],
            "loss": points[2],
            "final": np.array([self._final]),
            "used": np.array([float(now.step)]),
        }


def stacked(looks: list[Fields], count: int) -> Fields:
    """What was seen at each look, by field (1, count, ...); NaN for looks that are still to come."""
    unseen = {name: np.full_like(value, np.nan) for name, value in looks[0].items()}
    padded = [*looks, *[unseen] * (count - len(looks))]
    return {name: np.stack([one[name] for one in padded])[None] for name in unseen}


def learn(
    kind: type[Learned],
    lesson: Lesson,
    knobs: Knobs,
    seed: int,
    device: str,
    measure: Callable[[SequenceModel | None], Fields] | None = None,
) -> Iterator[Learned]:
    """One training run, as a `kind` that grows.

    Args:
        measure: what else is measured on the trained model, by field; of None: the same fields, not yet measured.
    """
    training = Training(lesson, seed, device)
    extra = measure(None) if measure else {}
    for now in training:
        if now.done and measure:
            extra = measure(training.model)
        yield kind(knobs=knobs, **training.learned(), **extra)


def trained(
    lesson: Callable[..., Lesson],
    *,
    result: type[Learned] = Learned,
    measure: Callable[[SequenceModel | None, int, Knobs], Fields] | None = None,
    follow: Callable[[Lesson, Knobs, int, str], Iterator[Learned]] | None = None,
    **of_experiment: Any,
) -> Experiment:
    """An experiment that trains what `lesson(**knobs)` says, once per seed. Other arguments are `Experiment`'s.

    Args:
        result: what a run gives.
        measure: (model, seed, knobs) -> what else is measured on the trained model; see `learn`.
        follow: in place of `learn`, (lesson, knobs, seed, device) -> a result that grows, for a run that is looked at
            on its way.
    """

    def one(knobs: Knobs, seed: int, device: str) -> Iterator[Learned]:
        if follow is not None:
            return follow(lesson(**knobs), knobs, seed, device)
        at_end = measure and (lambda model: measure(model, seed, knobs))
        return learn(result, lesson(**knobs), knobs, seed, device, at_end)

    def run(*, seeds: tuple[int, ...], device: str, **knobs: Value) -> Iterator[Learned]:
        return in_turn(lambda seed: one(knobs, seed, device), seeds)

    run.__module__ = lesson.__module__  # where the code that a run rests on begins: see `record.evidence`
    usual = {
        "models": lambda found: [found.knobs["variant"]],
        "words": lambda settings: lesson(**settings).words(),
        "recorded": True,
    }
    return Experiment(run=run, result=result, **(usual | of_experiment))


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
