"""Who does the runs. A crew has `slots()`, how many runs to give it at a time, and `submit`, which returns a Future."""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial

import pebble

from . import work


class NoCluster(RuntimeError):
    """Nobody answers there, or Dask is not installed; the message says what to do."""


class Processes:
    """This machine: each run in a process of its own, which is killed at the time limit whatever it hangs in, and takes
    no other with it when it dies. Pebble's ProcessPool would break for good when a process dies between two runs.

    On Linux the processes are forked from a server that has loaded PyTorch once. Elsewhere a fork is not safe, and each
    loads it anew: 2 seconds a run.
    """

    def __init__(self, workers: int, limit: float, course: str):
        self.workers, self.limit = workers, limit
        self.context = multiprocessing.get_context("forkserver" if sys.platform == "linux" else "spawn")
        if sys.platform == "linux":
            self.context.set_forkserver_preload([work.__name__, course])

    def __enter__(self) -> Processes:
        first = self.context.Process(target=int)  # the server loads PyTorch now, and not in the first run's time
        first.start()
        first.join()
        return self

    def __exit__(self, *_) -> None:
        for process in multiprocessing.active_children():
            process.kill()

    def slots(self) -> int:
        """How many runs it takes at a time."""
        return self.workers

    def submit(self, task: Callable[[], str]) -> Future[str]:
        """Start a process for the task."""
        start = pebble.concurrent.process(name="run", timeout=self.limit, context=self.context)
        return start(partial(alone, task))()


def alone(task: Callable[[], str]) -> str:
    """Do the task in a process that ends when the recorder's does, however that ended."""
    threading.Thread(target=_follow_the_recorder, daemon=True).start()
    return task()


def _follow_the_recorder() -> None:
    multiprocessing.parent_process().join()
    os._exit(1)


class Cluster:
    """A Dask cluster: an address, or "local" for one on this machine. If a worker dies, Dask gives its runs to others.

    Raises:
        NoCluster: there is none.
    """

    def __init__(self, address: str, workers: int):
        try:
            import distributed

            own = {"n_workers": workers, "threads_per_worker": 1, "dashboard_address": None}
            self.cluster = distributed.LocalCluster(**own) if address == "local" else None
            self.client = distributed.Client(self.cluster or address)
        except ModuleNotFoundError as error:
            raise NoCluster(
                f"--dask needs a package that is not installed ({error}). Try: pip install distributed"
            ) from error
        except (OSError, ValueError) as error:
            raise NoCluster(
                f"--dask must be the address of a running scheduler, or local; got {address!r} ({error}). "
                "Start one with `dask scheduler` and give the address that it prints, such as tcp://127.0.0.1:8786."
            ) from error
        self.executor = self.client.get_executor(pure=False)

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_) -> None:
        self.executor.shutdown(wait=False)
        self.client.close()
        if self.cluster is not None:
            self.cluster.close()

    def slots(self) -> int:
        """Two runs a thread, so that none waits for the network."""
        return 2 * max(1, sum(self.client.nthreads().values()))

    def submit(self, task: Callable[[], str]) -> Future[str]:
        """Hand the task to the cluster."""
        return self.executor.submit(task)
