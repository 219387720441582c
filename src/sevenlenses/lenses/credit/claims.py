"""What the credit lens settles."""

from __future__ import annotations

from ...lens import Claim, Finding
from ...models.attention import HEADS
from .learning import BUDGET, STEPS
from .numbers import at, watched
from .numbers_misleads import FAR, NEAR, agreement, copied, off
from .product import PRODUCT
from .steps import READERS
from .through import THROUGH
from .weights import WEIGHTS_AGREE

USUAL = "lstm-forget-1"


def product_is_the_derivative(load) -> Finding:
    """A1: the relative error of the product, before and after training."""
    looks = [off(look, load) for look in (0, STEPS)]  # before and after
    values = looks[0][USUAL, NEAR]
    if max(runs.mean() for found in looks for runs in found.values()) < 0.05:
        return Finding("holds", values)
    close, distant = ([found[USUAL, k].mean() for found in looks] for k in (NEAR, FAR))
    said = (
        f"with forget bias 1 it is off by {close[0]:.0%} at {NEAR} steps back before training and by {close[1]:.0%} "
        f"after it, at {FAR} steps by {distant[0]:.0%} and {distant[1]:.0%}. It leaves out every path through h"
    )
    if max(close) < 0.1:
        return Finding(f"holds with a caveat: near the end only; {said}", values)
    return Finding(f"fails as stated: {said}", values)


def blame_by_distance(load) -> Finding:
    """A2: recency before training, the responsible step's share after it, by gradient and by occlusion."""
    lstm, direct, *_ = runs = [watched(name, load=load) for name in (USUAL, "attention", "gru", "min-lstm")]
    first, kept, gru, gated = (at(run, "top").mean() for run in runs)
    recency, later = (at(lstm, "recency", look=look).mean() for look in (0, STEPS))
    even = 1 / lstm.shown.shape[-1]
    blurred, sharp = (at(run, "mass").mean(-1) for run in (lstm, direct))  # (seeds,) each
    found = at(lstm, "top", "swap").mean()
    if sharp.mean() - blurred.mean() < 0.1:
        return Finding(f"fails as stated: the share is {blurred.mean():.2f} against {sharp.mean():.2f}", blurred)
    if found < 0.5 and at(direct, "mass", look=0).mean() > 10 * even:
        return Finding("holds", blurred)
    return Finding(
        "fails as stated: its first half is false after training, its second half before it. Untrained, "
        f"an LSTM's gradient follows recency (rank correlation {recency:.2f}; trained: {later:.2f}), and "
        "attention's finds no content. "
        f"Trained, the LSTM's puts the responsible step first in {first:.0%} of sequences (GRU {gru:.0%}, minLSTM "
        f"{gated:.0%}, attention {kept:.0%}), with a share of {blurred.mean():.2f} (attention {sharp.mean():.2f}); "
        f"occlusion, in {found:.0%}",
        blurred,
    )


def weights_are_responsibility(load) -> Finding:
    """A3: whether weights name the right step, and whether they order the steps as gradient and occlusion do."""
    runs = {name: watched(name, load=load) for name in READERS}
    top = {name: at(run, "top", "weights").mean() for name, run in runs.items()}
    agree = {name: agreement(run) for name, run in runs.items()}
    one, values = runs["attention"], agree["attention"]["swap"]
    least = min(found[by].mean() for found in agree.values() for by in ("gradient", "swap"))
    if top["attention"] < 0.5:
        return Finding(f"fails as stated: most weight is on the responsible step in {top['attention']:.0%}", values)
    if min(top.values()) > 0.95 and least > 0.9:
        return Finding("holds", values)
    moved = at(copied("attention", load), "size", "out").mean()
    effect = "changes nothing" if moved < 1e-6 else f"moves log p by {moved:.2g}"
    weight, occluded = (at(one, "mass", by).mean() for by in ("weights", "swap"))
    return Finding(
        f"holds with a caveat: after training most weight is on the responsible step in {top['attention']:.0%} of the "
        f"sequences (two layers: {top['deep-attention']:.0%}). That step's share, {weight:.2f} (by occlusion "
        f"{occluded:.2f}), is a mean of {HEADS} heads, in which one that adds little counts in "
        "full. Over all steps the weights' order agrees with the gradient's (rank correlation "
        f"{agree['attention']['gradient'].mean():.2f}) and less with occlusion's ({values.mean():.2f}; two layers: "
        f"{agree['deep-attention']['swap'].mean():.2f}). Where two steps bear the answer, the weights share it, and "
        f"leaving one out {effect}",
        values,
    )


TASK = f"{BUDGET:,} parameters; one flagged value among {THROUGH.knobs['length'].default} steps; {STEPS} training steps"

CLAIMS = (
    Claim(
        "A1",
        "The derivative along an LSTM's cells is the product of its forget gates.",
        f"relative error of the product {NEAR} steps back, forget bias 1, before training",
        PRODUCT,
        product_is_the_derivative,
        scope=f"one-layer LSTMs, {TASK}, and before",
    ),
    Claim(
        "A2",
        "A recurrent network spreads blame by distance; attention assigns it by content.",
        "the responsible step's share of an LSTM's gradient after training",
        THROUGH,
        blame_by_distance,
        scope=f"one-layer LSTM, GRU and minLSTM, one layer of attention, no positions, no feed-forward part, {TASK}",
    ),
    Claim(
        "A3",
        "Attention weights say which input was responsible.",
        "rank correlation of the weights with occlusion after training, one layer",
        WEIGHTS_AGREE,
        weights_are_responsibility,
        scope="one and two layers of attention, no feed-forward part, no positions or sinusoidal ones, "
        f"{HEADS} heads, {TASK}",
    ),
)
