"""What the opening chapter settles. The fifty words are settled by the gradient lens."""

from __future__ import annotations

from ...figures import scientific
from ...lens import Claim, Finding
from ...tasks.sentences import FIRST
from ..tables import means
from .bags import BAGS
from .changes import CHANGES, KNOBS
from .learning import BUDGET, STEPS
from .numbers import LONGEST, SOON, first_lost, lost, orders, placed
from .numbers_gates import AFTER, BEFORE, opening
from .places import TASK
from .watching import GATES_RUN

NEW = TASK.before + 1  # clauses before the main one, one more than in training


def orders_are_one(load) -> Finding:
    """R1: a bag of words to the bit; and a snapshot that has weights for each place."""
    both, apart = orders(load)
    bag, window, change = both["bag"], both["window"], apart["bag"].max()
    if change > 0:
        return Finding(f"fails as stated: a bag of words gives outputs up to {scientific(change)} apart", bag)
    if window.mean() < 0.9:
        return Finding("holds", bag)
    elsewhere, lstm = (placed(model, NEW, load) for model in ("window", "lstm-forget-1"))
    return Finding(
        f"holds with a caveat: for a bag of words, to the bit. A snapshot that has weights for each place answers both "
        f"orders right in {window.mean():.2f} of the pairs; but where the main clause stands at a place that training "
        f"never showed, it is right {elsewhere.mean():.2f} of the time, an LSTM {lstm.mean():.2f}",
        bag,
    )


def minds_change(load) -> Finding:
    """R3: shares of sentences that are lost on the way, at every look; and where."""
    by_model = {steps: lost(steps, load) for steps in KNOBS["steps"].stops}
    rnn = {steps: found["rnn"] for steps, found in by_model.items()}  # (seeds,) each
    lstm = {steps: found["lstm-forget-1"].mean() for steps, found in by_model.items()}
    story = [steps for steps in by_model if rnn[steps].mean() > 0.3 and lstm[steps] < 0.05]
    if not story:
        said = ", ".join(f"{rnn[steps].mean():.2f} and {lstm[steps]:.2f} ({steps})" for steps in by_model)
        return Finding(f"fails as stated: sentences lost by RNN and LSTM, by training steps: {said}", rnn[STEPS])
    widest = max(story, key=lambda steps: rnn[steps].mean() - lstm[steps])
    values, end = rnn[widest], rnn[STEPS]
    where = first_lost(widest, load)  # (words,)
    where /= max(where.sum(), 1e-9)
    said = (
        f"after {widest} steps the RNN loses {values.mean():.2f} of its right answers ({values.min():.2f} to "
        f"{values.max():.2f} by seed) and the LSTM {lstm[widest]:.2f}; of the RNN's losses "
        f"{where.max():.2f} fall on word {where.argmax() + FIRST + 1}, {where[: SOON - FIRST].sum():.2f} by word {SOON}"
    )
    if end.mean() > 0.3:
        return Finding(f"holds: {said}", values)
    early = min(by_model)
    return Finding(
        f"holds with a caveat: only on the way. At first both do: after {early} training steps the LSTM loses "
        f"{lstm[early]:.2f} of its right answers on the way to word {LONGEST}. Then {said}. "
        f"After {STEPS} steps the RNN loses {end.mean():.2f}",
        values,
    )


def gates_mean(load) -> Finding:
    """R4: the input gate at the suspect, the forget gate in the clauses, the output gate at the stop."""
    before, after = (opening(moment, load) for moment in (BEFORE, AFTER))
    stored = after["suspect", "input"] - after["others", "input"]  # (seeds,)
    surfaced = after["stop", "output"] - after["others", "output"]
    kept = after["others", "forget"] - before["others", "forget"]
    at = means(after)
    said = (
        f"input gate {at['suspect', 'input']:.2f} at the suspect, {at['names', 'input']:.2f} at names that do not "
        f"matter, {at['others', 'input']:.2f} at other words of the clauses; forget gate "
        f"{at['others', 'forget']:.2f} at those words, {at['names', 'forget']:.2f} at the names; output gate "
        f"{at['stop', 'output']:.2f} at the stop, {at['others', 'output']:.2f} before"
    )
    if min(stored.min(), surfaced.min(), kept.min()) <= 0:
        return Finding(f"fails as stated: not in every network. {said[0].upper()}{said[1:]}", stored)
    if at["names", "input"] < 0.5 * at["suspect", "input"]:
        return Finding(f"holds: {said}", stored)
    return Finding(
        f"holds with a caveat: as tendencies, in every network. In the clauses no gate shuts, and at names that do not "
        f"matter the gates move as at the suspect. {said[0].upper()}{said[1:]}",
        stored,
    )


TASK = f"{BUDGET:,} parameters; made-up sentences of one kind; {STEPS} training steps"

CLAIMS = (
    Claim(
        "R1",
        "A network that takes one snapshot cannot tell orders apart.",
        "pairs of orders of the same words that a bag of words answers both right, as a share",
        BAGS,
        orders_are_one,
        scope=f"a bag of words, a window with weights for each place, a one-layer LSTM, {TASK}",
    ),
    Claim(
        "R3",
        "There is an exact word at which the RNN changes its mind and the LSTM does not.",
        "share of sentences, right after the fifth word, that the RNN has lost by the end of the longest",
        CHANGES,
        minds_change,
        scope=f"one-layer RNN and LSTM, forget bias 1, {TASK} at most",
    ),
    Claim(
        "R4",
        "The three gates take meanings that one can watch.",
        "how much further the input gate opens at the suspect than at the words of the clauses",
        GATES_RUN,
        gates_mean,
        scope=f"one-layer LSTM, forget bias 1, {TASK}",
    ),
)
