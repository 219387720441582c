"""Many recorded runs as one array: what the gathered pictures and the claims read."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ..lens import Experiment, Value

UNNAMED = {"attention": "kept", "attention-positions": "kept-positions"}


def table(
    load: Callable[..., Any], experiment: Experiment, over: Mapping[str, Sequence[Value]], *fields: str, **fixed: Value
) -> dict[str, Any]:
    """The runs at every combination of the knobs in `over`, the others `fixed` or at their defaults.

    Returns:
        each field as an array (seeds, *values of each knob in `over`, *the field's own axes), and `seeds` and `setup`.
    """
    runs = [
        load(experiment, experiment.settings(**fixed, **dict(zip(over, values, strict=True))))
        for values in itertools.product(*over.values())
    ]
    shape = tuple(len(values) for values in over.values())
    stacked = {name: np.stack([getattr(run, name) for run in runs], 1) for name in fields}  # (seeds, runs, ...)
    seconds = sum(run.setup["seconds"] for run in runs)
    return {
        **{name: array.reshape(len(array), *shape, *array.shape[2:]) for name, array in stacked.items()},
        "seeds": runs[0].seeds,
        "setup": {**runs[0].setup, "seconds": round(seconds, 1)},
    }


def by_name(names: Iterable[str], values: np.ndarray, axis: int = 1) -> dict[str, np.ndarray]:
    """The rows along one axis of (seeds, names, ...), each under its name."""
    return dict(zip(names, np.moveaxis(values, axis, 0), strict=True))


def unnamed(models: Sequence[str]) -> dict[str, str]:
    """The style of each model until the chapter reveals the term: what attention does, in place of its name."""
    return {model: UNNAMED.get(model, model) for model in models}


def named(models: Sequence[str]) -> dict[str, str]:
    """The style of each model once the term is known: its own."""
    return {model: model for model in models}


def by_names(axes: Sequence[Sequence[Hashable]], values: np.ndarray) -> dict[tuple, np.ndarray]:
    """What was measured, (seeds, ...), of (seeds, *axes, ...): each under its names, one of every axis."""
    return by_name(itertools.product(*axes), values.reshape(len(values), -1, *values.shape[1 + len(axes) :]))


def means(runs: Mapping[Hashable, np.ndarray]) -> dict:
    """The mean of each, under its name or names."""
    return {name: values.mean() for name, values in runs.items()}


def side_by_side(count: int, width: float = 0.3) -> np.ndarray:
    """Small shifts along x, so that the bars of `count` models stand beside each other."""
    return np.linspace(-width / 2, width / 2, count) if count > 1 else np.zeros(1)
