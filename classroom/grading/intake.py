"""What was handed in: an archive of Canvas or Moodle, or a folder, as submissions; nothing of it is unpacked to disk.

Canvas names files `doejane_LATE_1234_5678_gradient-1.ipynb`, Moodle folders `Jane Doe_1234_assignsubmission_file_`. In
a folder each student has a folder or a file. Names in an archive, its sizes and its links are believed in nothing.
"""

from __future__ import annotations

import io
import re
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

MOST = 20 * 2**20  # bytes of one file: a notebook with large pictures has five million
ALL = 2 * 2**30  # bytes of all
MEMBERS = 20_000
CANVAS = re.compile(r"(?P<name>[^_/]+)_(?:LATE_)?(?P<id>\d+)_(?P<turn>\d+)_(?P<file>.+)")
MOODLE = re.compile(r"(?P<name>[^/]+?)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)_?")
AGAIN = re.compile(r"-(\d+)(?=\.ipynb$)")  # Canvas: handed in once more


class BadIntake(ValueError):
    """What should hold submissions cannot be read; the message says what it should be."""


@dataclass
class Submission:
    """What one student handed in.

    id: the system's number of the student; in a folder, the name.
    files: notebooks by their names, the last handed in last.
    look: what a person must look at, and why.
    """

    id: str
    name: str
    files: dict[str, bytes] = field(default_factory=dict)
    look: list[str] = field(default_factory=list)


def submissions(path: Path) -> tuple[str, list[Submission]]:
    """Which system it came from (canvas, moodle or folder), and what it holds, by student.

    Raises:
        BadIntake: there is no such file, or it holds no submissions.
    """
    found: dict[str, Submission] = {}
    kinds: set[str] = set()
    turns: dict[tuple[str, str], int] = {}  # Canvas numbers what is handed in
    for name, content, why in members_of(path):
        kind, who, called, file = whose(name)
        kinds.add(kind)
        one = found.setdefault(who, Submission(who, called))
        for remark in [why] if why else unpacked(one, file, content) if file else []:
            one.look.append(f"{file}: {remark}")
        turn = int(CANVAS.fullmatch(name)["turn"]) if kind == "canvas" else 0
        turns |= {(who, held): turn for held in one.files if (who, held) not in turns}
    if not found:
        raise BadIntake(f"{path} holds no files of students. Download all submissions of the assignment again.")
    for one in found.values():
        one.files = dict(sorted(one.files.items(), key=lambda item: (turns[one.id, item[0]], order(item[0]))))
        if not one.files:
            one.look.append("no notebook was handed in")
        elif len(one.files) > 1:
            one.look.append(
                f"several notebooks were handed in: {', '.join(one.files)}; where two answer the same, the last counts"
            )
    kind = next((kind for kind in ("canvas", "moodle") if kind in kinds), "folder")
    return kind, sorted(found.values(), key=lambda one: (one.name, one.id))


Member = tuple[str, bytes, str]  # name, content, why it was not read


def members_of(path: Path) -> Iterator[Member]:
    """Every file that was handed in; a student's folder that is empty comes as its name and a slash.

    Raises:
        BadIntake: there is neither a folder nor an archive.
    """
    rule = "IN must be a folder, or an archive of Canvas or Moodle"
    if path.is_dir():
        return in_folder(path)
    try:
        return in_archive(zipfile.ZipFile(path))
    except FileNotFoundError:
        raise BadIntake(f"{rule}; there is no {path}.") from None
    except (zipfile.BadZipFile, OSError) as error:
        raise BadIntake(f"{rule}; {path} is no zip ({error}).") from error


def in_folder(path: Path) -> Iterator[Member]:
    """Every file below the folder; links are not followed."""
    yield from ((f"{one.name}/", b"", "") for one in sorted(path.iterdir()) if one.is_dir() and not one.is_symlink())
    for file in sorted(path.rglob("*")):
        name = file.relative_to(path).as_posix()
        if any(part.startswith(".") for part in PurePosixPath(name).parts) or (file.is_dir() and not file.is_symlink()):
            continue
        if file.is_symlink():
            yield name, b"", "it is a link, which is not followed"
        elif file.stat().st_size > MOST:
            yield name, b"", f"it is larger than {MOST // 2**20} MB"
        else:
            yield name, file.read_bytes(), ""


def in_archive(archive: zipfile.ZipFile) -> Iterator[Member]:
    """Every file of the archive, read no further than the limits, whatever its header says."""
    left = ALL
    for number, member in enumerate(archive.infolist()):
        name = member.filename.replace("\\", "/")
        if member.is_dir() or PurePosixPath(name).name.startswith(".") or name.startswith("__MACOSX/"):
            continue
        if number >= MEMBERS:
            yield name, b"", f"the archive holds more than {MEMBERS:,} files; what comes after is not read"
            return
        if stat.S_ISLNK(member.external_attr >> 16):
            yield name, b"", "it is a link, which is not followed"
        elif name.startswith("/") or ".." in PurePosixPath(name).parts:
            yield PurePosixPath(name).name, b"", "its name points out of the archive"
        else:
            try:
                with archive.open(member) as file:
                    content = file.read(min(MOST, left) + 1)
            except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError, ValueError) as error:
                yield name, b"", f"it cannot be read ({error})"
                continue
            left -= len(content)
            if len(content) > MOST or left < 0:
                yield name, b"", f"it is larger than {MOST // 2**20} MB"
                left = max(left, 0)
            else:
                yield name, content, ""


def whose(name: str) -> tuple[str, str, str, str]:
    """Of a file's name: the system, the student's id and name, and the name of the file itself."""
    parts = (*PurePosixPath(name).parts, *([""] if name.endswith("/") else []))
    for n, part in enumerate(parts):
        if found := MOODLE.fullmatch(part):
            return "moodle", found["id"], found["name"], "/".join(parts[n + 1 :])
    if len(parts) == 1 and (found := CANVAS.fullmatch(parts[0])):
        return "canvas", found["id"], found["name"], found["file"]
    if len(parts) > 1:
        return "folder", parts[0], parts[0], "/".join(parts[1:])
    return "folder", Path(name).stem, Path(name).stem, name


def unpacked(one: Submission, name: str, content: bytes) -> list[str]:
    """Add a file to the submission, or those of an archive that a student handed in. Returns what is to be said."""
    if name.lower().endswith(".ipynb"):
        one.files[name] = content
        return []
    if name.lower().endswith(".zip"):
        try:
            inner = list(in_archive(zipfile.ZipFile(io.BytesIO(content))))
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            return [f"it is an archive that cannot be read ({error})"]
        said = [f"{file}: {why}" for file, _, why in inner if why]
        one.files |= {file: text for file, text, why in inner if not why and file.lower().endswith(".ipynb")}
        return [*said, "it is an archive; the notebooks in it were read"]
    return ["it is not a notebook, and was not read"]


def order(name: str) -> tuple[str, int]:
    """Notebooks that were handed in again come after those before."""
    again = AGAIN.search(name)
    return AGAIN.sub("", name), int(again[1]) if again else 0
