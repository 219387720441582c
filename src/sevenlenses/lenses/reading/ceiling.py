"""What it is worth to know which names a sentence has, and not where they stand."""

from __future__ import annotations

from math import comb, factorial

import numpy as np

from ...tasks.sentences import CLAUSE, FIRST, SUSPECTS, Sentences


def names_known(words: int, suspects: int = len(SUSPECTS), unknown: float = Sentences().unknown) -> float:
    """The accuracy of the best answer that sees the words of a sentence of `Sentences`, and not their order.

    Every clause brings one name more, unless it is an unknown word. Of the names that are seen, each is as likely
    to be the suspect as any other; so the best answer is the commonest of them.
    """
    clauses = (words - FIRST) // len(CLAUSE)
    seen = [comb(clauses, n) * (1 - unknown) ** n * unknown ** (clauses - n) for n in range(clauses + 1)]
    return sum(share * commonest(n + 1, suspects) / (n + 1) for n, share in enumerate(seen))


def commonest(draws: int, kinds: int) -> float:
    """The expected count of the commonest of `kinds`, in so many even draws.

    The ways in which no kind comes more than m times are draws! [x^draws] (Σ_{i ≤ m} x^i / i!)^kinds.
    """
    ways = []
    for most in range(draws + 1):
        one = np.array([1 / factorial(i) for i in range(most + 1)])
        power = np.ones(1)
        for _ in range(kinds):
            power = np.convolve(power, one)[: draws + 1]
        ways.append(power[draws] * factorial(draws) / kinds**draws if len(power) > draws else 0.0)
    return float(sum(1 - at_most for at_most in ways[:-1]))
