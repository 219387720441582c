"""What is an output gate worth?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Result
from ..learning import STRIDE
from ..tables import side_by_side, table
from .gates import GATES_RUN, LONGER, STEPS, TASKS
from .gates import KNOBS as RUN_KNOBS
from .sharing import SHORT

MODELS = ("lstm-forget-1", "lstm-exposed", "gru")

KNOBS = {"task": RUN_KNOBS["task"]}


@dataclass(frozen=True, kw_only=True)
class Exposed(Result):
    """Learning curves on one task, and the ends on all; as many parameters each.

    step: (1, points), training steps.
    score: (seeds, MODELS, points), running mean of the accuracy; where a run has stopped, its last value.
    final, used: (seeds, MODELS, TASKS), accuracy and training steps.
    """

    step: np.ndarray
    score: np.ndarray
    final: np.ndarray
    used: np.ndarray


def gather(load, settings) -> Exposed:
    """From the trained models."""
    ends = table(load, GATES_RUN, {"variant": MODELS, "task": tuple(TASKS)}, "final", "used")
    points = np.arange(0, LONGER.get(settings["task"], 1) * STEPS + 1, STRIDE)
    curves = []
    for model in MODELS:
        runs = load(GATES_RUN, GATES_RUN.settings(variant=model, task=settings["task"]))
        curves.append([np.interp(points, *known(*run)) for run in zip(runs.step, runs.score, strict=True)])
    return Exposed(knobs=dict(settings), step=points[None].astype(float), score=np.array(curves).swapaxes(0, 1), **ends)


def known(step: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The points of one run's curve, without the filling of shorter runs."""
    there = np.isfinite(step)
    return step[there], score[there]


def draw(result: Exposed, axes, own=None) -> None:
    """Left: learning curves on one task. Right: the ends on all."""
    curves, ends = axes
    step = result.step[0]
    points = figures.thin(len(step), 30)
    for i, shift in enumerate(side_by_side(len(MODELS))):
        style, x = figures.STYLES[MODELS[i]], np.arange(len(TASKS)) + shift
        figures.band(curves, step[points], result.score[:, i, points], style, layer="curves")
        final = result.final[:, i]
        ends.vlines(x, final.min(0), final.max(0), color=style.color, linewidth=1.2, alpha=0.6, gid=f"ends/bar{i}")
        ends.plot(x, final.mean(0), color=style.color, linestyle="", marker=style.marker, gid=f"ends/mean{i}")
    curves.set(xlim=(0, step[-1]), ylim=(0, 1.04), xlabel="training step", title="accuracy while training")
    ends.set_xticks(np.arange(len(TASKS)), [SHORT[task] for task in TASKS])
    ends.set(xlim=(-0.5, len(TASKS) - 0.5), ylim=(0, 1.04), title="accuracy at the end")
    for ax in axes:
        figures.reference(ax, 1 / 8, "chance", "frame")


def describe(result: Exposed) -> dict[str, str]:
    """Steps on the one task; ends on all."""
    at = list(TASKS).index(result.knobs["task"])
    used, final = result.used.mean(0), result.final.mean(0)
    labels = [figures.STYLES[name].label for name in MODELS]
    steps = "; ".join(f"{label}: {used[i, at]:.0f}" for i, label in enumerate(labels))
    rows = [f"{label}: " + ", ".join(f"{one:.2f}" for one in final[i]) for i, label in enumerate(labels)]
    return {
        "frame": f"As many parameters each; chance is {1 / 8:.3g}.",
        "curves": f"Task: {RUN_KNOBS['task'].say(result.knobs['task'])}. Mean training steps: {steps}.",
        "ends": f"Mean accuracy at the end on {', '.join(SHORT.values())}:\n" + "\n".join(rows),
    }


EXPOSED = Experiment(
    name="questions-exposed",
    question="What is an output gate worth?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": ("task",), "curves": ("task",), "ends": ()},
    result=Exposed,
    models=lambda result: [*MODELS],
    recorded=True,
    gather=gather,
    panels=2,
)
