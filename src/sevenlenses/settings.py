"""The settings of the process, set aside while the course computes or draws.

A reader's earlier cell may have changed what NumPy and PyTorch do by default: the type and the device of a new tensor,
whether gradients are kept, whether a warning is an error. A number of the course depends on its arguments alone. So
what computes or draws does it inside `fixed()`, under the libraries' own settings; outside it, also between two results
of a run, the reader's hold as they were. Matplotlib's are set aside in `figures.canvas`.

PyTorch is not imported here: where nobody has loaded it, nobody has changed it.
"""

from __future__ import annotations

import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")

SILENT = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)  # as Python starts
ERRORS = {"divide": "warn", "over": "warn", "under": "ignore", "invalid": "warn"}
PRINT = {  # Matplotlib names clips and markers after arrays as text
    "precision": 8,
    "threshold": 1000,
    "edgeitems": 3,
    "linewidth": 75,
    "suppress": False,
    "nanstr": "nan",
    "infstr": "inf",
    "sign": "-",
    "floatmode": "maxprec",
    "legacy": False,
}
LOCK = threading.RLock()  # the settings belong to the whole process, and a kernel may work in two threads
_depth = 0  # how often the thread that holds LOCK is inside


@contextmanager
def fixed(*, gradients: bool = True) -> Iterator[None]:
    """Compute or draw under the libraries' own settings. Also a decorator, though not of a generator: see `stepwise`.

    Args:
        gradients: whether gradients are switched on too, whatever the caller chose.
    """
    global _depth
    with LOCK, ExitStack() as stack:
        if _depth == 0:
            stack.enter_context(calm())
            stack.enter_context(np.errstate(**ERRORS))
            stack.enter_context(np.printoptions(**PRINT))
            if "torch" in sys.modules:
                _fix_torch(sys.modules["torch"], stack, gradients)
        _depth += 1
        try:
            yield
        finally:
            _depth -= 1


def stepwise(steps: Iterator[T]) -> Iterator[T]:
    """What a generator yields, each of its steps taken inside `fixed()`."""
    with closing(steps):
        while True:
            with fixed():
                try:
                    step = next(steps)
                except StopIteration:
                    return
            yield step


@contextmanager
def calm() -> Iterator[None]:
    """Warnings as Python has them at its start: shown, and no errors."""
    with warnings.catch_warnings():
        warnings.resetwarnings()
        for kind in SILENT:
            warnings.simplefilter("ignore", kind)
        yield


def _fix_torch(torch: Any, stack: ExitStack, gradients: bool) -> None:
    for get, put, own in _of_torch(torch):
        if (before := get()) != own:
            stack.callback(put, before)
            put(own)
    if torch.get_default_device().type != "cpu":
        stack.enter_context(torch.device("cpu"))
    for kind in ("cpu", "cuda"):
        if torch.is_autocast_enabled(kind):
            stack.enter_context(torch.autocast(kind, enabled=False))
    if torch.is_anomaly_enabled():
        stack.enter_context(torch.autograd.set_detect_anomaly(False))
    if gradients:
        if torch.is_inference_mode_enabled():
            stack.enter_context(torch.inference_mode(False))
        stack.enter_context(torch.enable_grad())


def _of_torch(torch: Any) -> Iterator[tuple[Callable[[], Any], Callable[[Any], Any], Any]]:
    """How to read and to set what holds for the whole process and decides numbers, and PyTorch's own value of it."""
    yield torch.get_default_dtype, torch.set_default_dtype, torch.float32
    yield torch.get_deterministic_debug_mode, torch.set_deterministic_debug_mode, 0
    yield _flushes, torch.set_flush_denormal, False
    for name in ("flash", "mem_efficient", "math"):
        yield (
            getattr(torch.backends.cuda, f"{name}_sdp_enabled"),
            getattr(torch.backends.cuda, f"enable_{name}_sdp"),
            True,
        )
    for place, name, own in (
        (torch.backends.cudnn, "enabled", True),
        (torch.backends.cudnn, "benchmark", False),
        (torch.backends.cudnn, "deterministic", False),
        (torch.backends.mkldnn, "enabled", True),
    ):
        yield partial(getattr, place, name), partial(setattr, place, name), own
    if not hasattr(torch.backends.mkldnn, "matmul"):  # before PyTorch 2.9
        yield torch.get_float32_matmul_precision, torch.set_float32_matmul_precision, "highest"
    else:
        for place in (torch.backends.mkldnn.matmul, torch.backends.cuda.matmul):
            if place.fp32_precision not in ("none", "ieee"):  # "none": as PyTorch is by itself, which is "ieee"
                yield partial(getattr, place, "fp32_precision"), partial(setattr, place, "fp32_precision"), "ieee"


def _flushes() -> bool:
    """Whether this thread takes the smallest numbers for zero: PyTorch can set that, and does not tell it."""
    return float.fromhex("0x1p-1074") * 1.0 == 0.0
