"""Need the four gates weights of their own?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Result
from ..rates import SEEDS
from ..tables import side_by_side, table
from .gates import GATES_RUN, LONGER, STEPS, TASKS
from .gates import KNOBS as RUN_KNOBS

MODELS = ("lstm-forget-1", "lstm-coupled", "lstm-equal", "lstm-shared", "lstm-single")
SHORT = {"flag": "flag", "latch": "first", "report": "say", "recall": "pairs"}

KNOBS = {"matched": RUN_KNOBS["matched"]}


@dataclass(frozen=True, kw_only=True)
class Sharing(Result):
    """final, used: (seeds, MODELS, TASKS), accuracy and training steps."""

    final: np.ndarray
    used: np.ndarray


def gather(load, settings) -> Sharing:
    """From the trained models, at as many parameters or as many units."""
    over = {"variant": MODELS, "task": tuple(TASKS)}
    return Sharing(knobs=dict(settings), **table(load, GATES_RUN, over, "final", "used", **settings))


def at_one_rate(load, variant: str, task: str, rate: float) -> tuple[float, float]:
    """Mean training steps and accuracy at one learning rate, from the trials, which have three seeds of their own."""
    runs = load(GATES_RUN, GATES_RUN.settings(variant=variant, task=task, rate=rate), SEEDS)
    return runs.used.mean(), runs.final.mean()


def draw(result: Sharing, axes, own=None) -> None:
    """Left: accuracy on each task. Right: training steps, as a share of the budget."""
    accuracy, steps = axes
    budget = np.array([LONGER.get(task, 1) * STEPS for task in TASKS])
    for i, shift in enumerate(side_by_side(len(MODELS), 0.5)):
        style, x = figures.STYLES[MODELS[i]], np.arange(len(TASKS)) + shift
        for ax, values in ((accuracy, result.final[:, i]), (steps, result.used[:, i] / budget)):
            ax.vlines(x, values.min(0), values.max(0), color=style.color, linewidth=1.2, alpha=0.6, gid=f"runs/bar{i}")
            ax.plot(x, values.mean(0), color=style.color, linestyle="", marker=style.marker, gid=f"runs/mean{i}")
    for ax in axes:
        ax.set_xticks(np.arange(len(TASKS)), [SHORT[task] for task in TASKS])
        ax.set(xlim=(-0.5, len(TASKS) - 0.5), ylim=(0, 1.04))
    figures.reference(accuracy, 1 / 8, "chance", "frame")
    accuracy.set(title="accuracy")
    steps.set(title="training steps (1: whole budget)")


def describe(result: Sharing) -> dict[str, str]:
    """Each model on each task."""
    final, used = result.final.mean(0), result.used.mean(0)
    rows = [
        f"{figures.STYLES[name].label}: "
        + ", ".join(f"{final[i, j]:.2f} after {used[i, j]:.0f}" for j in range(len(TASKS)))
        for i, name in enumerate(MODELS)
    ]
    tasks = "; ".join(RUN_KNOBS["task"].say(task) for task in TASKS)
    return {
        "frame": f"Four tasks: {tasks}. Chance is {1 / 8:.3g} on all of them.",
        "runs": f"As many {RUN_KNOBS['matched'].say(result.knobs['matched'])}. Mean accuracy and training steps on "
        "each task:\n" + "\n".join(rows),
    }


SHARING = Experiment(
    name="questions-sharing",
    question="Do the four gates need weights of their own?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": ("matched",)},
    result=Sharing,
    models=lambda result: [*MODELS],
    recorded=True,
    gather=gather,
    panels=2,
)
