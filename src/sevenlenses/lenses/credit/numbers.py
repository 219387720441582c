"""The numbers that the text on credit takes from its runs, a function a section; and what its claims share."""

from __future__ import annotations

import numpy as np

from ...figures import scientific
from ...models.attention import HEADS
from ...records import load
from ...tasks.flagged import Flagged
from ..rates import RATES, SEEDS
from ..tables import by_name, by_names
from .attribution import METHODS, OTHERS
from .copies import COPIES
from .doubts import DOUBTS
from .fraction import FRACTION, FRACTIONS
from .learning import BUDGET, LEARNING, LENGTHS, STEPS
from .product import BACK, PRODUCT, STARTS
from .through import BACK as PLACES_BACK
from .watch import WATCH
from .watching import PLACES, REACHED, Watched

TASK = Flagged()
EARLY = 25  # training steps
NEAR, FAR = 8, BACK[-1]  # steps back at which the product of gates is judged
MODELS = {
    "lstm": "lstm-forget-1",
    "chrono": "lstm-chrono",
    "gru": "gru",
    "min": "min-lstm",
    "kept": "attention",
    "placed": "attention-positions",
    "deep": "deep-attention",
}  # by the names that the text's numbers have

Runs = dict[str, Watched]


# What sections and claims share


def watched(model: str, length: int = TASK.length, load=load) -> Watched:
    """The watched runs of a model, at the learning rate that was chosen for it."""
    return load(WATCH, WATCH.settings(variant=model, length=length))


def at(runs: Watched, field: str, by: str = "gradient", look: int | None = None) -> np.ndarray:
    """(seeds, ...): what a field of the runs says of a method after so many training steps; None: after the last."""
    looked = runs.looked[0].tolist()
    return by_names((looked, METHODS), getattr(runs, field))[looked[-1] if look is None else look, by]


def agreement(runs: Watched, look: int | None = None) -> dict[str, np.ndarray]:
    """The rank correlation of the weights with each method (seeds,)."""
    return by_name(METHODS, at(runs, "agree", "weights", look))


def off(look: int, load=load) -> dict[tuple[str, int], np.ndarray]:
    """The relative error of the product of forget gates (seeds,), by the LSTM's start and steps back."""
    return by_names((STARTS, BACK), load(PRODUCT, PRODUCT.settings(look=look)).off)


def copied(model: str, load=load) -> Watched:
    """The runs of a model with two flagged steps."""
    return load(COPIES, COPIES.settings(variant=model))


def _watched(*names: str) -> Runs:
    return {name: watched(MODELS[name]) for name in names}


def _share(runs: Watched, by: str = "gradient", look: int | None = None) -> float:
    """The responsible step's share of the credit."""
    return at(runs, "mass", by, look).mean()


def _top(runs: Watched, by: str = "gradient", look: int | None = None) -> float:
    """How often the responsible step has most credit."""
    return at(runs, "top", by, look).mean()


def _recency(runs: Watched, look: int | None = None) -> float:
    """The rank correlation of the gradient's credit with the number of the step."""
    return at(runs, "recency", look=look).mean()


def _right(runs: Watched) -> float:
    """Accuracy at the early look."""
    return by_name(runs.looked[0].tolist(), runs.right)[EARLY].mean()


def _reached(runs: Watched) -> float:
    """The training step at which the running accuracy is first high enough."""
    return np.nanmean(runs.reached)


# A function a section


def opening() -> dict:
    """The steps that may be blamed."""
    return {"steps": TASK.length - 1}


def cell() -> dict:
    """The task, and where an untrained LSTM's blame goes."""
    lstm = watched(MODELS["lstm"])
    return {
        **opening(),
        "values": TASK.values,
        "chance": TASK.chance,
        "even": 1 / (TASK.length - 1),
        "recency_lstm": _recency(lstm, 0),
        "start_lstm": _share(lstm, look=0),
        "places": PLACES,
        "near": PLACES_BACK[-1],
    }


def predict() -> dict:
    """The training steps of the guesses."""
    return {"early": EARLY, "budget": STEPS}


def every_step() -> dict:
    """A vector per step against the LSTM: before training, early, and at the end."""
    runs = _watched("lstm", "kept", "gru")
    lstm, kept = runs["lstm"], runs["kept"]
    by_seed = at(lstm, "mass").mean(-1)  # (seeds,)
    rnn = watched("rnn", 16)
    return {
        **opening(),
        **predict(),
        "parameters": BUDGET,
        "recency_kept": _recency(kept, 0),
        "start_kept": _share(kept, look=0),
        "early_kept": _top(kept, look=EARLY),
        "early_lstm": _top(lstm, look=EARLY),
        "early_gru": _top(runs["gru"], look=EARLY),
        "right_kept": _right(kept),
        "right_lstm": _right(lstm),
        "enough": REACHED,
        **{f"reached_{name}": _reached(run) for name, run in runs.items()},
        "kept_share": _share(kept),
        "lstm_share": by_seed.mean(),
        "lstm_low": by_seed.min(),
        "lstm_high": by_seed.max(),
        "seeds": len(by_seed),
        "lstm_swap": _share(lstm, "swap"),
        "rnn_64": load(LEARNING, LEARNING.settings(variant="rnn")).final.mean(),
        "rnn_16": rnn.final.mean(),
        "rnn_16_share": _share(rnn),
        "rnn_16_swap": _share(rnn, "swap"),
    }


def misleads() -> dict:
    """What does not fit: occlusion, other starts and recurrences, the formula, the weights."""
    runs = _watched(*MODELS)
    return {
        **_other_answers(runs["lstm"]),
        **_not_the_mixture(runs),
        **_size_of_the_change(),
        **_distance_and_budget(runs["min"]),
        **_formula(runs["lstm"]),
        **_weights(runs["kept"], runs["deep"]),
        **_two_flagged(),
    }


def _other_answers(lstm: Watched) -> dict:
    """The trained LSTM, asked in other ways."""
    return {
        "lstm_swap_top": _top(lstm, "swap"),
        "lstm_swap": _share(lstm, "swap"),
        "lstm_top": _top(lstm),
        "lstm_share": at(lstm, "mass").mean(-1).mean(),  # summed as for `every_step`, to the last digit
        "lstm_odds": _share(lstm, "odds"),
        "lstm_product": _share(lstm, "product"),
        "lstm_whole": _share(lstm, "whole"),
        "recency_lstm": _recency(lstm, 0),
        "recency_after": _recency(lstm),
    }


def _not_the_mixture(runs: Runs) -> dict:
    """Another start of the LSTM, and the table of all models."""
    return {
        "recency_chrono": _recency(runs["chrono"], 0),
        "early": EARLY,
        "early_chrono": _top(runs["chrono"], look=EARLY),
        "right_chrono": _right(runs["chrono"]),
        "enough": REACHED,
        **{f"{name}_share": _share(run) for name, run in runs.items() if name != "lstm"},
        **{f"reached_{name}": _reached(run) for name, run in runs.items()},
        "early_min": _top(runs["min"], look=EARLY),
    }


def _size_of_the_change() -> dict:
    """Values that are moved a part of the way."""
    lstm, kept = (load(FRACTION, FRACTION.settings(variant=MODELS[name])) for name in ("lstm", "kept"))
    lstm_share, kept_share, moved = (by_name(FRACTIONS, found) for found in (lstm.share, kept.share, lstm.moved))
    return {
        "part_small": lstm_share[0.01].mean(),
        "part_tenth": lstm_share[0.1].mean(),
        "part_half": lstm_share[0.5].mean(),
        "part_whole": lstm_share[1.0].mean(),
        "moved_tenth": moved[0.1].mean(),
        "moved_whole": moved[1.0].mean(),
        "part_kept_small": kept_share[0.01].mean(),
        "part_kept_whole": kept_share[1.0].mean(),
    }


def _distance_and_budget(min_lstm: Watched) -> dict:
    """The share near and far; and the LSTM's with more steps, more parameters, other learning rates."""
    near, far = PLACES_BACK[-1], PLACES_BACK[0]
    by_distance = by_name(PLACES_BACK, at(min_lstm, "mass"))
    at_rates = [load(WATCH, WATCH.settings(rate=rate), SEEDS) for rate in RATES]
    learned = [_share(runs) for runs in at_rates if runs.final.min() > 0.95]
    return {
        "near": near,
        "min_near": by_distance[near].mean(),
        "far": far,
        "min_far": by_distance[far].mean(),
        **{change: _share(load(DOUBTS, DOUBTS.settings(change=change))) for change in ("longer", "larger")},
        "rate_low": min(learned),
        "rate_high": max(learned),
    }


def _formula(lstm: Watched) -> dict:
    """The product of forget gates before and after training, and what the cells know."""
    start, end = off(0), off(STEPS)
    usual = MODELS["lstm"]
    return {
        "off_1": start[usual, 1].mean(),
        "off_8": start[usual, NEAR].mean(),
        "off_63": start[usual, FAR].mean(),
        "off_8_after": end[usual, NEAR].mean(),
        "off_63_after": end[usual, FAR].mean(),
        "cell_share": _share(lstm, "cell"),
    }


def _weights(kept: Watched, deep: Watched) -> dict:
    """Weights as a pointer, as an amount and as an order."""
    agree = agreement(kept)
    return {
        "weight_top": _top(kept, "weights"),
        "weight_share": _share(kept, "weights"),
        "kept_share": _share(kept),
        "kept_swap": _share(kept, "swap"),
        "heads": HEADS,
        "weight_gradient": agree["gradient"].mean(),
        "weight_swap": agree["swap"].mean(),
        "weight_swap_start": agreement(kept, 0)["swap"].mean(),
        "deep_weight_swap": agreement(deep)["swap"].mean(),
        "deep_weight_top": _top(deep, "weights"),
        "deep_weight_share": _share(deep, "weights"),
    }


def _two_flagged() -> dict:
    """Two steps that bear the answer."""
    kept, lstm = (copied(MODELS[name]) for name in ("kept", "lstm"))
    return {
        "two_weight": _share(kept, "weights"),
        "two_weight_lesser": at(kept, "least", "weights").mean(),
        "two_out": scientific(at(kept, "size", "out").mean()),
        "two_out_share": _share(kept, "out"),
        "two_even": 2 / (LENGTHS[0] - 1),
        "two_swap": at(kept, "size", "swap").mean(),
        "two_lstm_out": at(lstm, "size", "out").mean(),
        "two_lstm_lesser": at(lstm, "least", "swap").mean(),
        "two_lstm_odds": at(lstm, "least", "odds").mean(),
    }


def method() -> dict:
    """How credit is taken."""
    return {"others": OTHERS, "places": PLACES}
