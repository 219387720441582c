"""The command line."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from .. import lenses, records
from ..lens import Experiment
from ..runtime import DEVICES, pick_device
from .crews import Cluster, NoCluster, Processes
from .plan import STATES, Shard, survey, waits_for, without_choice
from .recorder import CtrlC, Lost, Recorder
from .work import OtherCode

INTERRUPTED = 130  # the exit code of a program that Ctrl-C ended


def main(argv: list[str] | None = None, course: ModuleType = lenses) -> int:
    """Record what is missing of the course's EXPERIMENTS; killed and started again, it goes on where it was.

    Returns the exit code: 0 when all is recorded, or only other shards can go on; 1 when something is left; 130 after
    Ctrl-C.
    """
    grids = {name: e for name, e in course.EXPERIMENTS.items() if e.recorded and e.gather is None}
    options = parse(argv, grids)
    chosen = {name: grids[name] for name in options.experiments or grids}
    if options.dry_run:
        return show(chosen, options.shard)
    for folder in options.merge:
        merge(chosen, folder)
    if options.prune:
        prune(chosen)
    if options.merge or options.prune:
        return 0
    recorder = Recorder(
        chosen,
        course.__name__,
        device=options.device,
        limit=options.time_limit,
        retries=options.retries,
        shard=options.shard,
    )
    print(f"{len(recorder.queue)} runs to record", flush=True)
    try:
        if recorder.queue:
            with CtrlC() as ctrl_c, hire(options, course) as crew:
                recorder.record(crew, ctrl_c)
        return recorder.close()
    except (OtherCode, Lost) as error:
        sys.exit(f"{error}")
    except KeyboardInterrupt:
        print("\nStopped. What has finished is recorded; run the same command again to go on.", flush=True)
        return INTERRUPTED


def parse(argv: list[str] | None, grids: dict[str, Experiment]) -> argparse.Namespace:
    """The options; what cannot be is said, with exit code 2."""
    parser = argparse.ArgumentParser(
        prog="python -m sevenlenses.record", description="Make the records that are missing."
    )
    add, cores = parser.add_argument, number(int, 1, cores_here())
    add("experiments", nargs="*", metavar="experiment", help=f"one of {', '.join(grids)}; all by default")
    add("--workers", type=cores, default=cores_here(), metavar="N", help="runs at a time, one core each (%(default)s)")
    add("--device", choices=DEVICES, default="cpu", help="(%(default)s)")
    add("--time-limit", type=number(float, 0.1, 600), default=600, metavar="SECONDS", help="for a run (%(default)s)")
    add("--retries", type=number(int, 0, 1), default=1, metavar="N", help="of a run that failed or died (%(default)s)")
    add("--shard", type=shard, default=Shard(1, 1), metavar="i/n", help="record the i-th of n parts of the grid")
    add("--dask", metavar="ADDRESS", help='run on the Dask cluster of this scheduler, or on a "local" one')
    add("--merge", type=folder, nargs="+", default=(), metavar="FOLDER", help="take in the records of shards, and stop")
    add("--prune", action="store_true", help="drop the records that no experiment asks for any more, and stop")
    add("--dry-run", action="store_true", help="count what is done and what is not, and run nothing")
    options = parser.parse_args(argv)
    for name in options.experiments:
        if name not in grids:
            parser.error(f"{name!r} is not a recorded experiment; choose from {', '.join(grids)}")
    try:
        pick_device("auto" if options.dask else options.device)
    except ValueError as error:
        parser.error(str(error))
    return options


def cores_here() -> int:
    """How many cores this process may use; a batch system often allows fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def number(kind: type, low: float, remedy: float) -> Callable[[str], Any]:
    """What argparse makes of a number from `low` up."""

    def parsed(text: str) -> Any:
        try:
            value = kind(text)
            if value >= low:
                return value
        except ValueError:
            pass
        word = "a whole number" if kind is int else "a number"
        raise argparse.ArgumentTypeError(f"must be {word} from {low} up; got {text!r}. Try {remedy}.")

    return parsed


def shard(text: str) -> Shard:
    """What argparse makes of a shard."""
    try:
        return Shard.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def folder(text: str) -> Path:
    """What argparse makes of a folder of records."""
    path = Path(text)
    if not any(path.glob("*.jsonl")):
        raise argparse.ArgumentTypeError(
            f"must be a folder with records, files such as gradient-latch.jsonl; got {text!r}. Try ../shard-2/records."
        )
    return path


def merge(experiments: dict[str, Experiment], folder: Path) -> None:
    """Take in the runs of another folder that are newer than here, or not here at all."""
    for name, experiment in experiments.items():
        here = records.lines(experiment)
        new = [
            line
            for run, line in records.lines(experiment, folder).items()
            if run not in here or here[run].version < line.version
        ]
        if new:
            records.append(records.file_of(experiment), new)
            records.sort(experiment)
            print(f"{name}: {len(new)} runs from {folder}")


def prune(experiments: dict[str, Experiment]) -> None:
    """Drop the runs that are in no grid."""
    for name, experiment in experiments.items():
        before = len(records.lines(experiment))
        records.sort(experiment, {records.key_of(experiment, *run) for run in experiment.grid()})
        print(f"{name}: {before - len(records.lines(experiment))} runs dropped")


def show(experiments: dict[str, Experiment], part: Shard) -> int:
    """Print each grid's counts."""
    for name, experiment in experiments.items():
        found = survey([experiment], part)
        why = waits_for(experiment, found["waiting"][0].settings) if found["waiting"] else ""
        print(f"{name}: {', '.join(f'{len(found[word])} {word}' for word in STATES)}{why and f' ({why})'}")
        if said := without_choice(experiment):
            print(f"    {said}")
    return 0


def hire(options: argparse.Namespace, course: ModuleType) -> Processes | Cluster:
    """The crew that was asked for. Ends the program where there is none, and says what to do."""
    if options.dask is None:
        return Processes(options.workers, options.time_limit, course.__name__)
    try:
        return Cluster(options.dask, options.workers)
    except NoCluster as error:
        sys.exit(str(error))
