"""What the access lens settles."""

from __future__ import annotations

import numpy as np

from ...lens import Claim, Finding
from .again import RIVALS
from .drift import DRIFT
from .hidden import HIDDEN
from .reads import COMPARED, READS, READS_RUN

LSTM, DIRECT, PLACED = (COMPARED.index(name) for name in ("lstm-forget-1", "attention", "attention-positions"))
SOON = 8  # steps after which reading is compared with waiting


def reading_changes(load) -> Finding:
    """M1: how far reads move an LSTM's cell; against blank steps; and whether that hurts."""
    once, often = (load(RIVALS, RIVALS.settings(trained=n)).right[:, LSTM] for n in (1, 32))  # (seeds, READS)
    moved = load(DRIFT, DRIFT.settings(variant="lstm-forget-1", trained=1))
    reads, blanks = moved.drift[:, SOON], np.median(moved.idle[:, SOON])  # (seeds,), a number
    if reads.min() < 0.05:
        return Finding(f"fails as stated: {SOON} reads move the cell by {reads.mean():.2f} of its size", reads)
    if blanks < 0.5 * reads.mean() and often[:, -1].mean() < 0.8:
        return Finding("holds", reads)
    blank = f"a blank step changes it {'about as much' if blanks >= 0.5 * reads.mean() else 'less'}"
    return Finding(
        f"holds with a caveat: {blank} ({blanks:.1f} times its size after {SOON}). "
        f"Trained for one read the LSTM falls from {once[:, 0].mean():.2f} to {once[:, -1].mean():.2f} at read "
        f"{READS}; trained for 32 it answers {often[:, -1].mean():.2f} there",
        reads,
    )


def attention_only_reads(load) -> Finding:
    """M2: what was stored is the same bit for bit, and yet recall may fall."""
    random, same = (load(RIVALS, RIVALS.settings(trained=1, asked=asked)).right for asked in ("random", "same"))
    store = load(READS_RUN, READS_RUN.settings(variant="attention", trained=1)).drift
    last = random[:, DIRECT, -1]  # (seeds,)
    if store.max() > 0:
        return Finding(f"fails as stated: {READS} reads move the store by up to {store.max():.2g} of its size", last)
    if min(last.mean(), same[:, DIRECT, -1].mean(), random[:, PLACED, -1].mean()) > 0.95:
        return Finding("holds", last)
    hidden = load(HIDDEN, HIDDEN.settings(variant="attention-positions")).unseen[:, -1].mean()
    return Finding(
        "holds with a caveat: what was stored stays as it was, to the bit, but each read is stored beside it, and "
        f"recall falls. Read {READS} is right {last.mean():.2f} of the time for random keys, "
        f"{same[:, DIRECT, -1].mean():.2f} for one key only; with positions {random[:, PLACED, -1].mean():.2f}, and "
        f"{hidden:.2f} if earlier reads are hidden",
        last,
    )


CLAIMS = (
    Claim(
        "M1",
        "Reading a recurrent memory changes it.",
        f"how far {SOON} reads move an LSTM's cell, in units of its size, trained for one read",
        DRIFT,
        reading_changes,
    ),
    Claim(
        "M2",
        "Attention reads without changing what is stored.",
        f"accuracy of attention at the {READS}th read, trained for one",
        RIVALS,
        attention_only_reads,
    ),
)
