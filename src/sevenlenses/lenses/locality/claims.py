"""What the temporal-locality lens settles."""

from __future__ import annotations

from ...lens import Claim, Finding
from .moments import BUDGET, STEPS, TRIED
from .numbers import LSTM, MANY, TWICE, easy, practised, right
from .practice import LONGER, PRACTICE
from .when import PAIRS, RIVALS

SHOWS = 0.05  # a gap in accuracy that counts


def decides_early(load) -> Finding:
    """T1: what an LSTM gains by knowing the question first, after practice; before; where matching is easy."""
    final = {at: runs.mean() for at, runs in right(MANY, load).items()}
    early, late = (practised(LSTM, when, load) for when in ("first", "last"))
    gained = early - late
    soon = final[LSTM, "first"] - final[LSTM, "last"]
    flag, last = (easy(when, load) for when in ("flag", "last"))
    marked = f"A mark at the pair gives {final[LSTM, 'flag']:.2f}"
    if gained.mean() < SHOWS:
        return Finding(f"fails as stated: asked first {early.mean():.2f}, last {late.mean():.2f}. {marked}", gained)
    if soon > SHOWS and flag - last > SHOWS:
        return Finding(f"holds: asked first {early.mean():.2f}, asked last {late.mean():.2f}. {marked}", gained)
    late_or_soon = "shows soon" if soon > SHOWS else "shows only after long practice"
    cost = f"costs almost nothing ({last:.2f})" if flag - last <= SHOWS else f"costs {flag - last:.2f}"
    return Finding(
        f"holds with a caveat: an LSTM's gain {late_or_soon} (asked first {early.mean():.2f}, last "
        f"{late.mean():.2f}). After a quarter of it, {final[LSTM, 'first']:.2f} and {final[LSTM, 'last']:.2f}"
        f". A GRU has {final['gru', 'first']:.2f} and {final['gru', 'last']:.2f} by then. {marked} at "
        f"once. With 8 pairs of 8 keys asked last {cost}",
        gained,
    )


def deciding_later_closes_the_gap(load) -> Finding:
    """T2: attention's gap between a mark and a question asked last; one layer asked first; two directions."""
    final = {pairs: right(pairs, load) for pairs in PAIRS}
    gap = sum(runs["attention", "flag"] - runs["attention", "last"] for runs in final.values()) / len(PAIRS)
    first, twice = (final[MANY][model, "first"].mean() for model in ("attention", "deep-attention"))
    soon, both = final[MANY][TWICE, "last"].mean(), practised(TWICE, "last", load).mean()
    if gap.max() > SHOWS:
        return Finding(f"fails as stated: a gap of {gap.mean():.2f} is left", gap)
    if first > 0.9 and both < 0.9:
        return Finding("holds", gap)
    one = "guesses" if first < 0.5 else "answers"
    way = f"it is {'not ' if both >= 0.9 else ''}the only way"
    return Finding(
        f"holds with a caveat: for a question asked last. Asked first with {MANY} pairs, one layer of attention "
        f"{one} ({first:.2f}), two layers answer {twice:.2f}. And {way}: two bidirectional "
        f"layers, which see the question when they write, get {soon:.2f}, and {both:.2f} after four times the "
        "training",
        gap,
    )


TASK = (
    f"{BUDGET:,} parameters; key and value in one step; {STEPS:,} training steps, or {LONGER} times that, "
    f"rates chosen at "
    f"{TRIED} pairs"
)

CLAIMS = (
    Claim(
        "T1",
        "A gate must decide what matters before it knows the question.",
        f"an LSTM's accuracy gained by being asked first, not last; {MANY} pairs, 6,000 steps",
        PRACTICE,
        decides_early,
        scope=f"one-layer LSTM, forget bias 1, and GRU, {TASK}",
    ),
    Claim(
        "T2",
        "Deciding at read time removes the gap.",
        f"attention's accuracy lost by being asked last, mean over {PAIRS[0]} to {PAIRS[-1]} pairs",
        RIVALS,
        deciding_later_closes_the_gap,
        scope=f"one and two layers of attention, no positions, no feed-forward part, and bidirectional LSTMs, {TASK}",
    ),
)
