"""What lies open at a read, and what takes more than one: all models side by side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Result
from ..tables import table
from .combine import COMBINE, DESIGNS, KNOBS, TASKS, floor

SHOWN = ("seen: the value\nasked for", "\nanother's", "done: the greater\nof two", "\ntwo hops")
DONE = ("compared", "hops")


@dataclass(frozen=True, kw_only=True)
class Together(Result):
    """sees: (seeds, DESIGNS, 2), what a linear readout at a read says right, of the value asked for and of another one.
    final: (seeds, DESIGNS, DONE), accuracy."""

    sees: np.ndarray
    final: np.ndarray


def gather(load, settings) -> Together:
    """From the records of one read and of two."""
    read = table(load, COMBINE, {"design": tuple(DESIGNS)}, "sees", task="read")
    done = table(load, COMBINE, {"design": tuple(DESIGNS), "task": DONE}, "final")
    return Together(knobs=dict(settings), **(read | done))


def worth() -> list[tuple[float, str]]:
    """What is reached without it, and by whom: of each kind that is shown."""
    chance = TASKS["read"].chance
    return [(chance, "chance"), (chance, "chance"), *(floor(task) for task in DONE)]


def draw(result: Together, axes, own=None) -> None:
    """A mark for each model's mean, a bar from its lowest seed to its highest; dotted: what is reached without it."""
    (ax,) = axes
    shares = np.concatenate([result.sees, result.final], -1)  # (seeds, DESIGNS, SHOWN)
    figures.beside(ax, SHOWN, [(figures.STYLES[name], shares[:, i]) for i, name in enumerate(DESIGNS)])
    for place, (level, _) in enumerate(worth()):
        ax.hlines(level, place - 0.4, place + 0.4, color=figures.INK, linewidth=1.0, linestyle=":", gid="frame/floor")
    ax.axvline(1.5, color=figures.INK, linewidth=1.0, linestyle=(0, (4, 2)), gid="frame/from-here")
    ax.set(ylim=(0, 1.05), title="share of answers")


def describe(result: Together) -> dict[str, str]:
    """Each model's four shares."""
    shares = np.concatenate([result.sees, result.final], -1).mean(0)  # (DESIGNS, SHOWN)
    rows = [
        f"{KNOBS['design'].say(name)}: {own:.2f} the value asked for, {other:.2f} another; {greater:.2f} the greater "
        f"of two, {hops:.2f} two hops"
        for name, (own, other, greater, hops) in zip(DESIGNS, shares, strict=True)
    ]
    levels = ", ".join(f"{level:.3g}" for level, _ in worth())
    return {
        "frame": "Left, what a linear readout finds in what the head is given at a read. Right, two tasks that take "
        f"two reads. Dotted: {worth()[0][1]}, or what one read alone is worth ({levels}).",
        "runs": "Mean shares:\n" + "\n".join(rows),
    }


TOGETHER = Experiment(
    name="access-together",
    question="What does a read see, and what takes two?",
    knobs={},
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": ()},
    result=Together,
    models=lambda result: list(DESIGNS),
    recorded=True,
    gather=gather,
    height=4.0,
)
