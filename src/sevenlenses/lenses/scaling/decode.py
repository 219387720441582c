"""What does one more step cost, after a long context?"""

from __future__ import annotations

import numpy as np

from ... import figures
from ...lens import Experiment
from .curves import kilobytes, length_axis, lines, milliseconds, own_lines
from .decoding import CONTEXTS, KNOBS, STEPPING, Decoding, run


def draw(result: Decoding, axes, own: Decoding | None = None) -> None:
    """Left: time of a step against the context. Right: what is kept of the context."""
    times, sizes = axes
    lines(times, CONTEXTS, 1e6 * result.middle, list(STEPPING))
    lines(sizes, CONTEXTS, result.kept / 1024, list(STEPPING))
    if own is not None:
        own_lines(times, CONTEXTS, 1e6 * own.middle, list(STEPPING))
        own_lines(sizes, CONTEXTS, own.kept / 1024, list(STEPPING))
    for ax in axes:
        length_axis(ax, CONTEXTS)
        ax.set(xlabel="steps of context")
    figures.log_axis(times, 1, 5, 1)
    figures.log_axis(sizes, -1, 6, 1)
    times.set(title="microseconds for one more step")
    sizes.set(title="kilobytes kept")


def describe(result: Decoding) -> dict[str, str]:
    """Each memory at both ends."""
    middle, kept = np.median(result.middle, 0), result.kept[0]
    rows = [
        f"{figures.STYLES[name].label}: {milliseconds(middle[i, 0])} and {kilobytes(kept[i, 0])} after {CONTEXTS[0]} "
        f"steps, {milliseconds(middle[i, -1])} and {kilobytes(kept[i, -1])} after {CONTEXTS[-1]:,}"
        for i, name in enumerate(STEPPING)
    ]
    return {
        "frame": "One decoding step, state size 64, and what is kept of its past.",
        "runs": f"Batch {result.knobs['batch']}.\n" + "\n".join(rows),
    }


DECODE = Experiment(
    name="scaling-decode",
    question="What does one more step cost?",
    knobs=KNOBS,
    run=run,
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": tuple(KNOBS), "own": ()},
    result=Decoding,
    models=lambda result: list(STEPPING),
    panels=2,
    recorded=True,
    timed=("seconds",),
)
