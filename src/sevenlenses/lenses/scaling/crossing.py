"""From which length on is attention slower than something else?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Knob, Result
from .curves import length_axis
from .fits import crossing
from .race import RECORDED_ON
from .sweep import KNOBS as SWEEP_KNOBS
from .timing import TIME
from .ways import LENGTHS, NAMES

BATCHES = SWEEP_KNOBS["batch"].stops
AGAINST = ("lstm-fused", "lstm-loop", "rnn-fused", "min-scan")

KNOBS = {
    "against": Knob(
        "Compared with", "lstm-fused", AGAINST, names={name: figures.STYLES[name].label for name in AGAINST}
    ),
    "passes": SWEEP_KNOBS["passes"],
    **RECORDED_ON,
}


@dataclass(frozen=True, kw_only=True)
class Crossing(Result):
    """ratio: (seeds, BATCHES, LENGTHS), time of fused attention over that of the other, of the same sweep."""

    ratio: np.ndarray

    def meets(self, batch: int) -> list[tuple[float, str]]:
        """For each seed the length from which on attention is "slower" or "faster" than the other; NaN if from all."""
        return [crossing(LENGTHS, one) for one in self.ratio[:, BATCHES.index(batch)]]


def gather(load, settings) -> Crossing:
    """From the sweeps at every batch size."""
    other = {name: value for name, value in settings.items() if name != "against"}
    sweeps = [load(TIME, TIME.settings(batch=batch, **other)) for batch in BATCHES]
    attention, against = NAMES.index("attention-fused"), NAMES.index(settings["against"])
    return Crossing(
        knobs=dict(settings),
        seeds=sweeps[0].seeds,
        setup={**sweeps[0].setup, "seconds": sum(one.setup["seconds"] for one in sweeps)},
        ratio=np.stack([one.middle[:, attention] / one.middle[:, against] for one in sweeps], 1),
    )


def draw(result: Crossing, axes, own=None) -> None:
    """A curve for each batch size; where it meets the level line, both take as long."""
    (ax,) = axes
    for i, batch in enumerate(BATCHES):
        figures.band(ax, np.array(LENGTHS), result.ratio[:, i], figures.STYLES[f"batch-{batch}"], layer="runs")
    figures.reference(ax, 1.0, "equal", "frame")
    length_axis(ax)
    figures.log_axis(ax, -2, 2, 1)
    ax.set(xlabel="sequence length, T", title="time of attention / time of the other")


def describe(result: Crossing) -> dict[str, str]:
    """Where the curves meet the line."""
    other = KNOBS["against"].say(result.knobs["against"])
    return {
        "frame": "Below 1 fused attention is faster, above 1 slower.",
        "runs": f"Attention against {other}, {KNOBS['passes'].say(result.knobs['passes'])}. "
        + " ".join(f"Batch {batch}: {said(result.meets(batch))}." for batch in BATCHES),
    }


def said(meets: list[tuple[float, str]]) -> str:
    """Crossings of several sweeps in words: "slower from about 900 steps on (700 to 1,000)"."""
    where, beyond = np.array([one for one, _ in meets]), [word for _, word in meets]
    word = max(set(beyond), key=beyond.count)
    if len(set(beyond)) > 1:
        return f"{word} at {LENGTHS[-1]:,} steps in {beyond.count(word)} of {len(beyond)} sweeps"
    if np.isnan(where).all():
        return f"{word} at all lengths from {LENGTHS[0]} to {LENGTHS[-1]:,}"
    low = f"{LENGTHS[0]} or fewer" if np.isnan(where).any() else f"{where.min():,.0f}"
    found = np.median(np.nan_to_num(where, nan=LENGTHS[0]))
    return f"{word} from about {found:,.0f} steps on ({low} to {np.nanmax(where):,.0f})"


CROSSING = Experiment(
    name="scaling-crossing",
    question="From which length on is attention slower?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": tuple(KNOBS)},
    result=Crossing,
    models=lambda result: [f"batch-{batch}" for batch in BATCHES],
    recorded=True,
    gather=gather,
    height=3.8,
)
