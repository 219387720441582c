"""The numbers that the answers about gradients, bounded activations and what has to wait take from their probes and
runs, a function a question; and what their claims share."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ...figures import scientific
from ...records import load
from ..tables import by_name
from .alive import ALIVE, LENGTH
from .bounded import BOUNDED, STEPS, blind
from .gates import GATES_RUN, TASKS
from .inorder import INORDER, LENGTHS, PARTS, SIZE, STARTS, needed, untrained
from .mitigated import MITIGATED, MODELS, SOLVED, Mitigated, reached
from .unbounded import UNBOUNDED_RUN
from .vanishing import PATHS, VANISHING, per_step

# What questions and claims share


def step_back(**knobs) -> dict[str, np.ndarray]:
    """By path: what one step back leaves of a signal (seeds,)."""
    return by_name(PATHS, per_step(VANISHING.measure(device="cpu", **knobs)))


def along(field: str, **knobs) -> np.ndarray:
    """(LENGTH,): the derivative along the cells, or a formula for it, by distance; median over seeds."""
    return np.median(getattr(ALIVE.measure(device="cpu", **knobs), field), 0)


def remembered(found: Mitigated) -> dict[str, int]:
    """By start: the greatest length that it learns, 0 for none."""
    return dict(zip(MODELS, reached(found.final).tolist(), strict=True))


def signals(found: Mitigated) -> tuple[float, float]:
    """The weakest signal before training from which a run learned, and the strongest from which one failed."""
    learned = found.final >= SOLVED  # (seeds, MODELS, LENGTHS)
    return found.signal[learned].min(initial=np.inf), found.signal[~learned].max(initial=0.0)


def cells(load=load) -> tuple[float, float]:
    """The median and the greatest cell of trained LSTMs that keep a flagged value."""
    median, greatest = _flagged(load).cell.mean(0)
    return median, greatest


def _flagged(load):
    return load(GATES_RUN, GATES_RUN.settings(variant="lstm-forget-1", task="flag"))


def first_of_64(variant: str, load=load) -> float:
    """Accuracy of an RNN, with ReLU or with tanh, on the first of 64 tokens."""
    return load(UNBOUNDED_RUN, UNBOUNDED_RUN.settings(variant=variant)).final.mean()


def growth(load=load) -> np.ndarray:
    """(BEYOND,): the greatest number in the ReLU RNN's state, step by step; median over seeds."""
    return np.median(load(UNBOUNDED_RUN, UNBOUNDED_RUN.settings(variant="irnn")).largest, 0)


class Chain(NamedTuple):
    """What of an LSTM waits."""

    each: float  # operations that a step adds to it
    outside: float  # the share of multiplications that wait for nothing
    rounds: dict[str, np.ndarray]  # (seeds,) by start, until guesses at all steps at once are right


def chain() -> Chain:
    """Counted, and tried before training."""
    found = INORDER.measure(device="cpu")
    rows, products = (dict(zip(PARTS, one[0], strict=True)) for one in (found.rows, found.products))
    each = (rows["chain"][-1] - rows["chain"][-2]) / (LENGTHS[-1] - LENGTHS[-2])
    return Chain(each, 1 - products["chain"] / found.products[0].sum(), by_name(STARTS, found.rounds[..., -1]))


def agreed(load=load) -> tuple[float, float]:
    """Rounds until all steps of a flagged value are right to a thousandth, before training and after it."""
    found = _flagged(load)
    before = np.array([untrained(seed) for seed in found.seeds])  # (seeds, ROUNDS)
    before, after = (np.median(needed(off, 1e-3)) for off in (before, found.rounds))
    return before, after


# A function a question


def still_vanishing() -> dict:
    """10: what a step leaves of a signal."""
    usual, turned, shut, opened = (
        {path: np.median(share) for path, share in step_back(**knobs).items()}
        for knobs in ({}, {"recurrence": "orthogonal"}, {"init": "forget-0"}, {"init": "forget-3"})
    )
    return {
        "q10_rnn": usual["rnn"],
        "q10_straight": usual["rnn-straight"],
        "q10_turned": turned["rnn"],
        "q10_gates": usual["product"],
        "q10_lstm": usual["lstm"],
        "q10_shut": shut["lstm"],
        "q10_open": opened["lstm"],
    }


def in_numbers() -> dict:
    """11: the derivative along the cells, and two formulas for it."""
    exact, low = along("exact"), along("exact", gate=0.9)
    return {
        "q11_back": LENGTH - 1,
        "q11_exact": exact[-1],
        "q11_end": exact[0],
        "q11_formula": along("whole")[-1],
        "q11_bare": along("bare")[-1],
        "q11_alone": along("exact", recurrence=0.0)[-1],
        "q11_low": low[-1] / low[0],
        "q11_low_formula": along("bare", gate=0.9)[-1],
    }


def solved() -> dict:
    """14: how far each start remembers."""
    found = load(MITIGATED, MITIGATED.settings())
    far, (weakest, strongest) = remembered(found), signals(found)
    return {
        "q14_one": far["lstm-forget-1"],
        "q14_three": far["lstm-forget-3"],
        "q14_chrono": far["lstm-chrono"],
        "q14_turned": far["rnn-orthogonal"],
        "q14_gru": far["gru"],
        "q14_weak": scientific(weakest),
        "q14_strong": strongest,
    }


def bounded() -> dict:
    """16: how large cells and states get."""
    held, free = BOUNDED.measure(device="cpu"), growth()
    median, greatest = cells()
    return {
        "q16_steps": STEPS,
        "q16_cell": held.cell[0, -1],
        "q16_blind": blind(held),
        "q16_median": median,
        "q16_greatest": greatest,
        "q16_free": first_of_64("irnn"),
        "q16_bound": first_of_64("rnn"),
        "q16_large": free[64 - 1],
        "q16_huge": 1 + int(np.log10(free[-1])),
    }


def at_once() -> dict:
    """20: what waits, and guesses at all steps at once."""
    found = chain()
    rounds = {start: np.median(needed) for start, needed in found.rounds.items()}
    before, after = agreed()
    return {
        "q20_each": found.each,
        "q20_units": SIZE,
        "q20_share": found.outside,
        "q20_steps": LENGTHS[-1],
        "q20_shut": rounds["forget-0"],
        "q20_usual": rounds["forget-1"],
        "q20_open": rounds["forget-3"],
        "q20_trained_steps": TASKS["flag"].length,
        "q20_untrained": before,
        "q20_trained": after,
    }
