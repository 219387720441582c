"""Results with known numbers in them, for tests of what pictures and sentences say of a result.

Shapes are those of a real result at the default setting; the numbers are made up. In every place the runs have six
values whose mean, median, least and greatest all differ, and in `distinct` no value occurs twice.
"""

import dataclasses
import zlib
from functools import cache

import numpy as np

from sevenlenses import figures, records
from sevenlenses.lens import Experiment, Result

SPREAD = np.array([1.37, 2.63, 1.0, 2.2, 1.13, 3.1])  # of six runs, as multiples of the least
SEEDS = tuple(range(len(SPREAD)))
NUMBERED = {"said"}  # arrays that number names: only their places change
STATISTICS = {"mean": np.mean, "median": np.median, "least": np.min, "greatest": np.max}


def load(experiment: Experiment, settings: dict, seeds=None) -> Result:
    """As `records.load`, from one record each: its numbers are not read."""
    if experiment.gather is not None:
        return experiment.gather(load, settings)
    one, count = records.load(experiment, settings, experiment.seeds[:1]), len(experiment.seeds)
    return dataclasses.replace(
        one, seeds=experiment.seeds, **{name: np.repeat(array, count, 0) for name, array in arrays(one).items()}
    )


@cache
def model_of(experiment: Experiment) -> Result:
    """A result with the right shapes, at the default setting."""
    if experiment.recorded:
        return load(experiment, experiment.settings())
    return experiment.measure(seeds=(0, 1), device="cpu")


def arrays(result: Result) -> dict[str, np.ndarray]:
    return {name: value for name, value in vars(result).items() if isinstance(value, np.ndarray)}


def size(array: np.ndarray) -> float:
    """A power of ten that suits what the array counts: 1 for shares, 1000 for training steps."""
    greatest = np.nanmax(np.abs(array), initial=1e-12)
    return 10.0 ** np.clip(np.round(np.log10(greatest)), 0, 6)


def spread(array: np.ndarray, least: np.ndarray | float, turn) -> np.ndarray:
    """Runs in which every place holds `least` times SPREAD; what holds for all runs at once stays one row."""
    if len(array) == 1:
        made = 1.7 * np.broadcast_to(least, array.shape)
    else:
        array = array[np.zeros(len(SPREAD), int)]
        made = least * SPREAD[turn(array.shape)]
    return np.where(np.isfinite(array), made * size(array), np.nan)


def distinct(experiment: Experiment, take: int = 0, only: str | None = None) -> Result:
    """Every number occurs once. Another `take` has other numbers; with `only`, just this array has them."""
    result = model_of(experiment)

    def fill(name: str, array: np.ndarray) -> np.ndarray:
        again = take if only in (None, name) else 0
        if name in NUMBERED:
            return np.roll(array, again, -1)
        random = np.random.default_rng([again, zlib.crc32(name.encode())])
        least = random.uniform(0.05, 0.31, array.shape[1:])
        return spread(array, least, lambda shape: np.argsort(random.random(shape), 0))

    return filled(result, fill)


def level(experiment: Experiment, raised: str | None = None) -> Result:
    """Every place of an array holds the same six numbers; those of the array `raised` are 1.37 times as large."""

    def fill(name: str, array: np.ndarray) -> np.ndarray:
        if name in NUMBERED:
            return array
        least = 0.137 if name == raised else 0.1
        return spread(array, least, lambda shape: np.arange(len(SPREAD)).reshape(-1, *[1] * (len(shape) - 1)))

    return filled(model_of(experiment), fill)


def filled(result: Result, fill) -> Result:
    made = {name: fill(name, array) for name, array in arrays(result).items()}
    return dataclasses.replace(result, seeds=SEEDS, **made)


def drawn(experiment: Experiment, result: Result, own: Result | None = None) -> list:
    """The axes of its picture: Matplotlib's own objects, without an SVG."""
    with figures.canvas(experiment.panels, experiment.height) as axes:
        experiment.draw(result, axes, own)
    return axes
