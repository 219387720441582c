"""The numbers that the chapters' prose takes from its cells tagged `numbers`: computed once, side by side, and kept.

They stay under `_build/numbers` until those cells, the package, the records or the locked versions change.
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

DEPENDS = ("src", "records", "requirements.lock")
KEPT = "_build/numbers"
MOST = 4  # processes at once: each takes up to half a gigabyte


class NumbersFailed(ValueError):
    """A cell tagged `numbers` that does not run."""


def numbers_of(chapters: list[Path], root: Path) -> dict[str, dict[str, str]]:
    """By the chapter's name: what it glues, as `repr` writes it.

    Raises:
        NumbersFailed: naming the line of the chapter.
    """
    cells = {path: found for path in chapters if (found := numbers_cells(path))}
    state = fingerprint(root) if cells else ""
    keys = {path: hashlib.sha256(json.dumps([state, *found]).encode()).hexdigest() for path, found in cells.items()}
    known = {path: read(root / KEPT / f"{path.stem}.json", keys[path]) for path in cells}
    missing = [path for path in cells if known[path] is None]
    if missing:
        print(f"Computing the numbers of {len(missing)} chapters, to be kept in {KEPT}.", flush=True)
        # Spawned: a fork of a process in which PyTorch has started threads can hang.
        with ProcessPoolExecutor(min(MOST, cores()), mp_context=get_context("spawn")) as pool:
            runs = {pool.submit(compute, path, cells[path]): path for path in missing}
            for run in as_completed(runs):
                path, (known[path], seconds) = runs[run], run.result()
                print(f"  {path.stem}: {seconds:.1f} s", flush=True)
                with contextlib.suppress(OSError):  # what cannot be kept is computed again
                    (root / KEPT).mkdir(parents=True, exist_ok=True)
                    write(root / KEPT / f"{path.stem}.json", json.dumps({"key": keys[path], "numbers": known[path]}))
    return {path.stem: numbers for path, numbers in known.items()}


def cores() -> int:
    """Those that this process may use, where the system tells."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def numbers_cells(path: Path) -> list[str]:
    """The source of a chapter's cells tagged `numbers`."""
    cells = myst_to_notebook(path.read_text(encoding="utf-8")).cells
    return [cell.source for cell in cells if "numbers" in cell.metadata.get("tags", ())]


def compute(path: Path, sources: list[str]) -> tuple[dict[str, str], float]:
    """Run the cells, which need no others, and return what they glue and the seconds that it took."""
    start, text = time.monotonic(), path.read_text(encoding="utf-8")
    from sevenlenses.explorer.page import NUMBERS  # late: chapters without numbers do not need the package

    NUMBERS.clear()
    names: dict[str, object] = {"__name__": path.stem}
    with contextlib.redirect_stdout(io.StringIO()):  # outside IPython, glue's display prints
        for source in sources:
            above = text[: text.index(source)].count("\n")  # so that an error names the chapter's own line
            try:
                exec(compile("\n" * above + source, str(path), "exec"), names)
            except Exception as error:
                frames = traceback.extract_tb(error.__traceback__)
                line = next((frame.lineno for frame in reversed(frames) if frame.filename == str(path)), above + 1)
                said = f"a cell tagged `numbers` fails with {type(error).__name__}: {error}."
                raise NumbersFailed(f"{path}:{line}: {said} The prose takes its numbers from there: mend it.") from None
    return {name: repr(value) for name, value in NUMBERS.items()}, time.monotonic() - start


def fingerprint(root: Path) -> str:
    """A hash over the Python, and over the names and contents of what the numbers depend on."""
    digest = hashlib.sha256(sys.version.encode())
    for place in DEPENDS:
        for path in sorted((root / place).rglob("*")) or [root / place]:
            if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith("."):
                digest.update(f"{path.relative_to(root).as_posix()}\0".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def read(kept: Path, key: str) -> dict[str, str] | None:
    """The numbers in `kept`, or None: it is missing, stale, or not what `write` wrote."""
    try:
        found = json.loads(kept.read_text(encoding="utf-8"))
        return found["numbers"] if found["key"] == key and isinstance(found["numbers"], dict) else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def write(path: Path, text: str) -> None:
    """All of it or nothing: nobody ever reads half a file, and two writers do not share one."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    unfinished.write_text(text, encoding="utf-8")
    os.replace(unfinished, path)
