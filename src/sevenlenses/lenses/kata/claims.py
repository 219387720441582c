"""What the kata's chapter settles."""

from __future__ import annotations

import numpy as np

from ...figures import minus, scientific
from ...lens import Claim, Finding
from ..scaling.fits import LINEAR
from ..scaling.sweep import KNOBS as SWEEP_KNOBS
from ..tables import means
from .counts import COUNTS
from .lags import BATCH, BUDGET, STEPS
from .mended import MENDED
from .numbers import BLANK, COUNTED, GAIN, LONG, bare_cosines, exponents, multiplied, sizes
from .numbers_lags import FAR, LAST, held, learned, mended
from .pace import PACE
from .reach import NAMES, REACH, TRAINED
from .retention import RETENTION

SHOWN, LATE = (1, 2, 3, 4, 5, 10, 20, 30, 40, 50), 30  # the program's rows; one of them
SEQUENTIAL = ("lstm-loop", "lstm-fused", "rnn-fused")
NEAR = 64  # a lag
FAILED, SOLVED = 0.5, 0.9  # accuracies
MENDS = ("larger", "largest", "two-layers", "three-layers", "two-ways-middle", "two-ways")


def keeps_better(load) -> Finding:
    """K1: at the program's rows, without its threshold; and from which step on the cell's cosine is below the RNN's."""
    cosine = bare_cosines(steps=100)
    cell = cosine["cell"]  # (seeds, 101)
    below = cell <= cosine["rnn"]
    below[:, 0] = False  # both are 1
    first = np.where(below.any(1), below.argmax(1), cell.shape[-1]).astype(float)  # (seeds,)
    better = [step for step in SHOWN if not below[0, step]]
    if len(better) == len(SHOWN):
        return Finding("holds", first)
    if not better:
        return Finding("fails as stated: the cell's cosine is above the RNN's at none of the steps shown", first)
    size = sizes(GAIN)
    return Finding(
        f"holds with a caveat: with the program's weights for the first {first[0] - 1:.0f} blank steps only (others: "
        f"{first[1:].min() - 1:.0f} and more). At {LATE} the cell's cosine is "
        f"{minus(cell[0, LATE])}, since the cell turns, and the RNN's, without the program's threshold, "
        f"{minus(cosine['rnn'][0, LATE])}. And cosine does not see "
        f"size: after {BLANK} steps the cell has {scientific(size['cell'])} of its size, the same RNN with recurrent "
        f"weights {GAIN:g} times as large {scientific(size['rnn'])}",
        first,
    )


def operations(load) -> Finding:
    """K3: counted multiplications over those of the two formulas, projections included."""
    found = multiplied()
    values = np.array([found.attention])
    right = [abs(ratio - 1) < 0.05 for ratio in (found.lstm, found.attention)]
    if all(right):
        return Finding("holds", values)
    said = (
        f"an LSTM takes {found.lstm:.2f} times its formula, attention {found.attention:.1f} times: each pair is "
        f"multiplied twice, for scores and for sums, and the projections are left out. So attention multiplies more "
        f"from {found.meet_counted:.0f} steps on, where the formulas say {found.meet_formula:.0f}"
    )
    return Finding(f"holds with a caveat: {said}" if any(right) else f"fails as stated: {said}", values)


def grows_linearly(load) -> Finding:
    """K4: exponents of three sequential ways, for both passes and all batches."""
    found = {
        (passes, batch): exponents(passes, batch, load)
        for passes in SWEEP_KNOBS["passes"].stops
        for batch in SWEEP_KNOBS["batch"].stops
    }  # (seeds,) each, by way
    values = found["both", 1]["lstm-fused"]
    means = {(name, *how): exponent[name].mean() for how, exponent in found.items() for name in SEQUENTIAL}
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
    right = learned(load)
    best = max((name for name in NAMES if name != "attention"), key=lambda name: right[name, FAR].mean())
    values, soon = right[best, FAR], TRAINED[1]
    if values.mean() < FAILED:
        return Finding("holds", values)
    start = {"lstm-forget-1": "forget bias 1", "lstm-forget-3": "forget bias 3", "lstm-chrono": "a chrono start"}.get(
        best, "forget bias 1 and mixed lags"
    )
    kept = held(TRAINED[0], load)["lstm-forget-1", LAST].mean()
    said = (
        f"over {FAR:,} steps an LSTM with {start} learns it ({values.mean():.2f}). With forget bias 1 it fails already "
        f"at {soon} ({right['lstm-forget-1', soon].mean():.2f}, within {STEPS} training steps); but trained at "
        f"{TRAINED[0]} it answers {kept:.2f} at {LAST:,}, and trained on mixed lags up to {FAR:,} "
        f"it answers {right['lstm-mixed', FAR].mean():.2f} at {FAR:,}"
    )
    if kept >= FAILED:
        said += ". What fails is learning over a lag more than holding over one"
    return Finding(f"fails as stated: {said}" if values.mean() >= SOLVED else f"holds with a caveat: {said}", values)


def not_mended(load) -> Finding:
    """K6: three sweeps at a lag where the plain LSTM fails, and a start at the plain one's size."""
    final = mended(NEAR, load)
    mean, values = means(final), final["largest"]
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


TASK = f"keep one of 8 classes over the lag; {STEPS} training steps of {BATCH} sequences"

CLAIMS = (
    Claim(
        "K1",
        "Over blank steps an LSTM's cell keeps a signal better than an RNN's state, by cosine similarity.",
        "blank step from which on the cell's cosine is not above the RNN's; the program's weights and four made alike",
        RETENTION,
        keeps_better,
        scope="the program's own weights and four sets made alike, 4 units; one signal, then 100 blank steps",
    ),
    Claim(
        "K3",
        "A step of an LSTM costs 4·h·(h + x) operations, attention over n steps n²·h.",
        f"multiplications counted in attention over the formula's, {LONG:,} steps, state size {COUNTED}",
        COUNTS,
        operations,
        scope=f"one layer of each, one sequence, forward; counted, with {COUNTED} numbers in a state and in an input",
    ),
    Claim(
        "K4",
        "The time of a sequential pass grows linearly with length.",
        "exponent of a training step of a fused LSTM, batch 1, on one CPU thread; the mean of the sweeps",
        PACE,
        grows_linearly,
        scope="one-layer LSTM, step by step and fused, and fused RNN; batch 1 to 16; one thread of one CPU",
    ),
    Claim(
        "K5",
        "LSTMs fail past a few hundred tokens.",
        f"accuracy over a lag of {FAR:,} of the LSTM that learns it best",
        REACH,
        fail_far,
        scope=f"one-layer LSTMs, {BUDGET:,} parameters; {TASK}",
    ),
    Claim(
        "K6",
        "A larger cell, more layers or a second direction do not mend that.",
        f"accuracy at a lag of {NEAR} with 16 times the parameters",
        MENDED,
        not_mended,
        scope=f"LSTMs with forget bias 1, from {BUDGET:,} parameters up; {TASK}",
    ),
)
