"""The numbers that the text on structure takes from its runs, a function a section; and what its claims share.

Those of what does not fit the moral are in `numbers_misleads`.
"""

from __future__ import annotations

import numpy as np

from ...figures import scientific
from ...models.attention import HEADS
from ...records import load
from ...tasks.ordered import Ordered
from ...training import Fit
from ..tables import by_name, by_names
from .example import EXAMPLE, sequence
from .nested import BATCH
from .relation import BUDGET, RULES, TRIED
from .rules import COMPARED, RIVALS
from .shuffle import CAUSAL, SHUFFLE, WHOLE

LSTM = "lstm-forget-1"

Cells = dict[tuple, np.ndarray]  # (seeds,) each


# What sections and claims share


def rules(pairs: int, load=load) -> Cells:
    """The shares of shuffled sequences that are answered by a rule, by model and rule."""
    return by_names((COMPARED, RULES), load(RIVALS, RIVALS.settings(pairs=pairs)).rules)


def shares(pairs: int = TRIED) -> dict[tuple[str, str], float]:
    """The mean over seeds of `rules`."""
    return {at: abs(found.mean()) for at, found in rules(pairs).items()}  # a share may be -0.0


def shuffled() -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """How far a shuffle of the past moves a model's last output, and all outputs if nothing is hidden (seeds,)."""
    found = SHUFFLE.measure(device="cpu")
    return by_name(CAUSAL, found.last), by_name(WHOLE, found.whole)


def _in_order(pairs: int = TRIED) -> dict[str, float]:
    """Accuracy on sequences like those of training."""
    final = load(RIVALS, RIVALS.settings(pairs=pairs)).final
    return {model: found.mean() for model, found in by_name(COMPARED, final).items()}


# A function a section


def jar_test() -> dict:
    """A pair that moves, and the rule that recurrent networks follow."""
    share, right = shares(), _in_order()
    return {
        "pairs": TRIED,
        **{f"said_lstm_{place}": _said(LSTM, place, "relation") for place in (1, 3, 5, 6)},
        "lstm_relation": share[LSTM, "relation"],
        "lstm_order": share[LSTM, "order"],
        "rnn_relation": share["rnn", "relation"],
        "rnn_order": share["rnn", "order"],
        "order_lstm": right[LSTM],
        "order_rnn": right["rnn"],
    }


def _said(model: str, place: int, rule: str) -> float:
    """In the example, the mean probability of the value by a rule, with the pair asked for at a place."""
    _, _, relation, order = sequence(place)
    value = {"relation": relation, "order": order}[rule]
    return load(EXAMPLE, EXAMPLE.settings(variant=model, place=place)).said[:, value].mean()


def a_set() -> dict:
    """A vector per step on the same axes."""
    share, with_eight = shares(), shares(8)
    return {
        "parameters": BUDGET,
        "values": Ordered().values,
        "guess": Ordered().chance,
        "rnn_relation": share["rnn", "relation"],
        "kept_relation": share["attention", "relation"],
        "lstm_relation": share[LSTM, "relation"],
        "gru_relation": share["gru", "relation"],
        "placed_relation": share["attention-positions", "relation"],
        "placed_eight": with_eight["attention-positions", "relation"],
    }


def term() -> dict:
    """What a shuffle changes."""
    last, whole = shuffled()
    return {
        "blind": scientific(last["attention"].mean()),
        "seen_placed": scientific(last["attention-positions"].mean()),
        "seen_lstm": scientific(last[LSTM].mean()),
        "blind_deep": scientific(whole["deep-attention"].mean()),
        "seen_deep": scientific(last["deep-attention"].mean()),
    }


def method() -> dict:
    """The models, and what a step of training sees."""
    return {"heads": HEADS, "batch": Fit().batch, "nested_batch": BATCH}
