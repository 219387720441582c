"""The numbers that the text on reading takes from the runs whose gates are watched, a function a section."""

from __future__ import annotations

import numpy as np

from ...records import load
from ...tasks.sentences import FIRST
from ..tables import by_name, means
from .watching import GATES, GATES_RUN, HELD, LONG, MOMENTS, NAME, describe_opening

BEFORE, AFTER = (MOMENTS.index(f"{when} training") for when in ("before", "after"))


def opening(moment: int, load=load) -> dict[tuple[str, str], np.ndarray]:
    """How far the LSTM's gates are open `BEFORE` or `AFTER` training: (seeds,) by place and gate."""
    places = describe_opening(load(GATES_RUN, GATES_RUN.settings()))  # (seeds, MOMENTS, GATES) each
    return {
        (place, gate): opened
        for place, found in places.items()
        for gate, opened in by_name(GATES, found[:, moment]).items()
    }


def gates() -> dict:
    """What the three gates do, word by word."""
    before, after = opening(BEFORE), opening(AFTER)
    at = means(after)
    return {
        "input_suspect": at["suspect", "input"],
        "input_stop": int((after["stop", "input"] > after["suspect", "input"]).sum()),
        "input_names": at["names", "input"],
        "input_others": at["others", "input"],
        "forget_names": at["names", "forget"],
        "forget_clauses": at["others", "forget"],
        "forget_before": before["others", "forget"].mean(),
        "output_clauses": at["others", "output"],
        "output_stop": at["stop", "output"],
    }


def inside() -> dict:
    """What the trained LSTM's cells keep, and what is written into them."""
    runs = load(GATES_RUN, GATES_RUN.settings())
    forget = runs.gates[:, AFTER, GATES.index("forget"), FIRST:-1]  # (seeds, words of the clauses, H)
    most = forget.prod(1).max(1)  # (seeds,)
    writes, tells = runs.writes[:, AFTER], runs.tells[:, AFTER]  # (seeds, words), (seeds, words, H)
    units = tells.shape[-1]
    return {
        "forget_power": opening(AFTER)["others", "forget"].mean() ** (LONG - FIRST),
        "kept_low": most.min(),
        "kept_high": most.max(),
        "writes": np.median(writes[:, 32 - 1]),
        "writes_name": np.median(writes[:, NAME]),
        "units": units,
        "tells_least": tells[:, 33 - 1].min(),
        "left_half": runs.left[:, units // 2].mean(),
        "left_one": runs.left[:, 1].mean(),
    }


def steered() -> dict:
    """What is answered with gates held."""

    def held(start: str) -> dict[str, np.ndarray]:
        return by_name(HELD, load(GATES_RUN, GATES_RUN.settings(variant=start)).held)

    usual = held("lstm-forget-1")
    both = usual["no-input-output"]  # (seeds,)
    return {
        "held_story": usual["story"].mean(),
        "held_input": usual["no-input"].mean(),
        "held_output": usual["no-output"].mean(),
        "held_both": both.mean(),
        "held_both_low": both.min(),
        "held_both_high": both.max(),
        "held_plain_input": usual["plain-input"].mean(),
        "held_plain_forget": usual["plain-forget"].mean(),
        "held_plain_output": usual["plain-output"].mean(),
        "held_plain": usual["plain"].mean(),
        "chrono_input": held("lstm-chrono")["no-input"].mean(),
        "zero_input": held("lstm-forget-0")["no-input"].mean(),
    }
