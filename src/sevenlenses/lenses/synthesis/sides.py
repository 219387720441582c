"""The models of the course, seen through every lens at once: one number a lens; and what each of them costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np

from ... import figures
from ...lens import Experiment, Result
from ...models.memory import bytes_kept
from ...models.variants import EVERY, MAIN, VARIANTS
from ...runtime import generator, one_thread
from ...tasks.latch import Latch
from ..access.reads import READS, READS_RUN
from ..capacity.recall import RECALL
from ..credit.attribution import METHODS
from ..credit.watch import WATCH
from ..gradient.lengths import LENGTHS, LENGTHS_REACHED
from ..locality.moments import MOMENTS_RUN
from ..structure.first import FIRST
from ..structure.first import LENGTHS as MARKED
from ..structure.relation import RELATION, RULES
from ..structure.tracking import TESTED, TRACKING
from ..tables import table
from . import grid
from .ladder import STEPS
from .waits import waits

LONG = 1024  # steps after which what is kept is counted
PAIRS = 16
ORDER = ("gradient", "capacity", "locality", "credit", "structure", "access", "scaling")


@dataclass(frozen=True)
class Side:
    """One column: what a lens says of a model in one number.

    Attributes:
        lens: whose number it is.
        short: the column's name, under the number of the lens.
        words: what the number is.
        runs: load -> (seeds, models), the numbers of the models in `MAIN`.
        fewer: it is a count, of which less is better; else a share from 0 to 1, of which more is.
    """

    lens: str
    short: str
    words: str
    runs: Callable[..., np.ndarray]
    fewer: bool = False

    def say(self, value: float) -> str:
        """The number as the picture has it."""
        if not self.fewer:
            return f"{value:.2f}"
        return f"{value:,.0f}" if value < 1e5 else f"{value / 1000:,.0f}k"

    def shares(self, values: np.ndarray) -> np.ndarray:
        """(models,): from 0, the worst, to 1; counts on a scale of factors."""
        return 1 - np.log(values / values.min()) / max(np.log(values.max() / values.min()), 1) if self.fewer else values


def reach(load) -> np.ndarray:
    """On the first of 256 steps, each model at the best of five learning rates."""
    found = load(LENGTHS_REACHED, LENGTHS_REACHED.settings())
    return found.final[:, [list(VARIANTS).index(model) for model in MAIN], LENGTHS.index(256)]


def stored(load) -> np.ndarray:
    """With 16 pairs stored."""
    return table(load, RECALL, {"variant": MAIN}, "final", pairs=PAIRS, size=40_000)["final"]


def asked(load, when: str) -> np.ndarray:
    """With 16 pairs, one of them asked for at that moment."""
    return table(load, MOMENTS_RUN, {"variant": MAIN}, "final", when=when, pairs=PAIRS)["final"]


def late_read(load, same: bool) -> np.ndarray:
    """At the last of many reads, trained for one: of random keys, or always of the same one."""
    return table(load, READS_RUN, {"variant": MAIN}, "right", trained=1)["right"][:, :, int(same), -1]


def blamed(load) -> np.ndarray:
    """The responsible step's share of the gradient after training, mean over its places among 64 steps."""
    mass = table(load, WATCH, {"variant": MAIN}, "mass", length=64)["mass"]  # (seeds, models, looks, METHODS, places)
    return mass[:, :, -1, METHODS.index("gradient")].mean(-1)


def related(load) -> np.ndarray:
    """Shuffled sequences answered by the relation, after training on pairs that came in order."""
    rules = table(load, RELATION, {"variant": MAIN}, "rules", pairs=6)["rules"]  # (seeds, models, RULES)
    return rules[..., RULES.index("relation")]


def tracked(load) -> np.ndarray:
    """Parity, over the last quarter of the steps that the trained model is put to."""
    right = table(load, TRACKING, {"variant": MAIN}, "right", what="parity")["right"]  # (seeds, models, TESTED)
    return right[:, :, -TESTED // 4 :].mean(-1)


def came_first(load) -> np.ndarray:
    """Which of two marked steps came first, among 16."""
    return table(load, FIRST, {"variant": MAIN}, "right")["right"][..., MARKED.index(16)]


@lru_cache
@one_thread()
def kept(model: str) -> int:
    """Bytes kept of the past after `LONG` steps, by the model as the first lens trains it."""
    task = Latch()
    weights = generator(0, "weights")
    return bytes_kept(EVERY[model].build(task.n_in, task.n_out, longest=task.length, generator=weights), LONG)


def waiting(load) -> np.ndarray:
    """Operations in a row: counted, so one row for all seeds."""
    return np.array([[float(waits(model, STEPS)) for model in MAIN]])


def memory(load) -> np.ndarray:
    """Bytes kept: counted, so one row for all seeds."""
    return np.array([[float(kept(model)) for model in MAIN]])


SIDES = (  # in the order of the lenses
    Side("gradient", "far", "accuracy on the first of 256 steps", reach),
    Side("capacity", "room", f"accuracy with {PAIRS} pairs stored", stored),
    Side("locality", "asked", f"accuracy when one of {PAIRS} pairs is asked for last", partial(asked, when="last")),
    Side("credit", "blame", "the responsible step's share of the gradient, after training", blamed),
    Side("structure", "rule", "shuffled pairs answered by the relation, trained on pairs in order", related),
    Side("access", "again", f"accuracy at read {READS}, trained for one", partial(late_read, same=False)),
    Side("scaling", "waits", f"operations in a row over {STEPS} steps", waiting, fewer=True),
)

PRICES = (
    Side("capacity", "bytes", f"bytes kept after {LONG:,} steps", memory, fewer=True),
    Side(
        "locality",
        "asked\nfirst",
        f"accuracy when one of {PAIRS} pairs is asked for first",
        partial(asked, when="first"),
    ),
    Side("structure", "order", "accuracy on which of two marked steps came first", came_first),
    Side("structure", "parity", f"accuracy on parity near step {TESTED}, trained on 32", tracked),
    Side("access", "one\nkey", f"accuracy at read {READS} of one key, trained for one", partial(late_read, same=True)),
)


@dataclass(frozen=True, kw_only=True)
class Sides(Result):
    """mean: (1, models, sides), means over seeds; the models are `MAIN`."""

    mean: np.ndarray


def experiment(name: str, question: str, sides: tuple[Side, ...]) -> Experiment:
    """A table of the models, a column a side."""

    def gather(load, settings) -> Sides:
        means = np.stack([side.runs(load).mean(0) for side in sides], 1)  # (models, sides)
        one = load(RECALL, RECALL.settings(pairs=PAIRS))
        return Sides(knobs=dict(settings), seeds=one.seeds, setup=one.setup, mean=means[None])

    def draw(result: Sides, axes, own=None) -> None:
        (ax,) = axes
        mean = result.mean[0]  # (models, sides)
        grid.frame(ax, len(MAIN), [f"{ORDER.index(side.lens) + 1}\n{side.short}" for side in sides])
        for i, model in enumerate(MAIN):
            style = figures.STYLES[EVERY[model].model]
            grid.label(ax, i, style.label, "rows")
            for j, side in enumerate(sides):
                share = side.shares(mean[:, j])[i]
                grid.cell(ax, i, j, share, side.say(mean[i, j]), style.color, "rows")

    def describe(result: Sides) -> dict[str, str]:
        mean = result.mean[0]
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
