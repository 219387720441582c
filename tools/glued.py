"""The numbers that the chapters' prose takes from its cells tagged `numbers`: computed once, side by side, and kept.

Where the book is built they are there already, among what its chapters put out. They stay under `_build/numbers` until
those cells, the package, the records or the locked versions change.
"""

import contextlib
import hashlib
import io
import json
import os
import sys
import time
import traceback
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

from jupytext.myst import myst_to_notebook

from stamps import fingerprint, known, remember, snapshot

DEPENDS = ("src", "records", "requirements.lock")
KEPT = "_build/numbers"
BOOK = "_build/.jupyter_cache"  # the chapters as the book's build has executed them
GLUED = "application/papermill.record/text/plain"
MOST = 4  # processes at once: each takes up to half a gigabyte


class NumbersFailed(ValueError):
    """A cell tagged `numbers` that does not run."""


def numbers_of(chapters: list[Path], root: Path) -> dict[str, dict[str, str]]:
    """By the chapter's name: what it glues, as `repr` writes it.

    Raises:
        NumbersFailed: naming the line of the chapter.
    """
    cells = {path: found for path in chapters if (found := numbers_cells(path))}
    there = snapshot(root) if cells else {}
    state = fingerprint(there, DEPENDS) + sys.version
    keys = {path: key_of(state, found) for path, found in cells.items()}
    numbers = {path: kept_in(root / KEPT / f"{path.stem}.json", keys[path]) for path in cells}
    missing = [path for path in cells if numbers[path] is None]
    for path, found in of_the_book(missing, root, there).items():
        numbers[path] = keep(root, path, keys[path], found)
        missing.remove(path)
    if missing:
        print(f"Computing the numbers of {len(missing)} chapters, to be kept in {KEPT}.", flush=True)
        # Spawned: a fork of a process in which PyTorch has started threads can hang.
        with ProcessPoolExecutor(min(MOST, cores()), mp_context=get_context("spawn")) as pool:
            runs = {pool.submit(compute, path, cells[path]): path for path in missing}
            for run in as_completed(runs):
                path, (found, seconds) = runs[run], run.result()
                print(f"  {path.stem}: {seconds:.1f} s", flush=True)
                numbers[path] = keep(root, path, keys[path], found)
    return {path.stem: found for path, found in numbers.items()}


def of_the_book(chapters: list[Path], root: Path, state: dict[str, str]) -> dict[Path, dict[str, str]]:
    """What the build of the book has glued in those of `chapters` that it would not execute again."""
    if not chapters or not (root / BOOK).exists():
        return {}
    from jupyter_cache import get_cache  # late: they bring much
    from myst_nb.core.read import read_myst_markdown_notebook

    from execute import outdated

    numbers = {}
    with contextlib.suppress(OSError):  # what cannot be read is computed
        stale, store = outdated(chapters, root / BOOK, state), get_cache(root / BOOK)
        for path in [path for path in chapters if path.stem not in stale]:
            record = store.match_cache_notebook(read_myst_markdown_notebook(path.read_text("utf-8"), path=path))
            cells = store.get_cache_bundle(record.pk).nb.cells
            outputs = [one for cell in cells for one in cell.get("outputs", ()) if GLUED in one.get("data", ())]
            numbers[path] = {one.metadata.scrapbook.name: one.data[GLUED] for one in outputs}
    return numbers


def keep(root: Path, path: Path, key: str, numbers: dict[str, str]) -> dict[str, str]:
    with contextlib.suppress(OSError):  # what cannot be kept is computed again
        (root / KEPT).mkdir(parents=True, exist_ok=True)
        remember(root / KEPT / f"{path.stem}.json", {"key": key, "numbers": numbers})
    return numbers


def cores() -> int:
    """Those that this process may use, where the system tells."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def numbers_cells(path: Path) -> list[tuple[int, str]]:
    """A chapter's cells tagged `numbers`: how many lines of it are above each, and its source."""
    text = path.read_text(encoding="utf-8")
    chapter, lines = myst_to_notebook(text, add_source_map=True), text.splitlines(keepends=True)
    found = []
    for cell, start in zip(chapter.cells, chapter.metadata["source_map"], strict=True):
        if "numbers" in cell.metadata.get("tags", ()):
            options = sum(map(len, lines[:start]))  # the source comes after the cell's tags
            found.append((text.count("\n", 0, text.index(cell.source, options)), cell.source))
    return found


def key_of(state: str, cells: list[tuple[int, str]]) -> str:
    """A hash of all that numbers depend on; where their cells stand is no part of it."""
    return hashlib.sha256(json.dumps([state, *(source for _, source in cells)]).encode()).hexdigest()


def compute(path: Path, cells: list[tuple[int, str]]) -> tuple[dict[str, str], float]:
    """Run the cells, each of which needs no other, and return what they glue and the seconds that it took."""
    start = time.monotonic()
    from sevenlenses.explorer.page import NUMBERS  # late: chapters without numbers do not need the package

    NUMBERS.clear()
    with contextlib.redirect_stdout(io.StringIO()):  # outside IPython, glue's display prints
        for above, source in cells:
            try:
                exec(compile("\n" * above + source, str(path), "exec"), {"__name__": path.stem})
            except Exception as error:
                raise NumbersFailed(said(error, path, above + 1)) from None
    return {name: repr(value) for name, value in NUMBERS.items()}, time.monotonic() - start


def said(error: Exception, path: Path, first: int) -> str:
    """What is wrong, the chapter's own line (`first`, where the trace has none), and that of the lens's numbers."""
    frames = traceback.extract_tb(error.__traceback__)[::-1]
    line = next((frame.lineno for frame in frames if frame.filename == str(path)), first)
    inside = next((frame for frame in frames if Path(frame.filename).name.startswith("numbers")), None)
    where = f" ({inside.filename}:{inside.lineno})" if inside else ""
    what = f"a cell tagged `numbers` fails with {type(error).__name__}: {error}{where}."
    return f"{path}:{line}: {what} The prose takes its numbers from there: mend it."


def kept_in(path: Path, key: str) -> dict[str, str] | None:
    """The numbers in a file of `KEPT`; None where it is missing, stale or something else."""
    found = known(path)
    numbers = found.get("numbers")
    return numbers if found.get("key") == key and isinstance(numbers, dict) else None
