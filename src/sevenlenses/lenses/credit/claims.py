"""What the credit lens settles."""

from __future__ import annotations

import numpy as np

from ...lens import Claim, Finding
from ...models.attention import HEADS
from .attribution import METHODS
from .copies import COPIES
from .product import BACK, PRODUCT
from .steps import READERS
from .through import THROUGH
from .watch import LOOKS, WATCH
from .weights import WEIGHTS_AGREE

GRADIENT, SWAP, OUT, WEIGHTS = (METHODS.index(name) for name in ("gradient", "swap", "out", "weights"))
NEAR, FAR = 8, BACK[-1]  # steps back at which the product of gates is judged
EARLY = 25  # training steps
USUAL = 1  # the start with forget bias 1 among those of `product`


def product_is_the_derivative(load) -> Finding:
    """A1: the relative error of the product, before and after training."""
    before, after = (
        load(PRODUCT, PRODUCT.settings(look=look)).off for look in (0, LOOKS[-1])
    )  # (seeds, starts, distances) each
    near, far = BACK.index(NEAR), BACK.index(FAR)
    values = before[:, USUAL, near]
    if max(found.mean(0).max() for found in (before, after)) < 0.05:
        return Finding("holds", values)
    close, distant = (
        [found[:, USUAL, k].mean() for found in (before, after)] for k in (near, far)
    )  # before and after, each
    said = (
        f"with forget bias 1 it is off by {close[0]:.0%} at {NEAR} steps back before training and by {close[1]:.0%} "
        f"after it, at {FAR} steps by {distant[0]:.0%} and {distant[1]:.0%}. It leaves out every path through h"
    )
    if max(found[:, USUAL, near].mean() for found in (before, after)) < 0.1:
        return Finding(f"holds with a caveat: near the end only; {said}", values)
    return Finding(f"fails as stated: {said}", values)


def blame_by_distance(load) -> Finding:
    """A2: recency before training, the responsible step's share after it, by gradient and by occlusion."""
    names = ("lstm-forget-1", "attention", "gru", "min-lstm")
    lstm, direct, *_ = runs = [load(WATCH, WATCH.settings(variant=name)) for name in names]
    first, kept, gru, gated = (run.top[:, -1, GRADIENT].mean() for run in runs)
    recency, later = lstm.recency[:, [0, -1], GRADIENT].mean(0)
    even = 1 / lstm.shown.shape[-1]
    blurred, sharp = (run.mass[:, -1, GRADIENT].mean(-1) for run in (lstm, direct))  # (seeds,) each
    found = lstm.top[:, -1, SWAP].mean()
    if sharp.mean() - blurred.mean() < 0.1:
        return Finding(f"fails as stated: the share is {blurred.mean():.2f} against {sharp.mean():.2f}", blurred)
    if found < 0.5 and direct.mass[:, 0, GRADIENT].mean() > 10 * even:
        return Finding("holds", blurred)
    return Finding(
        "holds with a caveat: its first half is true before training, its second half after it. Untrained, "
        f"an LSTM's gradient follows recency (rank correlation {recency:.2f}; trained: {later:.2f}), and "
        "attention's finds no content. "
        f"Trained, the LSTM's puts the responsible step first in {first:.0%} of sequences (GRU {gru:.0%}, minLSTM "
        f"{gated:.0%}, attention {kept:.0%}), with a share of {blurred.mean():.2f} (attention {sharp.mean():.2f}); "
        f"occlusion, in {found:.0%}",
        blurred,
    )


def weights_are_responsibility(load) -> Finding:
    """A3: whether weights name the right step, and whether they order the steps as gradient and occlusion do."""
    runs = [load(WATCH, WATCH.settings(variant=name)) for name in READERS]
    one, deep = runs[READERS.index("attention")], runs[READERS.index("deep-attention")]
    top = {name: run.top[:, -1, WEIGHTS].mean() for name, run in zip(READERS, runs, strict=True)}
    agree = [run.agree[:, -1, WEIGHTS, [GRADIENT, SWAP]].mean(0) for run in runs]  # (2,) each
    values = one.agree[:, -1, WEIGHTS, SWAP]
    if top["attention"] < 0.5:
        return Finding(f"fails as stated: most weight is on the responsible step in {top['attention']:.0%}", values)
    if min(top.values()) > 0.95 and np.min(agree) > 0.9:
        return Finding("holds", values)
    two = load(COPIES, COPIES.settings(variant="attention"))
    moved = two.size[:, -1, OUT].mean()
    effect = "changes nothing" if moved < 1e-6 else f"moves log p by {moved:.2g}"
    weight, order = one.mass[:, -1, WEIGHTS].mean(), agree[READERS.index("attention")]
    return Finding(
        f"holds with a caveat: after training most weight is on the responsible step in {top['attention']:.0%} of the "
        f"sequences (two layers: {top['deep-attention']:.0%}). That step's share, {weight:.2f} (by occlusion "
        f"{one.mass[:, -1, SWAP].mean():.2f}), is a mean of {HEADS} heads, in which one that adds little counts in "
        "full. Over all steps the weights' order agrees with the gradient's (rank correlation "
        f"{order[0]:.2f}) and less with occlusion's ({order[1]:.2f}; two layers: "
        f"{deep.agree[:, -1, WEIGHTS, SWAP].mean():.2f}). Where two steps bear the answer, the weights share it, and "
        f"leaving one out {effect}",
        values,
    )


CLAIMS = (
    Claim(
        "A1",
        "The derivative along an LSTM's cells is the product of its forget gates.",
        f"relative error of the product {NEAR} steps back, forget bias 1, before training",
        PRODUCT,
        product_is_the_derivative,
    ),
    Claim(
        "A2",
        "A recurrent network spreads blame by distance; attention assigns it by content.",
        "the responsible step's share of an LSTM's gradient after training",
        THROUGH,
        blame_by_distance,
    ),
    Claim(
        "A3",
        "Attention weights say which input was responsible.",
        "rank correlation of the weights with occlusion after training, one layer",
        WEIGHTS_AGREE,
        weights_are_responsibility,
    ),
)
