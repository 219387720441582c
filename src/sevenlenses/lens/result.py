"""What a run measured, as arrays and as text."""

from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from .knob import Value


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a run measured. Subclasses add NumPy arrays, with units in comments.

    Attributes:
        knobs: the settings it was run at.
        seeds: the seeds it was run on.
        setup: device, versions, seconds.
        progress: share of the work done; below 1 for a run that goes on.
    """

    knobs: dict[str, Value]
    seeds: tuple[int, ...]
    setup: dict[str, str | float]
    progress: float = 1.0

    def plain(self) -> dict[str, Any]:
        """What `from_plain` makes an equal result from, fit for JSON: arrays as lists of 6 significant digits."""
        return {f.name: _plain(getattr(self, f.name)) for f in dataclasses.fields(self)}

    def to_json(self) -> str:
        """`plain` as text."""
        return json.dumps(self.plain(), allow_nan=False)

    @classmethod
    def from_plain(cls, values: dict[str, Any]) -> Self:
        """Inverse of `plain`.

        Raises:
            ValueError: this is no such result.
        """
        expected = {f.name for f in dataclasses.fields(cls)}
        if not isinstance(values, dict) or set(values) != expected:
            unlike = sorted(set(values) ^ expected) if isinstance(values, dict) else type(values).__name__
            raise ValueError(f"not a {cls.__name__}: fields differ: {unlike}. Make it again with `make record`.")
        arrays = {f.name for f in dataclasses.fields(cls) if f.type in ("np.ndarray", np.ndarray)}
        values = {name: np.array(v, dtype=float) if name in arrays else v for name, v in values.items()}
        return cls(**{**values, "seeds": tuple(values["seeds"])})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Inverse of `to_json`.

        Raises:
            ValueError: the text is not such a result.
        """
        try:
            return cls.from_plain(json.loads(text))
        except (ValueError, TypeError) as error:
            raise ValueError(f"not a {cls.__name__} as text: {error}. Make it again with `make record`.") from error

    @classmethod
    def join(cls, results: list[Self]) -> Self:
        """Results of several seeds as one. Every array's first axis is the seed; shorter runs are filled with NaN."""
        arrays = {f.name for f in dataclasses.fields(cls) if f.type in ("np.ndarray", np.ndarray)}
        joined = {name: _stacked([getattr(one, name) for one in results]) for name in arrays}
        seconds = sum(one.setup["seconds"] for one in results)
        return dataclasses.replace(
            results[0],
            seeds=tuple(seed for one in results for seed in one.seeds),
            setup={**results[0].setup, "seconds": round(seconds, 3)},
            **joined,
        )


def _stacked(arrays: list[np.ndarray]) -> np.ndarray:
    widest = [max(sizes) for sizes in zip(*(a.shape[1:] for a in arrays), strict=True)]
    filled = [
        np.pad(a, [(0, 0), *((0, w - s) for w, s in zip(widest, a.shape[1:], strict=True))], constant_values=np.nan)
        for a in arrays
    ]
    return np.concatenate(filled)


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value
