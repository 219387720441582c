"""What became of the answers about gates that share their weights, or are missing, or are noisy."""

from __future__ import annotations

from ...figures import minus
from ...lens import Claim, Finding
from ..tables import means
from .exposed import EXPOSED
from .gates import BUDGET, LONGER, STEPS, TASKS
from .noisy import NOISY
from .numbers_gates import BARE, COUPLED, LOUD, OWN, SHARED, SINGLE, SLOW, bared, by_task, changed, moved, shaken, tied
from .selective import SELECTIVE
from .sharing import SHARING, at_one_rate

SAME = 0.05  # a smaller difference in mean accuracy is none
SLOWER = 1.5  # times the training steps
WORDS = {"flag": "one flagged value", "latch": "the first token", "report": "saying one of two", "recall": "four pairs"}


def own_weights(load) -> Finding:
    """Q4: what the LSTM loses on its worst task when gates share weights, at as many parameters."""
    final, used = tied(load)
    right, steps = means(final), means(used)
    loss = {(model, task): right[OWN, task] - right[model, task] for model, task in right}
    worst = {model: max(TASKS, key=lambda task: loss[model, task]) for model in (COUPLED, SHARED, SINGLE)}
    most = {model: loss[model, task] for model, task in worst.items()}
    values = final[SHARED, worst[SHARED]]  # (seeds,)
    slower = max(steps[SHARED, task] / steps[OWN, task] for task in TASKS)

    def at(model: str) -> str:
        task = worst[model]
        return f"{WORDS[task]}: {right[model, task]:.2f}, where the LSTM gets {right[OWN, task]:.2f}"

    if most[SHARED] < SAME and most[SINGLE] < SAME and slower < SLOWER:
        return Finding("fails as stated: one matrix for all four does as well", values)
    if min(most[COUPLED], most[SHARED]) >= SAME:
        return Finding(f"holds: with i = f = o, {at(SHARED)}; with i = 1 − f, {at(COUPLED)}", values)
    coupled, shared = f"With i = 1 − f, {at(COUPLED)}", f"With i = f = o, {at(SHARED)}"
    if most[COUPLED] < SAME:
        coupled = f"With i = 1 − f nothing is lost (at most {max(0, most[COUPLED]):.2f})"
    if most[SHARED] < SAME:
        shared = f"With i = f = o most is kept{learned_later(load, right, steps)}"
    worst_of_all = most[SINGLE] >= max(most[COUPLED], most[SHARED])
    single = f"One matrix for all four does worst ({at(SINGLE)})" if worst_of_all else f"With one matrix, {at(SINGLE)}"
    return Finding(f"holds with a caveat: not all four. {coupled}. {shared}. {single}", values)


def learned_later(load, right: dict, steps: dict) -> str:
    """How soon i = f = o learns four pairs, from means by model and task: said where it is later than the LSTM."""
    own, shared = steps[OWN, "recall"], steps[SHARED, "recall"]
    if shared <= own:
        return ""
    slow = {model: at_one_rate(load, model, "recall", SLOW)[0] for model in (OWN, SHARED)}
    bears = ": it bears no faster one" if slow[SHARED] <= SLOWER * slow[OWN] else ""
    return (
        f" and learned later (four pairs: {right[SHARED, 'recall']:.2f} after {shared:.0f} training steps, "
        f"where the LSTM needs {own:.0f}; at one learning rate for both, {slow[SHARED]:.0f} and "
        f"{slow[OWN]:.0f}{bears})"
    )


def not_redundant(load) -> Finding:
    """Q5: accuracy and training steps without an output gate, at as many parameters."""
    final, used = bared(load)
    right, steps = by_task(final), by_task(used)
    lost = {task: right[OWN][task] - right[BARE][task] for task in TASKS}
    slower = {task: steps[BARE][task] / steps[OWN][task] for task in TASKS}
    values = final[OWN].mean(1) - final[BARE].mean(1)  # (seeds,)
    worst, slow, fast = max(lost, key=lost.get), max(slower, key=slower.get), min(slower, key=slower.get)
    if lost[worst] >= SAME:
        said = f"{WORDS[worst]}: {right[BARE][worst]:.2f}, with it {right[OWN][worst]:.2f}"
        return Finding(f"holds: without it, {said}", values)
    other = max(right[OWN][task] - right["gru"][task] for task in TASKS)
    said = f"no accuracy is lost on four tasks ({minus(lost[worst], '+.2f')} at most)"
    said += f"{', nor by' if other < SAME else '; not so with'} a GRU, which has none ({minus(other, '+.2f')})"
    if slower[slow] < SLOWER:
        return Finding(f"fails as stated: without it {said}", values)
    return Finding(
        f"holds with a caveat: what it changes is training. Without it {said}; but {WORDS[slow]} took "
        f"{steps[BARE][slow]:.0f} training steps in place of {steps[OWN][slow]:.0f}, {WORDS[fast]} "
        f"{steps[BARE][fast]:.0f} in place of {steps[OWN][fast]:.0f}",
        values,
    )


def treated_alike(load) -> Finding:
    """Q7: does the answer of gates with shared weights hang on what matters more than on what does not?"""
    answers, gate = changed(load), means(moved(load))
    flagged, other = answers[SHARED, "flagged"], answers[SHARED, "other"]  # (seeds,) each
    told = flagged - other
    if told.mean() < 0.1:
        return Finding("holds", told)
    verdict = "fails as stated" if told.min() > 0.5 else "holds with a caveat"
    return Finding(
        f"{verdict}: with i = f = o, another value at the flagged step changes the answer in {flagged.mean():.0%} of "
        f"the sequences, and at another step in {other.mean():.1%}. The one gate is {gate[SHARED, 'forget']:.2f} from "
        f"its own value elsewhere when the flag comes; an LSTM's forget gate, {gate[OWN, 'forget']:.2f}",
        told,
    )


def keep_and_drop(load) -> Finding:
    """Q17: do gates of their own keep the flagged value; do shared ones; and which of them bear noise?"""
    chosen = shaken(load=load)
    right, same, slow, fast = means(chosen), *(means(shaken(rate, load)) for rate in (0.01, 0.001, 0.03))
    values, quiet = chosen[OWN, 0.0], right[SHARED, 0.0]
    if values.mean() < 0.9:
        return Finding(f"fails as stated: not even gates of their own do ({values.mean():.2f})", values)
    if quiet < 0.9 * right[OWN, 0.0]:
        return Finding("holds", values)
    own, trained = same[OWN, LOUD], same["lstm-noisy", LOUD]
    helps = "helps" if trained > own else "does not help"
    return Finding(
        f"holds with a caveat: so do gates that share theirs ({quiet:.2f}). With noise of {LOUD:g} on the gates' "
        f"arguments they answer {right[SHARED, LOUD]:.2f}, gates of their own {right[OWN, LOUD]:.2f}; at one learning "
        f"rate for both, {same[SHARED, LOUD]:.2f} and {own:.2f}. More hangs on that rate ({slow[OWN, LOUD]:.2f} to "
        f"{fast[OWN, LOUD]:.2f} for gates of their own), and noise in training {helps} "
        f"({trained:.2f} for {own:.2f})",
        values,
    )


FLAGGED = (
    f"one-layer LSTMs, {BUDGET:,} parameters; one flagged value among {TASKS['flag'].length} steps; "
    f"{STEPS} training steps"
)
MANY = (
    f"one-layer LSTMs, {BUDGET:,} parameters; {len(TASKS)} small tasks; {STEPS} training steps, for recall "
    f"{LONGER['recall']} times that"
)

GATED = (
    Claim(
        "Q4",
        "The four gates need weights of their own.",
        "accuracy with i = f = o on the task where that loses most, at as many parameters",
        SHARING,
        own_weights,
        scope=MANY,
    ),
    Claim(
        "Q5",
        "The output gate is not redundant.",
        "accuracy lost without an output gate, mean over four tasks, at as many parameters",
        EXPOSED,
        not_redundant,
        scope=MANY,
    ),
    Claim(
        "Q7",
        "With shared gate weights, what matters and what does not are treated alike.",
        "with i = f = o: how much more often the answer changes with the flagged value than with another one",
        SELECTIVE,
        treated_alike,
        scope=FLAGGED,
    ),
    Claim(
        "Q17",
        "Gates of their own let a network keep one token and drop another.",
        "accuracy of an LSTM that must keep the flagged value and drop the others",
        NOISY,
        keep_and_drop,
        scope=FLAGGED,
    ),
)
