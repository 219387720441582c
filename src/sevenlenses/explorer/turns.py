"""One piece of work at a time, and whose it is.

Work runs in the loop of the kernel's main thread, as cells do. What a reader does may arrive in another thread, since
JupyterLab delivers the messages of controls beside the main one; it is handed over, so nothing here needs a lock. Work
ends with its view, its cell's next run, an interrupt, newer work, or `stop`: none goes on that nobody can see or stop.
"""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import ipywidgets as widgets
from IPython import get_ipython

PAUSE = 0.004  # seconds in which the kernel takes further messages: a newer value, a cancel
BREATH = 0.05  # seconds of training between two such pauses
REDRAW = 0.3  # seconds of training between two pictures, at least
REST = 0.5  # seconds after which a reader rests, and a view that went is gone: moving a cell takes it away and back
Step = TypeVar("Step")


class Turns:
    """What one explorer works at. Only the newest wish counts.

    Args:
        ended: called with the reason when work was stopped.
        failed: called with the error when it failed.
    """

    def __init__(self, ended: Callable[[str], None], failed: Callable[[Exception], None]):
        self.ended, self.failed = ended, failed
        self.loop = running_loop()  # None in a plain script
        self.cell = running_cell()
        self.task: asyncio.Task | None = None

    def here(self, act: Callable, *arguments: object) -> None:
        """Have something done where work runs, after what was asked before."""
        if self.loop in (None, running_loop()):
            act(*arguments)
        else:
            self.loop.call_soon_threadsafe(act, *arguments)

    def begin(self, work: Callable[[], Coroutine]) -> None:
        """Start `work` in place of the work before it; to its end where no loop runs (a plain script)."""
        if self.loop is None:
            asyncio.run(self._see_through(work))
        else:
            self.drop()
            self.task = self.loop.create_task(self._see_through(work))

    def drop(self) -> bool:
        """End what goes on, and say whether something did. It takes no further step."""
        return self.task is not None and self.task.cancel()

    def stop(self, why: str) -> None:
        """End what goes on, for the reason that the reader then sees."""
        self.drop()
        self.ended(why)

    def follow(self, view: widgets.DOMWidget) -> None:
        """From now on work ends when a view of this widget goes: its output was cleared, its cell or page closed."""
        if self.loop is not None:
            view._view_count = 0  # the front end counts from here
            view.observe(lambda change: self.here(self._recount, view, change), "_view_count")

    def _recount(self, view: widgets.DOMWidget, change: dict) -> None:
        def gone() -> None:
            if view._view_count < change["old"]:
                self._lost("Stopped: its output was closed.")

        if change["new"] < change["old"]:
            self.loop.call_later(REST, gone)

    def _lost(self, why: str) -> None:
        if self.task is not None and not self.task.done():
            self.stop(why)

    async def _see_through(self, work: Callable[[], Coroutine]) -> None:
        try:
            with (
                on_interrupt(lambda: self.loop.call_soon_threadsafe(self._lost, "Interrupted.")),
                on_next_run(self.cell, lambda: self._lost("Stopped: its cell ran again.")),
            ):
                await work()
        except Exception as error:
            self.failed(error)


async def paced(steps: Iterable[Step], last: Callable[[Step], bool]) -> AsyncIterator[Step]:
    """Those of `steps` after which it is time to look up, and the last; after each the kernel takes messages."""
    breathed = time.perf_counter()
    for step in steps:
        if time.perf_counter() - breathed < BREATH and not last(step):
            continue
        yield step
        await asyncio.sleep(PAUSE)
        breathed = time.perf_counter()


class Redraws:
    """When what trains is drawn again: pictures take a fifth of the time at most, also on a machine that many share."""

    def __init__(self):
        self.next = time.perf_counter() + REDRAW

    def due(self) -> bool:
        return time.perf_counter() > self.next

    @contextmanager
    def drawing(self) -> Iterator[None]:
        began = time.perf_counter()
        yield
        ended = time.perf_counter()
        self.next = ended + max(REDRAW, 4 * (ended - began))


@contextmanager
def on_interrupt(act: Callable[[], None]) -> Iterator[None]:
    """While this lasts an interrupt (the notebook's ■) calls `act`; a kernel that runs no cell would ignore it."""
    if get_ipython() is None or threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(*_: object) -> None:
        act()

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGINT) is handle:
            signal.signal(signal.SIGINT, before)


@contextmanager
def on_next_run(cell: str | None, act: Callable[[], None]) -> Iterator[None]:
    """While this lasts a run of `cell` calls `act` before it begins."""
    if cell is None:
        yield
        return

    def begins(*_: object) -> None:
        if running_cell() == cell:
            act()

    events = get_ipython().events
    events.register("pre_run_cell", begins)
    try:
        yield
    finally:
        events.unregister("pre_run_cell", begins)


def running_loop() -> asyncio.AbstractEventLoop | None:
    """The loop that this code runs in: a kernel's; None in a plain script."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def running_cell() -> str | None:
    """Which cell runs: its id where the front end tells it, else its text; None outside a notebook's kernel."""
    kernel = getattr(get_ipython(), "kernel", None)
    if not hasattr(kernel, "get_parent"):
        return None
    asked = kernel.get_parent("shell")
    return asked.get("metadata", {}).get("cellId") or asked.get("content", {}).get("code")
