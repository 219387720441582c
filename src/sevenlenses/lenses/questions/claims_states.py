"""What became of the answers about the last state, and about what follows it."""

from __future__ import annotations

import numpy as np

from ...lens import Claim, Finding
from ...models.loud_head import LOUDER
from ..synthesis.rungs import RUNGS
from .answers import ANSWERS, CHOSEN, POOLED, TESTS
from .heads import STEPS
from .heads import TESTS as ASKED
from .shares import DEPTH, DEPTHS, PARTS, SHARES
from .summary import SUMMARY, guess

ENOUGH = 0.9  # mean accuracy
HALF = 0.5  # less is not a summary of the whole
GAIN = 0.05  # a smaller difference in mean accuracy is none


def summed_up(load) -> Finding:
    """Q12: does the last state hold the answer, and does it hold the rest?"""
    trained, rest = [], []
    for test in ("first", "pairs"):
        run = load(SUMMARY, SUMMARY.settings(test=test))
        trained.append(run.final[:, 0])
        rest.append(run.told[:, 0, 1:].mean(1) if test == "first" else run.told[:, 0].mean(1))  # (seeds,)
    others, answers = rest[0], np.mean(trained, 1)  # (seeds,), (tests,)
    if answers.min() < ENOUGH:
        return Finding(f"fails as stated: not even the answer is there ({answers.min():.2f})", others)
    if min(others.mean(), rest[1].mean()) > ENOUGH:
        return Finding("holds", others)
    told = load(SUMMARY, SUMMARY.settings(test="first")).told
    last, before = told[:, 0, -1].mean(), told[:, 1, 1:].mean()
    many = load(RUNGS, RUNGS.settings(variant="lstm-forget-1", test="many")).final.mean()
    kind = "fails as stated" if others.mean() < HALF else "holds with a caveat"
    return Finding(
        f"{kind}: it sums up what training asked for, mostly, and no more than fits. Asked for the first "
        f"token, the network answers {answers[0]:.2f}; of the others a linear reader gets {others.mean():.2f} from its "
        f"last state (of the last of them {last:.2f}; a guess {guess('first'):.2f}; before training {before:.2f}). Of "
        f"32 pairs it answers {many:.2f}",
        others,
    )


def depths(final: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(seeds, TESTS) each, of (seeds, DEPTHS, TESTS): with one layer, and what the second one adds."""
    rows = list(DEPTHS)
    one = final[:, rows.index("lstm-forget-1")]
    return one, final[:, rows.index("deep-head")] - one


def ordinary(load) -> Finding:
    """Q13: does a second layer on the state answer what one does not?"""
    one, more = depths(load(DEPTH, DEPTH.settings()).final)
    gains = more.mean(0)  # (TESTS,)
    worst = int(gains.argmax())
    if one.mean(0).min() > ENOUGH and gains.max() < GAIN:
        return Finding("holds", one.mean(1))
    return Finding(
        f"holds with a caveat: on {ASKED[worst]} a second layer adds {gains[worst]:.2f} to {one.mean(0)[worst]:.2f}",
        one.mean(1),
    )


def small(load) -> Finding:
    """Q18: how large is the head, and who has to learn?"""
    found, longer = (load(SHARES, SHARES.settings(longer=n)) for n in (1, 4))
    body, loud, head, deep = (
        list(PARTS).index(name) for name in ("body-alone", "loud-body-alone", "head-alone", "deep-head-alone")
    )
    share = found.trained[0, head]
    alone = found.final[:, head].mean(1)  # (seeds,)
    means, later = found.final.mean(0), longer.final.mean(0)  # (rows, TESTS) each
    heads = later[[head, deep]].max(0)  # (TESTS,)
    if share > 0.1:
        return Finding(f"fails as stated: the head has {share:.0%} of the parameters", alone)
    if heads.max() < ENOUGH <= means[body].min():
        return Finding("holds", alone)
    least = int(later[body].argmin())
    return Finding(
        f"holds with a caveat: small ({share:.0%} of the parameters), and it need not even learn, but then it must be "
        f"loud on {ASKED[least]}. With the head left as it started the LSTM gets {later[body, least]:.2f} there after "
        f"{4 * STEPS:,} steps, with one {LOUDER:g} times as large {means[loud, least]:.2f} after {STEPS:,}. The head "
        f"alone passes {sum(heads >= ENOUGH)} of {len(ASKED)} tests",
        alone,
    )


def elsewhere(load) -> Finding:
    """Q19: are there answers from every state, and answers that all states give better than the last?"""
    found = load(ANSWERS, ANSWERS.settings())
    last = found.final[:, POOLED.index("lstm-forget-1")]  # (seeds, TESTS)
    weighed = found.final[:, [POOLED.index(name) for name in CHOSEN]].mean(0)  # (CHOSEN, TESTS)
    gain = weighed.max(0) - last.mean(0)  # (TESTS,)
    least = found.each.min(1)  # (seeds,)
    if least.mean() > ENOUGH and gain.max() > GAIN:
        return Finding("holds", least)
    return Finding(
        f"fails as stated: at some step the answer is right {least.mean():.2f} of the time, and reading all states "
        f"adds at most {gain.max():.2f} to the best test of {len(TESTS)}",
        least,
    )


STATES = (
    Claim(
        "Q12",
        "The last state is a summary of the whole sequence.",
        "accuracy of a linear readout of h(T), trained on the first token, at the other tokens",
        SUMMARY,
        summed_up,
    ),
    Claim(
        "Q13",
        "What follows the last state is an ordinary layer.",
        "accuracy with one linear layer, mean over three tests",
        DEPTH,
        ordinary,
    ),
    Claim(
        "Q18",
        "The head is a small network, often one linear layer.",
        "accuracy when the head alone is trained, mean over three tests",
        SHARES,
        small,
    ),
    Claim(
        "Q19",
        "The answer need not come from the last state alone.",
        "the LSTM's least accuracy over the steps of a sequence, each answered from its own state",
        ANSWERS,
        elsewhere,
    ),
)
