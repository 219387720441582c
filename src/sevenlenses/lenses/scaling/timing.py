"""How does the time for one pass grow? All ways, recorded and on the reader's own machine."""

from __future__ import annotations

import numpy as np

from ... import figures
from ...lens import Experiment
from .curves import BELOW, length_axis, level, lines, milliseconds, own_lines, row, rows_axis, said_exponent
from .fits import FROM, exponents, growth
from .sweep import KNOBS, Times, run
from .ways import LENGTHS, NAMES

SPOKEN = ("lstm-fused", "attention-fused", "min-scan")  # whose exponents are said of the reader's run


def draw(result: Times, axes, own: Times | None = None) -> None:
    """Left: time against length. Right: the exponents of lines through the logarithms, and the reader's own."""
    times, steep = axes
    lines(times, LENGTHS, 1e3 * result.middle, NAMES)
    found = exponents(LENGTHS, result.middle)  # (seeds, ways)
    for i, name in enumerate(NAMES):
        style = figures.STYLES[name]
        row(steep, i, found[:, i], style, style.label, "runs", np.mean)
    if own is not None:
        own_lines(times, LENGTHS, 1e3 * own.middle, NAMES)
        mine, look = exponents(LENGTHS, own.middle)[0], figures.STYLES["own"]  # (ways,)
        steep.plot(
            mine, np.arange(len(NAMES)) + BELOW, color=look.color, marker=look.marker, ls="", gid="own/exponents"
        )
        right = {"transform": steep.get_yaxis_transform(), "ha": "right", "fontsize": 10, "color": look.color}
        for i, name in enumerate(NAMES):
            if name in SPOKEN and np.isfinite(mine[i]):
                steep.text(0.98, i - 0.1, growth(mine[i]), gid=f"own/verdict{i}", **right)
    length_axis(times)
    figures.log_axis(times, -2, 4, 1)
    times.set(xlabel="sequence length, T", title="milliseconds for one pass")
    for power in (1, 2):
        level(steep, len(NAMES), power, f"frame/power{power}", color=figures.INK, linewidth=1.2, linestyle=":")
    steep.set(xlim=(0, 2.7), xlabel="exponent p", title=f"growth as Tᵖ, from {FROM} steps on")
    rows_axis(steep, len(NAMES))


def describe(result: Times) -> dict[str, str]:
    """Each way's exponent, and its time at both ends."""
    found, middle = exponents(LENGTHS, result.middle), np.median(result.middle, 0)
    parts = []
    for i, name in enumerate(NAMES):
        last = np.flatnonzero(np.isfinite(middle[i]))[-1]
        ends = (
            f"{milliseconds(middle[i, 0])} at {LENGTHS[0]} steps, {milliseconds(middle[i, last])} at {LENGTHS[last]:,}"
        )
        parts.append(f"{figures.STYLES[name].label}: {ends}; grows as {said_exponent(found[:, i])}")
    at = result.knobs
    return {
        "frame": "Time of one pass over a sequence, state size 64, medians over sweeps; exponents are fitted from "
        f"{FROM} steps on, means over sweeps.",
        "runs": f"{KNOBS['passes'].say(at['passes']).capitalize()}, batch {at['batch']}, "
        f"{KNOBS['hardware'].say(at['hardware'])}.\n" + "\n".join(parts),
    }


TIME = Experiment(
    name="scaling-time",
    question="How does the time for one pass grow with the length of the sequence?",
    knobs=KNOBS,
    run=run,
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": tuple(KNOBS), "own": ()},
    result=Times,
    models=lambda result: list(NAMES),
    panels=2,
    height=4.6,
    recorded=True,
    timed=("seconds",),
)
