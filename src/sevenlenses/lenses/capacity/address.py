"""A memory of as many numbers as the LSTM's state, with an address and without: what is stored?"""

from __future__ import annotations

from functools import lru_cache

from ... import figures
from ...lens import Knob
from ...models import create
from ...models.base import parameter_count
from ...models.variants import EVERY
from ...runtime import generator
from ...tasks.recall import Recall
from ...training import Fit
from ..learning import Learned, Lesson, draw_curves, of_models, trained
from ..rates import RATE, rate_of, trials
from .recall import STEPS, unbound

CELLS = ("vector", "matrix", "matrix-gated", "matrix-reading", "matrix-delta")
SIZE = 64  # H: the memory has 16 × 16 numbers
PAIRS = (8, 16, 32, 64)
TRIED = 16  # pairs at which learning rates are tried

KNOBS = {
    "variant": of_models("matrix-gated", CELLS),
    "pairs": Knob("Pairs to store", TRIED, PAIRS, 1, 64, "log", "pairs"),
    "rate": RATE,
}


@lru_cache
def budget(variant: str) -> int:
    """Parameters at SIZE: these models are as large as their memory asks for."""
    task = Recall()
    return parameter_count(create(variant, task.n_in, SIZE, task.n_out, generator=generator(0, "weights")))


def lesson(variant: str, pairs: int, rate: str | float) -> Lesson:
    """A cell on so many pairs; the learning rate is chosen for each cell."""
    chosen = rate_of(ADDRESS, {"variant": variant, "pairs": TRIED, "rate": rate})
    return Lesson(variant, budget(variant), Recall(pairs=pairs), Fit(steps=STEPS, learning_rate=chosen))


def draw(result: Learned, axes, own: Learned | None = None) -> None:
    """Learning curves, one line a seed."""
    (ax,) = axes
    draw_curves(ax, result, own, figures.STYLES[result.knobs["variant"]], STEPS)
    figures.reference(ax, Recall().chance, "chance", "frame")
    figures.reference(ax, unbound(result.knobs["pairs"]), "knows the values, not the keys", "runs", (0, (4, 2)))


def describe(result: Learned) -> dict[str, str]:
    """Where the seeds end."""
    (variant, pairs), final = (result.knobs["variant"], result.knobs["pairs"]), result.final
    many = "pair" if pairs == 1 else "pairs"
    return {
        "frame": f"A memory of {SIZE // 4} × {SIZE // 4} numbers; chance is {Recall().chance:.3g}.",
        "runs": f"{EVERY[variant].label[0].upper()}{EVERY[variant].label[1:]}, {budget(variant):,} parameters, {pairs} "
        f"{many}: mean accuracy {final.mean():.2f} after at most {STEPS} steps, from {final.min():.2f} to "
        f"{final.max():.2f}. To know the values without their keys is worth {unbound(pairs):.2f}.",
    }


ADDRESS = trained(
    lesson,
    name="capacity-address",
    question="What does a memory of one size store, by how it is written?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": ("variant", "pairs"), "own": ()},
    trials=lambda: trials(ADDRESS, pairs=TRIED),
)
