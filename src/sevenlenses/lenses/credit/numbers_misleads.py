"""The numbers of where the lens of credit misleads, a function a subject; and what its claims share."""

from __future__ import annotations

import numpy as np

from ...figures import scientific
from ...models.attention import HEADS
from ...records import load
from ..rates import RATES, SEEDS
from ..tables import by_name, by_names
from .agree import AGREE, COMPARED, TESTED, lesson
from .attractors import ATTRACTORS
from .attribution import METHODS
from .copies import COPIES
from .doubts import DOUBTS
from .fraction import FRACTION, FRACTIONS
from .learning import LENGTHS, STEPS
from .numbers import EARLY, MODELS, Runs, at, each, reached, recency, right, share, top
from .product import BACK, PRODUCT, STARTS
from .through import BACK as PLACES_BACK
from .watch import WATCH
from .watching import REACHED, Watched

NEAR, FAR = 8, BACK[-1]  # steps back at which the product of gates is judged


# What sections and claims share


def agreement(runs: Watched, look: int | None = None) -> dict[str, np.ndarray]:
    """The rank correlation of the weights with each method (seeds,)."""
    return by_name(METHODS, at(runs, "agree", "weights", look))


def off(look: int, load=load) -> dict[tuple[str, int], np.ndarray]:
    """The relative error of the product of forget gates (seeds,), by the LSTM's start and steps back."""
    return by_names((STARTS, BACK), load(PRODUCT, PRODUCT.settings(look=look)).off)


def copied(model: str, load=load) -> Watched:
    """The runs of a model with two flagged steps."""
    return load(COPIES, COPIES.settings(variant=model))


# The section's numbers


def misleads() -> dict:
    """What does not fit: occlusion, other starts and recurrences, the formula, the weights."""
    runs = each(*MODELS)
    return {
        **_other_answers(runs["lstm"]),
        **_not_the_mixture(runs),
        **_size_of_the_change(),
        **_distance_and_budget(runs["min"]),
        **_formula(runs["lstm"]),
        **_weights(runs["kept"], runs["deep"]),
        **_two_flagged(),
        **_grammar(),
    }


def _other_answers(lstm: Watched) -> dict:
    """The trained LSTM, asked in other ways."""
    return {
        "lstm_swap_top": top(lstm, "swap"),
        "lstm_swap": share(lstm, "swap"),
        "lstm_top": top(lstm),
        "lstm_share": at(lstm, "mass").mean(-1).mean(),  # summed as for `every_step`, to the last digit
        "lstm_odds": share(lstm, "odds"),
        "lstm_product": share(lstm, "product"),
        "lstm_whole": share(lstm, "whole"),
        "recency_lstm": recency(lstm, 0),
        "recency_after": recency(lstm),
    }


def _not_the_mixture(runs: Runs) -> dict:
    """Another start of the LSTM, and the table of all models."""
    return {
        "recency_chrono": recency(runs["chrono"], 0),
        "early": EARLY,
        "early_chrono": top(runs["chrono"], look=EARLY),
        "right_chrono": right(runs["chrono"]),
        "enough": REACHED,
        **{f"{name}_share": share(run) for name, run in runs.items() if name != "lstm"},
        **{f"reached_{name}": reached(run) for name, run in runs.items()},
        "early_min": top(runs["min"], look=EARLY),
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
    learned = [share(runs) for runs in at_rates if runs.final.min() > 0.95]
    return {
        "near": near,
        "min_near": by_distance[near].mean(),
        "far": far,
        "min_far": by_distance[far].mean(),
        **{change: share(load(DOUBTS, DOUBTS.settings(change=change))) for change in ("longer", "larger")},
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
        "cell_share": share(lstm, "cell"),
    }


def _weights(kept: Watched, deep: Watched) -> dict:
    """Weights as a pointer, as an amount and as an order."""
    agree = agreement(kept)
    return {
        "weight_top": top(kept, "weights"),
        "weight_share": share(kept, "weights"),
        "kept_share": share(kept),
        "kept_swap": share(kept, "swap"),
        "heads": HEADS,
        "weight_gradient": agree["gradient"].mean(),
        "weight_swap": agree["swap"].mean(),
        "weight_swap_start": agreement(kept, 0)["swap"].mean(),
        "deep_weight_swap": agreement(deep)["swap"].mean(),
        "deep_weight_top": top(deep, "weights"),
        "deep_weight_share": share(deep, "weights"),
    }


def _two_flagged() -> dict:
    """Two steps that bear the answer."""
    kept, lstm = (copied(MODELS[name]) for name in ("kept", "lstm"))
    return {
        "two_weight": share(kept, "weights"),
        "two_weight_lesser": at(kept, "least", "weights").mean(),
        "two_out": scientific(at(kept, "size", "out").mean()),
        "two_out_share": share(kept, "out"),
        "two_even": 2 / (LENGTHS[0] - 1),
        "two_swap": at(kept, "size", "swap").mean(),
        "two_lstm_out": at(lstm, "size", "out").mean(),
        "two_lstm_lesser": at(lstm, "least", "swap").mean(),
        "two_lstm_odds": at(lstm, "least", "odds").mean(),
    }


def _grammar() -> dict:
    """Verbs, their subjects, and the nouns between."""
    right, share = (
        by_names((COMPARED, TESTED), load(ATTRACTORS, ATTRACTORS.settings(measured=field)).found)
        for field in ("right", "share")
    )  # (seeds,) each
    few, many = TESTED[1], TESTED[-1]
    lstm = {  # trials, by the rate
        rate: load(AGREE, AGREE.settings(variant="lstm-forget-1", rate=rate), SEEDS).right[:, -1].mean()
        for rate in (min(RATES), lesson("lstm-forget-1", "chosen").plan.learning_rate)
    }
    return {
        "nouns": many,
        "noun_lstm_slow": lstm[min(RATES)],
        "noun_lstm_chosen": lstm[max(lstm)],
        "noun_lstm": right["lstm-forget-1", many].mean(),
        "noun_rnn_low": right["rnn", many].min(),
        "noun_rnn_high": right["rnn", many].max(),
        "noun_placed_few": right["attention-positions", few].mean(),
        "noun_placed": right["attention-positions", many].mean(),
        "noun_deep": right["deep-attention", many].mean(),
        "noun_deep_placed_few": right["deep-positions", few].mean(),
        "noun_deep_placed": right["deep-positions", many].mean(),
        "noun_deep_low": right["deep-positions", many].min(),
        "noun_deep_high": right["deep-positions", many].max(),
        "noun_one_many": right["attention", many].mean(),
        "noun_one": load(AGREE, AGREE.settings(variant="attention")).final.mean(),
        "noun_lstm_share": share["lstm-forget-1", many].mean(),
        "noun_placed_share": share["attention-positions", many].mean(),
    }
