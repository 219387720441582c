"""What the synthesis settles."""

from __future__ import annotations

import numpy as np

from ...lens import Claim, Finding
from .apart import APART, ROWS, WHOLE
from .ladder import LADDER_PICTURE, MOVES, NAMES
from .practice import BEFORE, LONGER, PRACTICE
from .rungs import LADDER, TESTS

MOVED = 0.1  # a smaller gain is none
PASSED = 0.9  # mean accuracy on a test
PASSES = {"chained-roles": "attention over an LSTM's states", "tied-heads": "attention with one role and four heads"}


def gains(final: np.ndarray) -> dict[int, np.ndarray]:
    """By step: what it adds to the accuracy that it was added for, (seeds,). final: (seeds, rungs, tests)."""
    return {
        i: final[:, i, TESTS.index(test)] - final[:, i - 1, TESTS.index(test)]
        for i, test in enumerate(MOVES)
        if test in TESTS
    }


def five_steps(load) -> Finding:
    """Y1: does each step move its number, does the last one pass every test, and does anything else?"""
    ladder, apart = (load(one, one.settings()) for one in (LADDER_PICTURE, APART))
    gained = gains(ladder.final)
    least = np.min(list(gained.values()), 0)  # (seeds,)
    idle = [NAMES[i] for i, gain in gained.items() if gain.mean() < MOVED]
    free = MOVES.index("waits")
    if ladder.waits[0, free] > ladder.waits[0, free - 1] / 2:
        idle.append(NAMES[free])
    if idle:
        return Finding(f"fails as stated: these steps do not move their number: {', '.join(idle)}", least)
    last = ladder.final[:, -1].mean(0)  # (tests,)
    if last.min() < PASSED:
        return Finding(f"fails as stated: with all five steps a test is still at {last.min():.2f}", least)
    passing = (apart.final.mean(0) >= PASSED).all(1)  # (ROWS,)
    others = [
        PASSES.get(name, f"attention with {words.removeprefix('− ')}")
        for (name, words), passes in zip(ROWS.items(), passing, strict=True)
        if passes and name not in (WHOLE, "attention")
    ]
    longer = {name: load(PRACTICE, PRACTICE.settings(variant=name)).final.mean() for name in BEFORE}
    others += [
        f"step {LADDER.index(name)} with {LONGER} times the training ({right:.2f} where it failed)"
        for name, right in longer.items()
        if right >= PASSED
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
    ),
)
