"""How many times as long one piece of work takes as another, told on a machine that does other things as well.

The two are timed in turn, A B A B: what slows the machine for a while slows both. Each pair gives one ratio. What is
quoted is their median, with the range of the middle four fifths; nothing where that range is wider than the ratio.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Ratio:
    """The median over all pairs, and the tenth and the ninetieth percentile."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        if not self.high - self.low <= self.median:
            return "too noisy"
        return f"{self.median:.2f} ({self.low:.2f}–{self.high:.2f})"


def ratio(
    work: Callable[[], object],
    reference: Callable[[], object],
    *,
    pairs: int,
    warm_up: int = 3,
    clock: Callable[[], float] = time.perf_counter,
) -> Ratio:
    """Time `work` against `reference`, after warm-up."""
    found = []
    for pair in range(warm_up + pairs):
        seconds = []
        for one in (work, reference):
            start = clock()
            one()
            seconds.append(clock() - start)
        if pair >= warm_up:
            found.append(seconds[0] / seconds[1])
    low, median, high = np.percentile(found, (10, 50, 90))
    return Ratio(float(median), float(low), float(high))
