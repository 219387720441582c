"""Recorded runs: one line of JSON a run, one file an experiment.

What a line records stands in it: the knobs, the seed, the experiment's `version`, and its `words`, such as the size of
the model and the learning rate that was chosen. A line whose version or words are not those asked for is stale, and a
stale record is refused, never shown. The code's hash is no part of that: whether changed code still gives these numbers
is measured, by `make verify`, and an author who has changed them on purpose raises the version.

A line is appended and synced before it counts. What a killed recorder left half-written has no line end, and is dropped
by the next. The recorder sorts a file when it is done, so that diffs are readable and branches merge line by line.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from .files import write_whole
from .lens import Experiment, Result, Value


class RecordError(LookupError):
    """A record is missing, broken or stale; the message says which and what to do."""


class Missing(RecordError):
    """There is no record at these settings."""


@dataclass(frozen=True)
class Line:
    """One recorded run, as its line has it.

    Attributes:
        key: the knobs that are not at their default, and the seed: what the file is sorted by.
        version, words: what the run was, beside its knobs: those of the experiment when it was recorded.
        code: a hash of the code that made it (`record.evidence`), for the record's history alone.
        result: the result's fields, all knobs among them.
    """

    key: str
    version: int
    words: list[str]
    code: str
    result: dict

    def to_json(self) -> str:
        return json.dumps(vars(self), separators=(",", ":"), ensure_ascii=False) + "\n"


def home() -> Path:
    """The folder of records: the repository's own, or the copy inside an installed package."""
    inside = Path(__file__).parent / "_records"
    return inside if inside.exists() else Path(__file__).parents[2] / "records"


def file_of(experiment: Experiment) -> Path:
    """Where the experiment's records lie."""
    return home() / f"{experiment.name}.jsonl"


def key_of(experiment: Experiment, settings: Mapping[str, Value], seed: int) -> str:
    """A run's name within its experiment: "length=64,variant=rnn,seed=3". A knob at its default is left out, so that
    a new knob leaves older records their names."""
    said = {name: value for name, value in settings.items() if value != experiment.knobs[name].default}
    words = [f"{name}={value:g}" if isinstance(value, float) else f"{name}={value}" for name, value in said.items()]
    return ",".join([*sorted(words), f"seed={seed}"])


def save(experiment: Experiment, settings: Mapping[str, Value], seed: int, result: Result, code: str = "") -> None:
    """Append one seed's result, and return when it is on the disk.

    Raises:
        OSError: it could not be written; the file is as it was.
    """
    words = experiment.words(settings)
    plain = result.plain() | {"knobs": dict(settings), "seeds": [seed]}
    line = Line(key_of(experiment, settings, seed), experiment.version, words, code, plain)
    append(file_of(experiment), [line])


def append(path: Path, lines: Iterable[Line]) -> None:
    """Write lines at the end of a file, whole or not at all, after what is whole there.

    Raises:
        OSError: they could not be written; the file is as it was.
    """
    new = "".join(line.to_json() for line in lines).encode()
    with writing(path.parent), path.open("ab+", buffering=0) as file:
        file.seek(0)
        there = file.read()
        whole = there.rfind(b"\n") + 1
        if _parsed(there[whole:]) is not None:  # whole, but for the line end that an editor took
            whole, new = len(there), b"\n" + new
        file.truncate(whole)
        try:
            while new:
                new = new[file.write(new) :]
            os.fsync(file.fileno())
        except BaseException:
            file.truncate(whole)
            raise


def sort(experiment: Experiment, keep: Container[str] | None = None) -> None:
    """Write the experiment's file anew, sorted, with each run once and no broken line; whatever happens meanwhile, the
    old file is there or the new one. With `keep`, only the runs of these keys stay."""
    path = file_of(experiment)
    if not path.exists():
        return
    with writing(path.parent):
        for left in path.parent.glob(f".{path.name}.*.part"):  # by one that was killed: nobody else writes now
            left.unlink()
        kept = sorted((line for line in lines(experiment).values() if keep is None or line.key in keep), key=_place)
        write_whole(path, "".join(line.to_json() for line in kept))


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Only one process at a time writes records into a folder."""
    from filelock import FileLock  # PyTorch brings it; only who writes needs it

    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".lock"):
        yield


def load_one(experiment: Experiment, settings: Mapping[str, Value], seed: int) -> Result:
    """One seed's result.

    Raises:
        RecordError: there is none, it is broken or stale.
    """
    key, path = key_of(experiment, settings, seed), file_of(experiment)
    found, broken = _index(experiment, path, _stamp(path))
    line = found.get(_identity(settings, seed))
    if line is None and broken:
        raise RecordError(
            f"there is no record {key} of {experiment.name}, but line {broken[0]} of {path.name} is broken; "
            "delete that line and run `make record`."
        )
    if line is None and settings.keys() != experiment.knobs.keys():
        raise ValueError(
            f"settings of {experiment.name} must name its knobs, {', '.join(experiment.knobs)}; got "
            f"{', '.join(settings)}. Make them by its settings(...), which fills in defaults."
        )
    if line is None:
        raise Missing(f"no recorded run {key} of {experiment.name}; run `make record`.")
    now = experiment.version, experiment.words(settings)
    if (line.version, line.words) != now:
        raise RecordError(
            f"the record {key} of {experiment.name} is stale: it is {_said(line.version, line.words)}, "
            f"and the experiment is at {_said(*now)}; run `make record`."
        )
    try:
        return experiment.result.from_plain({**line.result, "knobs": dict(settings)})
    except (ValueError, KeyError, TypeError) as error:
        raise RecordError(
            f"the record {key} of {experiment.name} is broken ({error}); delete its line and run `make record`."
        ) from error


def load(experiment: Experiment, settings: Mapping[str, Value], seeds: Iterable[int] | None = None) -> Result:
    """The results of all the experiment's seeds at these settings, or of the `seeds` given, joined into one."""
    if experiment.gather is not None:
        return experiment.gather(load, settings)
    return experiment.result.join([load_one(experiment, settings, seed) for seed in seeds or experiment.seeds])


def lines(experiment: Experiment, folder: Path | None = None) -> dict[tuple, Line]:
    """Every run in the experiment's file here, or in another folder, by all its knobs and its seed."""
    path = (folder or home()) / file_of(experiment).name
    return _index(experiment, path, _stamp(path))[0]


def _said(version: int, words: list[str]) -> str:
    return ", ".join([f"version {version}", *words])


def _identity(settings: Mapping[str, Value], seed: int) -> tuple:
    return (*sorted(settings.items()), seed)


def _place(line: Line) -> list:
    """Where a line stands in a sorted file: numbers by their size, so that 16 comes before 128."""
    parts = enumerate(re.split(r"(\d+(?:\.\d+)?)", line.key))
    return [(float(part), "") if n % 2 else (0.0, part) for n, part in parts]


def _stamp(path: Path) -> tuple[int, int]:
    """What changes when the file does."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=128)
def _index(experiment: Experiment, path: Path, stamp: tuple[int, int]) -> tuple[dict[tuple, Line], list[int]]:
    """The runs in a file by all knobs and the seed, and the numbers of its broken lines.

    A knob that a line does not know has come since, and its default is what was done before. Of a run that stands in
    several lines, as two branches can leave it, the newest version counts, and of these the last.
    """
    usual = {name: knob.default for name, knob in experiment.knobs.items()}
    found: dict[tuple, Line] = {}
    broken: list[int] = []
    texts = path.read_bytes().split(b"\n") if path.exists() else []
    for number, text in enumerate(texts, 1):
        line = _parsed(text)
        if line is not None:
            run = _identity(usual | line.result["knobs"], line.result["seeds"][0])
            if run not in found or found[run].version <= line.version:
                found[run] = line
        elif text and number < len(texts):  # what has no line end was cut short, and does not count
            broken.append(number)
    return found, broken


def _parsed(text: bytes) -> Line | None:
    try:
        line = Line(**json.loads(text))
        return line if isinstance(line.result["knobs"], dict) and len(line.result["seeds"]) == 1 else None
    except (ValueError, TypeError, KeyError):
        return None
