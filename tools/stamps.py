"""What tools remember between two runs, and how two runs at once keep out of each other's way.

A stamp is written last and whole. One that cannot be read says nothing, so that its work is done again. Standard
library only: set-up needs it before anything is installed.
"""

import errno
import hashlib
import json
import os
import runpy
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("book", "records", "src", "tests", "tools")  # what people write; the rest of a checkout is made from it
write_whole = runpy.run_path(str(ROOT / "src/sevenlenses/files.py"))["write_whole"]  # there is no package yet


def known(stamp: Path) -> dict:
    """What `stamp` holds; nothing where it is missing, empty, cut short or no JSON object."""
    try:
        found = json.loads(stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def remember(stamp: Path, what: dict) -> None:
    write_whole(stamp, json.dumps(what, indent=1, sort_keys=True) + "\n")


def in_words(error: OSError) -> str:
    """What to tell somebody whose command could not read or write here."""
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        remedy = "There is something to do here, and this checkout is not yours to change: clone it into a folder of "
        remedy += "your own, or let its owner run the same command."
    else:
        remedy = "Mend that and run the same command again; what was done so far is kept or done anew."
    return f"{error.filename or 'A file'}: {error.strerror or error}. {remedy}"


def snapshot(root: Path) -> dict[str, str]:
    """A hash of each file of the checkout and of each folder's names, by their paths from `root` on.

    What comes and goes by itself (caches, what is half written) does not count, and what is generated is left out.
    """
    found = [path for path in root.iterdir() if path.is_file() or path.name in FOLDERS]
    found += [path for folder in FOLDERS for path in (root / folder).rglob("*") if path.is_file() or path.is_dir()]
    names = {path.relative_to(root): path for path in sorted(found)}
    return {name.as_posix(): _digest(path) for name, path in names.items() if all(map(_counts, name.parts))}


def fingerprint(state: Mapping[str, str], places: Iterable[str]) -> str:
    """One hash for all that a snapshot knows of some files and folders."""
    asked = tuple(places)
    inside = {name: held for name, held in state.items() if name.startswith(tuple(f"{place}/" for place in asked))}
    return hashlib.sha256(json.dumps([inside, [state.get(place) for place in asked]]).encode()).hexdigest()


def _digest(path: Path) -> str:
    names = sorted(filter(_counts, os.listdir(path))) if path.is_dir() else None
    return hashlib.sha256(path.read_bytes() if names is None else "\0".join(names).encode()).hexdigest()


def _counts(name: str) -> bool:
    return name != "__pycache__" and not name.startswith(".") and not name.endswith((".pyc", ".part"))


@contextmanager
def alone(lock: Path, waiting: str) -> Iterator[bool]:
    """Hold `lock` while the block runs, saying `waiting` when another process has it. Gives whether we had to wait.

    The system lets go of it when its holder ends, however that ends.
    """
    with lock.open("a") as held:
        waited = not _lock(held, wait=False)
        if waited:
            print(waiting, flush=True)
            while not _lock(held, wait=True):
                pass
        yield waited


if sys.platform == "win32":
    import msvcrt

    def _lock(file, wait: bool) -> bool:
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)  # LK_LOCK tries ten seconds
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(file, wait: bool) -> bool:
        try:
            # lockf, not flock: that one would be held on by children that outlive a killed build.
            fcntl.lockf(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            return False
        return True
