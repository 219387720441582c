"""The nouns of the course: a knob, a result, an experiment, a lens."""

from __future__ import annotations

import dataclasses
import json
import math
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

Value = int | float | str


@dataclass(frozen=True)
class Knob:
    """One control: the same description makes the page's slider, the notebook's widget, the record grid and the tests.

    Attributes:
        label: what the reader sees.
        default: the value of the figure in the text; one of `stops`.
        stops: the values that have a picture on the page, in order. A choice among names has only these.
        low, high: for a number, the range that a live run accepts.
        scale: "linear" or "log": how a live slider spreads that range.
        unit: written after a number.
        multiple: what a whole number must be a multiple of.
        group: the model that the knob belongs to, or "" for all of them.
        names: the reader's words for each stop, where they differ from the value.
    """

    label: str
    default: Value
    stops: tuple[Value, ...]
    low: float | None = None
    high: float | None = None
    scale: str = "linear"
    unit: str = ""
    group: str = ""
    multiple: int = 1
    names: Mapping[Value, str] = field(default_factory=dict)

    def __post_init__(self):
        if self.default not in self.stops:
            raise ValueError(
                f"the default of {self.label!r} must be one of its stops {self.stops}; got {self.default!r}."
            )
        for stop in self.stops:
            self.check("a stop", stop)

    @property
    def is_choice(self) -> bool:
        return self.low is None

    @property
    def whole(self) -> bool:
        return isinstance(self.default, int)

    def check(self, name: str, value: Any) -> Value:
        """`value` if the knob can take it.

        Raises:
            ValueError: it cannot; the message names the rule, the value and the remedy.
        """
        if self.is_choice:
            if value not in self.stops:
                raise ValueError(f"{name} must be one of {', '.join(map(repr, self.stops))}; got {value!r}.")
            return value
        kind = "a number"
        if self.whole:
            kind = "a whole number" if self.multiple == 1 else f"a multiple of {self.multiple}"
        good = isinstance(value, int | float | np.number) and not isinstance(value, bool)
        if not good or not self.low <= value <= self.high or (self.whole and value % self.multiple):
            raise ValueError(
                f"{name} must be {kind} from {self.low:g} to {self.high:g}; got {value!r}. Try {self.default:g}."
            )
        return int(value) if self.whole else float(value)

    def say(self, value: Value) -> str:
        """The value as a reader sees it: "64 steps", "forget bias 1"."""
        text = self.names.get(value) or (f"{value:g}" if isinstance(value, int | float) else value)
        return f"{text} {self.unit}".strip()


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

    def to_json(self) -> str:
        """Text from which `from_json` makes an equal result: NumPy arrays as lists of 6 significant digits."""
        return json.dumps({f.name: _plain(getattr(self, f.name)) for f in dataclasses.fields(self)}, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Inverse of `to_json`.

        Raises:
            ValueError: the text is not such a result.
        """
        try:
            values = json.loads(text)
            expected = {f.name for f in dataclasses.fields(cls)}
            if set(values) != expected:
                raise ValueError(f"fields differ: {sorted(set(values) ^ expected)}")
        except (ValueError, TypeError) as error:
            raise ValueError(f"not a {cls.__name__} as text: {error}. Make it again with `make record`.") from error
        arrays = {f.name for f in dataclasses.fields(cls) if f.type in ("np.ndarray", np.ndarray)}
        values = {name: np.array(v, dtype=float) if name in arrays else v for name, v in values.items()}
        return cls(**{**values, "seeds": tuple(values["seeds"])})

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


@dataclass(frozen=True)
class Experiment:
    """One measurement and its picture: the page, the notebook and the test all come from here.

    Attributes:
        name: unique within the course, a word for file names and addresses.
        question: what the reader wants to know, in one sentence.
        run: (*, seeds, device, **knobs) -> Result; pure. A training experiment's `run` yields partial results, the
            last of which is complete.
        draw: (result, axes, own=None) -> None; pure. `own` is the reader's own run, drawn over the recorded one.
        describe: result -> sentences by layer, for those who do not see the picture.
        layers: which parts of the picture depend on which knobs; parts are drawn under these names (`gid`).
        result: the Result's class.
        models: result -> names in `figures.STYLES` of what the picture shows, for the legend.
        depends: settings -> what a run depends on beyond `run`'s own imports: modules, or words that name a choice.
        panels: how many axes `draw` wants; each is a picture of its own, so that narrow screens can stack them.
        height: of a panel, in inches (72 units of the SVG each).
        recorded: pictures on the page come from recorded runs, since a run takes seconds.
        gather: (load, settings) -> Result, for a picture made from another experiment's records.
    """

    name: str
    question: str
    knobs: dict[str, Knob]
    run: Callable[..., Any]
    draw: Callable[..., None]
    describe: Callable[..., dict[str, str]]
    layers: dict[str, tuple[str, ...]]
    result: type[Result]
    models: Callable[..., list[str]]
    depends: Callable[..., list[str]] = lambda settings: []
    panels: int = 1
    height: float = 3.4
    recorded: bool = False
    gather: Callable[..., Any] | None = None
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)

    def settings(self, **given: Any) -> dict[str, Value]:
        """All knobs at their defaults, save those given.

        Raises:
            TypeError: a knob that does not exist.
            ValueError: a value out of range.
        """
        unknown = [name for name in given if name not in self.knobs]
        if unknown:
            raise TypeError(f"{self.name} has no knob {unknown[0]!r}; its knobs are {', '.join(self.knobs)}.")
        return {name: knob.check(name, given.get(name, knob.default)) for name, knob in self.knobs.items()}

    def measure(self, *, seeds: tuple[int, ...] | None = None, device: str = "auto", **knobs: Any) -> Any:
        """Run to the end and return the complete Result."""
        return deque(self.stream(seeds=seeds, device=device, **knobs), maxlen=1).pop()

    def stream(self, *, seeds: tuple[int, ...] | None = None, device: str = "auto", **knobs: Any) -> Iterator[Any]:
        """Results as they grow; a probe gives one."""
        outcome = self.run(seeds=tuple(self.seeds if seeds is None else seeds), device=device, **self.settings(**knobs))
        if isinstance(outcome, Result):
            yield outcome
        else:
            yield from outcome


@dataclass(frozen=True)
class Lens:
    """A way to look at a recurrent network: its question, the experiments that answer it, the exercises' checks."""

    name: str
    question: str
    experiments: dict[str, Experiment]
    checks: dict[str, Callable[[Any], tuple[bool, str]]] = field(default_factory=dict)
