"""Time for one pass, over ways to compute it and lengths of the sequence."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from ...lens import Knob, Result
from .hardware import HARDWARE, middle, place, seconds, setup
from .ways import LENGTHS, NAMES, WAYS, inputs, step

ROUNDS = 3  # readings of each point; in each round everything is timed once, so that all share the machine's moods
WARM = 1024  # up to this length everything is run before, untimed: what follows finds caches and modules loaded
BLOCK = 0.02  # seconds that a reading should take: what is faster is repeated

KNOBS = {
    "passes": Knob("Passes", "both", ("both", "forward"), names={"both": "forward and backward", "forward": "forward"}),
    "batch": Knob("Sequences in a batch", 1, (1, 4, 16), 1, 16, "log"),
    "hardware": HARDWARE,
}


@dataclass(frozen=True, kw_only=True)
class Times(Result):
    """seconds: (seeds, ways, LENGTHS, ROUNDS), for one pass; NaN where it was not measured."""

    seconds: np.ndarray

    @property
    def middle(self) -> np.ndarray:
        """(seeds, ways, LENGTHS): medians over rounds."""
        return middle(self.seconds)


def run(*, seeds, device, passes, batch, hardware) -> Iterator[Times]:
    """One sweep for each seed; a single seed's grows while it is measured."""
    done = []
    for seed in seeds:
        for partly in sweep(passes, batch, hardware, seed, device):
            if partly.progress < 1 or len(seeds) == 1:
                yield partly
        done.append(partly)
    if len(seeds) > 1:
        yield Times.join(done)


def sweep(passes: str, batch: int, hardware: str, seed: int, device: str) -> Iterator[Times]:
    """All ways at all lengths, round after round: what slows the machine for a while slows all of them."""
    start = time.perf_counter()
    where = place(hardware, device)
    models = {name: way.build(seed, where) for name, way in WAYS.items()}
    x = inputs(seed, batch, LENGTHS[-1], where)  # (B, T, SIZE)
    found = np.full((1, len(NAMES), len(LENGTHS), ROUNDS), np.nan)
    times = np.ones(found.shape[1:3], int)  # how often a reading repeats its pass
    plan = [
        (turn, i, j)
        for turn in range(-1, ROUNDS)  # the first warms up
        for j, length in enumerate(LENGTHS)
        for i, way in enumerate(WAYS.values())
        if way.fits(batch, length) and (turn >= 0 or length <= WARM)
    ]
    work = np.cumsum([LENGTHS[j] for _, _, j in plan])
    for (turn, i, j), spent in zip(plan, work, strict=True):
        name, part = NAMES[i], x[:, : LENGTHS[j]].contiguous()  # (B, T, SIZE)
        once = partial(step, WAYS[name], models[name], part, passes)
        if turn < 0:
            once()
            times[i, j:] = max(1, round(BLOCK / seconds(once, hardware)))
        else:
            found[0, i, j, turn] = seconds(once, hardware, int(times[i, j]))
        yield Times(
            knobs={"passes": passes, "batch": batch, "hardware": hardware},
            seeds=(seed,),
            setup=setup(hardware, where, time.perf_counter() - start),
            progress=float(spent / work[-1]),
            seconds=found.copy(),
        )
