"""Build the book: `jupyter-book build . -W --keep-going -n`, and before that execute what has to be executed.

A build with nothing changed does nothing at all. Any change makes all pages anew, which takes seconds; which chapters
are executed again, which takes minutes, execute.py decides.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from stamps import ROOT, alone, fingerprint, in_words, known, remember, snapshot

TOOLS = ("tools/make_book.py", "tools/execute.py", "tools/watch_reads.py", "tools/stamps.py")
PLACES = ("book", "src", "records", "_config.yml", "_toc.yml", "requirements.txt", "requirements.lock", *TOOLS)
STAMP = "_build/stamp.json"


def is_built(root: Path, state: dict[str, str]) -> bool:
    """Whether the pages are those that `state`, a snapshot of `root`, gives."""
    pages = root / "_build/html/index.html"
    return known(root / STAMP) == {"pages": fingerprint(state, PLACES)} and pages.exists()


def make_book(root: Path = ROOT) -> Path:
    """Build what is stale and return the folder of the pages."""
    pages = root / "_build/html"
    if is_built(root, snapshot(root)):
        return pages  # before anything is opened for writing: the checkout may be somebody else's
    with alone(root / ".book.lock", "Another command is building the book; waiting for it."):
        state = snapshot(root)
        if not is_built(root, state):
            build(root, state)
    return pages


def build(root: Path, state: dict[str, str]) -> None:
    """Make the pages. The stamp goes first and comes last: a build that was cut short never counts as done."""
    from execute import execute  # late: they bring much that a build with nothing to do can go without
    from notebooks import pages_of_book

    (root / STAMP).unlink(missing_ok=True)
    shutil.rmtree(root / "_build/html", ignore_errors=True)
    execute(pages_of_book(root), root / "_build/.jupyter_cache", root, state)
    # --all: a page that did not change can still show a title, a link or a warning of one that did.
    jupyter_book = Path(sys.executable).with_name("jupyter-book")
    subprocess.run([jupyter_book, "build", ".", "--all", "-W", "--keep-going", "-n"], cwd=root, check=True)
    remember(root / STAMP, {"pages": fingerprint(state, PLACES)})


if __name__ == "__main__":
    try:
        print(f"The book is in {make_book().relative_to(ROOT)}.")
    except subprocess.CalledProcessError as error:
        sys.exit(f"The book was not built (jupyter-book ended with {error.returncode}); the reasons are above.")
    except OSError as error:
        sys.exit(in_words(error))
