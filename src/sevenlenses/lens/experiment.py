"""One measurement and its picture; and the lens that holds several."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..settings import fixed, stepwise
from .claim import Claim
from .knob import Knob, Value
from .result import Result

if TYPE_CHECKING:
    from ..exercises import Exercise  # which brings PyTorch


@dataclass(frozen=True, eq=False)
class Experiment:
    """One measurement and its picture: the page, the notebook and the test all come from here.

    Both depend on their arguments alone: whatever a caller has set in PyTorch, NumPy or Matplotlib is set aside.

    Attributes:
        name: unique within the course, a word for file names and addresses.
        question: what the reader wants to know, in one sentence.
        run: (*, seeds, device, **knobs) -> Result; pure. A training experiment's `run` yields partial results, the
            last of which is complete. Not needed with `gather`.
        draw: (result, axes, own=None) -> None; pure. `own` is the reader's own run, drawn over the recorded one.
        describe: result -> sentences by layer, for those who do not see the picture.
        layers: which parts of the picture depend on which knobs; parts are drawn under these names (`gid`).
        result: the Result's class.
        models: result -> names in `figures.STYLES` of what the picture shows, for the legend.
        version: raised by hand when the same settings are to give other numbers, so that what was recorded is stale.
        words: settings -> what a recorded run is beside its knobs, such as the size and the rate that were chosen.
        panels: how many axes `draw` wants; each is a picture of its own, so that narrow screens can stack them.
        height: of a panel, in inches (72 units of the SVG each).
        recorded: pictures on the page come from recorded runs, since a run takes seconds.
        gather: (load, settings) -> Result, for a picture made from another experiment's records.
        timed: arrays of the result that a clock filled: the same run gives others, and only ratios within one run tell.
        trials: () -> (settings, seeds) that are recorded beside the grid, for no page: to choose a learning rate.
    """

    name: str
    question: str
    knobs: dict[str, Knob]
    draw: Callable[..., None]
    describe: Callable[..., dict[str, str]]
    layers: dict[str, tuple[str, ...]]
    result: type[Result]
    models: Callable[..., list[str]]
    run: Callable[..., Any] | None = None
    version: int = 1
    words: Callable[..., list[str]] = lambda settings: []
    panels: int = 1
    height: float = 3.4
    recorded: bool = False
    timed: tuple[str, ...] = ()
    gather: Callable[..., Any] | None = None
    trials: Callable[[], Iterable[tuple[dict[str, Value], tuple[int, ...]]]] = tuple
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)

    def __post_init__(self):
        for name in ("draw", "describe", "models", "words", "gather"):
            if (made := getattr(self, name)) is not None:
                object.__setattr__(self, name, fixed()(made))

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

    def stops(self) -> Iterator[dict[str, Value]]:
        """Every setting that the page can ask for."""
        for values in itertools.product(*(knob.stops for knob in self.knobs.values())):
            yield dict(zip(self.knobs, values, strict=True))

    def grid(self) -> Iterator[tuple[dict[str, Value], int]]:
        """Every (settings, seed) that is recorded: what the page can ask for, and the trials."""
        for settings, seeds in itertools.chain(((stop, self.seeds) for stop in self.stops()), self.trials()):
            yield from ((settings, seed) for seed in seeds)

    def measure(self, *, seeds: tuple[int, ...] | None = None, device: str = "auto", **knobs: Any) -> Any:
        """Run to the end and return the complete Result."""
        return deque(self.stream(seeds=seeds, device=device, **knobs), maxlen=1).pop()

    def stream(self, *, seeds: tuple[int, ...] | None = None, device: str = "auto", **knobs: Any) -> Iterator[Any]:
        """Results as they grow; a probe gives one."""
        wanted = tuple(self.seeds if seeds is None else seeds)
        if self.run is None:  # train all that the picture is gathered from: minutes to hours
            yield self.gather(lambda one, at: one.measure(seeds=wanted, device=device, **at), self.settings(**knobs))
            return
        with fixed():
            outcome = self.run(seeds=wanted, device=device, **self.settings(**knobs))
        if isinstance(outcome, Result):
            yield outcome
        else:
            yield from stepwise(outcome)


@dataclass(frozen=True)
class Lens:
    """A way to look at a recurrent network: its question, the experiments that answer it, the claims that they settle,
    and the exercises of its chapter."""

    name: str
    question: str
    experiments: dict[str, Experiment]
    claims: tuple[Claim, ...] = ()
    exercises: tuple[Exercise, ...] = ()
