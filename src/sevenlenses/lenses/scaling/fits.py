"""What curves of time against length say: how steep they are, and where they cross."""

from __future__ import annotations

import numpy as np

FROM = 256  # steps: below, what every call costs hides the growth
LINEAR = 0.15  # exponents within 1 ± LINEAR are called linear


def exponents(lengths: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    """p of the least-squares line log(seconds) = p log(length) + c, over lengths from FROM: (..., L) to (...).

    Points that were not measured (NaN) do not count; with fewer than two left it is NaN.
    """
    x, y = np.log(np.asarray(lengths, float)), np.log(seconds)
    use = np.isfinite(y) & (np.asarray(lengths) >= FROM)
    n = use.sum(-1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        across = np.where(use, x - np.where(use, x, 0).sum(-1, keepdims=True) / n, 0)
        return np.where(n[..., 0] > 1, (across * np.where(use, y, 0)).sum(-1) / (across**2).sum(-1), np.nan)


def crossing(lengths: np.ndarray, ratio: np.ndarray) -> tuple[float, str]:
    """Where a ratio (L,) last passes 1, interpolated in logarithms, and "slower" or "faster" beyond; NaN if never."""
    known = np.isfinite(ratio)
    x, y = np.log(np.asarray(lengths, float)[known]), np.log(ratio[known])
    beyond = "slower" if y[-1] > 0 else "faster"
    turns = np.flatnonzero((y[1:] > 0) != (y[:-1] > 0))
    if not len(turns):
        return np.nan, beyond
    i = turns[-1]
    return float(np.exp(x[i] - y[i] * (x[i + 1] - x[i]) / (y[i + 1] - y[i]))), beyond


def growth(exponent: float) -> str:
    """An exponent in words."""
    if abs(exponent - 1) <= LINEAR:
        return "about linear"
    return "slower than linear" if exponent < 1 else "faster than linear"
