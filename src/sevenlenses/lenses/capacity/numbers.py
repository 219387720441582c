"""The numbers that the text on capacity takes from its runs, a function a section; and what its claims share."""

from __future__ import annotations

from math import comb, log2

import numpy as np

from ...models.variants import MAIN
from ...records import load
from ...tasks.recall import Recall
from ..rates import RATES, SEEDS
from ..tables import by_name, by_names
from .address import CELLS, budget
from .echo import ECHO, LENGTHS
from .echo import KEPT as ECHO_KEPT
from .limits import BLANKS, KEPT, LIMITS, STORED, WAYS
from .limits import PAIRS as FEW
from .pairs import PAIRS, PAIRS_STORED, reach
from .patience import PAIRS as PATIENT
from .patience import PATIENCE
from .recall import COMPARED, RECALL, SIZES, STEPS, unbound
from .rooms import MEMORIES, ROOMS
from .rooms import PAIRS as ROOM_PAIRS
from .small import SIZE as SMALLEST
from .state import LADDER, STATES
from .text import COMPARED as WRITERS
from .text import SETTINGS as WRITTEN
from .text import task_of
from .tokens import TOKENS

LSTM = "lstm-forget-1"
SMALL, MIDDLE, LARGE = SIZES
MANY = 16  # pairs for which what is kept is compared

Cells = dict[tuple, np.ndarray]  # (seeds,) each


# What sections and claims share


def stored(size: int, load=load) -> Cells:
    """Accuracy of models of a size, by model and number of pairs."""
    return by_names((MAIN, PAIRS), load(PAIRS_STORED, PAIRS_STORED.settings(size=size)).final)


def most(size: int, load=load) -> np.ndarray:
    """(seeds,): pairs that an LSTM of a size stores at nine in ten."""
    return reach(by_name(MAIN, load(PAIRS_STORED, PAIRS_STORED.settings(size=size)).final)[LSTM])


def changed(load=load) -> Cells:
    """Accuracy of an LSTM, by how it is changed and number of pairs."""
    return by_names((WAYS, FEW), load(LIMITS, LIMITS.settings()).ways)


def waited(load=load) -> Cells:
    """Accuracy on few pairs, by model and the blank steps over which they are kept."""
    return by_names((KEPT, BLANKS), load(LIMITS, LIMITS.settings()).time)


def states(pairs: int, load=load) -> tuple[dict[tuple, int], Cells]:
    """Numbers kept of so many pairs, and accuracy, by model and size."""
    runs = load(STATES, STATES.settings(pairs=pairs))
    floats, final = (by_names((COMPARED, LADDER), values) for values in (runs.floats, runs.final))
    return {at: int(kept.item()) for at, kept in floats.items() if np.isfinite(kept)}, final


def _capacity(experiment, **settings) -> dict[str, float]:
    """Inputs that can still be read from an untrained model's memory, summed over distances."""
    found = experiment.measure(**settings)
    return {model: np.median(runs) for model, runs in by_name(experiment.models(found), found.capacity).items()}


# A function a section


def state() -> dict:
    """What can still be read from the state of an untrained network."""
    usual = _capacity(ECHO)
    return {
        "echo_rnn": usual["rnn"],
        "echo_lstm": usual["lstm"],
        "echo_turned": _capacity(ECHO, recurrence="orthogonal")["rnn"],
        "echo_lstm_128": _capacity(ECHO, size=128)["lstm"],
    }


def predict() -> dict:
    """How long the network reads."""
    return {"kept_steps": int(LENGTHS[-1])}


def every_step() -> dict:
    """What it costs to keep a vector for each step, and what it gives."""
    echo = ECHO_KEPT.measure()
    kept = {model: row[0, -1] for model, row in by_name(ECHO_KEPT.models(echo), echo.kept).items()}  # bytes
    task, right = Recall(), {at: runs.mean() for at, runs in stored(MIDDLE).items()}
    return {
        **predict(),
        "kept_rnn": int(kept["rnn"]),
        "kept_lstm": int(kept["lstm"]),
        "kept_all": kept["kept"] / 2**20,
        "reads": task.reads,
        "keys": task.keys,
        "values": task.values,
        "steps": STEPS,
        "chance": task.chance,
        "unbound_2": unbound(2),
        "unbound_32": unbound(32),
        "small": SMALL,
        "middle": MIDDLE,
        "large": LARGE,
        "reach_small": most(SMALL).mean(),
        "reach_middle": most(MIDDLE).mean(),
        "reach_large": most(LARGE).mean(),
        **{f"lstm_{pairs}": right[LSTM, pairs] for pairs in PAIRS},
        **{f"{model}_{pairs}": right[model, pairs] for model in ("rnn", "gru") for pairs in (2, 8)},
        **{f"attention_{pairs}": right["attention", pairs] for pairs in (2, 32)},
    }


def _patience() -> dict:
    """A GRU with two pairs: in the usual budget at every learning rate, and in a longer one."""
    short = [
        load(RECALL, RECALL.settings(variant="gru", pairs=PATIENT, rate=rate), SEEDS).final.mean() for rate in RATES
    ]
    return {
        "gru_best": max(short),
        "gru_longer": load(PATIENCE, PATIENCE.settings()).final.mean(),
        "unbound_2": unbound(PATIENT),
    }


def misleads() -> dict:
    """What the LSTM lacks beside room, and a fixed state that is used better."""
    task, right, larger, way, wait = Recall(), stored(MIDDLE), stored(LARGE), changed(), waited()
    floats, final = states(MANY)
    values = 8 * log2(task.values)  # bits
    return {
        "keys": task.keys,
        "values": task.values,
        "bits_8": log2(comb(task.keys, 8)) + values,
        "bits_few": values,
        "lstm_numbers": floats[LSTM, MIDDLE],
        "lstm_8": right[LSTM, 8].mean(),
        "lstm_16": right[LSTM, 16].mean(),
        "few_8": way["lstm-few-keys", 8].mean(),
        "few_16": way["lstm-few-keys", 16].mean(),
        "longer_8": way["lstm-longer", 8].mean(),
        "longer_16": way["lstm-longer", 16].mean(),
        **_patience(),
        **{f"large_{pairs}": larger[LSTM, pairs].mean() for pairs in (8, 16, 32)},
        "held": STORED,
        "far": BLANKS[-1],
        "usual_0": wait[LSTM, 0].mean(),
        "usual_far": wait[LSTM, BLANKS[-1]].mean(),
        "chrono_far": wait["lstm-chrono", BLANKS[-1]].mean(),
        "attention_far": wait["attention", BLANKS[-1]].mean(),
        "smallest": SMALLEST,
        "large": LARGE,
        "linear_floats": floats["linear-attention", SMALLEST],
        "linear_right": final["linear-attention", SMALLEST].mean(),
        "lstm_floats": floats[LSTM, LARGE],
        "lstm_right": final[LSTM, LARGE].mean(),
        **_rooms(),
        **_tokens(),
    }


def _rooms() -> dict:
    """Memories of one size, by what is written."""
    right = by_names((MEMORIES, ROOM_PAIRS), load(ROOMS, ROOMS.settings()).final)
    names = dict(zip(("vector", "sum", "gated", "reading", "delta"), CELLS, strict=True))
    most = ROOM_PAIRS[-1]
    return {
        **{f"room_{name}": right[cell, MANY].mean() for name, cell in names.items()},
        **{f"room_{name}_{most}": right[names[name], most].mean() for name in ("gated", "delta")},
        "room_vector_size": budget("vector"),
        "room_matrix_size": max(budget(name) for name in CELLS if name != "vector"),
    }


def _tokens() -> dict:
    """Recall token by token."""
    few, many = (by_name(WRITERS, load(TOKENS, TOKENS.settings(setting=one)).final) for one in ("few", "many"))
    task = task_of({"setting": "few"})
    return {
        "token_length": task.length,
        "token_values": task.unbound,
        "token_size": WRITTEN["few"][1],
        "many_size": WRITTEN["many"][1],
        "token_lstm": few[LSTM].mean(),
        "token_gru": few["gru"].mean(),
        "token_one": few["attention"].mean(),
        "token_one_placed": few["attention-positions"].mean(),
        "token_two_plain": few["deep-attention"].mean(),
        "token_two": few["deep-positions"].mean(),
        "token_short": few["short-attention"].mean(),
        "token_linear": few["linear-attention"].mean(),
        "token_linear_short": few["short-linear"].mean(),
        "many_two_low": many["deep-positions"].min(),
        "many_two_high": many["deep-positions"].max(),
        "many_short": many["short-attention"].mean(),
        "many_linear_short": many["short-linear"].mean(),
    }
