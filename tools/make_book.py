"""Build the book: `jupyter-book build . -W --keep-going -n`, with what its cache does not see.

The cache of executed chapters is keyed by a chapter's text alone. So a change in what chapters import or read wipes
everything; a change in the chapters re-executes only them; and a build with nothing changed does nothing at all.
"""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from filelock import FileLock

from execute import execute
from notebooks import pages_of_book

ROOT = Path(__file__).resolve().parent.parent
EXECUTED = ("src", "records", "requirements.txt", "requirements.lock", "_config.yml", "book/_ext")
PAGES = ("book", "_toc.yml", "tools/make_book.py")
STAMP = "_build/stamp.json"


def fingerprint(root: Path, places: Iterable[str]) -> str:
    """A hash over the names and contents of the files at `places`."""
    digest = hashlib.sha256()
    for place in places:
        found = root / place
        files = [found] if found.is_file() else sorted(found.rglob("*"))
        for file in files:
            if file.is_file() and "__pycache__" not in file.parts and not file.name.startswith("."):
                digest.update(f"{file.relative_to(root).as_posix()}\0".encode())
                digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def prepare(root: Path = ROOT) -> str | None:
    """Clear away what is stale under `_build`. Returns the stamp of the build to make, or None when there is none.

    Until that build has succeeded and wrote its stamp, the one on disk lacks the pages, so that a build that failed
    or was cut short is never taken as done.
    """
    on_disk, pages = root / STAMP, root / "_build/html"
    want = {"executed": fingerprint(root, EXECUTED), "pages": fingerprint(root, PAGES)}
    have = json.loads(on_disk.read_text()) if on_disk.exists() else {}
    if want == have and (pages / "index.html").exists():
        return None
    shutil.rmtree(pages if want["executed"] == have.get("executed") else root / "_build", ignore_errors=True)
    on_disk.parent.mkdir(exist_ok=True)
    on_disk.write_text(json.dumps(want | {"pages": None}))
    return json.dumps(want)


def make_book() -> Path:
    """Build what is stale and return the folder of the pages."""
    with FileLock(ROOT / ".book.lock"):
        if stamp := prepare():
            execute(pages_of_book(ROOT), ROOT / "_build/.jupyter_cache")
            # --all: a page that did not change can still show a title, a link or a warning of one that did.
            jupyter_book = Path(sys.executable).with_name("jupyter-book")
            subprocess.run([jupyter_book, "build", ".", "--all", "-W", "--keep-going", "-n"], cwd=ROOT, check=True)
            (ROOT / STAMP).write_text(stamp)
    return ROOT / "_build/html"


if __name__ == "__main__":
    try:
        print(f"The book is in {make_book().relative_to(ROOT)}.")
    except subprocess.CalledProcessError as error:
        sys.exit(f"The book was not built (jupyter-book ended with {error.returncode}); the reasons are above.")
