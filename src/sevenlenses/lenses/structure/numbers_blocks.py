"""The numbers of whole blocks and other places; and what claims and other lenses share with them."""

from __future__ import annotations

from ...records import load
from ..rates import RATES, SEEDS
from ..tables import by_names
from .block import AT, BLOCK, BUDGETS
from .numbers import Cells
from .places import NAMES as DESIGNS
from .places import PLACES
from .places import POSITIONS as KINDS


def marks(task: str, which: int, load=load) -> Cells:
    """One accuracy of the trained designs, by design and kind of position."""
    return by_names((DESIGNS, KINDS), load(PLACES, PLACES.settings(measured=f"{task}-{which}")).marks)


def kinds_of_places() -> dict:
    """Which kind of position follows the relation, with a feed-forward part and without; and what the rate does."""
    share = marks("relation", 1)
    said = {f"attend_1_{kind}": share["attend-1", kind].mean() for kind in KINDS}
    by_rate = {
        kind: [
            load(BLOCK, BLOCK.settings(task="relation", positions=kind, rate=rate), SEEDS).marks[:, 1].mean()
            for rate in RATES
        ]
        for kind in ("none", "alibi", "rotary")
    }
    return {
        **said,
        "block_1_learned": share["block-1", "learned"].mean(),
        "rotary_low": min(by_rate["rotary"]),
        "rotary_high": max(by_rate["rotary"]),
        "steady": min(by_rate["none"] + by_rate["alibi"]),
    }


def parity_of_blocks() -> dict:
    """Parity by design and kind of position, at steps within the trained length and beyond."""
    right = {step: marks("parity", i) for i, step in enumerate(AT)}
    return {
        "block_budget": BUDGETS["parity"]["steps"],
        "attend_2_16": right[16]["attend-2", "sinusoidal"].mean(),
        "block_1_16": right[16]["block-1", "sinusoidal"].mean(),
        **{f"block_2_{step}": right[step]["block-2", "sinusoidal"].mean() for step in (16, 32)},
        **{f"block_2_{kind}_8": right[8]["block-2", kind].mean() for kind in ("alibi", "rotary")},
        "block_2_learned_32": right[32]["block-2", "learned"].mean(),
        "block_2_learned_best": right[32]["block-2", "learned"].max(),
    }
