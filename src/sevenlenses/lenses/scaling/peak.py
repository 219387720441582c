"""The most memory that one pass holds at once, over ways to compute it and lengths of the sequence."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from ...lens import Knob, Result
from .hardware import HARDWARE, place, setup, threads
from .ways import LENGTHS, NAMES, WAYS, inputs, step

KNOBS = {
    "passes": Knob("Passes", "both", ("both", "forward"), names={"both": "forward and backward", "forward": "forward"}),
    "hardware": HARDWARE,
}


@dataclass(frozen=True, kw_only=True)
class Peak(Result):
    """bytes: (seeds, ways, LENGTHS), the most held at once beyond weights and inputs; NaN: not run."""

    bytes: np.ndarray


def run(*, seeds, device, passes, hardware) -> Iterator[Peak]:
    """Every way at every length, once for each seed; the counts do not hang on it."""
    start = time.perf_counter()
    where = place(hardware, device)
    found = np.full((len(seeds), len(NAMES), len(LENGTHS)), np.nan)
    plan = [(s, i, j) for s in range(len(seeds)) for j in range(len(LENGTHS)) for i in range(len(NAMES))]
    work = np.cumsum([LENGTHS[j] for _, _, j in plan])
    for (s, i, j), spent in zip(plan, work, strict=True):
        way = WAYS[NAMES[i]]
        model = way.build(seeds[s], where)
        if way.fits(1, LENGTHS[j]):
            x = inputs(seeds[s], 1, LENGTHS[j], where)  # (1, T, SIZE)
            step(way, model, x[:, :2].contiguous(), passes)  # what is loaded once is not the pass's
            with threads(hardware):
                found[s, i, j] = most_held(partial(step, way, model, x, passes), where)
        yield Peak(
            knobs={"passes": passes, "hardware": hardware},
            seeds=tuple(seeds),
            setup=setup(hardware, where, time.perf_counter() - start),
            progress=float(spent / work[-1]),
            bytes=found.copy(),
        )


def most_held(work: Callable[[], object], device: torch.device) -> int:
    """Bytes of tensors, the kernels' own workspace among them, that `work()` holds at its worst moment.

    On a GPU PyTorch counts them itself. On a CPU the profiler lists what is taken and given back, and when.
    """
    if device.type == "cuda":
        torch.cuda.synchronize(device)
        torch.cuda.reset_peak_memory_stats(device)
        before = torch.cuda.memory_allocated(device)
        work()
        torch.cuda.synchronize(device)
        return torch.cuda.max_memory_allocated(device) - before
    os.environ.setdefault("KINETO_LOG_LEVEL", "9")  # the profiler talks about itself otherwise
    with torch.profiler.profile(
        activities=[torch.profiler.ProfilerActivity.CPU], profile_memory=True, acc_events=False
    ) as watched:
        work()
    moved = [(e.start_ns(), e.nbytes()) for e in watched.profiler.kineto_results.events() if e.name() == "[memory]"]
    return int(np.cumsum([size for _, size in sorted(moved, key=lambda one: one[0])]).max(initial=0))
