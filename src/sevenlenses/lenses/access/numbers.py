"""The numbers that the text on memory access takes from its runs, a function a section; and what its claims share."""

from __future__ import annotations

import numpy as np

from ...records import load
from ...tasks.hops import Hops
from ..structure.places import NAMES as DESIGNED
from ..structure.places import PLACES
from ..structure.places import POSITIONS as KINDS
from ..tables import by_name, by_names
from .again import RIVALS, values_known
from .combine import DESIGNS
from .dilution import DILUTION, READERS
from .drift import DRIFT, Drift
from .hidden import HIDDEN
from .reads import BUDGET, COMPARED, READS, READS_RUN, STORE, WAITS
from .together import DONE, TOGETHER

LSTM, PLACED, LINEAR = "lstm-forget-1", "attention-positions", "linear-attention"
TIMES = range(1, READS + 1)  # reads

Cells = dict[tuple[str, int], np.ndarray]  # (seeds,), by model and read


# What sections and claims share


def right(trained: int = 1, asked: str = "random", load=load) -> Cells:
    """Accuracy at each read, of models that were trained for so many."""
    return by_names((COMPARED, TIMES), load(RIVALS, RIVALS.settings(trained=trained, asked=asked)).right)


def moving(trained: int = 1, load=load) -> Drift:
    """How an LSTM's memory moves, step by step."""
    return load(DRIFT, DRIFT.settings(variant=LSTM, trained=trained))


def store_moved(load=load) -> float:
    """How far reads move what attention has stored, at most."""
    return load(READS_RUN, READS_RUN.settings(variant="attention", trained=1)).drift.max()


def in_sight(model: str, asked: str = "random", load=load) -> tuple[float, float]:
    """Accuracy of the last read with the earlier ones in sight, and with them hidden."""
    runs = load(HIDDEN, HIDDEN.settings(variant=model, asked=asked))
    return runs.seen[:, -1].mean(), runs.unseen[:, -1].mean()


def used(load=load) -> tuple[Cells, Cells]:
    """By design: what lies open at a read, of the value asked for (0) and of another (1); and tasks of two reads."""
    found = load(TOGETHER, TOGETHER.settings())
    return by_names((tuple(DESIGNS), range(2)), found.sees), by_names((tuple(DESIGNS), DONE), found.final)


# A function a section


def cell() -> dict:
    """The task, and what reads do to an LSTM's cell and its answers."""
    once, drift = right(), moving().drift
    last = once[LSTM, READS]  # (seeds,)
    return {
        "pairs": STORE.pairs,
        "values": STORE.values,
        "chance": STORE.chance,
        "last": READS,
        "drift_1": np.median(drift[:, 1]),
        "drift_8": np.median(drift[:, 8]),
        **{f"once_{read}": once[LSTM, read].mean() for read in (1, 8, 32, 128)},
        "once_low": last.min(),
        "once_high": last.max(),
        "seeds": len(last),
        "guess": values_known(),
    }


def reads() -> dict:
    """How often the memory is read."""
    return {"last": READS}


def only_read() -> dict:
    """A store that is only read on the same axes."""
    random, same = right(), right(asked="same")
    return {
        "parameters": BUDGET,
        "kept_moved": store_moved(),
        "kept_1": random["attention", 1].mean(),
        "kept_128": random["attention", 128].mean(),
        "same_128": same["attention", 128].mean(),
        "placed_128": random[PLACED, 128].mean(),
        "rnn_1": random["rnn", 1].mean(),
        "gru_1": random["gru", 1].mean(),
        "gru_128": random["gru", 128].mean(),
    }


def misleads() -> dict:
    """Waiting, training for more reads, and a store that is buried."""
    once, often = right(), right(32)
    weight = by_names((READERS, TIMES), load(DILUTION, DILUTION.settings()).stored)
    (placed_seen, placed_hidden), (same_seen, same_hidden) = in_sight(PLACED), in_sight("attention", "same")
    return {
        **_waiting(once),
        "eight_128": right(8)[LSTM, 128].mean(),
        "often_128": often[LSTM, 128].mean(),
        "last": READS,
        "often_drift": np.median(moving(32).drift[:, READS]),
        "weight_1": np.median(weight["attention", 1]),
        "weight_128": np.median(weight["attention", 128]),
        "kept_128": once["attention", 128].mean(),
        "placed_weight_1": np.median(weight[PLACED, 1]),
        "placed_weight_128": np.median(weight[PLACED, 128]),
        "placed_seen": placed_seen,
        "placed_hidden": placed_hidden,
        "same_seen": same_seen,
        "same_hidden": same_hidden,
        "placed_often": often[PLACED, 128].mean(),
        **_kinds_of_places(),
        "linear_128": once[LINEAR, 128].mean(),
        "linear_same": right(asked="same")[LINEAR, 128].mean(),
        "linear_often": often[LINEAR, 128].mean(),
    }


def _kinds_of_places() -> dict:
    """The last read by the kind of positions, in one layer; and in two whole blocks without any."""
    last = by_names((DESIGNED, KINDS), load(PLACES, PLACES.settings(measured="reads-3")).marks)
    named = {kind: last["attend-1", kind].mean() for kind in ("learned", "alibi", "rotary")}
    return {**{f"{kind}_128": right for kind, right in named.items()}, "blocks_128": last["block-2", "none"].mean()}


def two_reads() -> dict:
    """What a read sees of the other pairs, and what takes two reads."""
    sees, final = used()
    said = {LSTM: "lstm_forget_1", "attend-1": "attend_1"}
    deeper = {"block-1": "block_1", "attend-2": "attend_2"}
    return {
        **{f"open_{key}": sees[name, 1].mean() for name, key in said.items()},
        **{f"greater_{key}": final[name, "compared"].mean() for name, key in said.items()},
        **{f"hops_{key}": final[name, "hops"].mean() for name, key in (said | deeper).items()},
        "closed": STORE.chance,
        "single_hops": Hops().single,
    }


def _waiting(once: Cells) -> dict:
    """Blank steps in place of reads; and each question straight after the writes."""
    runs = moving()
    waited = by_name(WAITS, runs.waited)
    return {
        "drift_8": np.median(runs.drift[:, 8]),
        "idle_8": np.median(runs.idle[:, 8]),
        "waited_8": waited[7].mean(),
        "waited_32": waited[31].mean(),
        "once_8": once[LSTM, 8].mean(),
        "once_32": once[LSTM, 32].mean(),
        "snapshot": by_name(COMPARED, load(RIVALS, RIVALS.settings()).snapshot)[LSTM].mean(),
    }
