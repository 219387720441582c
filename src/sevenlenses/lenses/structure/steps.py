"""How long can each model keep track?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Result
from ...tasks.tracking import Tracking
from ..tables import table
from .tracking import KNOBS as RUN_KNOBS
from .tracking import TESTED, TRACKING, TRAINED

COMPARED = RUN_KNOBS["variant"].stops

KNOBS = {"what": RUN_KNOBS["what"]}


@dataclass(frozen=True, kw_only=True)
class Steps(Result):
    """right: (seeds, models, TESTED), accuracy at each step."""

    right: np.ndarray


def gather(load, settings) -> Steps:
    """From the records of the tracking."""
    found = table(load, TRACKING, {"variant": COMPARED}, "right", what=settings["what"])
    return Steps(knobs=dict(settings), **found)


def draw(result: Steps, axes, own=None) -> None:
    """Accuracy against the step."""
    (ax,) = axes
    points = figures.octaves(TESTED)
    for i, name in enumerate(COMPARED):
        figures.band(ax, points, result.right[:, i, points - 1], figures.STYLES[name], layer="runs")
    ax.axvline(TRAINED, color=figures.INK, linewidth=1.0, linestyle=(0, (4, 2)), gid="frame/trained")
    figures.reference(ax, Tracking(what=result.knobs["what"]).chance, "chance", "runs")
    figures.octave_axis(ax, TESTED)
    ax.set(ylim=(0, 1.04), xlabel="step (dashed: trained up to here)", title="accuracy at each step")


def describe(result: Steps) -> dict[str, str]:
    """Each model at a few steps."""
    mean = result.right.mean(0)
    rows = [
        f"{figures.STYLES[name].label}: " + ", ".join(f"{mean[i, t - 1]:.2f} at step {t}" for t in (2, 8, 32, TESTED))
        for i, name in enumerate(COMPARED)
    ]
    chance = Tracking(what=result.knobs["what"]).chance
    return {
        "frame": f"Trained on {TRAINED} steps.",
        "runs": f"Keeping track of {KNOBS['what'].say(result.knobs['what'])}; chance is {chance:.2g}. Mean accuracy:\n"
        + "\n".join(rows),
    }


STEPS_PICTURE = Experiment(
    name="structure-steps",
    question="How long can each model keep track?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": ("what",)},
    result=Steps,
    models=lambda result: list(COMPARED),
    recorded=True,
    gather=gather,
    height=4.0,
)
