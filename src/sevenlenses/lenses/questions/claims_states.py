"""What became of the answers about the last state, and about what follows it."""

from __future__ import annotations

import numpy as np

from ...lens import Claim, Finding
from ...models.loud_head import LOUDER
from ..structure.tracking import TESTED, TRAINED
from ..tables import means
from .answers import ANSWERS, CHOSEN, TESTS
from .heads import BUDGET, STEPS
from .heads import TESTS as ASKED
from .numbers_states import LONGER, answered, head_share, layered, partly_trained, pooled, told
from .shares import DEPTH, SHARES
from .summary import SUMMARY, guess

ENOUGH = 0.9  # mean accuracy
HALF = 0.5  # less is not a summary of the whole
GAIN = 0.05  # a smaller difference in mean accuracy is none


def summed_up(load) -> Finding:
    """Q12: does the last state hold the answer, and does it hold the rest?"""
    first, pairs = (told(test, load) for test in ("first", "pairs"))  # (seeds, steps) by row
    answers = {test: answered(test, load).mean() for test in ("first", "pairs")}
    others, values = first["told-trained"][:, 1:].mean(1), pairs["told-trained"].mean(1)  # (seeds,) each
    if min(answers.values()) < ENOUGH:
        return Finding(f"fails as stated: not even the answer is there ({min(answers.values()):.2f})", others)
    if min(others.mean(), values.mean()) > ENOUGH:
        return Finding("holds", others)
    last, before = first["told-trained"][:, -1].mean(), first["told-before"][:, 1:].mean()
    many = pooled(load)["lstm-forget-1", "many"].mean()
    kind = "fails as stated" if others.mean() < HALF else "holds with a caveat"
    return Finding(
        f"{kind}: it sums up what training asked for, mostly, and no more than fits. Asked for the first token, "
        f"the network answers {answers['first']:.2f}; of the others a linear reader gets {others.mean():.2f} from "
        f"its last state (of the last of them {last:.2f}; a guess {guess('first'):.2f}; before training {before:.2f}). "
        f"Of 32 pairs it answers {many:.2f}",
        others,
    )


def ordinary(load) -> Finding:
    """Q13: does a second layer on the state answer what one does not?"""
    final = layered(load)
    one, two = ({test: final[head, test] for test in ASKED} for head in ("lstm-forget-1", "deep-head"))  # (seeds,) each
    right = {test: one[test].mean() for test in ASKED}
    gain = {test: (two[test] - one[test]).mean() for test in ASKED}
    most, values = max(ASKED, key=gain.get), np.mean(list(one.values()), 0)
    if min(right.values()) > ENOUGH and gain[most] < GAIN:
        return Finding("holds", values)
    return Finding(
        f"holds with a caveat: on {most} a second layer adds {gain[most]:.2f} to {right[most]:.2f}",
        values,
    )


def small(load) -> Finding:
    """Q18: how large is the head, and who has to learn?"""
    final, share = partly_trained(load=load), head_share(load)
    usual, longer = means(final), means(partly_trained(LONGER, load))
    alone = np.mean([final["head-alone", test] for test in ASKED], 0)  # (seeds,)
    heads = [max(longer[part, test] for part in ("head-alone", "deep-head-alone")) for test in ASKED]
    if share > 0.1:
        return Finding(f"fails as stated: the head has {share:.0%} of the parameters", alone)
    if max(heads) < ENOUGH <= min(usual["body-alone", test] for test in ASKED):
        return Finding("holds", alone)
    least = min(ASKED, key=lambda test: longer["body-alone", test])
    return Finding(
        f"holds with a caveat: small ({share:.0%} of the parameters), and it need not even learn, but then it must be "
        f"loud on {least}. With the head left as it started the LSTM gets {longer['body-alone', least]:.2f} there "
        f"after {LONGER * STEPS:,} steps, with one {LOUDER:g} times as large {usual['loud-body-alone', least]:.2f} "
        f"after {STEPS:,}. The head alone passes {sum(right >= ENOUGH for right in heads)} of {len(ASKED)} tests",
        alone,
    )


def elsewhere(load) -> Finding:
    """Q19: are there answers from every state, and answers that all states give better than the last?"""
    right = means(pooled(load))
    gain = max(max(right[name, test] for name in CHOSEN) - right["lstm-forget-1", test] for test in TESTS)
    least = load(ANSWERS, ANSWERS.settings()).each.min(1)  # (seeds,)
    if least.mean() > ENOUGH and gain > GAIN:
        return Finding("holds", least)
    return Finding(
        f"fails as stated: at some step the answer is right {least.mean():.2f} of the time, and reading all states "
        f"adds at most {gain:.2f} to the best test of {len(TESTS)}",
        least,
    )


TASK = f"one-layer LSTM, forget bias 1, {BUDGET:,} parameters; {len(ASKED)} small tests; {STEPS:,} training steps"

STATES = (
    Claim(
        "Q12",
        "The last state is a summary of the whole sequence.",
        "accuracy of a linear readout of h(T), trained on the first token, at the other tokens",
        SUMMARY,
        summed_up,
        scope=f"{TASK}, and before",
    ),
    Claim(
        "Q13",
        "What follows the last state is an ordinary layer.",
        "accuracy with one linear layer, mean over three tests",
        DEPTH,
        ordinary,
        scope=f"{TASK}, or {LONGER} times that",
    ),
    Claim(
        "Q18",
        "The head is a small network, often one linear layer.",
        "accuracy when the head alone is trained, mean over three tests",
        SHARES,
        small,
        scope=f"{TASK}, or {LONGER} times that",
    ),
    Claim(
        "Q19",
        "The answer need not come from the last state alone.",
        "the LSTM's least accuracy over the steps of a sequence, each answered from its own state",
        ANSWERS,
        elsewhere,
        scope=f"one-layer models, {BUDGET:,} parameters; parity, trained up to step {TRAINED}, asked up to "
        f"{TESTED}, and {len(TESTS)} small tests",
    ),
)
