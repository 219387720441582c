"""Make the records that are missing: `python -m sevenlenses.record [experiment ...]`."""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed

import torch

from . import records
from .lens import Experiment, Value
from .lenses import EXPERIMENTS

Job = tuple[str, dict[str, Value], int]


def missing(experiment: Experiment) -> list[Job]:
    """Every (experiment, settings, seed) of the grid without a valid record."""
    jobs = []
    for values in itertools.product(*(knob.stops for knob in experiment.knobs.values())):
        settings = dict(zip(experiment.knobs, values, strict=True))
        for seed in experiment.seeds:
            try:
                records.load_one(experiment, settings, seed)
            except records.RecordError:
                jobs.append((experiment.name, settings, seed))
    return jobs


def do(job: Job) -> str:
    """Run one job and save it; returns the file's name."""
    name, settings, seed = job
    torch.set_num_threads(1)
    experiment = EXPERIMENTS[name]
    result = experiment.measure(seeds=(seed,), device="cpu", **settings)
    return records.save(experiment, settings, seed, result).name


def main(argv: list[str] | None = None) -> int:
    """Run what is missing, on all cores; killed and started again, it goes on where it was."""
    grids = {name: e for name, e in EXPERIMENTS.items() if e.recorded and e.gather is None}
    parser = argparse.ArgumentParser(prog="python -m sevenlenses.record", description=__doc__)
    parser.add_argument(
        "experiments", nargs="*", metavar="experiment", help=f"one of {', '.join(grids)}; all by default"
    )
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes, one core each")
    options = parser.parse_args(argv)
    for name in options.experiments:
        if name not in grids:
            parser.error(f"{name!r} is not a recorded experiment; choose from {', '.join(grids)}")
    jobs = [job for name in options.experiments or grids for job in missing(grids[name])]
    print(f"{len(jobs)} runs to record", flush=True)
    start = time.monotonic()
    with ProcessPoolExecutor(options.workers) as pool:
        for n, future in enumerate(as_completed([pool.submit(do, job) for job in jobs]), 1):
            left = (time.monotonic() - start) / n * (len(jobs) - n)
            print(f"{n}/{len(jobs)}  about {left / 60:.0f} min left  {future.result()}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
