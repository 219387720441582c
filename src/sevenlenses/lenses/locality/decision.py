"""At which step is the choice made: when a pair is written, or when it is used?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Result
from .moments import KNOBS as RUN_KNOBS
from .moments import MOMENTS_RUN
from .writing import PAIRS, WRITING, draw_moved

HERE = PAIRS // 2  # the pair that matters, from 0

KNOBS = {"when": RUN_KNOBS["when"]}


@dataclass(frozen=True, kw_only=True)
class Decision(Result):
    """by_pair: (seeds, PAIRS), how much each pair counts when the pair in the middle matters."""

    by_pair: np.ndarray


def gather_taken(load, settings) -> Decision:
    """How far another value at each pair moves the LSTM's state before the last step."""
    runs = load(WRITING, WRITING.settings(when=settings["when"]))
    return Decision(knobs=dict(settings), seeds=runs.seeds, setup=runs.setup, by_pair=runs.moved)


def draw_taken(result: Decision, axes, own=None) -> None:
    """One mark a pair."""
    draw_moved(axes[0], result.by_pair, figures.STYLES["lstm"], "runs")


def describe_taken(result: Decision) -> dict[str, str]:
    """The pair that matters, and the others."""
    moved = result.by_pair.mean(0)
    return {
        "frame": f"Pair {HERE + 1} of {PAIRS} matters.",
        "runs": f"It is {KNOBS['when'].say(result.knobs['when'])}. Another value there moves the LSTM's state before "
        f"the last step by {moved[HERE]:.1f}; another value at another pair by {np.delete(moved, HERE).mean():.1f}.",
    }


def gather_looked(load, settings) -> Decision:
    """What the last step of the design with a vector per step reads."""
    runs = load(MOMENTS_RUN, MOMENTS_RUN.settings(variant="attention", when=settings["when"], pairs=PAIRS))
    return Decision(knobs=dict(settings), seeds=runs.seeds, setup=runs.setup, by_pair=runs.read[:, 1:-1])


def draw_looked(result: Decision, axes, own=None) -> None:
    """One mark a pair."""
    (ax,) = axes
    pairs = np.arange(1, PAIRS + 1)
    ax.axvspan(HERE + 0.5, HERE + 1.5, color=figures.FAINT, linewidth=0, gid="frame/matters")
    figures.spread(ax, pairs, result.by_pair, figures.STYLES["kept"], layer="runs")
    ax.set_xticks(pairs)
    ax.set(ylim=(0, 1.04), xlabel="pair (shaded: the one that matters)", title="weight that the last step gives to it")


def describe_looked(result: Decision) -> dict[str, str]:
    """The pair that matters, and the others."""
    weight = result.by_pair.mean(0)
    return {
        "frame": f"Pair {HERE + 1} of {PAIRS} matters.",
        "runs": f"It is {KNOBS['when'].say(result.knobs['when'])}. The last step's weight on it is {weight[HERE]:.2f}, "
        f"on another pair {np.delete(weight, HERE).mean():.2f}.",
    }


TAKEN = Experiment(
    name="locality-taken",
    question="Which pairs has the LSTM taken in, before the last step?",
    knobs=KNOBS,
    draw=draw_taken,
    describe=describe_taken,
    layers={"frame": (), "runs": ("when",)},
    result=Decision,
    models=lambda result: ["lstm"],
    recorded=True,
    gather=gather_taken,
)

LOOKED = Experiment(
    name="locality-looked",
    question="Which pairs does the last step look at?",
    knobs=KNOBS,
    draw=draw_looked,
    describe=describe_looked,
    layers={"frame": (), "runs": ("when",)},
    result=Decision,
    models=lambda result: ["kept"],
    recorded=True,
    gather=gather_looked,
)
