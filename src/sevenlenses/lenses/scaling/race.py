"""Who is faster at this length? The recorded times, with a slider for the length."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ... import figures
from ...lens import Experiment, Knob, Result
from .curves import length_axis, lines, milliseconds, power_axis, row, rows_axis
from .hardware import HARDWARE
from .sweep import KNOBS as SWEEP_KNOBS
from .timing import TIME
from .ways import HIDDEN, LENGTHS, NAMES

RECORDED_ON = {"hardware": replace(HARDWARE, more=())} if len(HARDWARE.stops) > 1 else {}

KNOBS = {
    "length": Knob("Sequence length", 512, LENGTHS, LENGTHS[0], LENGTHS[-1], "log", unit="steps"),
    "batch": SWEEP_KNOBS["batch"],
    "passes": SWEEP_KNOBS["passes"],
    **RECORDED_ON,
}
RUNS = tuple(name for name in KNOBS if name != "length")


@dataclass(frozen=True, kw_only=True)
class Race(Result):
    """seconds: (seeds, ways of the experiment, LENGTHS), medians over rounds; NaN where it was not measured."""

    seconds: np.ndarray


def gather_of(ways: tuple[str, ...]):
    """A gathering function for some of the ways."""

    def gather(load, settings) -> Race:
        runs = load(TIME, TIME.settings(**{name: settings[name] for name in RUNS}))
        seconds = runs.middle[:, [NAMES.index(name) for name in ways]]  # (seeds, ways, LENGTHS)
        return Race(knobs=dict(settings), seeds=runs.seeds, setup=runs.setup, seconds=seconds)

    return gather


def draw_of(styles: tuple[str, ...]):
    """A drawing function: all lengths on the left, one on the right."""

    def draw(result: Race, axes, own=None) -> None:
        times, here = axes
        length = result.knobs["length"]
        lines(times, LENGTHS, 1e3 * result.seconds, styles)
        ends = np.array([LENGTHS[0], LENGTHS[-1]])
        times.plot(ends, 0.06 * ends / ends[0], color=figures.INK, linewidth=1, linestyle=":", gid="frame/linear")
        times.axvline(length, color=figures.INK, linewidth=1.2, linestyle=(0, (4, 2)), gid="at/line")
        for rank, i in enumerate(order(result)):
            style, found = figures.STYLES[styles[i]], result.seconds[:, i, LENGTHS.index(length)]
            label = style.label.replace("a vector per step", "vectors")  # short enough for a phone
            row(here, rank, 1e3 * found, style, f"{label}: {milliseconds(np.median(found))}", "rank")
        length_axis(times)
        figures.log_axis(times, -2, 4, 1)
        times.set(xlabel="sequence length, T (dotted: linear)", title="milliseconds for one pass")
        power_axis(here, -1, 4)
        here.set(xlabel="milliseconds", title="at this length, the fastest on top")
        rows_axis(here, len(styles))

    return draw


def order(result: Race) -> np.ndarray:
    """The ways at this length, the fastest first, what was not measured last."""
    return np.argsort(np.median(result.seconds[:, :, LENGTHS.index(result.knobs["length"])], 0), kind="stable")


def describe_of(styles: tuple[str, ...]):
    """The order at this length in words."""

    def describe(result: Race) -> dict[str, str]:
        length, at = result.knobs["length"], result.knobs
        middle = np.median(result.seconds, 0)  # (ways, LENGTHS)
        ends = "; ".join(
            f"{figures.STYLES[name].label} from {milliseconds(middle[i, 0])} to {milliseconds(np.nanmax(middle[i]))}"
            for i, name in enumerate(styles)
        )
        ranks = ", ".join(
            f"{figures.STYLES[styles[i]].label} {milliseconds(middle[i, LENGTHS.index(length)])}" for i in order(result)
        )
        return {
            "frame": f"Time of one pass, state size 64, for {LENGTHS[0]} to {LENGTHS[-1]:,} steps.",
            "runs": f"{KNOBS['passes'].say(at['passes']).capitalize()}, batch {at['batch']}: {ends}.",
            "at": f"The line stands at {length:,} steps.",
            "rank": f"From the fastest to the slowest: {ranks}.",
        }

    return describe


def experiment(name: str, question: str, ways: tuple[str, ...]) -> Experiment:
    """The picture for some ways, each in the style that it has before the term is revealed."""
    styles = tuple(HIDDEN.get(way, way) for way in ways)
    return Experiment(
        name=name,
        question=question,
        knobs=KNOBS,
        draw=draw_of(styles),
        describe=describe_of(styles),
        layers={"frame": (), "runs": RUNS, "at": ("length",), "rank": tuple(KNOBS)},
        result=Race,
        models=lambda result: list(styles),
        recorded=True,
        gather=gather_of(ways),
        panels=2,
        height=3.8,
    )


WAIT = experiment("scaling-wait", "How long does the chain take?", ("rnn-fused", "lstm-fused", "lstm-loop"))
RACE = experiment(
    "scaling-race",
    "Who is faster at this length?",
    ("lstm-fused", "lstm-loop", "attention-fused", "attention-written"),
)
