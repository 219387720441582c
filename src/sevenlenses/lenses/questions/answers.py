"""Answers from every state, from the last one, or from all at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Result
from ..structure.tracking import TESTED, TRACKING, TRAINED
from ..synthesis.ladder import COLUMNS, WORDS
from ..synthesis.rungs import RUNGS, TASKS, TESTS
from ..tables import table

POOLED = ("lstm-forget-1", "rung-mean", "rung-asked", "rung-selective", "chained-roles")
CHOSEN = POOLED[2:]  # what weighs the states when it is asked


@dataclass(frozen=True, kw_only=True)
class Answers(Result):
    """each: (seeds, TESTED), an LSTM's accuracy on parity at each step. final: (seeds, POOLED, TESTS), accuracy."""

    each: np.ndarray
    final: np.ndarray


def gather(load, settings) -> Answers:
    """From the records of two other chapters."""
    each = load(TRACKING, TRACKING.settings(variant="lstm-forget-1", what="parity")).right  # (seeds, TESTED)
    found = table(load, RUNGS, {"variant": list(POOLED), "test": TESTS}, "final")
    return Answers(knobs=dict(settings), each=each, **found)


def draw(result: Answers, axes, own=None) -> None:
    """Left: an answer at each step. Right: one answer, from the last state or from all."""
    each, last = axes
    points = figures.octaves(TESTED)
    figures.band(each, points, result.each[:, points - 1], figures.STYLES["lstm"], layer="each")
    figures.reference(each, 0.5, "chance", "each")
    figures.octave_axis(each, TESTED)
    figures.room(each)
    each.set(ylim=(0, 1.04), xlabel="step", title="parity, answered at each")
    places = np.arange(len(TESTS))
    for i, name in enumerate(POOLED):
        shift = 0.12 * (i - 2)
        runs, style = result.final[:, i], figures.STYLES[name]
        last.vlines(places + shift, runs.min(0), runs.max(0), color=style.color, linewidth=1.2, gid=f"pooled/bars{i}")
        last.plot(
            places + shift, runs.mean(0), color=style.color, linestyle="", marker=style.marker, gid=f"pooled/means{i}"
        )
    figures.reference(last, TASKS["few"].chance, "chance", "pooled")
    last.set_xticks(places, [COLUMNS[test] for test in TESTS], linespacing=1.45)
    last.set(xlim=(-0.5, len(TESTS) - 0.5), ylim=(0, 1.04), title="one answer at the end")


def describe(result: Answers) -> dict[str, str]:
    """Both panels in numbers."""
    mean = result.final.mean(0)
    said = [
        f"{figures.STYLES[name].label}: " + ", ".join(f"{WORDS[t]} {mean[i, j]:.2f}" for j, t in enumerate(TESTS))
        for i, name in enumerate(POOLED)
    ]
    return {
        "each": f"Parity, trained on {TRAINED} steps: the LSTM's mean accuracy is at least "
        f"{result.each.mean(0).min():.2f} at each of {TESTED} steps, answered from that step's state.",
        "pooled": "\n".join(said) + ".",
    }


ANSWERS = Experiment(
    name="questions-answers",
    question="From which states does the answer come?",
    knobs={},
    draw=draw,
    describe=describe,
    layers={"each": (), "pooled": ()},
    result=Answers,
    models=lambda result: list(POOLED),
    recorded=True,
    gather=gather,
    panels=2,
)
