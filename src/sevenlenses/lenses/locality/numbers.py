"""The numbers that the text on temporal locality takes from its runs, a function a section; and what claims share."""

from __future__ import annotations

import numpy as np

from ...lens import Experiment
from ...records import load
from ...tasks.moments import MOMENTS, Moments
from ..tables import by_names
from .baseline import unbound
from .decision import HERE, LOOKED, TAKEN
from .moments import BUDGET, COMPARED, STEPS
from .practice import LONGER, PRACTICE
from .practice import PAIRS as MANY
from .when import RIVALS
from .writing import WRITING

LSTM, BOTH, TWICE = "lstm-forget-1", "bidirectional", "deep-bidirectional"


# What sections and claims share


def right(pairs: int, load=load) -> dict[tuple[str, str], np.ndarray]:
    """Accuracy with so many pairs (seeds,), by model and the moment at which it learns which one matters."""
    return by_names((COMPARED, MOMENTS), load(RIVALS, RIVALS.settings(pairs=pairs)).final)


def practised(model: str, when: str, load=load) -> np.ndarray:
    """(seeds,): accuracy after the longer training."""
    return load(PRACTICE, PRACTICE.settings(variant=model, when=when)).final


def easy(when: str, load=load) -> float:
    """An LSTM's accuracy with as many keys as pairs."""
    return load(WRITING, WRITING.settings(when=when, keys=8)).final.mean()


def _means(pairs: int) -> dict[tuple[str, str], float]:
    return {at: runs.mean() for at, runs in right(pairs).items()}


def _decided(experiment: Experiment, when: str) -> tuple[float, float]:
    """How much the pair that matters counts, and the mean over the others."""
    by_pair = load(experiment, experiment.settings(when=when)).by_pair.mean(0)  # (pairs,)
    return by_pair[HERE], np.delete(by_pair, HERE).mean()


# A function a section


def gates() -> dict:
    """The task, and the pairs that an LSTM takes in."""
    task, (last, last_other), (flag, flag_other) = Moments(), _decided(TAKEN, "last"), _decided(TAKEN, "flag")
    return {
        "keys": task.keys,
        "values": task.values,
        "chance": task.chance,
        "last_taken": last,
        "last_other": last_other,
        "flag_taken": flag,
        "flag_other": flag_other,
    }


def predict() -> dict:
    """The marked pairs, as a measure for the guesses."""
    return {"parameters": BUDGET, "flag_16": right(16)[LSTM, "flag"].mean()}


def at_the_end() -> dict:
    """A decision at the end against gates that decide on the way."""
    runs = right(16)[LSTM, "last"]  # (seeds,)
    with_8, with_16, with_32 = (_means(pairs) for pairs in (8, 16, 32))
    here, elsewhere = _decided(LOOKED, "last")
    return {
        "last_16": runs.mean(),
        "last_16_low": runs.min(),
        "last_16_high": runs.max(),
        "seeds": len(runs),
        "flag_16": with_16[LSTM, "flag"],
        "last_32": with_32[LSTM, "last"],
        "flag_32": with_32[LSTM, "flag"],
        "unbound_16": unbound(16),
        "first_16": with_16[LSTM, "first"],
        "first_8": with_8[LSTM, "first"],
        "gru_first_8": with_8["gru", "first"],
        "gru_last_8": with_8["gru", "last"],
        "kept_last_16": with_16["attention", "last"],
        "kept_last_32": with_32["attention", "last"],
        "kept_flag_32": with_32["attention", "flag"],
        "read_here": here,
        "read_else": elsewhere,
    }


def train() -> dict:
    """What a run takes."""
    return {"steps": STEPS}


def misleads() -> dict:
    """What practice, a second direction, easy keys and a second layer change."""
    with_8, with_16, with_32 = (_means(pairs) for pairs in (8, 16, 32))
    taken, other = _decided(TAKEN, "first")
    return {
        **_table(with_16),
        "gru_first_16": with_16["gru", "first"],
        "gru_last_16": with_16["gru", "last"],
        "steps": STEPS,
        "longer": LONGER * STEPS,
        "first_taken": taken,
        "first_other": other,
        **{f"easy_{when}": easy(when) for when in MOMENTS},
        "kept_first_8": with_8["attention", "first"],
        "kept_first_16": with_16["attention", "first"],
        "deep_first_8": with_8["deep-attention", "first"],
        "deep_first_16": with_16["deep-attention", "first"],
        "deep_first_32": with_32["deep-attention", "first"],
        "rnn_flag_8": with_8["rnn", "flag"],
        "rnn_last_8": with_8["rnn", "last"],
        "rnn_flag_32": with_32["rnn", "flag"],
        **_designs(),
    }


def _designs() -> dict:
    """Asked first: the best of the designs of one layer, the least of those of two, whatever their places."""
    from ..structure.numbers_blocks import marks  # here: whoever loads this lens needs not load that one

    found = marks("first", 0)
    by_layers = {n: [runs.mean() for (name, _), runs in found.items() if name.endswith(n)] for n in ("1", "2")}
    return {"designs": len(found), "one_layer_most": max(by_layers["1"]), "two_layers_least": min(by_layers["2"])}


def _table(soon: dict[tuple[str, str], float]) -> dict:
    """Asked first and asked last, after the usual training and after the longer one."""
    table = {}
    for name, model in (("", LSTM), ("both_", BOTH), ("twice_", TWICE)):
        for when in ("first", "last"):
            table[f"{name}{when}_{MANY}"] = soon[model, when]
            table[f"{name}long_{when}"] = practised(model, when).mean()
    return table


def method() -> dict:
    """The size of the models, and their training."""
    return {"parameters": BUDGET, "steps": STEPS}
