"""The numbers that the answers about gates take from their runs, a function a question; and what their claims share."""

from __future__ import annotations

import numpy as np

from ...records import load
from ..tables import by_name, by_names, means
from .exposed import EXPOSED
from .exposed import MODELS as WITH_AND_WITHOUT
from .gates import BUDGET, GATES, TASKS
from .noise import COMPARED, NOISES
from .noisy import NOISY
from .selective import SELECTIVE
from .sharing import MODELS, SHARING, at_one_rate

OWN, COUPLED, EQUAL, SHARED, SINGLE = "lstm-forget-1", "lstm-coupled", "lstm-equal", "lstm-shared", "lstm-single"
BARE = "lstm-exposed"
SLOW = 0.003  # a learning rate that all bear
LOUD = 2.0  # standard deviation of the noise

Runs = dict[tuple, np.ndarray]  # (seeds,) each


# What questions and claims share


def tied(load=load, **settings) -> tuple[Runs, Runs]:
    """By model and task: accuracy, and training steps."""
    found = load(SHARING, SHARING.settings(**settings))
    return tuple(by_names((MODELS, TASKS), values) for values in (found.final, found.used))


def bared(load=load) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """By model, with and without output gate: accuracy, and training steps, (seeds, TASKS) each."""
    found = load(EXPOSED, EXPOSED.settings())
    return tuple(by_name(WITH_AND_WITHOUT, values) for values in (found.final, found.used))


def by_task(runs: dict[str, np.ndarray]) -> dict[str, dict[str, float]]:
    """By model and then task: the mean of (seeds, TASKS)."""
    return {model: dict(zip(TASKS, values.mean(0), strict=True)) for model, values in runs.items()}


def changed(load=load) -> Runs:
    """By model, and the step that gets another value, "flagged" or "other": how often the answer changes."""
    return by_names((MODELS, ("flagged", "other")), load(SELECTIVE, SELECTIVE.settings()).changed)


def moved(load=load) -> Runs:
    """By model and gate: how far a gate at the flagged step is from the same gate elsewhere."""
    return by_names((MODELS, GATES), load(SELECTIVE, SELECTIVE.settings()).apart)


def shaken(rate: str | float = "chosen", load=load) -> Runs:
    """By model and noise on its gates: accuracy."""
    return by_names((COMPARED, NOISES), load(NOISY, NOISY.settings(rate=rate)).right)


# A function a question


def four_matrices() -> dict:
    """4: gates that share their weights."""
    right, steps = (means(runs) for runs in tied())
    return {
        "q4_budget": BUDGET,
        "q4_coupled_pairs": right[COUPLED, "recall"],
        "q4_coupled_steps": steps[COUPLED, "recall"],
        "q4_lstm_pairs": right[OWN, "recall"],
        "q4_lstm_steps": steps[OWN, "recall"],
        "q4_shared_flag": right[SHARED, "flag"],
        "q4_shared_pairs": right[SHARED, "recall"],
        "q4_shared_steps": steps[SHARED, "recall"],
        "q4_shared_small": tied(matched="size")[0][SHARED, "recall"].mean(),
        "q4_shared_first": steps[SHARED, "latch"],
        "q4_lstm_first": steps[OWN, "latch"],
        "q4_lstm_slow": at_one_rate(load, OWN, "recall", SLOW)[0],
        "q4_shared_slow": at_one_rate(load, SHARED, "recall", SLOW)[0],
        "q4_shared_fast": at_one_rate(load, SHARED, "recall", 0.03)[1],
        "q4_equal_steps": steps[EQUAL, "recall"],
        "q4_single_flag": right[SINGLE, "flag"],
        "q4_single_pairs": right[SINGLE, "recall"],
        "q4_single_latch": right[SINGLE, "latch"],
        "q4_chance": TASKS["recall"].chance,
    }


def output_gate() -> dict:
    """5: without an output gate."""
    final, used = bared()
    right, steps = means(final), by_task(used)
    return {
        "q5_lstm": right[OWN],
        "q5_bare": right[BARE],
        "q5_gru": right["gru"],
        "q5_present": TASKS["report"].present,
        "q5_lstm_steps": steps[OWN]["recall"],
        "q5_bare_steps": steps[BARE]["recall"],
        "q5_gru_steps": steps["gru"]["recall"],
        "q5_lstm_first": steps[OWN]["latch"],
        "q5_bare_first": steps[BARE]["latch"],
        "q5_gru_first": steps["gru"]["latch"],
    }


def what_matters() -> dict:
    """7: what the answer hangs on, with shared gates."""
    told, gate = means(changed()), means(moved())
    return {
        "q7_flag": told[SHARED, "flagged"],
        "q7_other": told[SHARED, "other"],
        "q7_gate": gate[SHARED, "forget"],
        "q7_forget": gate[OWN, "forget"],
        "q7_output": gate[OWN, "output"],
    }


def noisy_gates() -> dict:
    """17: noise on gates, at the rates chosen and at one for all."""
    chosen, same, slow, fast = (means(shaken(rate)) for rate in ("chosen", 0.01, 0.001, 0.03))
    return {
        "q17_clean": chosen[SHARED, 0.0],
        "q17_shared": chosen[SHARED, LOUD],
        "q17_lstm": chosen[OWN, LOUD],
        "q17_shared_same": same[SHARED, LOUD],
        "q17_lstm_same": same[OWN, LOUD],
        "q17_lstm_slow": slow[OWN, LOUD],
        "q17_lstm_fast": fast[OWN, LOUD],
        "q17_shut_slow": _shut(0.001)[OWN],
        "q17_shut_fast": _shut(0.03)[OWN],
        "q17_shut_same": _shut(0.01)[OWN],
        "q17_drilled": same["lstm-noisy", LOUD],
        "q17_shared_drilled": same["lstm-shared-noisy", LOUD],
        "q17_shut_drilled": _shut(0.01)["lstm-noisy"],
    }


def _shut(rate: float) -> dict[str, float]:
    """By model: the share of its gates that are nearly open or nearly shut."""
    return means(by_name(COMPARED, load(NOISY, NOISY.settings(rate=rate)).shut))
