"""The numbers that the text on scaling takes from its runs, a function a section; and what its claims share."""

from __future__ import annotations

import numpy as np

from ...records import load
from ..tables import by_name, by_names
from .crossing import CROSSING
from .decode import DECODE
from .decoding import CONTEXTS, STEPPING
from .depth import COUNTED, DEPTH, DEPTH_WAYS
from .fits import FROM, exponents
from .memory import MEMORY
from .sweep import ROUNDS
from .timing import TIME
from .ways import LENGTHS, MATRIX, NAMES, SIZE

SHORT, LONG = LENGTHS[0], LENGTHS[-1]  # steps that are timed
HALF, MOST = COUNTED[-2:]  # steps that are counted; the last is twice the one before
SHARED = 1024  # steps at which two ways to compute the same are compared

Cells = dict[tuple[str, int], np.ndarray]  # (seeds,), by way and length


# What sections and claims share


def counted() -> tuple[Cells, Cells, Cells]:
    """Operations in a row, forward and backward, and numbers computed in the forward pass."""
    counts = DEPTH.measure(device="cpu")
    found = (counts.forward, counts.backward, counts.work)
    return tuple(by_names((DEPTH_WAYS, COUNTED), of[..., : len(COUNTED)]) for of in found)  # without the knob's length


def gained(chains: Cells, way: str) -> np.ndarray:
    """(seeds,): by how much the longest chain grows with the last doubling of the length."""
    return chains[way, MOST] - chains[way, HALF]


def timed(batch: int = 1, load=load) -> Cells:
    """Seconds of a training step."""
    return by_names((NAMES, LENGTHS), load(TIME, TIME.settings(batch=batch)).middle)


def fitted(load=load, **settings) -> dict[str, np.ndarray]:
    """Exponents (seeds,) of a training step at batch 1, by way."""
    return by_name(NAMES, exponents(LENGTHS, load(TIME, TIME.settings(**settings)).middle))


def ratio(seconds: Cells, way: str, other: str, length: int) -> float:
    """How often the time of another way goes into that of a way, in the same sweep."""
    return np.median(seconds[way, length] / seconds[other, length])


def _meets(against: str, batch: int) -> float:
    """The length from which on a training step of attention is slower than something else."""
    found = [where for where, _ in load(CROSSING, CROSSING.settings(against=against)).meets(batch)]
    return np.median(np.nan_to_num(found, nan=SHORT))


def _count(found: Cells, way: str) -> int:
    """At the most steps; every seed has the same."""
    return int(found[way, MOST].mean())


# A function a section


def cell() -> dict:
    """How the time of a recurrence grows."""
    exponent = fitted()
    return {
        "shortest": SHORT,
        "longest": LONG,
        "fitted_from": FROM,
        "rnn_growth": exponent["rnn-fused"].mean(),
        "lstm_growth": exponent["lstm-fused"].mean(),
        "loop_growth": exponent["lstm-loop"].mean(),
    }


def predict() -> dict:
    """The lengths of the guesses."""
    return {"counted": MOST, "longest": LONG}


def nothing_to_wait_for() -> dict:
    """A vector per step against the LSTM: operations in a row, and the clock."""
    (forward, backward, _), seconds = counted(), timed()
    return {
        **predict(),
        "shortest": SHORT,
        "loop_chain": _count(forward, "lstm-loop"),
        "loop_back": _count(backward, "lstm-loop"),
        "per_step": int(gained(forward, "lstm-loop").mean()) // (MOST - HALF),
        "kept_chain": _count(forward, "attention-written"),
        "kept_back": _count(backward, "attention-written"),
        "short_loop": ratio(seconds, "lstm-loop", "attention-fused", SHORT),
        "short_fused": ratio(seconds, "lstm-fused", "attention-fused", SHORT),
        "long_fused": ratio(seconds, "attention-fused", "lstm-fused", LONG),
    }


def own_machine() -> dict:
    """What a recording took, and how much its times scatter."""
    sweeps = load(TIME, TIME.settings())
    return {
        "run_seconds": sweeps.setup["seconds"] / len(sweeps.seeds),
        "rounds": ROUNDS,
        "sweeps": len(sweeps.seeds),
        "busiest": (sweeps.middle.max(0) / sweeps.middle.min(0)).max(),
    }


def misleads() -> dict:
    """Much work, many calls, recurrences that need not wait, memory, and answers word by word."""
    return {**_work(), **_calls(), **_scan(), **_memory(), **_word_by_word()}


def _work() -> dict:
    """How attention's time grows, and from which length on that hurts."""
    exponent, seconds = fitted(), timed()
    attention = exponent["attention-fused"]  # (seeds,)

    def doubling(upto: int) -> float:
        """The exponent between half a length and that length."""
        half, whole = (np.median(seconds["attention-fused", length]) for length in (upto // 2, upto))
        return np.log2(whole / half)

    return {
        "attention_growth": attention.mean(),
        "attention_low": attention.min(),
        "attention_high": attention.max(),
        "written_growth": exponent["attention-written"].mean(),
        "attention_first": doubling(128),
        "attention_before": doubling(LONG // 2),
        "attention_last": doubling(LONG),
        "meets_lstm": _meets("lstm-fused", 1),
        "meets_many": _meets("lstm-fused", 16),
        "longest": LONG,
        "long_loop": ratio(seconds, "lstm-loop", "attention-fused", LONG),
        "meets_loop_many": _meets("lstm-loop", 16),
        "size": SIZE,
    }


def _calls() -> dict:
    """The same chain in thousands of calls, or in one."""
    return {"freed": ratio(timed(), "lstm-loop", "lstm-fused", SHARED)}


def _scan() -> dict:
    """The same recurrence step by step and by a scan."""
    (forward, backward, work), one, many = counted(), timed(), timed(16)
    return {
        "counted": MOST,
        "stepped_chain": _count(forward, "min-loop"),
        "scan_chain": _count(forward, "min-scan"),
        "scan_back": _count(backward, "min-scan"),
        "scan_gain": int(gained(forward, "min-scan").mean()),
        "work_scan": _count(work, "min-scan"),
        "work_loop": _count(work, "min-loop"),
        "scan_faster": ratio(one, "min-loop", "min-scan", SHARED),
        "scan_growth": fitted()["min-scan"].mean(),
        "scan_one": ratio(one, "lstm-fused", "min-scan", LONG),
        "scan_many": ratio(many, "min-scan", "lstm-fused", LONG),
    }


def _memory() -> dict:
    """The most that a training step holds at once, in megabytes."""
    held = by_names((NAMES, LENGTHS), load(MEMORY, MEMORY.settings()).bytes)
    ways = {"written": "attention-written", "fused": "attention-fused"}
    ways |= {"lstm": "lstm-fused", "loop": "lstm-loop", "scan": "min-scan"}
    return {f"{name}_memory": held[way, LONG].mean() / 2**20 for name, way in ways.items()}


def _word_by_word() -> dict:
    """One more step after a context: microseconds, and what is kept."""
    runs, near, far = load(DECODE, DECODE.settings()), CONTEXTS[0], CONTEXTS[-1]
    seconds, kept = (by_names((STEPPING, CONTEXTS), found) for found in (runs.middle, runs.kept))
    return {
        "first_context": near,
        "context": far,
        "step_near": 1e6 * np.median(seconds["attention-step", near]),
        "step_far": 1e6 * np.median(seconds["attention-step", far]),
        "store_near": np.median(kept["attention-step", near]) / 2**10,
        "store_far": np.median(kept["attention-step", far]) / 2**20,
        "step_lstm": 1e6 * np.median(seconds["lstm-step", near]),
        "step_lstm_far": 1e6 * np.median(seconds["lstm-step", far]),
        "state_bytes": np.median(kept["lstm-step", near]),
    }


def method() -> dict:
    """Where attention that is written out stops."""
    return {"matrix": MATRIX / 2**20}


def summary() -> dict:
    """Where attention falls behind."""
    return {"meets_lstm": _meets("lstm-fused", 1)}
