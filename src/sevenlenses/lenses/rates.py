"""The learning rate of each model, chosen by trials on seeds that no picture shows; or not, where none learns."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from .. import records
from ..lens import Experiment, Knob, Value

RATES = (0.001, 0.003, 0.01, 0.03)
SEEDS = (100, 101, 102)
TIE = 0.01  # what two means of three trials may differ by and be equal
ALIKE = 0.05  # and within which all of them say nothing about the rate, unless they have
LEARNED = 0.9  # reached this

RATE = Knob("Learning rate", "chosen", ("chosen",), more=RATES, names={"chosen": "chosen on other seeds"})


def trials(experiment: Experiment, **fixed: Value) -> Iterator[tuple[dict[str, Value], tuple[int, ...]]]:
    """Every learning rate at every stop of the experiment's knobs, those in `fixed` held."""
    for settings in experiment.stops():
        if all(settings[name] == value for name, value in fixed.items()):
            yield from (({**settings, "rate": rate}, SEEDS) for rate in RATES)


def down_from(wanted: float, stops: Sequence[float]) -> list[float]:
    """The stop nearest to what is wanted, by ratio, and those below it, from the greatest down."""
    nearest = min(stops, key=lambda stop: abs(math.log(stop / wanted)))
    return sorted((stop for stop in stops if stop <= nearest), reverse=True)


def rate_of(experiment: Experiment, settings: Mapping[str, Value], *easier: Mapping[str, Value]) -> float:
    """The learning rate that `settings` ask for; knobs that they leave out are at their defaults.

    "chosen" is what the trials at these settings chose. Where those end alike whatever the rate, they choose nothing:
    then it is what the trials at the first of the `easier` settings chose at which something was learned. Where none
    was, every rate has failed even there, and any stands for them: see `choice_of`.

    Raises:
        records.Missing: the trials are not recorded yet.
    """
    if settings["rate"] != "chosen":
        return float(settings["rate"])
    for one in (settings, *easier):
        choice = choice_of(experiment, one)
        if choice.told:
            return choice.rate
    return choice_of(experiment, settings).rate


@dataclass(frozen=True)
class Choice:
    """A rate, and whether the trials told it from the others."""

    rate: float
    told: bool


def choice_of(experiment: Experiment, settings: Mapping[str, Value]) -> Choice:
    """What the trials at these settings chose.

    Of the rates whose mean accuracy is within `TIE` of the highest, the one that took the fewest steps: smaller
    differences are chance, and the quicker one bears harder settings better. Trials that all lie within `ALIKE`, below
    `LEARNED`, are on a floor, and tell nothing.
    """
    return _chosen(experiment, tuple(experiment.settings(**settings).items()))


@lru_cache(maxsize=2048)
def _chosen(experiment: Experiment, settings: tuple[tuple[str, Value], ...]) -> Choice:
    runs = {rate: records.load(experiment, {**dict(settings), "rate": rate}, SEEDS) for rate in RATES}
    means = [run.final.mean() for run in runs.values()]
    equals = [rate for rate, mean in zip(RATES, means, strict=True) if mean >= max(means) - TIE]
    rate = min(equals, key=lambda rate: (runs[rate].used.mean(), -runs[rate].final.mean()))
    return Choice(rate, told=bool(max(means) >= LEARNED or max(means) - min(means) >= ALIKE))


def untold(experiment: Experiment) -> list[dict[str, Value]]:
    """The settings of an experiment whose trials, as far as they are recorded, choose nothing."""
    found = []
    for at, seeds in experiment.trials():
        settings = {**at, "rate": "chosen"}
        with suppress(records.RecordError):
            if seeds == SEEDS and settings not in found and not choice_of(experiment, settings).told:
                found.append(settings)
    return found
