"""Can a model of a given size learn to store n pairs, and say the value of each key that is asked for?"""

from __future__ import annotations

import numpy as np

from ... import figures
from ...lens import Knob
from ...models.variants import EVERY, MAIN
from ...runtime import generator
from ...tasks.recall import Recall
from ...training import Fit
from ..learning import Learned, Lesson, draw_curves, of_models, trained
from ..rates import RATE, down_from, rate_of, trials

STEPS = 1500  # the training budget, the same for all
TRIED = 8  # pairs at which learning rates are tried
FEWER = {"gru": (2, 4)}  # and at which more, for a model that learns nothing there
COMPARED = [*MAIN, "linear-attention"]
SIZES = (12_000, 40_000, 110_000)

KNOBS = {
    "variant": of_models("lstm-forget-1", COMPARED),
    "pairs": Knob("Pairs to store", 8, (2, 4, 8, 16, 32), 1, 64, "log", "pairs"),
    "size": Knob("Parameters", 40_000, SIZES, 6_000, 200_000, "log"),
    "rate": RATE,
}


def lesson(variant: str, pairs: int, size: int, rate: str | float) -> Lesson:
    """What a run trains: a model of about `size` parameters, on `pairs` pairs out of 64 keys and 16 values."""
    nearest = min(SIZES, key=lambda stop: abs(np.log(stop / size)))
    stops = down_from(pairs, (*FEWER.get(variant, ()), TRIED))
    tried = [{"variant": variant, "pairs": stop, "size": nearest, "rate": rate} for stop in stops]
    plan = Fit(steps=STEPS, learning_rate=rate_of(RECALL, *tried))
    return Lesson(variant, size, Recall(pairs=pairs), plan)


def unbound(pairs: int) -> float:
    """The score of knowing which values were stored, and not with which key."""
    return Recall(pairs=pairs).unbound(generator(0, "unbound"))


def draw(result: Learned, axes, own: Learned | None = None) -> None:
    """Learning curves, one line a seed."""
    (ax,) = axes
    draw_curves(ax, result, own, figures.STYLES[result.knobs["variant"]], STEPS)
    figures.reference(ax, Recall().chance, "chance", "frame")
    figures.reference(ax, unbound(result.knobs["pairs"]), "knows the values, not the keys", "frame", (0, (4, 2)))


def describe(result: Learned) -> dict[str, str]:
    """Where the seeds end."""
    pairs, final = result.knobs["pairs"], result.final
    many = "pair" if pairs == 1 else "pairs"
    return {
        "frame": f"Store {pairs} {many}, then answer {Recall().reads} questions; chance is {Recall().chance:.3g}, and "
        f"knowing only which values were stored is worth {unbound(pairs):.2f}.",
        "runs": f"{EVERY[result.knobs['variant']].label}, at most {result.knobs['size']:,} parameters: mean accuracy "
        f"{np.mean(final):.2f} after at most {STEPS} steps, from {np.min(final):.2f} to {np.max(final):.2f}.",
    }


RECALL = trained(
    lesson,
    name="capacity-recall",
    question="Can the model learn to store these pairs?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": ("pairs",), "runs": ("variant", "pairs", "size"), "own": ()},
    trials=lambda: (
        *trials(RECALL, pairs=TRIED),
        *(one for name, stops in FEWER.items() for few in stops for one in trials(RECALL, variant=name, pairs=few)),
    ),
)
