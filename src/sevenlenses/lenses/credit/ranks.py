"""Do two lists order things alike?"""

from __future__ import annotations

import numpy as np

DIGITS = 8  # of a value in float64 that every processor agrees on


def told_apart(values: np.ndarray, least: float = 0.0) -> np.ndarray:
    """Values with DIGITS significant digits, and 0 below `least`, any shape: what rounding alone keeps apart becomes
    equal."""
    size = np.abs(values)
    last = 10.0 ** (np.floor(np.log10(np.where(size > 0, size, 1))) + 1 - DIGITS)
    return np.where(size < least, 0.0, np.round(values / last) * last)


def ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 0 up along the last axis (..., n); equal values share the mean of their ranks."""
    here, there = values[..., :, None], values[..., None, :]
    return (there < here).sum(-1) + ((there == here).sum(-1) - 1) / 2


def rank_correlation(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Spearman's ρ along the last axis, -1 … 1: (..., n) and (..., n) to (...); 0 where one side does not vary.

    Source: Spearman (1904); with ties it is the ordinary correlation of the shared ranks.
    """
    a, b = (r - r.mean(-1, keepdims=True) for r in (ranks(one), ranks(other)))
    size = np.sqrt((a**2).sum(-1) * (b**2).sum(-1))
    return np.divide((a * b).sum(-1), size, out=np.zeros_like(size), where=size > 0)


def top_share(values: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Precision at 1: whether the greatest of (..., n) is one of `wanted` (..., n); among equals, the share that is.

    NaN where a value is NaN.
    """
    top = values == values.max(-1, keepdims=True)
    return np.where(np.isnan(values).any(-1), np.nan, (top & wanted).sum(-1) / np.maximum(top.sum(-1), 1))
