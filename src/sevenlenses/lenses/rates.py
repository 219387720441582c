"""The learning rate of each model, chosen by trials on seeds that no picture shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from .. import records
from ..lens import Experiment, Knob, Value

RATES = (0.001, 0.003, 0.01, 0.03)
SEEDS = (100, 101, 102)
TIE = 0.01

RATE = Knob("Learning rate", "chosen", ("chosen",), more=RATES, names={"chosen": "chosen on other seeds"})


def trials(experiment: Experiment, **fixed: Value) -> Iterator[tuple[dict[str, Value], tuple[int, ...]]]:
    """Every learning rate at every stop of the experiment's knobs, those in `fixed` held."""
    for settings in experiment.stops():
        if all(settings[name] == value for name, value in fixed.items()):
            yield from (({**settings, "rate": rate}, SEEDS) for rate in RATES)


def rate_of(experiment: Experiment, settings: Mapping[str, Value]) -> float:
    """The learning rate that `settings` ask for; knobs that they leave out are at their defaults.

    "chosen" is, of those whose mean accuracy in the trials at these settings is within `TIE` of the highest, the one
    that took the fewest steps: smaller differences are chance, and the quicker one bears harder settings better.

    Raises:
        records.Missing: the trials are not recorded yet.
    """
    if settings["rate"] != "chosen":
        return float(settings["rate"])
    return _chosen(experiment, tuple(experiment.settings(**settings).items()))


@lru_cache(maxsize=512)
def _chosen(experiment: Experiment, settings: tuple[tuple[str, Value], ...]) -> float:
    runs = {rate: records.load(experiment, {**dict(settings), "rate": rate}, SEEDS) for rate in RATES}
    best = max(run.final.mean() for run in runs.values())
    equals = [rate for rate, run in runs.items() if run.final.mean() >= best - TIE]
    return min(equals, key=lambda rate: (runs[rate].used.mean(), -runs[rate].final.mean()))
