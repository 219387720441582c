"""The numbers that the text on credit takes from its runs, a function a section; and what its claims share.

Those of where the lens misleads are in `numbers_misleads`.
"""

from __future__ import annotations

import numpy as np

from ...records import load
from ...tasks.flagged import Flagged
from ..tables import by_name, by_names
from .attribution import METHODS, OTHERS
from .learning import BUDGET, LEARNING, STEPS
from .through import BACK as PLACES_BACK
from .watch import WATCH
from .watching import PLACES, REACHED, Watched

TASK = Flagged()
EARLY = 25  # training steps
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


def each(*names: str) -> Runs:
    """The watched runs of several models, by the names in `MODELS`."""
    return {name: watched(MODELS[name]) for name in names}


def share(runs: Watched, by: str = "gradient", look: int | None = None) -> float:
    """The responsible step's share of the credit."""
    return at(runs, "mass", by, look).mean()


def top(runs: Watched, by: str = "gradient", look: int | None = None) -> float:
    """How often the responsible step has most credit."""
    return at(runs, "top", by, look).mean()


def recency(runs: Watched, look: int | None = None) -> float:
    """The rank correlation of the gradient's credit with the number of the step."""
    return at(runs, "recency", look=look).mean()


def right(runs: Watched) -> float:
    """Accuracy at the early look."""
    return by_name(runs.looked[0].tolist(), runs.right)[EARLY].mean()


def reached(runs: Watched) -> float:
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
        "recency_lstm": recency(lstm, 0),
        "start_lstm": share(lstm, look=0),
        "places": PLACES,
        "near": PLACES_BACK[-1],
    }


def predict() -> dict:
    """The training steps of the guesses."""
    return {"early": EARLY, "budget": STEPS}


def every_step() -> dict:
    """A vector per step against the LSTM: before training, early, and at the end."""
    runs = each("lstm", "kept", "gru")
    lstm, kept = runs["lstm"], runs["kept"]
    by_seed = at(lstm, "mass").mean(-1)  # (seeds,)
    rnn = watched("rnn", 16)
    return {
        **opening(),
        **predict(),
        "parameters": BUDGET,
        "recency_kept": recency(kept, 0),
        "start_kept": share(kept, look=0),
        "early_kept": top(kept, look=EARLY),
        "early_lstm": top(lstm, look=EARLY),
        "early_gru": top(runs["gru"], look=EARLY),
        "right_kept": right(kept),
        "right_lstm": right(lstm),
        "enough": REACHED,
        **{f"reached_{name}": reached(run) for name, run in runs.items()},
        "kept_share": share(kept),
        "lstm_share": by_seed.mean(),
        "lstm_low": by_seed.min(),
        "lstm_high": by_seed.max(),
        "seeds": len(by_seed),
        "lstm_swap": share(lstm, "swap"),
        "rnn_64": load(LEARNING, LEARNING.settings(variant="rnn")).final.mean(),
        "rnn_16": rnn.final.mean(),
        "rnn_16_share": share(rnn),
        "rnn_16_swap": share(rnn, "swap"),
    }


def method() -> dict:
    """How credit is taken."""
    return {"others": OTHERS, "places": PLACES}
