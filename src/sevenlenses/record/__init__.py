"""Makes the records that are missing: `python -m sevenlenses.record [experiment ...]`, or `make record`.

    plan      the grid: what is done, missing, stale or waiting; the order and the shards
    work      one run
    crews     who does the runs: processes on this machine, or a Dask cluster
    recorder  hands runs out and writes what comes back
    command   the command line

Only the recorder's own process writes records, each whole or not at all, as soon as its run has finished. So it can be
killed at any moment, and started again it goes on where it was.
"""

from .command import main
from .plan import missing

__all__ = ["main", "missing"]
