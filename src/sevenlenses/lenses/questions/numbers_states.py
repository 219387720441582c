"""The numbers that the answers about the last state, and what follows it, take from their runs, a function a question;
and what their claims share."""

from __future__ import annotations

import numpy as np

from ...models.loud_head import LOUDER
from ...records import load
from ..synthesis.rungs import TESTS as POOLED_TESTS
from ..tables import by_name, by_names, means
from .answers import ANSWERS, POOLED
from .heads import BUDGET, STEPS, TESTS
from .shares import DEPTH, DEPTHS, PARTS, SHARES, SOLVED
from .summary import ROWS, SUMMARY, answer_alone, guess

LONGER = 4  # times the training


# What questions and claims share


def told(test: str, load=load) -> dict[str, np.ndarray]:
    """By row, trained or before training: accuracy at each step's token (seeds, steps), read from the last state."""
    return by_name(ROWS, load(SUMMARY, SUMMARY.settings(test=test)).told)


def answered(test: str, load=load) -> np.ndarray:
    """(seeds,): the trained LSTM's accuracy on the test itself."""
    return by_name(ROWS, load(SUMMARY, SUMMARY.settings(test=test)).final)["told-trained"]


def layered(load=load) -> dict[tuple[str, str], np.ndarray]:
    """By the head's depth and test: accuracy (seeds,)."""
    return by_names((DEPTHS, TESTS), load(DEPTH, DEPTH.settings()).final)


def partly_trained(longer: int = 1, load=load) -> dict[tuple[str, str], np.ndarray]:
    """By what is trained, or solved for, and test: accuracy (seeds,)."""
    return by_names(((*PARTS, SOLVED), TESTS), load(SHARES, SHARES.settings(longer=longer)).final)


def head_share(load=load) -> float:
    """The head's share of the parameters."""
    return dict(zip(PARTS, load(SHARES, SHARES.settings()).trained[0], strict=True))["head-alone"]


def pooled(load=load) -> dict[tuple[str, str], np.ndarray]:
    """By what is read, and test of the synthesis: accuracy (seeds,)."""
    return by_names((POOLED, POOLED_TESTS), load(ANSWERS, ANSWERS.settings()).final)


# A function a question


def last_state() -> dict:
    """12: what the last state tells."""
    first, pairs, right = told("first"), told("pairs"), answered("pairs").mean()
    trained, before = first["told-trained"], first["told-before"]
    return {
        "q12_asked": trained[:, 0].mean(),
        "q12_rest": trained[:, 1:].mean(),
        "q12_last": trained[:, -1].mean(),
        "q12_middle": trained[:, 1:-1].mean(),
        "q12_guess": guess("first"),
        "q12_before": before[:, 1:].mean(),
        "q12_before_first": before[:, 0].mean(),
        "q12_pairs": right,
        "q12_told": pairs["told-trained"].mean(),
        "q12_alone": answer_alone(right),
        "q12_many": pooled()["lstm-forget-1", "many"].mean(),
    }


def second_layer() -> dict:
    """13: a head of one layer, and of two."""
    right = means(layered())
    return {
        "q18_budget": BUDGET,
        **{f"q13_{test}": right["lstm-forget-1", test] for test in TESTS},
        **{f"q13_two_{test}": right["deep-head", test] for test in TESTS},
    }


def head() -> dict:
    """18: what is learned when a part is trained."""
    right, longer = means(partly_trained()), means(partly_trained(LONGER))
    return {
        "q18_share": head_share(),
        **{f"q18_body_{test}": right["body-alone", test] for test in TESTS},
        "q18_body_longer": longer["body-alone", "pairs"],
        "q18_louder": LOUDER,
        "q18_loud_pairs": right["loud-body-alone", "pairs"],
        **{f"q18_head_{test}": right["head-alone", test] for test in TESTS},
        "q18_deep_parity": right["deep-head-alone", "parity"],
        **{f"q18_solved_{test}": right[SOLVED, test] for test in TESTS},
        "q18_steps": STEPS,
        "q18_longer": longer["head-alone", "first"],
    }


def every_state() -> dict:
    """19: answers from every state, and from all of them."""
    right = means(pooled())
    return {
        "q19_each": load(ANSWERS, ANSWERS.settings()).each.mean(0).min(),
        "q19_far": right["lstm-forget-1", "far"],
        "q19_few": right["lstm-forget-1", "few"],
        "q19_last": right["lstm-forget-1", "many"],
        "q19_mean": right["rung-mean", "far"],
        "q19_mean_few": right["rung-mean", "few"],
        "q19_asked": right["rung-asked", "many"],
        "q19_chosen": right["rung-selective", "many"],
    }
