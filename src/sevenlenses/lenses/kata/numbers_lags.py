"""The numbers that the kata's text takes from networks trained over a lag, a function a section; and what its claims
share with it."""

from __future__ import annotations

import numpy as np

from ...figures import power_of_ten
from ...models.variants import VARIANTS
from ...records import load
from ...tasks.cue import Cue
from ..gradient.lengths import LENGTHS as LATCHED
from ..gradient.lengths import LENGTHS_REACHED
from ..tables import by_name, by_names, means
from .lags import BATCH, BUDGET, LAG_RUN, STEPS, TESTED, lesson
from .mended import MENDED
from .mended import NAMES as CHANGED
from .pipe import NAMES as PIPES
from .pipe import PIPE
from .reach import LOWER, NAMES, REACH, TRAINED

FAR = TRAINED[-1]  # the longest lag in training
LAST = TESTED[-1]  # and in tests


# What sections and claims share


def learned(load=load) -> dict[tuple[str, int], np.ndarray]:
    """By learner and lag: accuracy (seeds,) at the lag of training."""
    return by_names((NAMES, TRAINED), load(REACH, REACH.settings(lag=FAR)).learned)


def held(trained: int, load=load) -> dict[tuple[str, int], np.ndarray]:
    """By learner and lag in the test: accuracy (seeds,) after training at one lag."""
    return by_names((NAMES, TESTED), load(REACH, REACH.settings(lag=trained)).held)


def mended(lag: int, load=load) -> dict[str, np.ndarray]:
    """By change: accuracy (seeds,) at a lag."""
    return by_name(CHANGED, load(MENDED, MENDED.settings(lag=lag)).final)


# A function a section


def recall() -> dict:
    """Learning over a lag, and holding over one."""
    at, after = means(learned()), {lag: means(held(lag)) for lag in (16, 64)}
    latched = by_names((VARIANTS, LATCHED), load(LENGTHS_REACHED, LENGTHS_REACHED.settings()).final)
    direct = load(LAG_RUN, LAG_RUN.settings(learner="attention", lag=FAR))
    return {
        "classes": Cue().classes,
        "parameters": BUDGET,
        "steps": STEPS,
        "batch": BATCH,
        "chance": Cue().chance,
        "usual_16": at["lstm-forget-1", 16],
        "usual_64": at["lstm-forget-1", 64],
        "usual_1024": at["lstm-forget-1", 1024],
        "three_64": at["lstm-forget-3", 64],
        "three_1024": at["lstm-forget-3", 1024],
        "latched": latched["lstm-forget-3", 256].mean(),
        "chrono_1024": at["lstm-chrono", 1024],
        "attention_1024": at["attention", 1024],
        "lower": LOWER,
        "attention_rate": lesson("attention", FAR, "chosen").plan.learning_rate,
        "attention_solved": int((direct.final >= 0.9).sum()),
        "seeds": len(direct.seeds),
        "longest": LAST,
        "usual_held": after[16]["lstm-forget-1", LAST],
        "attention_held": after[16]["attention", LAST],
        "three_16": after[64]["lstm-forget-3", 16],
        "three_256": after[64]["lstm-forget-3", 256],
        "mixed_1024": at["lstm-mixed", 1024],
    }


def pipe() -> dict:
    """What the best unit's gate leaves of the cell, and what is there."""
    usual, _ = _piped("lstm-forget-1", 16)
    chrono, apart = _piped("lstm-chrono", 256)
    return {
        "usual_gate": usual,
        "usual_share": power_of_ten(10.0 ** round(_power_left(usual))),
        "chrono_gate": chrono,
        "chrono_share": 10.0 ** _power_left(chrono),
        "chrono_apart": apart,
        "chrono_held": held(256)["lstm-chrono", LAST].mean(),
    }


def _piped(learner: str, trained: int) -> tuple[float, float]:
    """The best unit's forget gate, and how far cues are apart after the longest lag; medians over seeds."""
    found = load(PIPE, PIPE.settings(lag=trained))
    gate, apart = (by_name(PIPES, values)[learner] for values in (found.gate, found.apart[..., -1]))
    return np.median(gate), np.median(apart)


def _power_left(gate: float) -> float:
    """The power of ten that a gate leaves after the longest lag."""
    return LAST * np.log10(gate)


def mends() -> dict:
    """What mends it, at two lags."""
    final, edge = mended(64), means(mended(32))
    mean = means(final)
    return {
        "plain": mean["plain"],
        "longer": mean["longer"],
        "larger": mean["larger"],
        "two_layers": mean["two-layers"],
        "three_layers": mean["three-layers"],
        "largest": mean["largest"],
        "largest_best": final["largest"].max(),
        "chrono_64": mean["chrono"],
        "two_ways": mean["two-ways"],
        "two_ways_middle": mean["two-ways-middle"],
        "plain_32": edge["plain"],
        "longer_32": edge["longer"],
        "layers_32": edge["three-layers"],
    }
