"""Execute the chapters side by side into the cache that the book's build reads, and only those that need it.

The cache is keyed by a chapter's own code. What else made its outputs is noted while it runs: every file that its
kernel opened and every folder that it listed, with what they held when the build began. Once one of them has changed
the chapter is executed again. (jupyter-cache's own parallel executor cannot tell one kernel's files from another's.)

The build itself executes one chapter after the other. A chapter that fails here is left to it: its report is the better
one.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.cache.db import NbCacheRecord
from jupyter_cache.cache.main import JupyterCacheBase
from jupyter_cache.executors.utils import single_nb_execution
from myst_nb.core.read import read_myst_markdown_notebook
from nbformat import NotebookNode
from sqlalchemy.exc import SQLAlchemyError

from stamps import FOLDERS, fingerprint

MOST = 4  # kernels at once: each takes up to half a gigabyte
TIMEOUT = 600  # seconds a cell
WATCH = Path(__file__).with_name("watch_reads.py")
ALWAYS = ("requirements.txt", "requirements.lock", "tools/execute.py", "tools/watch_reads.py")
UNSEEN = ".safetensors"  # read by a library that does not go through Python's own files
ANYTHING = "*"  # what another program read that a kernel started
State = Mapping[str, str]  # what the checkout holds: hashes by paths, as stamps.snapshot gives them


def execute(chapters: list[Path], cache: Path, root: Path, state: State) -> list[str]:
    """Execute those of `chapters` (MyST notebooks) whose outputs `cache` lacks or whose files have changed.

    Returns the names of those that were executed.
    """
    state, store = _whole(state), _open(cache)
    notebooks = _notebooks(chapters)
    fresh = {chapter: _fresh(store, notebook, state) for chapter, notebook in notebooks.items()}
    _drop_all_but(store, set(fresh.values()))
    waiting = [chapter for chapter in notebooks if fresh[chapter] is None]
    if not waiting:
        return []
    print(f"Executing {', '.join(chapter.stem for chapter in waiting)}.", flush=True)
    kernels = partial(ProcessPoolExecutor, min(MOST, os.cpu_count() or 1), initializer=_as_a_page)
    with tempfile.TemporaryDirectory() as folder, kernels(initargs=(folder,)) as pool:
        runs = [(chapter, pool.submit(_run, chapter, notebooks[chapter], folder)) for chapter in waiting]
        for chapter, run in runs:
            notebook, seconds, opened = run.result()
            if notebook is not None:
                data = {"execution_seconds": seconds, "read": _read(opened, root, state)}
                bundle = CacheBundleIn(notebook, str(chapter), data=data)
                store.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
    return [chapter.stem for chapter in waiting]


def outdated(chapters: list[Path], cache: Path, state: State) -> list[str]:
    """The names of those that `execute` would execute."""
    state, store = _whole(state), _open(cache)
    return [name.stem for name, notebook in _notebooks(chapters).items() if _fresh(store, notebook, state) is None]


def _whole(state: State) -> State:
    return {**state, "python": platform.python_version(), ANYTHING: fingerprint(state, FOLDERS)}


def _as_a_page(folder: str) -> None:
    """What kernels inherit: the page's face, no profile but ours, and no place for their remarks about transports."""
    startup = Path(folder, "profile_default/startup")
    startup.mkdir(parents=True, exist_ok=True)
    shutil.copy(WATCH, startup)
    os.environ["IPYTHONDIR"] = folder
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # kernels share the cores; NumPy's threads would wait for each other
    os.environ["SEVENLENSES_FACE"] = "page"
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def _open(cache: Path) -> JupyterCacheBase:
    """The cache; a new one where its database cannot be read."""
    try:
        store = get_cache(cache)
        store.list_cache_records()
    except (SQLAlchemyError, RuntimeError):  # the second is what jupyter-cache makes of some of the first
        shutil.rmtree(cache)
        store = get_cache(cache)
    return store


def _notebooks(chapters: list[Path]) -> dict[Path, NotebookNode]:
    """The chapters as the build reads them; not those in which there is nothing to execute."""
    texts = {chapter: chapter.read_text(encoding="utf-8") for chapter in chapters}
    return {
        chapter: read_myst_markdown_notebook(text, path=chapter)
        for chapter, text in texts.items()
        if "kernelspec:" in text
    }


def _fresh(store: JupyterCacheBase, notebook: NotebookNode, state: State) -> int | None:
    """The key of the chapter's outputs; None where there are none, or what they were made from has changed."""
    try:
        record = store.match_cache_notebook(notebook)
        store.get_cache_bundle(record.pk)  # an executed notebook that a kill cut short cannot be read
    except (KeyError, ValueError, OSError):
        return None
    read = (record.data or {}).get("read")
    return record.pk if read and all(state.get(path) == held for path, held in read.items()) else None


def _drop_all_but(store: JupyterCacheBase, kept: set[int | None]) -> None:
    """Outputs that are not dropped here would be shown, should the chapter fail now."""
    for record in store.list_cache_records():
        if record.pk not in kept:
            shutil.rmtree(store.path / "executed" / record.hashkey, ignore_errors=True)
            NbCacheRecord.remove_records([record.pk], store.db)


def _run(chapter: Path, notebook: NotebookNode, folder: str) -> tuple[NotebookNode | None, float, list[str]]:
    """The executed notebook, or None where a cell failed; the seconds that it took; and what its kernel opened."""
    log = Path(folder, f"{chapter.stem}.log")
    log.touch()
    os.environ["SEVENLENSES_READS"] = str(log)
    result = single_nb_execution(notebook, cwd=str(chapter.parent), timeout=TIMEOUT, allow_errors=False)
    opened = os.fsdecode(log.read_bytes()).splitlines()
    return (None if result.err else result.nb), result.time, opened


def _read(opened: list[str], root: Path, state: State) -> dict[str, str | None]:
    """Which of the checkout's files that was, with what they held; None for one that was looked for and not there."""
    root, elsewhere = root.resolve(), Path(sys.prefix).resolve()
    paths = {Path(name).resolve() for name in opened}
    inside = [path for path in paths if path.is_relative_to(root) and not path.is_relative_to(elsewhere)]
    names = {path.relative_to(root).as_posix() for path in inside} | {*ALWAYS, "python", *({ANYTHING} & set(opened))}
    if any("safetensors" in path.parts for path in paths):
        names |= {name for name in state if name.endswith(UNSEEN)}
    return {name: state.get(name) for name in sorted(names)}
