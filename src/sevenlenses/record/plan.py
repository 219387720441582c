"""What there is to record: the grid, the state of each of its runs, their order, and the shards."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

from .. import records
from ..lens import Experiment, Value
from ..lenses.rates import untold

STATES = ("done", "missing", "stale", "waiting")


class Job(NamedTuple):
    """One run of the grid."""

    name: str
    settings: dict[str, Value]
    seed: int


@dataclass(frozen=True)
class Shard:
    """Part `index` of `count`, from 1: the runs whose rank leaves `index` - 1 when divided by `count`."""

    index: int
    count: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """The shard that "2/3" names.

        Raises:
            ValueError: it names none; the message has the rule, the value and the remedy.
        """
        words = text.split("/")
        index, count = (int(word) if word.isdecimal() else 0 for word in (words if len(words) == 2 else "??"))
        if not 1 <= index <= count:
            raise ValueError(f"a shard is i/n with i from 1 to n; got {text!r}. Try 1/{max(count, 2)}.")
        return cls(index, count)

    def holds(self, rank: int) -> bool:
        """Whether a run of this rank is in this shard. What is recorded already plays no part."""
        return rank % self.count == self.index - 1


def label(experiment: Experiment, settings: Mapping[str, Value], seed: int) -> str:
    """The run's name, the same on every machine."""
    return f"{experiment.name}/{records.key_of(experiment, settings, seed)}"


def rank(name: str) -> int:
    """A run's place in the order, a hash of its label: slow runs are spread evenly over time and over the shards."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8])


def waits_for(experiment: Experiment, settings: Mapping[str, Value]) -> str:
    """What is wrong, if anything, with the records that decide what a run at these settings is."""
    try:
        experiment.words(settings)
    except records.RecordError as error:
        return str(error)
    return ""


def state(experiment: Experiment, settings: Mapping[str, Value], seed: int) -> str:
    """One of STATES; a broken record counts as stale."""
    if waits_for(experiment, settings):
        return "waiting"
    try:
        records.load_one(experiment, settings, seed)
    except records.Missing:
        return "missing"
    except records.RecordError:
        return "stale"
    return "done"


def survey(experiments: Iterable[Experiment], shard: Shard) -> dict[str, list[Job]]:
    """The runs of a shard by their state, in order of rank."""
    found = {word: [] for word in STATES}
    for experiment in experiments:
        for settings, seed in experiment.grid():
            place = rank(label(experiment, settings, seed))
            if shard.holds(place):
                found[state(experiment, settings, seed)].append((place, Job(experiment.name, settings, seed)))
    return {word: [job for _, job in sorted(placed, key=itemgetter(0))] for word, placed in found.items()}


def missing(experiment: Experiment) -> list[Job]:
    """Every run of the grid without a valid record."""
    return [
        Job(experiment.name, settings, seed)
        for settings, seed in experiment.grid()
        if state(experiment, settings, seed) != "done"
    ]


def without_choice(experiment: Experiment) -> str:
    """At which settings the trials chose no learning rate, in words, or ""."""
    names = [records.key_of(experiment, at, 0).rpartition("seed=")[0].rstrip(",") for at in untold(experiment)]
    if not names:
        return ""
    return (
        f"no learning rate did better than the others at {len(names)} of the settings tried, so the trials chose none "
        f"there: {'; '.join(name or 'the defaults' for name in names)}"
    )
