"""Execute the chapters side by side into the cache that the book's build reads.

The build itself executes one chapter after the other. A chapter that fails here is left to it: its report is the better
one.
"""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.cache.main import JupyterCacheBase
from jupyter_cache.executors.utils import single_nb_execution
from myst_nb.core.read import read_myst_markdown_notebook
from nbformat import NotebookNode

MOST = 4  # kernels at once: each takes up to half a gigabyte
TIMEOUT = 600  # seconds a cell


def execute(chapters: list[Path], cache: Path) -> None:
    """Execute those of `chapters` (MyST notebooks) that `cache` does not hold yet."""
    store = get_cache(cache)
    waiting = [(chapter, notebook) for chapter in chapters if (notebook := _notebook(chapter, store)) is not None]
    with ProcessPoolExecutor(min(MOST, os.cpu_count() or 1), initializer=_as_a_page) as pool:
        runs = [(chapter, pool.submit(_run, chapter, notebook)) for chapter, notebook in waiting]
        for chapter, run in runs:
            notebook, seconds = run.result()
            if notebook is not None:
                data = {"execution_seconds": seconds}
                store.cache_notebook_bundle(
                    CacheBundleIn(notebook, str(chapter), data=data), check_validity=False, overwrite=True
                )


def _as_a_page() -> None:
    """What kernels inherit: the page's face, and no place for their remarks about transports."""
    os.environ["SEVENLENSES_FACE"] = "page"
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def _notebook(chapter: Path, store: JupyterCacheBase) -> NotebookNode | None:
    """The chapter as the build reads it; None when there is nothing to execute."""
    text = chapter.read_text(encoding="utf-8")
    if "kernelspec:" not in text:
        return None
    notebook = read_myst_markdown_notebook(text, path=chapter)
    try:
        store.match_cache_notebook(notebook)
    except KeyError:
        return notebook
    return None


def _run(chapter: Path, notebook: NotebookNode) -> tuple[NotebookNode | None, float]:
    """The executed notebook, or None where a cell failed, and the seconds that it took."""
    result = single_nb_execution(notebook, cwd=str(chapter.parent), timeout=TIMEOUT, allow_errors=False)
    return (None if result.err else result.nb), result.time
