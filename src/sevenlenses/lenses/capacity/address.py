"""Is it the way to find things? Cells with the same room, with and without an address."""

from __future__ import annotations

from functools import lru_cache

from ... import figures
from ...lens import Knob
from ...models import create
from ...models.base import parameter_count
from ...models.matrix import PART
from ...models.variants import EVERY
from ...runtime import generator
from ...tasks.recall import Recall
from ...training import Fit
from ..learning import Learned, Lesson, draw_curves, of_models, trained
from ..rates import RATE, rate_of, trials
from .recall import STEPS, unbound

ROOM = 256  # numbers of the state
CELLS = ("matrix-cell", "matrix-gated", "matrix-reading", "matrix-delta")
PAIRS = (16,)

KNOBS = {
    "variant": of_models("matrix-gated", CELLS),
    "pairs": Knob("Pairs to store", 16, PAIRS, 2, 64, "log", "pairs"),
    "rate": RATE,
}


def lesson(variant: str, pairs: int, rate: str | float) -> Lesson:
    """A matrix cell whose state has ROOM numbers, whatever its parameters; a rate for each number of pairs."""
    nearest = min(PAIRS, key=lambda stop: max(stop / pairs, pairs / stop))
    chosen = rate_of(ADDRESS, {"variant": variant, "pairs": nearest, "rate": rate})
    return Lesson(variant, parameters(variant), Recall(pairs), Fit(steps=STEPS, learning_rate=chosen))


@lru_cache(maxsize=16)
def parameters(variant: str) -> int:
    """Of a matrix cell whose state has ROOM numbers."""
    task, size = Recall(), PART * round(ROOM**0.5)
    made = create(EVERY[variant].model, task.n_in, size, task.n_out, generator=generator(0, "weights"))
    return parameter_count(made)


def draw(result: Learned, axes, own: Learned | None = None) -> None:
    """Learning curves, one line a seed."""
    (ax,) = axes
    draw_curves(ax, result, own, figures.STYLES[result.knobs["variant"]], STEPS)
    figures.reference(ax, Recall().chance, "chance", "frame")
    figures.reference(ax, unbound(result.knobs["pairs"]), "knows the values, not the keys", "runs", (0, (4, 2)))


def describe(result: Learned) -> dict[str, str]:
    """Where the seeds end."""
    name, pairs, final = result.knobs["variant"], result.knobs["pairs"], result.final
    return {
        "frame": f"A state of {ROOM} numbers; chance is {Recall().chance:.3g}.",
        "runs": f"{EVERY[name].label}, {parameters(name):,} parameters, {pairs} pairs: mean accuracy "
        f"{final.mean():.2f} after at most {STEPS} steps, from {final.min():.2f} to {final.max():.2f}. To know the "
        f"values without their keys is worth {unbound(pairs):.2f}.",
    }


ADDRESS = trained(
    lesson,
    name="capacity-address",
    question="Can a cell with an address learn to store these pairs?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": ("variant", "pairs"), "own": ()},
    trials=lambda: trials(ADDRESS),
)
