"""What the scaling lens settles."""

from __future__ import annotations

import numpy as np

from ...figures import power
from ...lens import Claim, Finding
from ...records import Missing
from .depth import DEPTH
from .fits import FROM, LINEAR
from .numbers import HALF, MOST, SHARED, counted, fitted, gained, ratio, timed
from .timing import TIME
from .ways import LENGTHS, SIZE


def one_after_another(load) -> Finding:
    """S1: what the longest chain gains with every step of a written-out LSTM, and with every doubling of a scan."""
    *passes, _ = counted()
    forward, backward = (gained(chains, "lstm-loop") / (MOST - HALF) for chains in passes)  # a step
    if min(forward.min(), backward.min()) < 0.5:
        return Finding("fails as stated: the longest chain of an LSTM does not grow with every step", forward)
    said = f"an LSTM adds {forward.mean():.0f} operations to the chain with each step, and as many backward"
    scan = [gained(chains, "min-scan").mean() for chains in passes]  # a doubling
    if max(scan) > 0.1 * (MOST - HALF):
        return Finding("holds", forward)
    return Finding(
        f"fails as stated: {said}. But not every recurrence has to: computed by a scan, minLSTM adds "
        f"{scan[0]:.0f} with each doubling of the length, and {scan[1]:.0f} backward",
        forward,
    )


def grown(exponent: np.ndarray) -> str:
    """Exponents (seeds,) as "T¹·¹³": their mean."""
    return power("T", exponent.mean())


def growth_ends(load) -> Finding:
    """S2: the exponents of the two ways that wait for nothing, or for little, against the LSTM's."""
    found = fitted(load)
    attention, scan, lstm = (found[name] for name in ("attention-fused", "min-scan", "lstm-fused"))
    said = (
        f"On one CPU thread a training step of attention takes time as {grown(attention)}, a scan as "
        f"{grown(scan)}, an LSTM as {grown(lstm)}"
    )
    if max(attention.max(), scan.max()) < 0.5:
        return Finding("holds", attention)
    if attention.mean() > 1 + LINEAR:
        return Finding(
            "fails as stated: not for long sequences. The work still grows as T², so any fixed number of processors "
            f"is full at some length. {said}",
            attention,
        )
    return Finding(f"holds with a caveat: not for every way. {said}", attention)


def flat_on_a_gpu(load) -> Finding:
    """S4: the same exponents where thousands of operations run side by side; open until such a run is recorded."""
    try:
        found = fitted(load, hardware="gpu")
    except Missing:
        return Finding("open: no GPU's times are recorded yet. The measurement and its command are ready", np.array([]))
    attention, scan, lstm = (found[name] for name in ("attention-fused", "min-scan", "lstm-fused"))
    said = (
        f"on a GPU a training step of attention takes time as {grown(attention)} from {FROM} to {LENGTHS[-1]:,} steps, "
        f"a scan as {grown(scan)}, an LSTM as {grown(lstm)}"
    )
    flat = [each.max() < 0.5 for each in (attention, scan)]
    if all(flat):
        return Finding(f"holds: {said}", attention)
    return Finding(f"{'holds with a caveat: not for every way' if any(flat) else 'fails as stated'}: {said}", attention)


def recurrence_is_the_limit(load) -> Finding:
    """S3: the chain of the same recurrence in a loop and by a scan; and what fusing does for an LSTM, chain and all."""
    chains, _, _ = counted()
    stepped, scan = (chains[way, MOST] for way in ("min-loop", "min-scan"))  # (seeds,) each
    shorter, freed = stepped / scan, ratio(timed(load=load), "lstm-loop", "lstm-fused", SHARED)
    parts = []
    if shorter.min() >= 2:
        parts.append(
            f"at {MOST} steps minLSTM has {stepped.mean():.0f} operations in a row step by step, and "
            f"{scan.mean():.0f} by a scan"
        )
    if freed >= 2:
        parts.append(
            f"what a chain costs, one CPU thread cannot tell: there a fused LSTM, which keeps its chain, is "
            f"{freed:.0f} times as fast as a written-out one ({SHARED:,} steps)"
        )
    if not parts:
        return Finding("holds", shorter)
    if len(parts) == 1:
        return Finding(f"holds with a caveat: {parts[0]}", shorter)
    return Finding(
        f"fails as stated: {'; and '.join(parts)}. One scan is not enough for the LSTM: two of its steps do not "
        "make one step of the same kind",
        shorter,
    )


CLAIMS = (
    Claim(
        "S1",
        "Recurrence forces T steps one after another, forward and backward.",
        "operations that an LSTM's longest forward chain gains with each step",
        DEPTH,
        one_after_another,
        scope=f"one layer of each, forward and backward; operations counted, not timed, up to {MOST} steps",
    ),
    Claim(
        "S2",
        "Parallel computation ends the linear growth of training time: however long the sequence.",
        "exponent of a training step of fused attention, batch 1, on one CPU thread; the mean of the sweeps",
        TIME,
        growth_ends,
        scope=f"one layer of each, {SIZE} numbers in a state and in an input, batch 1, {LENGTHS[0]} to "
        f"{LENGTHS[-1]:,} steps; one thread of one CPU, no GPU",
    ),
    Claim(
        "S3",
        "What limits speed is the recurrence itself.",
        f"operations in a row of minLSTM step by step, over those by a scan; forward, at {MOST} steps",
        DEPTH,
        recurrence_is_the_limit,
        scope=f"one layer of each; operations counted up to {MOST} steps; times with {SIZE} numbers in a state, on "
        f"one thread of one CPU, no GPU",
    ),
    Claim(
        "S4",
        "Parallel computation ends the linear growth of training time: on a GPU, at the lengths in use.",
        "exponent of a training step of fused attention, batch 1, on a GPU; the mean of the sweeps",
        TIME,
        flat_on_a_gpu,
        scope=f"one layer of each, {SIZE} numbers in a state and in an input, batch 1, {FROM} to {LENGTHS[-1]:,} "
        "steps; a GPU",
    ),
)
