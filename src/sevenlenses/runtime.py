"""Where and how a run happens: device, random generators, timing. Nothing here touches global random state."""

from __future__ import annotations

import platform
import statistics
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch

from .settings import fixed

DEVICES = ("auto", "cpu", "cuda", "mps")


def pick_device(choice: str = "auto") -> torch.device:
    """The device for `choice`: one of "auto", "cpu", "cuda", "mps".

    "auto" takes CUDA where there is one, and the CPU otherwise (Apple's MPS is slower than the CPU at our sizes).

    Raises:
        ValueError: the name is unknown, or this machine has no such device.
    """
    if choice not in DEVICES:
        raise ValueError(f"device must be one of {', '.join(DEVICES)}; got {choice!r}. Try device='auto'.")
    if choice == "auto":
        choice = "cuda" if torch.cuda.is_available() else "cpu"
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not there[choice]:
        raise ValueError(f"device {choice!r} was asked for, but PyTorch sees none on this machine. Try device='auto'.")
    return torch.device(choice)


def generator(seed: int, purpose: str) -> torch.Generator:
    """A CPU generator for one purpose ("weights", "data", ...) of one seed; purposes never share a stream."""
    if not isinstance(seed, int | np.integer) or seed < 0:
        raise ValueError(f"seed must be a whole number from 0 up; got {seed!r}. Try seed=0.")
    mixed = np.random.SeedSequence([int(seed), zlib.crc32(purpose.encode())]).generate_state(1, np.uint64)[0]
    return torch.Generator("cpu").manual_seed(int(mixed >> np.uint64(1)))


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute on one CPU thread, under `settings.fixed` but for gradients, which stay on or off. At the sizes of this
    course more threads cost time, on a busy machine tenfold; and sums in a fixed order give the same numbers again.
    Also a decorator."""
    with fixed(gradients=False):
        before = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(before)


def synchronise(device: torch.device) -> None:
    """Wait until `device` has done what it was given: without this a GPU timing measures only the asking."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def device_name(device: torch.device) -> str:
    """The device as a caption names it: "CPU", or the graphics card's own name."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type.upper()


def setup(device: torch.device, seconds: float) -> dict[str, str | float]:
    """What a caption must say of a run beside its seeds: device, versions, seconds."""
    return {
        "device": device_name(device),
        "torch": torch.__version__,
        "python": platform.python_version(),
        "seconds": round(seconds, 3),
    }


@dataclass(frozen=True)
class Timing:
    """Repeated timings of one thing, in seconds."""

    median: float
    low: float
    high: float


def time_it(work: Callable[[], object], *, device: torch.device, repeats: int = 15, warm_up: int = 3) -> Timing:
    """Median, least and greatest seconds of `work()` over `repeats`, after warm-up, synchronised."""
    for _ in range(warm_up):
        work()
    seconds = []
    for _ in range(repeats):
        synchronise(device)
        start = time.perf_counter()
        work()
        synchronise(device)
        seconds.append(time.perf_counter() - start)
    return Timing(statistics.median(seconds), min(seconds), max(seconds))
