"""The numbers that the text on the playground takes from its recorded networks, a function a section."""

from __future__ import annotations

from itertools import takewhile

import numpy as np

from ..tasks.sentences import FIRST, SUSPECTS, Sentences
from .page import EXAMPLES, LONGEST, START
from .reading import answers
from .training import STEPS, recorded
from .weights import SEEDS

RIGHT = "cook"  # in the examples that the text speaks of


def what_you_see() -> dict:
    """The line in the strip."""
    return {"chance": Sentences().chance}


def before_you_tell() -> dict:
    """How typical the opening is, and what was practised."""
    opened, exact = _read(START["step"]), _read(STEPS[-1], diet="19")
    seed = START["seed"]
    mine = opened[seed]
    names, right = _said(mine["rnn"]), SUSPECTS.index(RIGHT)
    flip = next(n for n in range(FIRST, len(names)) if names[n] != names[n - 1])
    lstm = [_said(one["lstm"]) for one in exact.values()]
    return {
        "seeds": len(SEEDS),
        "rnn_5": mine["rnn"][FIRST - 1, right].item(),
        "rnn_end": mine["rnn"][-1, right].item(),
        "lstm_end": mine["lstm"][-1, right].item(),
        "flip": flip + 1,
        "flip_to": names[flip],
        "start_step": START["step"],
        "rnn_held": _held(opened, "rnn"),
        "lstm_held": _held(opened, "lstm"),
        "attention_held": _held(opened, "attention"),
        "all_hold": _all_hold(),
        "early_step": next(step for step in STEPS if _held(_read(step, seeds=[seed]), "rnn")),
        "parameters": recorded("rnn", "mixed").budget,
        "longest": Sentences().longest,
        "exact_wait": recorded("rnn", "19").task.words - FIRST,
        "last_step": STEPS[-1],
        "exact_rnn": max(one["rnn"][-1].max().item() for one in exact.values()),
        "exact_lstm": sum(names[-1] == RIGHT for names in lstm),
        "exact_lstm_5": sum(names[FIRST - 1] == RIGHT for names in lstm),
        "read_to": LONGEST,
    }


def more_clauses() -> dict:
    """Task 1: the sentence goes on."""
    return {"longer_held": _held(_read(_all_hold(), "four clauses"), "rnn")}


def never_asked() -> dict:
    """Task 2: an answer before word 19, of networks that were asked there alone."""
    names = _said(_read(STEPS[-1], diet="19", seeds=[0])[0]["lstm"])
    return {"exact_found": names.index(RIGHT) + 1}


def another_order() -> dict:
    """Task 3: the name is not the fifth word."""
    found = _read(STEPS[-1], "another order")
    strangers = set(SUSPECTS) - set(EXAMPLES["another order"].split())
    ends = {seed: {name: _said(chances)[-1] for name, chances in one.items()} for seed, one in found.items()}
    every = [end for by_model in ends.values() for end in by_model.values()]
    fooled = [one["lstm"][-1].max().item() for seed, one in found.items() if ends[seed]["lstm"] in strangers]
    return {
        "other_seed": max(seed for seed, by_model in ends.items() if RIGHT not in by_model.values()),
        "other_right": every.count(RIGHT),
        "other_all": len(every),
        "other_strangers": sum(end in strangers for end in every),
        "other_sure": max(fooled),
    }


def carried() -> dict:
    """What the page carries."""
    return {"stops": len(STEPS)}


def _read(step: int, example: str = "two clauses", diet: str = "mixed", seeds=SEEDS) -> dict[int, dict]:
    """By seed and model: the probability of each name (words, suspects) after every word."""
    return {seed: answers(diet, seed, step, EXAMPLES[example].split()) for seed in seeds}


def _said(chances: np.ndarray) -> list[str]:
    """The name that is said after each word."""
    return [SUSPECTS[n] for n in chances.argmax(-1)]


def _held(runs: dict[int, dict], model: str) -> int:
    """On how many seeds a model says the right name after the fifth word and after every later one."""
    return sum(set(_said(one[model])[FIRST - 1 :]) == {RIGHT} for one in runs.values())


def _all_hold() -> int:
    """The stop of training from which on the RNN holds the name on all seeds."""
    return min(takewhile(lambda step: _held(_read(step), "rnn") == len(SEEDS), reversed(STEPS)))
