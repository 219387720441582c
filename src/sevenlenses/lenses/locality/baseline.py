"""What it is worth to know the values and nothing else."""

from __future__ import annotations

from ...runtime import generator
from ...tasks.moments import Moments
from ...tasks.recall import Recall


def unbound(pairs: int) -> float:
    """The score of knowing which values were seen, and not which one is wanted."""
    return Recall(pairs, keys=pairs, values=Moments().values).unbound(generator(0, "unbound"))
