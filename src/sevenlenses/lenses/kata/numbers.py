"""The numbers that the kata's text takes from its program and from timed passes, a function a section; and what its
claims share with it. Those of trained networks are in `numbers_lags`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ... import kata
from ...figures import minus, scientific
from ...records import load
from ..scaling.ways import LENGTHS as TIMED_AT
from ..tables import by_name
from .apart import APART, READ
from .apart import STYLED as TOLD
from .counts import COUNTS, LENGTHS, STYLED, crossings
from .pace import PACE, growth
from .pace import STYLED as TIMED
from .retention import RETENTION, STATES
from .shares import POINTS, SHARES
from .size import SIZE, Size
from .turning import STYLED as TURNED
from .turning import TURNING, spiral

BLANK = 50  # steps, as the program has them
GAIN = 7.0  # of the RNN's recurrent weights: as large as it takes
COUNTED, LONG = 64, 1024  # the size of a state and the steps at which operations are counted

Told = tuple[dict[int, float], np.ndarray]  # by step, the share told right; (steps + 1,), distances


# What sections and claims share


def cosines(steps: int = BLANK) -> dict[str, np.ndarray]:
    """By state (seeds, steps + 1): its cosine with itself at first. Seed 0 is the program's own weights."""
    return by_name(STATES, RETENTION.measure(device="cpu", steps=steps).cosine)


def bare_cosines(steps: int) -> dict[str, np.ndarray]:
    """The same without the program's threshold."""
    return by_name(STATES, SIZE.measure(device="cpu", steps=steps, threshold="none").cosine)


def sizes(gain: float = 1.0) -> dict[str, float]:
    """By state: what is left of its size after `BLANK` steps, with the program's weights."""
    return _last(_sized(gain).size)


def _sized(gain: float = 1.0) -> Size:
    return SIZE.measure(device="cpu", steps=BLANK, threshold="none", gain=gain)


def _last(values: np.ndarray) -> dict[str, float]:
    """By state, with the program's weights: the last of (seeds, STATES, steps + 1)."""
    return dict(zip(STATES, values[0, :, -1], strict=True))


class Multiplied(NamedTuple):
    """Multiplications counted over the formula's; and steps from which on attention multiplies more, by either."""

    lstm: float
    attention: float
    meet_formula: float
    meet_counted: float


def multiplied() -> Multiplied:
    """In a pass over `LONG` steps."""
    found = COUNTS.measure(device="cpu", size=COUNTED)
    at = dict(zip(STYLED, found.counted[0, :, LENGTHS.index(LONG)], strict=True))
    ratios = (at[f"{layer}-counted"] / at[f"{layer}-formula"] for layer in ("lstm", "attention"))
    return Multiplied(*ratios, *crossings(found))


def exponents(passes: str, batch: int, load=load) -> dict[str, np.ndarray]:
    """By way to compute a pass (seeds,): its time grows as T to this power."""
    return by_name(TIMED, growth(load(PACE, PACE.settings(passes=passes, batch=batch))))


# A function a section


def similarities() -> dict:
    """What the program prints of cell and RNN."""
    cosine = {state: values[0] for state, values in cosines().items()}  # (steps + 1,) each
    cell, rnn = cosine["cell"], cosine["rnn"]
    return {
        "blank": BLANK,
        "cell_10": cell[10],
        "rnn_10": rnn[10],
        "cell_30": minus(cell[30]),
        "cell_40": minus(cell[40]),
        "rnn_20": rnn[20],
        "rnn_zero": int(np.flatnonzero(rnn)[-1]) + 1,
    }


def without_size() -> dict:
    """What a cosine does not see."""
    bare = _sized()
    size = _last(bare.size)
    return {
        "rnn_size": scientific(size["rnn"]),
        "true_rnn": by_name(STATES, bare.cosine)["rnn"][0, 20],
        "cell_size": scientific(size["cell"]),
        "late_cell": kata.run(200, kata.weights()).similarities("cell")[200],
        "wide_size": sizes(GAIN)["rnn"],
    }


def moving() -> dict:
    """How a cell moves when nothing comes in."""
    left, _ = spiral(kata.weights())
    flat = by_name(TURNED, TURNING.measure(device="cpu", recurrent=0.0).size)["kata-cell"]  # (seeds, steps + 1)
    return {
        "left": left,
        "still": np.abs(kata.run(BLANK, kata.weights(), kata.BLANK).cell).max(),
        "forget": kata.sigmoid(1.0),
        "flat_size": scientific(flat[0, BLANK]),
    }


def telling() -> dict:
    """Whether two signals can be told apart, and how far apart they are."""
    clean, usual, opened = _told(noise=0.0), _told(), _told(bias=3.0)
    right, _ = usual["kata-cell"]
    open_right, open_distance = opened["kata-cell"]
    return {
        "clean_far": clean["kata-cell"][0][100],
        "clean_distance": scientific(clean["rnn"][1][100]),
        "rnn_2": usual["rnn"][0][2],
        "lstm_12": right[12],
        "lstm_30": right[30],
        "open_share": scientific(kata.sigmoid(3.0) ** 100),
        "open_distance": open_distance[100],
        "open_100": open_right[100],
    }


def _told(**knobs) -> dict[str, Told]:
    """By state."""
    found = APART.measure(device="cpu", **knobs)
    right, distance = by_name(TOLD, found.right.mean(0), 0), by_name(TOLD, found.distance[0], 0)
    return {state: (dict(zip(READ, right[state], strict=True)), distance[state]) for state in TOLD}


def gate_table() -> dict:
    """The shares that a constant gate leaves, and what can still be told."""
    clean, noisy = (SHARES.measure(device="cpu", noise=noise).right for noise in (0.0, 0.1))
    told = dict(zip(POINTS, by_name(kata.FORGET_RATES, noisy)[0.99].mean(0), strict=True))
    near = min(POINTS, key=lambda step: abs(step - 100))
    return {
        "share_99": 0.99**99,
        "lost_99": 1 - 0.99**99,
        "clean_least": clean.min(),
        "share_500": scientific(0.99**500),
        "noisy_sure": told[10],
        "noisy_100": told[near],
        "near_100": near,
    }


def operations() -> dict:
    """Operations against the formulas, and the growth of time."""
    counted, one, sixteen = multiplied(), exponents("both", 1), exponents("both", 16)
    return {
        "lstm_ratio": counted.lstm,
        "attention_ratio": counted.attention,
        "meet_counted": counted.meet_counted,
        "meet_formula": counted.meet_formula,
        "loop": one["lstm-loop"].mean(),
        "fused": one["lstm-fused"].mean(),
        "fused_16": sixteen["lstm-fused"].mean(),
        "attention_pace": one["attention-fused"].mean(),
    }


def assembly_line() -> dict:
    """Sixteen sequences side by side, over one."""
    return {"together": _takes(16) / _takes(1)}


def _takes(batch: int) -> float:
    """Seconds of a written-out LSTM's forward pass over `LONG` steps."""
    seconds = load(PACE, PACE.settings(passes="forward", batch=batch)).seconds
    return np.median(by_name(TIMED, seconds)["lstm-loop"][:, TIMED_AT.index(LONG)])
