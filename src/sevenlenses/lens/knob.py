"""A control, described once for the page, the notebook, the records and the tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Value = int | float | str


@dataclass(frozen=True)
class Knob:
    """One control: the same description makes the page's slider, the notebook's widget, the record grid and the tests.

    Attributes:
        label: what the reader sees.
        default: the value of the figure in the text; one of `stops`.
        stops: the values that have a picture on the page, in order. A choice among names has only these and `more`.
        more: further choices, which only a live run takes.
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
    more: tuple[Value, ...] = ()

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
            choices = (*self.stops, *self.more)
            if value not in choices:
                raise ValueError(f"{name} must be one of {', '.join(map(repr, choices))}; got {value!r}.")
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
        """The value as a reader sees it: "64 steps", "forget bias 1", "40,000"."""
        text = self.names.get(value) or value
        if isinstance(text, int | float):
            text = f"{text:,}" if isinstance(text, int) else f"{text:g}"
        return f"{text} {self.unit}".strip()
