"""What the kata's chapter settles."""

from __future__ import annotations

import numpy as np

from ...figures import minus, scientific
from ...lens import Claim, Finding
from ..scaling.fits import LINEAR
from ..scaling.sweep import KNOBS as SWEEP_KNOBS
from .counts import COUNTS, LENGTHS, STYLED, crossings
from .lags import STEPS, TESTED
from .mended import MENDED
from .mended import NAMES as CHANGED
from .pace import PACE, growth
from .pace import STYLED as TIMED
from .reach import NAMES, REACH, TRAINED
from .retention import RETENTION, STATES
from .size import SIZE

CELL, RNN = STATES.index("cell"), STATES.index("rnn")
SHOWN, LATE, AFTER = (1, 2, 3, 4, 5, 10, 20, 30, 40, 50), 30, 50  # the program's rows; two of them
GAIN = 7.0
SIZE_COUNTED, LONG = 64, 1024
SEQUENTIAL = ("lstm-loop", "lstm-fused", "rnn-fused")
FAR, NEAR = TRAINED[-1], 64  # lags
FAILED, SOLVED = 0.5, 0.9  # accuracies
MENDS = ("larger", "largest", "two-layers", "three-layers", "two-ways-middle", "two-ways")


def keeps_better(load) -> Finding:
    """K1: the program's own rows; and from which step on the cell's cosine is below the RNN's, for all weights."""
    cosine = RETENTION.measure(device="cpu", steps=100).cosine  # (seeds, STATES, 101)
    below = cosine[:, CELL] <= cosine[:, RNN]  # (seeds, 101)
    below[:, 0] = False  # both are 1
    first = np.where(below.any(1), below.argmax(1), cosine.shape[-1]).astype(float)  # (seeds,)
    better = [step for step in SHOWN if not below[0, step]]
    if len(better) == len(SHOWN):
        return Finding("holds", first)
    if not better:
        return Finding("fails as stated: the cell's cosine is above the RNN's at none of the steps shown", first)
    size = SIZE.measure(device="cpu", steps=AFTER, gain=GAIN).size[0, :, -1]  # (STATES,)
    return Finding(
        f"holds with a caveat: with the program's weights for the first {first[0] - 1:.0f} blank steps only (others: "
        f"{first[1:].min() - 1:.0f} and more). At {LATE} the cell's cosine is "
        f"{minus(cosine[0, CELL, LATE])}, since the cell turns; the RNN's 0 is a threshold. And cosine does not see "
        f"size: after {AFTER} steps the cell has {scientific(size[CELL])} of its size, the same RNN with recurrent "
        f"weights {GAIN:g} times as large {scientific(size[RNN])}",
        first,
    )


def operations(load) -> Finding:
    """K3: counted multiplications over those of the two formulas, projections included."""
    found = COUNTS.measure(device="cpu", size=SIZE_COUNTED)
    rows = dict(zip(STYLED, found.counted[0, :, LENGTHS.index(LONG)], strict=True))
    lstm = rows["lstm-counted"] / rows["lstm-formula"]
    attention = rows["attention-counted"] / rows["attention-formula"]
    values = np.array([attention])
    right = [abs(ratio - 1) < 0.05 for ratio in (lstm, attention)]
    if all(right):
        return Finding("holds", values)
    formula, counted = crossings(found)
    said = (
        f"an LSTM takes {lstm:.2f} times its formula, attention {attention:.1f} times: each pair is multiplied twice, "
        f"for scores and for sums, and the projections are left out. So attention multiplies more from about "
        f"{counted:.0f} steps on, where the formulas say {formula:.0f}"
    )
    return Finding(f"holds with a caveat: {said}" if any(right) else f"fails as stated: {said}", values)


def grows_linearly(load) -> Finding:
    """K4: exponents of three sequential ways, for both passes and all batches."""
    found = {
        (passes, batch): growth(load(PACE, PACE.settings(passes=passes, batch=batch)))
        for passes in SWEEP_KNOBS["passes"].stops
        for batch in SWEEP_KNOBS["batch"].stops
    }  # (seeds, TIMED) each
    values = found["both", 1][:, TIMED.index("lstm-fused")]
    means = {
        (name, *how): exponent[:, TIMED.index(name)].mean() for how, exponent in found.items() for name in SEQUENTIAL
    }
    off = [how for how, mean in means.items() if abs(mean - 1) > LINEAR]
    if not off:
        return Finding("holds", values)
    least, most = min(means.values()), max(means.values())
    within = f"{len(means) - len(off)} of {len(means)} mean exponents are within {LINEAR:g} of 1"
    said = f"{within}, from {least:.2f} to {most:.2f}"
    if len(off) > len(means) / 2:
        return Finding(f"fails as stated: {said}", values)
    (name, passes, batch) = max(off, key=lambda how: abs(means[how] - 1))
    called = {"lstm-loop": "an LSTM step by step", "lstm-fused": "a fused LSTM", "rnn-fused": "a fused RNN"}[name]
    what = {"both": "forward and backward", "forward": "forward"}[passes]
    return Finding(
        f"holds with a caveat: on one CPU thread {said}; the farthest is {called}, {what}, batch {batch}", values
    )


def fail_far(load) -> Finding:
    """K5: learned over the longest lag by any start of an LSTM; and held at longer ones by what learned at a short."""
    far = load(REACH, REACH.settings(lag=FAR)).learned  # (seeds, NAMES, TRAINED)
    rows = {name: far[:, NAMES.index(name)] for name in NAMES}  # (seeds, TRAINED)
    best = max((name for name in NAMES if name != "attention"), key=lambda name: rows[name][:, -1].mean())
    values, usual = rows[best][:, -1], rows["lstm-forget-1"].mean(0)
    if values.mean() < FAILED:
        return Finding("holds", values)
    start = {"lstm-forget-1": "forget bias 1", "lstm-forget-3": "forget bias 3", "lstm-chrono": "a chrono start"}.get(
        best, "forget bias 1 and mixed lags"
    )
    held = load(REACH, REACH.settings(lag=TRAINED[0])).held[:, NAMES.index("lstm-forget-1"), -1].mean()
    said = (
        f"over {FAR:,} steps an LSTM with {start} learns it ({values.mean():.2f}). With forget bias 1 it fails already "
        f"at {TRAINED[1]} ({usual[1]:.2f}, within {STEPS} training steps); but trained at {TRAINED[0]} it answers "
        f"{held:.2f} at {TESTED[-1]:,}, and trained on mixed lags up to {FAR:,} "
        f"it answers {rows['lstm-mixed'][:, -1].mean():.2f} at {FAR:,}"
    )
    if held >= FAILED:
        said += ". What fails is learning over a lag more than holding over one"
    return Finding(f"fails as stated: {said}" if values.mean() >= SOLVED else f"holds with a caveat: {said}", values)


def not_mended(load) -> Finding:
    """K6: three sweeps at a lag where the plain LSTM fails, and a start at the plain one's size."""
    final = load(MENDED, MENDED.settings(lag=NEAR)).final  # (seeds, CHANGED)
    mean = dict(zip(CHANGED, final.mean(0), strict=True))
    values = final[:, CHANGED.index("largest")]
    mending = [name for name in MENDS if mean[name] >= SOLVED]
    helping = [name for name in MENDS if mean[name] >= FAILED]
    if not helping and mean["chrono"] < FAILED:
        return Finding("holds", values)
    chrono = "mends" if mean["chrono"] >= SOLVED else "does not mend"
    said = (
        f"at a lag of {NEAR}, where an LSTM with forget bias 1 reaches {mean['plain']:.2f}: 16 times the parameters "
        f"{mean['largest']:.2f} (up to {values.max():.2f}), three layers {mean['three-layers']:.2f}, two directions "
        f"{mean['two-ways-middle']:.2f} with the cue in the middle, and {mean['two-ways']:.2f} with the cue first, "
        f"which the backward direction reads last. A chrono start {chrono} it at the same size ({mean['chrono']:.2f})"
    )
    if set(mending) - {"two-ways"}:
        return Finding(f"fails as stated: {said}", values)
    return Finding(f"holds with a caveat: {said}", values)


CLAIMS = (
    Claim(
        "K1",
        "Over blank steps an LSTM's cell keeps a signal better than an RNN's state, by cosine similarity.",
        "blank step from which on the cell's cosine is not above the RNN's; the program's weights and four made alike",
        RETENTION,
        keeps_better,
    ),
    Claim(
        "K3",
        "A step of an LSTM costs 4·h·(h + x) operations, attention over n steps n²·h.",
        f"multiplications counted in attention over the formula's, {LONG:,} steps, state size {SIZE_COUNTED}",
        COUNTS,
        operations,
    ),
    Claim(
        "K4",
        "The time of a sequential pass grows linearly with length.",
        "exponent of a training step of a fused LSTM, batch 1, on one CPU thread; the mean of the sweeps",
        PACE,
        grows_linearly,
    ),
    Claim(
        "K5",
        "LSTMs fail past a few hundred tokens.",
        f"accuracy over a lag of {FAR:,} of the LSTM that learns it best",
        REACH,
        fail_far,
    ),
    Claim(
        "K6",
        "A larger cell, more layers or a second direction do not mend that.",
        f"accuracy at a lag of {NEAR} with 16 times the parameters",
        MENDED,
        not_mended,
    ),
)
