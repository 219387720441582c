"""How much memory does one pass need?"""

from __future__ import annotations

from ... import figures
from ...lens import Experiment
from .curves import kilobytes, length_axis, lines, own_lines, said_exponent
from .fits import FROM, exponents
from .peak import KNOBS, Peak, run
from .ways import LENGTHS, NAMES


def draw(result: Peak, axes, own: Peak | None = None) -> None:
    """The most held at once against length."""
    (ax,) = axes
    lines(ax, LENGTHS, result.bytes / 1024, NAMES)
    if own is not None:
        own_lines(ax, LENGTHS, own.bytes / 1024, NAMES)
    length_axis(ax)
    figures.log_axis(ax, 1, 6, 1)
    ax.set(xlabel="sequence length, T", title="kilobytes held at the worst moment")


def describe(result: Peak) -> dict[str, str]:
    """Each way at both ends, and how it grows."""
    found = exponents(LENGTHS, result.bytes)
    rows = [
        f"{figures.STYLES[name].label}: {kilobytes(result.bytes[0, i, 0])} at {LENGTHS[0]} steps, "
        f"{kilobytes(result.bytes[0, i, -1])} at {LENGTHS[-1]:,}; grows as {said_exponent(found[:, i])}"
        for i, name in enumerate(NAMES)
    ]
    return {
        "frame": f"Batch 1, state size 64, beyond weights and inputs; exponents from {FROM} steps on.",
        "runs": f"{KNOBS['passes'].say(result.knobs['passes']).capitalize()}.\n" + "\n".join(rows),
    }


MEMORY = Experiment(
    name="scaling-memory",
    question="How much memory does one pass need?",
    knobs=KNOBS,
    run=run,
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": tuple(KNOBS), "own": ()},
    result=Peak,
    models=lambda result: list(NAMES),
    height=4.0,
    recorded=True,
    seeds=(0,),  # bytes are counted: every seed gives the same
)
