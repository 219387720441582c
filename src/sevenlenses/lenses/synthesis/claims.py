"""What the synthesis settles."""

from __future__ import annotations

import numpy as np

from ...lens import Claim, Finding
from .apart import ROWS, WHOLE
from .ladder import LADDER_PICTURE, MOVES, NAMES
from .numbers import ALL_STEPS, climbed, passed, practised
from .practice import LONGER
from .rungs import BUDGET, LADDER, STEPS, TESTS

MOVED = 0.1  # a smaller gain is none
PASSED = 0.9  # mean accuracy on a test
PASSES = {"chained-roles": "attention over an LSTM's states", "tied-heads": "attention with one role and four heads"}


def five_steps(load) -> Finding:
    """Y1: does each step move its number, does the last one pass every test, and does anything else?"""
    final, row = climbed(load)
    gained = {step: final[step, test] - final[step - 1, test] for step, test in enumerate(MOVES) if test in TESTS}
    least = np.min(list(gained.values()), 0)  # (seeds,)
    idle = [NAMES[step] for step, gain in gained.items() if gain.mean() < MOVED]
    free = MOVES.index("waits")
    if row[free] > row[free - 1] / 2:
        idle.append(NAMES[free])
    if idle:
        return Finding(f"fails as stated: these steps do not move their number: {', '.join(idle)}", least)
    weakest = min(final[ALL_STEPS[-1], test].mean() for test in TESTS)
    if weakest < PASSED:
        return Finding(f"fails as stated: with all five steps a test is still at {weakest:.2f}", least)
    right = passed(load)
    others = [
        PASSES.get(name, f"attention with {words.removeprefix('− ')}")
        for name, words in ROWS.items()
        if name not in (WHOLE, "attention") and all(right[name, test].mean() >= PASSED for test in TESTS)
    ]
    others += [
        f"step {LADDER.index(name)} with {LONGER} times the training ({better:.2f} where it failed)"
        for name, better in practised(load).items()
        if better >= PASSED
    ]
    if not others:
        return Finding("holds", least)
    mean = min(gain.mean() for gain in gained.values())
    return Finding(
        f"holds with a caveat: each of five steps moves its number, accuracies by {mean:.2f} or more on average and "
        f"{least.min():.2f} on the weakest seed, and the last is attention. But the principles do not single it out: "
        f"these pass all tests, or nearly, too: {'; '.join(others)}",
        least,
    )


CLAIMS = (
    Claim(
        "Y1",
        "The seven limits lead to five principles, and those to self-attention.",
        "the least gain in accuracy that one of the steps brings on the test that it was added for",
        LADDER_PICTURE,
        five_steps,
        scope=f"one-layer models of {BUDGET:,} parameters, no positions, no feed-forward part; {len(TESTS)} small "
        f"tests; {STEPS} training steps, or {LONGER} times that",
    ),
)
