"""One run, wherever it happens."""

from __future__ import annotations

import importlib
import platform
import time

from ..runtime import one_thread
from .evidence import origin
from .plan import Job


class OtherCode(RuntimeError):
    """The worker's code is not the recorder's: a record would name code that did not make it."""


@one_thread()
def do(course: str, job: Job, expected: list, *, device: str, limit: float) -> str:
    """Run one job on one thread; returns the result as text, for the recorder to write.

    Raises:
        OtherCode: what decides the numbers here is not the `expected` origin.
        TimeoutError: the run was not finished after `limit` seconds. This looks at the clock between training steps;
            what hangs in one has to be killed from outside.
    """
    experiment = importlib.import_module(course).EXPERIMENTS.get(job.name)
    if experiment is None or origin(experiment, job.settings) != expected:
        raise OtherCode(
            f"{platform.node() or 'a worker'} has other code for {job.name} than this recorder. "
            "Bring all machines to one version, start Dask's workers anew, and run the same command again."
        )
    start = time.monotonic()
    for result in experiment.stream(seeds=(job.seed,), device=device, **job.settings):
        if result.progress < 1 and time.monotonic() - start > limit:
            raise TimeoutError
    return result.to_json()
