"""What became of the answers about gates that share their weights, or are missing, or are noisy."""

from __future__ import annotations

import numpy as np

from ...figures import minus
from ...lens import Claim, Finding
from .exposed import EXPOSED
from .exposed import MODELS as WITH_AND_WITHOUT
from .gates import GATES, TASKS
from .noise import COMPARED, NOISES
from .noisy import NOISY
from .selective import SELECTIVE
from .sharing import MODELS, SHARING, at_one_rate

SAME = 0.05  # a smaller difference in mean accuracy is none
SLOWER = 1.5  # times the training steps
WORDS = {"flag": "one flagged value", "latch": "the first token", "report": "saying one of two", "recall": "four pairs"}
OWN, COUPLED, SHARED, SINGLE = (
    MODELS.index(name) for name in ("lstm-forget-1", "lstm-coupled", "lstm-shared", "lstm-single")
)


def own_weights(load) -> Finding:
    """Q4: what the LSTM loses on its worst task when gates share weights, at as many parameters."""
    found = load(SHARING, SHARING.settings())
    final, used = found.final.mean(0), found.used.mean(0)  # (MODELS, TASKS) each
    loss = final[OWN] - final  # (MODELS, TASKS)
    worst = {row: int(loss[row].argmax()) for row in (COUPLED, SHARED, SINGLE)}
    values = found.final[:, SHARED, worst[SHARED]]  # (seeds,)
    slower = (used[SHARED] / used[OWN]).max()

    def at(row: int) -> str:
        task = worst[row]
        return f"{WORDS[list(TASKS)[task]]}: {final[row, task]:.2f}, where the LSTM gets {final[OWN, task]:.2f}"

    if loss[SHARED].max() < SAME and loss[SINGLE].max() < SAME and slower < SLOWER:
        return Finding("fails as stated: one matrix for all four does as well", values)
    if min(loss[COUPLED].max(), loss[SHARED].max()) >= SAME:
        return Finding(f"holds: with i = f = o, {at(SHARED)}; with i = 1 − f, {at(COUPLED)}", values)
    coupled, shared = f"With i = 1 − f, {at(COUPLED)}", f"With i = f = o, {at(SHARED)}"
    if loss[COUPLED].max() < SAME:
        coupled = f"With i = 1 − f nothing is lost (at most {max(0, loss[COUPLED].max()):.2f})"
    if loss[SHARED].max() < SAME:
        shared = f"With i = f = o most is kept{learned_later(load, final, used)}"
    worst_of_all = loss[SINGLE].max() >= loss[[COUPLED, SHARED]].max()
    single = f"One matrix for all four does worst ({at(SINGLE)})" if worst_of_all else f"With one matrix, {at(SINGLE)}"
    return Finding(f"holds with a caveat: not all four. {coupled}. {shared}. {single}", values)


def learned_later(load, final: np.ndarray, used: np.ndarray) -> str:
    """How soon i = f = o learns four pairs, (MODELS, TASKS) each: said where it is later than the LSTM."""
    recall = list(TASKS).index("recall")
    if used[SHARED, recall] <= used[OWN, recall]:
        return ""
    slow = {row: at_one_rate(load, MODELS[row], "recall", 0.003)[0] for row in (OWN, SHARED)}
    bears = ": it bears no faster one" if slow[SHARED] <= SLOWER * slow[OWN] else ""
    return (
        f" and learned later (four pairs: {final[SHARED, recall]:.2f} after {used[SHARED, recall]:.0f} training steps, "
        f"where the LSTM needs {used[OWN, recall]:.0f}; at one learning rate for both, {slow[SHARED]:.0f} and "
        f"{slow[OWN]:.0f}{bears})"
    )


def not_redundant(load) -> Finding:
    """Q5: accuracy and training steps without an output gate, at as many parameters."""
    found = load(EXPOSED, EXPOSED.settings())
    lstm, bare, gru = range(len(WITH_AND_WITHOUT))
    final, used = found.final.mean(0), found.used.mean(0)  # (MODELS, TASKS) each
    lost = final[lstm] - final[bare]  # (TASKS,)
    values = found.final[:, lstm].mean(1) - found.final[:, bare].mean(1)  # (seeds,)
    worst, ratio = int(lost.argmax()), used[bare] / used[lstm]
    task, slow = WORDS[list(TASKS)[worst]], int(ratio.argmax())
    if lost.max() >= SAME:
        return Finding(f"holds: without it, {task}: {final[bare, worst]:.2f}, with it {final[lstm, worst]:.2f}", values)
    other = (final[lstm] - final[gru]).max()
    said = f"no accuracy is lost on four tasks ({minus(lost.max(), '+.2f')} at most)"
    said += f"{', nor by' if other < SAME else '; not so with'} a GRU, which has none ({minus(other, '+.2f')})"
    if ratio.max() < SLOWER:
        return Finding(f"fails as stated: without it {said}", values)
    fast = int(ratio.argmin())
    return Finding(
        f"holds with a caveat: what it changes is training. Without it {said}; but {WORDS[list(TASKS)[slow]]} took "
        f"{used[bare, slow]:.0f} training steps in place of {used[lstm, slow]:.0f}, {WORDS[list(TASKS)[fast]]} "
        f"{used[bare, fast]:.0f} in place of {used[lstm, fast]:.0f}",
        values,
    )


def treated_alike(load) -> Finding:
    """Q7: does the answer of gates with shared weights hang on what matters more than on what does not?"""
    found = load(SELECTIVE, SELECTIVE.settings())
    changed, apart = found.changed[:, SHARED], found.apart[:, SHARED].mean()  # (seeds, 2), a number
    told = changed[:, 0] - changed[:, 1]  # (seeds,)
    forget = found.apart[:, OWN, GATES.index("forget")].mean()
    if told.mean() < 0.1:
        return Finding("holds", told)
    verdict = "fails as stated" if told.min() > 0.5 else "holds with a caveat"
    return Finding(
        f"{verdict}: with i = f = o, another value at the flagged step changes the answer in "
        f"{changed[:, 0].mean():.0%} of the sequences, and at another step in {changed[:, 1].mean():.1%}. The one gate "
        f"is {apart:.2f} from its own value elsewhere when the flag comes; an LSTM's forget gate, {forget:.2f}",
        told,
    )


def keep_and_drop(load) -> Finding:
    """Q17: do gates of their own keep the flagged value; do shared ones; and which of them bear noise?"""
    right, alike = (load(NOISY, NOISY.settings(rate=rate)).right for rate in ("chosen", 0.01))
    at = {name: right[:, COMPARED.index(name)] for name in COMPARED}  # (seeds, NOISES) each
    own, shared = (at[name].mean(0) for name in ("lstm-forget-1", "lstm-shared"))
    values = at["lstm-forget-1"][:, 0]
    if values.mean() < 0.9:
        return Finding(f"fails as stated: not even gates of their own do ({values.mean():.2f})", values)
    if shared[0] < 0.9 * own[0]:
        return Finding("holds", values)
    two = NOISES.index(2.0)
    slow, fast = (load(NOISY, NOISY.settings(rate=rate)).right[:, 0, two].mean() for rate in (0.001, 0.03))
    same = alike[:, :, two].mean(0)  # (COMPARED,)
    trained = same[COMPARED.index("lstm-noisy")]
    helps = "helps" if trained > same[0] else "does not help"
    return Finding(
        f"holds with a caveat: so do gates that share theirs ({shared[0]:.2f}). With noise of 2 on the gates' "
        f"arguments they answer {shared[two]:.2f}, gates of their own {own[two]:.2f}; at one learning rate for both, "
        f"{same[COMPARED.index('lstm-shared')]:.2f} and {same[0]:.2f}. More hangs on that rate ({slow:.2f} to "
        f"{fast:.2f} for gates of their own), and noise in training {helps} "
        f"({trained:.2f} for {same[0]:.2f})",
        values,
    )


GATED = (
    Claim(
        "Q4",
        "The four gates need weights of their own.",
        "accuracy with i = f = o on the task where that loses most, at as many parameters",
        SHARING,
        own_weights,
    ),
    Claim(
        "Q5",
        "The output gate is not redundant.",
        "accuracy lost without an output gate, mean over four tasks, at as many parameters",
        EXPOSED,
        not_redundant,
    ),
    Claim(
        "Q7",
        "With shared gate weights, what matters and what does not are treated alike.",
        "with i = f = o: how much more often the answer changes with the flagged value than with another one",
        SELECTIVE,
        treated_alike,
    ),
    Claim(
        "Q17",
        "Gates of their own let a network keep one token and drop another.",
        "accuracy of an LSTM that must keep the flagged value and drop the others",
        NOISY,
        keep_and_drop,
    ),
)
