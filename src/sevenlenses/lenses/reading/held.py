"""Does the answer hang on what the gates are said to do?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Result
from ...tasks.sentences import Sentences
from .watching import GATES_RUN, HELD
from .watching import KNOBS as RUN_KNOBS

KNOBS = {"variant": RUN_KNOBS["variant"]}


@dataclass(frozen=True, kw_only=True)
class Steered(Result):
    """held: (seeds, HELD), accuracy with gates held."""

    held: np.ndarray


def gather(load, settings) -> Steered:
    """From the gates' records."""
    runs = load(GATES_RUN, GATES_RUN.settings(**settings))
    return Steered(knobs=dict(settings), seeds=runs.seeds, setup=runs.setup, held=runs.held)


def draw(result: Steered, axes, own=None) -> None:
    """A row for each way to hold gates: a dot a seed, and a bar at the mean."""
    (ax,) = axes
    style, rows = figures.STYLES["lstm"], np.arange(len(HELD))[::-1]
    for row, found in zip(rows, result.held.T, strict=True):
        ax.plot(found, np.full(len(found), row), ".", color=style.color, alpha=0.6, markersize=9, gid="runs/seeds")
        ax.plot([found.mean()] * 2, [row - 0.3, row + 0.3], color=style.color, linewidth=2.4, gid="runs/mean")
    ax.axvline(Sentences().chance, color=figures.INK, linewidth=1.0, linestyle=":", gid="frame/chance")
    ax.set(xlim=(0, 1.04), ylim=(-0.6, len(HELD) - 0.4), xlabel="accuracy (dotted: chance)")
    ax.set_yticks(rows, HELD.values())
    ax.grid(False, axis="y")
    ax.set_position((0.42, 0.16, 0.56, 0.82))


def describe(result: Steered) -> dict[str, str]:
    """Mean and range of each."""
    said = [
        f"{words}: {found.mean():.2f} ({found.min():.2f} to {found.max():.2f})"
        for words, found in zip(HELD.values(), result.held.T, strict=True)
    ]
    start = KNOBS["variant"].say(result.knobs["variant"])
    return {
        "frame": f"Chance is {Sentences().chance:.3g}.",
        "runs": f"{start}. Mean accuracy with the gates held, and its range over seeds: {'; '.join(said)}.",
    }


STEERED = Experiment(
    name="reading-held",
    question="Does the answer hang on what the gates are said to do?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": ("variant",)},
    result=Steered,
    models=lambda result: ["lstm"],
    recorded=True,
    gather=gather,
    height=4.0,
)
