"""Does the time of a pass grow with its length? The recorded times of the scaling lens, per step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Result
from ..scaling.curves import length_axis
from ..scaling.fits import FROM, exponents
from ..scaling.race import RECORDED_ON
from ..scaling.sweep import KNOBS as SWEEP_KNOBS
from ..scaling.timing import TIME
from ..scaling.ways import LENGTHS, NAMES

STYLED = ("lstm-loop", "lstm-fused", "rnn-fused", "attention-fused")
KNOBS = {"passes": SWEEP_KNOBS["passes"], "batch": SWEEP_KNOBS["batch"], **RECORDED_ON}


@dataclass(frozen=True, kw_only=True)
class Pace(Result):
    """seconds: (seeds, STYLED, LENGTHS), for one pass, medians over rounds."""

    seconds: np.ndarray


def gather(load, settings) -> Pace:
    """From the sweeps of the scaling lens."""
    runs = load(TIME, TIME.settings(**settings))
    rows = [NAMES.index(name) for name in STYLED]
    return Pace(knobs=dict(settings), seeds=runs.seeds, setup=runs.setup, seconds=runs.middle[:, rows])


def growth(result: Pace) -> np.ndarray:
    """(seeds, STYLED): exponents p of a growth as T^p."""
    return exponents(LENGTHS, result.seconds)


def draw(result: Pace, axes, own=None) -> None:
    """Time per step: level where the time of a pass grows linearly."""
    (ax,) = axes
    for i, name in enumerate(STYLED):
        each = 1e6 * result.seconds[:, i] / np.array(LENGTHS)
        figures.band(ax, np.array(LENGTHS), each, figures.STYLES[name], layer="runs")
    length_axis(ax)
    figures.log_axis(ax, 0, 4, 1)
    ax.set(xlabel="sequence length, T", title="microseconds per step")


def describe(result: Pace) -> dict[str, str]:
    """Exponents and the time of a step at both ends."""
    found, each = growth(result), 1e6 * np.median(result.seconds, 0) / np.array(LENGTHS)
    rows = [
        f"{figures.STYLES[name].label}: {each[i, 0]:,.0f} at {LENGTHS[0]} steps, {each[i, -1]:,.0f} at "
        f"{LENGTHS[-1]:,}; a pass grows as {figures.power('T', found[:, i].mean())} "
        f"({found[:, i].min():.2f} to {found[:, i].max():.2f})"
        for i, name in enumerate(STYLED)
    ]
    at = result.knobs
    return {
        "frame": f"Level is linear growth. Medians over sweeps; exponents are fitted from {FROM} steps on, means over "
        "sweeps.",
        "runs": f"Microseconds per step, {KNOBS['passes'].say(at['passes'])}, batch {at['batch']}, one thread:\n"
        + "\n".join(rows),
    }


PACE = Experiment(
    name="kata-pace",
    question="Does a step take longer in a longer sequence?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": tuple(KNOBS)},
    result=Pace,
    models=lambda result: list(STYLED),
    recorded=True,
    gather=gather,
    height=3.8,
)
