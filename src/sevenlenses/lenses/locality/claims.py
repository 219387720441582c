"""What the temporal-locality lens settles."""

from __future__ import annotations

from ...lens import Claim, Finding
from ...tasks.moments import MOMENTS
from .moments import COMPARED
from .practice import PAIRS as MANY
from .practice import PRACTICE
from .when import PAIRS, RIVALS
from .writing import WRITING

FLAG, FIRST, LAST = (MOMENTS.index(when) for when in ("flag", "first", "last"))
SHOWS = 0.05  # a gap in accuracy that counts


def of(load, model: str, pairs: int = MANY):
    """(seeds, MOMENTS): the accuracies of a model."""
    return load(RIVALS, RIVALS.settings(pairs=pairs)).final[:, COMPARED.index(model)]


def practised(load, model: str, when: str):
    """(seeds,): the accuracies of a model after the longer training."""
    return load(PRACTICE, PRACTICE.settings(variant=model, when=when)).final


def decides_early(load) -> Finding:
    """T1: what an LSTM gains by knowing the question first, after practice; before; where matching is easy."""
    final = of(load, "lstm-forget-1")
    early, late = (practised(load, "lstm-forget-1", when) for when in ("first", "last"))
    gained = early - late
    soon = final[:, FIRST].mean() - final[:, LAST].mean()
    flag, last = (load(WRITING, WRITING.settings(when=when, keys=8)).final.mean() for when in ("flag", "last"))
    marked = f"A mark at the pair gives {final[:, FLAG].mean():.2f}"
    gru = of(load, "gru").mean(0)  # (MOMENTS,)
    if gained.mean() < SHOWS:
        return Finding(f"fails as stated: asked first {early.mean():.2f}, last {late.mean():.2f}. {marked}", gained)
    if soon > SHOWS and flag - last > SHOWS:
        return Finding(f"holds: asked first {early.mean():.2f}, asked last {late.mean():.2f}. {marked}", gained)
    late_or_soon = "shows soon" if soon > SHOWS else "shows only after long practice"
    why = "" if soon > SHOWS else ": to match keys must be learned first"
    easy = f"costs almost nothing ({last:.2f})" if flag - last <= SHOWS else f"costs {flag - last:.2f}"
    return Finding(
        f"holds with a caveat: an LSTM's gain {late_or_soon} (asked first {early.mean():.2f}, last "
        f"{late.mean():.2f}). After a quarter of it, {final[:, FIRST].mean():.2f} and {final[:, LAST].mean():.2f}"
        f"{why}. A GRU has {gru[FIRST]:.2f} and {gru[LAST]:.2f} by then. {marked} at "
        f"once. With 8 pairs of 8 keys asked last {easy}",
        gained,
    )


def deciding_later_closes_the_gap(load) -> Finding:
    """T2: attention's gap between a mark and a question asked last; one layer asked first; two directions."""
    gap = sum(of(load, "attention", n)[:, FLAG] - of(load, "attention", n)[:, LAST] for n in PAIRS) / len(PAIRS)
    first, twice = (of(load, name)[:, FIRST].mean() for name in ("attention", "deep-attention"))
    soon, both = of(load, "deep-bidirectional")[:, LAST].mean(), practised(load, "deep-bidirectional", "last").mean()
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


CLAIMS = (
    Claim(
        "T1",
        "A gate must decide what matters before it knows the question.",
        f"an LSTM's accuracy gained by being asked first, not last; {MANY} pairs, 6,000 steps",
        PRACTICE,
        decides_early,
    ),
    Claim(
        "T2",
        "Deciding at read time removes the gap.",
        f"attention's accuracy lost by being asked last, mean over {PAIRS[0]} to {PAIRS[-1]} pairs",
        RIVALS,
        deciding_later_closes_the_gap,
    ),
)
