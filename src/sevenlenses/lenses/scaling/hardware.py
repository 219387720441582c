"""What computes, and clocks and counters that are right for it."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import torch
from torch.utils import benchmark

from ... import runtime
from ...lens import Knob
from ...runtime import pick_device

THREADS = {"one-thread": 1, "two-threads": 2, "all-threads": os.cpu_count() or 1}

HARDWARE = Knob(
    "Computed by",
    "one-thread",
    ("one-thread",),  # with "gpu" here, `make record RECORD_FLAGS="--device auto --workers 1"` adds a GPU's runs
    names={
        "one-thread": "one thread",
        "two-threads": "two threads",
        "all-threads": "all threads",
        "gpu": "GPU (CUDA)",
    },
    more=("two-threads", "all-threads", "gpu"),
)


def place(hardware: str, device: str) -> torch.device:
    """Where a run at this stop of `HARDWARE` happens.

    Raises:
        ValueError: there is no such device, or `device` names another one.
    """
    where = torch.device("cuda" if hardware == "gpu" else "cpu")
    if device != "auto" and pick_device(device) != where:
        raise ValueError(
            f"hardware must be on the device that is asked for; got {hardware!r} and device {device!r}. "
            "Try device='auto'."
        )
    return pick_device(where.type)


def setup(hardware: str, device: torch.device, seconds: float) -> dict[str, str | float]:
    """As `runtime.setup`, with the processor's own name and its threads: what a time hangs on."""
    made = runtime.setup(device, seconds)
    if device.type == "cpu":
        made["device"] = f"CPU ({processor()}), {HARDWARE.names[hardware]}"
    return made


def processor() -> str:
    """The CPU's name, as far as the system tells it."""
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


@contextmanager
def threads(hardware: str) -> Iterator[None]:
    """As many CPU threads as the stop says; afterwards as many as before."""
    before = torch.get_num_threads()
    torch.set_num_threads(THREADS.get(hardware, 1))
    try:
        yield
    finally:
        torch.set_num_threads(before)


def seconds(work: Callable[[], object], hardware: str, times: int = 1) -> float:
    """Seconds for one `work()`, the mean of `times` in a row. PyTorch's clock waits until a GPU has finished."""
    with threads(hardware):
        start = benchmark.timer()
        for _ in range(times):
            work()
        return (benchmark.timer() - start) / times


def middle(readings: np.ndarray) -> np.ndarray:
    """Median over the last axis of what has been read so far; NaN where nothing has."""
    return np.ma.filled(np.ma.median(np.ma.masked_invalid(readings), -1), np.nan)
