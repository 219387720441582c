"""The numbers of where the lens of structure misleads, a function a section; and what its claims share."""

from __future__ import annotations

import numpy as np

from ...models.attention import HEADS
from ...records import load
from ...tasks.tracking import Tracking
from ..tables import by_name, by_names
from .beyond import BEYOND, by_counting
from .beyond import COMPARED as NESTERS
from .block import AT
from .first import FIRST
from .first import LENGTHS as FIRST_LENGTHS
from .first import TASK as PRECEDENCE
from .longer import LONGER, TIMES
from .mixed import MIXED
from .mixed import STEPS as MIXED_STEPS
from .nested import DEPTHS, LENGTHS
from .nested import TASK as BRACKETS
from .numbers import LSTM, Cells, shares
from .numbers_blocks import marks, parity_of_blocks
from .relation import RELATION, RULES, TRIED
from .steps import COMPARED as TRACKERS
from .steps import STEPS_PICTURE
from .tracking import STEPS as TRACKING_STEPS
from .tracking import TESTED, TRAINED

TRACKED = range(1, TESTED + 1)  # steps


# What sections and claims share


def until_learned(model: str, load=load) -> float:
    """Training steps until the pairs in order were learned."""
    return load(RELATION, RELATION.settings(variant=model, pairs=TRIED)).used.mean()


def came_first(model: str, load=load) -> dict[int, np.ndarray]:
    """Accuracy at saying what came first (seeds,), by length."""
    return by_name(FIRST_LENGTHS, load(FIRST, FIRST.settings(variant=model)).right)


def closed(load=load) -> Cells:
    """Accuracy on closing brackets that have others inside, at the trained depth, by model and length."""
    return by_names((NESTERS, LENGTHS), load(BEYOND, BEYOND.settings()).lengths)


def tracked(what: str, load=load) -> Cells:
    """Accuracy at keeping track, by model and step."""
    return by_names((TRACKERS, TRACKED), load(STEPS_PICTURE, STEPS_PICTURE.settings(what=what)).right)


def practised(load=load) -> dict[int, np.ndarray]:
    """Accuracy at parity, of two layers with positions after more training (seeds,), by step."""
    return by_name(TRACKED, load(LONGER, LONGER.settings()).right)


def _best() -> dict[int, float]:
    """The same of the seed that ends best."""
    seed = load(LONGER, LONGER.settings()).final.argmax()
    return {step: runs[seed] for step, runs in practised().items()}


# A function a section


def no_places() -> dict:
    """Is it attention, or having no places?"""
    share, with_four = shares(), shares(4)
    return {
        "placed_relation": share["attention-positions", "relation"],
        "lstm_relation": share[LSTM, "relation"],
        "gru_relation": share["gru", "relation"],
        "rnn_relation": share["rnn", "relation"],
        "kept_relation": share["attention", "relation"],
        "linear_relation": share["linear-attention", "relation"],
        "deep_relation": share["deep-attention", "relation"],
        "lstm_order": share[LSTM, "order"],
        "lstm_neither": share[LSTM, "neither"],
        "pairs": TRIED,
        "gru_order": share["gru", "order"],
        "gru_four_relation": with_four["gru", "relation"],
        "gru_four_order": with_four["gru", "order"],
    }


def counterexamples() -> dict:
    """Some sequences shuffled in training: then, the share by the relation."""

    def by_relation(model: str, share: float) -> float:
        runs = load(MIXED, MIXED.settings(variant=model, shuffled=share))
        return by_name(RULES, runs.rules)["relation"].mean()

    return {
        "mixed_steps": MIXED_STEPS,
        "mixed_0": by_relation(LSTM, 0.0),
        "mixed_1": by_relation(LSTM, 0.01),
        "mixed_10": by_relation(LSTM, 0.1),
        "mixed_placed": by_relation("attention-positions", 0.01),
    }


def precedence() -> dict:
    """What came first: with a set, with places, with a chain."""
    trained, longest = PRECEDENCE.length, FIRST_LENGTHS[-1]
    names = {"kept": "attention", "linear": "linear-attention", "placed": "attention-positions"}
    names |= {"deep": "deep-attention", "lstm": LSTM}
    right = {name: came_first(model) for name, model in names.items()}
    return {
        "first_steps": trained,
        "unordered": PRECEDENCE.unordered,
        **{f"first_{name}": by_length[trained].mean() for name, by_length in right.items()},
        **{f"first_{name}_{longest}": right[name][longest].mean() for name in ("lstm", "deep", "placed")},
    }


def brackets() -> dict:
    """Nested structure beyond the lengths and depths of training."""
    right, depths = closed(), by_name(NESTERS, load(BEYOND, BEYOND.settings()).depths)
    names = {"lstm": LSTM, "rnn": "rnn", "deep": "deep-positions", "twice": "deep-attention"}
    names |= {"placed": "attention-positions", "one": "attention"}
    deeper = slice(DEPTHS.index(BRACKETS.deepest), None)
    trained, longer, longest = LENGTHS
    return {
        "kinds": BRACKETS.kinds,
        "nested_chance": BRACKETS.chance,
        "nested_steps": trained,
        "nested_depth": BRACKETS.deepest,
        "nested_longer": longer,
        "nested_longest": longest,
        **{f"nest_{name}_{length}": right[model, length].mean() for name, model in names.items() for length in LENGTHS},
        "counting": by_counting()[0][LENGTHS.index(trained)],
        "deep_lstm": depths[LSTM][:, deeper].mean(),
        "deep_deep": depths["deep-positions"][:, deeper].mean(),
    }


def keeping_track() -> dict:
    """Where recurrence wins, and what more practice gives."""
    two, three, longer, best = tracked("parity"), tracked("order"), practised(), _best()
    return {
        "trained": TRAINED,
        "tested": TESTED,
        "track_lstm": two[LSTM, TESTED].mean(),
        "track_gru": two["gru", TESTED].mean(),
        "rnn_right": int((two["rnn", TESTED] > 0.95).sum()),
        "seeds": len(two["rnn", TESTED]),
        "track_kept": two["attention", TRAINED].mean(),
        "track_linear": two["linear-attention", TRAINED].mean(),
        "track_deep_2": two["deep-positions", 2].mean(),
        "track_deep_8": two["deep-positions", 8].mean(),
        "track_deep": two["deep-positions", TRAINED].mean(),
        "three_lstm": three[LSTM, TESTED].mean(),
        "three_deep": three["deep-positions", TRAINED].mean(),
        "three_chance": Tracking(what="order").chance,
        "three_rnn": three["rnn", TRAINED].mean(),
        "track_budget": TRACKING_STEPS,
        "longer_times": TIMES,
        "longer_8": longer[8].mean(),
        "longer_trained": longer[TRAINED].mean(),
        "best_8": best[8],
        "best_16": best[16],
        "best_trained": best[TRAINED],
        "twice": 2 * TRAINED,
        "best_beyond": best[2 * TRAINED],
        "heads": HEADS,
        "never_from": HEADS + 2,
        "used_kept": until_learned("attention"),
        "used_lstm": until_learned(LSTM),
        **parity_of_blocks(),
    }


def summary() -> dict:
    """What goes with the relation, and parity of whole blocks."""
    share, learned = shares(), marks("parity", AT.index(TRAINED))["block-2", "learned"]
    return {
        "placed_relation": share["attention-positions", "relation"],
        "lstm_relation": share[LSTM, "relation"],
        "kept_relation": share["attention", "relation"],
        "block_2_16": parity_of_blocks()["block_2_16"],
        "block_2_learned_seeds": int((learned > 0.85).sum()),
        "seeds": len(learned),
    }
