"""What the opening chapter settles. The fifty words are settled by the gradient lens."""

from __future__ import annotations

from ...figures import scientific
from ...lens import Claim, Finding
from ...models.variants import MAIN
from ...tasks.sentences import FIRST
from .bags import BAGS, SHOWN
from .changes import CHANGES, KNOBS, changed
from .learning import STEPS, sentences
from .places import PLACES, TASK
from .watching import GATES, GATES_RUN, describe_opening

BAG, WINDOW = (list(SHOWN).index(name) for name in ("bag", "window"))
RNN, LSTM = (MAIN.index(name) for name in ("rnn", "lstm-forget-1"))
LONGEST = sentences("mixed").longest - FIRST  # the longest sentence of training, among the lengths
SOON = 9  # words, a few after the suspect
NEW = TASK.before + 1  # clauses before the main one, one more than in training


def orders_are_one(load) -> Finding:
    """R1: a bag of words to the bit; and a snapshot that has weights for each place."""
    found = load(BAGS, BAGS.settings())
    bag, window = found.both[:, BAG], found.both[:, WINDOW]
    if found.apart[:, BAG].max() > 0:
        return Finding(
            f"fails as stated: a bag of words gives outputs up to {scientific(found.apart[:, BAG].max())} apart", bag
        )
    if window.mean() < 0.9:
        return Finding("holds", bag)
    elsewhere = load(PLACES, PLACES.settings(variant="window")).right[:, NEW]
    lstm = load(PLACES, PLACES.settings(variant="lstm-forget-1")).right[:, NEW]
    return Finding(
        f"holds with a caveat: for a bag of words, to the bit. A snapshot that has weights for each place answers both "
        f"orders right in {window.mean():.2f} of the pairs; but where the main clause stands at a place that training "
        f"never showed, it is right {elsewhere.mean():.2f} of the time, an LSTM {lstm.mean():.2f}",
        bag,
    )


def minds_change(load) -> Finding:
    """R3: shares of sentences that are lost on the way, at every look; and where."""
    at = {steps: load(CHANGES, CHANGES.settings(steps=steps)) for steps in KNOBS["steps"].stops}
    lost = {steps: 1 - found.held[:, :, LONGEST] for steps, found in at.items()}  # (seeds, models) each
    story = [steps for steps, one in lost.items() if one[:, RNN].mean() > 0.3 and one[:, LSTM].mean() < 0.05]
    if not story:
        said = ", ".join(f"{one[:, RNN].mean():.2f} and {one[:, LSTM].mean():.2f} ({n})" for n, one in lost.items())
        return Finding(
            f"fails as stated: sentences lost by RNN and LSTM, by training steps: {said}", lost[STEPS][:, RNN]
        )
    widest = max(story, key=lambda steps: lost[steps][:, RNN].mean() - lost[steps][:, LSTM].mean())
    values, found = lost[widest][:, RNN], at[widest]
    where = changed(found)[:, RNN, :LONGEST].mean(0)  # (LONGEST,)
    where /= max(where.sum(), 1e-9)
    end = lost[STEPS][:, RNN]
    said = (
        f"after {widest} steps the RNN loses {values.mean():.2f} of its right answers ({values.min():.2f} to "
        f"{values.max():.2f} by seed) and the LSTM {lost[widest][:, LSTM].mean():.2f}; of the RNN's losses "
        f"{where.max():.2f} fall on word {where.argmax() + FIRST + 1}, {where[: SOON - FIRST].sum():.2f} by word {SOON}"
    )
    if end.mean() > 0.3:
        return Finding(f"holds: {said}", values)
    early = min(lost)
    return Finding(
        f"holds with a caveat: only on the way. At first both do: after {early} training steps the LSTM loses "
        f"{lost[early][:, LSTM].mean():.2f} of its right answers on the way to word {LONGEST + FIRST}. Then {said}. "
        f"After {STEPS} steps the RNN loses {end.mean():.2f}",
        values,
    )


def gates_mean(load) -> Finding:
    """R4: the input gate at the suspect, the forget gate in the clauses, the output gate at the stop."""
    runs = load(GATES_RUN, GATES_RUN.settings())
    opened = {place: found[:, 1] for place, found in describe_opening(runs).items()}  # (seeds, GATES) each
    into, keep, out = range(len(GATES))
    stored = opened["suspect"][:, into] - opened["others"][:, into]
    surfaced = opened["stop"][:, out] - opened["others"][:, out]
    kept = opened["others"][:, keep] - describe_opening(runs)["others"][:, 0, keep]
    at = {place: found.mean(0) for place, found in opened.items()}  # (GATES,) each
    said = (
        f"input gate {at['suspect'][into]:.2f} at the suspect, {at['names'][into]:.2f} at names that do not matter, "
        f"{at['others'][into]:.2f} at other words of the clauses; forget gate {at['others'][keep]:.2f} at those words, "
        f"{at['names'][keep]:.2f} at the names; output gate {at['stop'][out]:.2f} at the stop, "
        f"{at['others'][out]:.2f} before"
    )
    if min(stored.min(), surfaced.min(), kept.min()) <= 0:
        return Finding(f"fails as stated: not in every network. {said[0].upper()}{said[1:]}", stored)
    if at["names"][into] < 0.5 * at["suspect"][into]:
        return Finding(f"holds: {said}", stored)
    return Finding(
        f"holds with a caveat: as tendencies, in every network. In the clauses no gate shuts, and at names that do not "
        f"matter the gates move as at the suspect. {said[0].upper()}{said[1:]}",
        stored,
    )


CLAIMS = (
    Claim(
        "R1",
        "A network that takes one snapshot cannot tell orders apart.",
        "pairs of orders of the same words that a bag of words answers both right, as a share",
        BAGS,
        orders_are_one,
    ),
    Claim(
        "R3",
        "There is an exact word at which the RNN changes its mind and the LSTM does not.",
        "share of sentences, right after the fifth word, that the RNN has lost by the end of the longest",
        CHANGES,
        minds_change,
    ),
    Claim(
        "R4",
        "The three gates take meanings that one can watch.",
        "how much further the input gate opens at the suspect than at the words of the clauses",
        GATES_RUN,
        gates_mean,
    ),
)
