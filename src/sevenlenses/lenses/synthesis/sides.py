"""The models of the course, seen through every lens at once: one number a lens; and what each of them costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ... import figures
from ...lens import Experiment, Result
from ...models.memory import bytes_kept
from ...models.variants import EVERY, MAIN, VARIANTS
from ...runtime import generator, one_thread
from ...tasks.latch import Latch
from ..access.reads import READS, READS_RUN
from ..capacity.recall import RECALL
from ..gradient.lengths import LENGTHS, LENGTHS_REACHED
from ..locality.moments import MOMENTS_RUN
from . import grid

LONG = 1024  # steps after which what is kept is counted
PAIRS = 16


@dataclass(frozen=True)
class Side:
    """One column: what a lens says of a model in one number.

    Attributes:
        lens: whose records it is from.
        short: the column's name.
        words: what the number is.
        runs: (load, model) -> (seeds,), the number.
        fewer: it is a count, of which less is better; else a share from 0 to 1, of which more is.
    """

    lens: str
    short: str
    words: str
    runs: Callable[..., np.ndarray]
    fewer: bool = False

    def say(self, value: float) -> str:
        """The number as the picture has it."""
        return f"{value:,.0f}" if self.fewer else f"{value:.2f}"

    def shares(self, values: np.ndarray) -> np.ndarray:
        """(models,): from 0, the worst, to 1; counts on a scale of factors."""
        return 1 - np.log(values / values.min()) / max(np.log(values.max() / values.min()), 1) if self.fewer else values


def reach(load, model: str) -> np.ndarray:
    """Accuracy on the first of 256 steps, at the best of five learning rates."""
    found = load(LENGTHS_REACHED, LENGTHS_REACHED.settings())
    return found.final[:, list(VARIANTS).index(model), LENGTHS.index(256)]


def stored(load, model: str) -> np.ndarray:
    """Accuracy with 16 pairs stored."""
    return load(RECALL, RECALL.settings(variant=model, pairs=PAIRS, size=40_000)).final


def asked(when: str) -> Callable[..., np.ndarray]:
    """Accuracy with 16 pairs, one of them asked for at that moment."""
    return lambda load, model: load(MOMENTS_RUN, MOMENTS_RUN.settings(variant=model, when=when, pairs=PAIRS)).final


def late_read(same: bool) -> Callable[..., np.ndarray]:
    """Accuracy at the last of many reads, trained for one: of random keys, or always of the same one."""
    return lambda load, model: load(READS_RUN, READS_RUN.settings(variant=model, trained=1)).right[:, int(same), -1]


@lru_cache
@one_thread()
def kept(model: str) -> int:
    """Bytes kept of the past after `LONG` steps, by the model as the first lens trains it."""
    task = Latch()
    weights = generator(0, "weights")
    return bytes_kept(EVERY[model].build(task.n_in, task.n_out, longest=task.length, generator=weights), LONG)


def memory(load, model: str) -> np.ndarray:
    """The same for every seed."""
    return np.full(len(RECALL.seeds), float(kept(model)))


SIDES = (  # in the order of the lenses
    Side("gradient", "far", "accuracy on the first of 256 steps", reach),
    Side("capacity", "room", f"accuracy with {PAIRS} pairs stored", stored),
    Side("locality", "asked last", f"accuracy when one of {PAIRS} pairs is asked for last", asked("last")),
    Side("access", "reread", f"accuracy at read {READS}, trained for one", late_read(same=False)),
)

PRICES = (
    Side("capacity", "bytes", f"bytes kept after {LONG:,} steps", memory, fewer=True),
    Side("locality", "asked first", f"accuracy when one of {PAIRS} pairs is asked for first", asked("first")),
    Side("access", "one key", f"accuracy at read {READS} of one key, trained for one", late_read(same=True)),
)


@dataclass(frozen=True, kw_only=True)
class Sides(Result):
    """runs: (seeds, models, sides), one number each; the models are `MAIN`."""

    runs: np.ndarray


def experiment(name: str, question: str, sides: tuple[Side, ...]) -> Experiment:
    """A table of the models, a column a side."""

    def gather(load, settings) -> Sides:
        runs = np.stack([[side.runs(load, model) for side in sides] for model in MAIN], 0)  # (models, sides, seeds)
        one = load(RECALL, RECALL.settings(pairs=PAIRS))
        return Sides(knobs=dict(settings), seeds=one.seeds, setup=one.setup, runs=runs.transpose(2, 0, 1))

    def draw(result: Sides, axes, own=None) -> None:
        (ax,) = axes
        mean = result.runs.mean(0)  # (models, sides)
        grid.frame(ax, len(MAIN), [side.short for side in sides])
        for i, model in enumerate(MAIN):
            style = figures.STYLES[EVERY[model].model]
            grid.label(ax, i, style.label, "rows")
            for j, side in enumerate(sides):
                share = side.shares(mean[:, j])[i]
                grid.cell(ax, i, j, share, side.say(mean[i, j]), style.color, "rows")

    def describe(result: Sides) -> dict[str, str]:
        mean = result.runs.mean(0)
        rows = [
            f"{EVERY[model].label}: "
            + ", ".join(f"{side.words} {side.say(mean[i, j])}" for j, side in enumerate(sides))
            for i, model in enumerate(MAIN)
        ]
        return {"frame": "Means over seeds.", "rows": "\n".join(rows)}

    return Experiment(
        name=name,
        question=question,
        knobs={},
        draw=draw,
        describe=describe,
        layers={"frame": (), "rows": ()},
        result=Sides,
        models=lambda result: [],
        recorded=True,
        gather=gather,
        height=3.0,
    )


LENSES_PICTURE = experiment("synthesis-lenses", "What does each lens see?", SIDES)
PRICES_PICTURE = experiment("synthesis-prices", "What does it cost?", PRICES)
