"""What the access lens settles."""

from __future__ import annotations

import numpy as np

from ...lens import Claim, Finding
from ...tasks.hops import Hops
from .again import RIVALS
from .combine import DESIGNS
from .drift import DRIFT
from .numbers import LSTM, PLACED, in_sight, moving, right, store_moved, used
from .reads import BUDGET, READS, STEPS, STORE
from .together import TOGETHER

SOON = 8  # steps after which reading is compared with waiting


def reading_changes(load) -> Finding:
    """M1: how far reads move an LSTM's cell; against blank steps; and whether that hurts."""
    once, often = right(load=load), right(32, load=load)[LSTM, READS].mean()
    first, last = (once[LSTM, read].mean() for read in (1, READS))
    moved = moving(load=load)
    reads, blanks = moved.drift[:, SOON], np.median(moved.idle[:, SOON])  # (seeds,), a number
    if reads.min() < 0.05:
        return Finding(f"fails as stated: {SOON} reads move the cell by {reads.mean():.2f} of its size", reads)
    if blanks < 0.5 * reads.mean() and often < 0.8:
        return Finding("holds", reads)
    blank = f"a blank step changes it {'about as much' if blanks >= 0.5 * reads.mean() else 'less'}"
    return Finding(
        f"holds with a caveat: {blank} ({blanks:.1f} times its size after {SOON}). "
        f"Trained for one read the LSTM falls from {first:.2f} to {last:.2f} at read "
        f"{READS}; trained for 32 it answers {often:.2f} there",
        reads,
    )


def attention_only_reads(load) -> Finding:
    """M2: what was stored is the same bit for bit, and yet recall may fall."""
    random, moved = right(load=load), store_moved(load)
    last = random["attention", READS]  # (seeds,)
    same, placed = right(asked="same", load=load)["attention", READS].mean(), random[PLACED, READS].mean()
    if moved > 0:
        return Finding(f"fails as stated: {READS} reads move the store by up to {moved:.2g} of its size", last)
    if min(last.mean(), same, placed) > 0.95:
        return Finding("holds", last)
    _, hidden = in_sight(PLACED, load=load)
    return Finding(
        "holds with a caveat: what was stored stays as it was, to the bit, but each read is stored beside it, and "
        f"recall falls. Read {READS} is right {last.mean():.2f} of the time for random keys, "
        f"{same:.2f} for one key only; with sinusoidal positions {placed:.2f}, and "
        f"{hidden:.2f} if earlier reads are hidden",
        last,
    )


def compared_and_combined(load) -> Finding:
    """M3: who compares two stored values, and who follows a stored value to another one."""
    _, final = used(load)
    greater, hops = ({name: final[name, task].mean() for name in DESIGNS} for task in ("compared", "hops"))
    one = final["attend-1", "hops"]  # (seeds,)
    alone = one.mean() > 0.9 > max(hops["lstm-forget-1"], greater["lstm-forget-1"])
    if alone and greater["attend-1"] > 0.9:
        return Finding("holds", one)
    best = max(hops["attend-2"], hops["block-2"])
    return Finding(
        f"{'holds with a caveat' if best > 0.9 else 'fails as stated'}: which of two stored values is the greater, one "
        f"layer of attention says in {greater['attend-1']:.2f} of the cases, the LSTM in "
        f"{greater['lstm-forget-1']:.2f}. Two hops took two layers: {best:.2f}. One layer gets {one.mean():.2f}, with "
        f"a feed-forward part {hops['block-1']:.2f}, the LSTM {hops['lstm-forget-1']:.2f}",
        one,
    )


TASK = f"{BUDGET:,} parameters; {STORE.pairs} pairs, key and value in one step; {STEPS:,} training steps"

CLAIMS = (
    Claim(
        "M1",
        "Reading a recurrent memory changes it.",
        f"how far {SOON} reads move an LSTM's cell, in units of its size, trained for one read",
        DRIFT,
        reading_changes,
        scope=f"one-layer LSTM, forget bias 1, {TASK} with 1 read or 32",
    ),
    Claim(
        "M2",
        "Attention reads without changing what is stored.",
        f"accuracy of attention at the {READS}th read, trained for one",
        RIVALS,
        attention_only_reads,
        scope=f"one layer of attention, no feed-forward part, no positions or sinusoidal ones, {TASK} with 1 read",
    ),
    Claim(
        "M3",
        "With attention distant memories can be compared and combined.",
        "accuracy of one layer of attention at two hops",
        TOGETHER,
        compared_and_combined,
        scope=f"one-layer LSTM, one and two layers of attention, with and without a feed-forward part, no positions, "
        f"{BUDGET:,} parameters; {Hops().pairs} pairs, key and value in one step; {STEPS:,} training steps",
    ),
)
