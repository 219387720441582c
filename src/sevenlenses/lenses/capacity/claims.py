"""What the capacity lens settles."""

from __future__ import annotations

from ...lens import Claim, Finding
from ...models.variants import MAIN
from .limits import BLANKS, KEPT, LIMITS, WAYS
from .limits import PAIRS as FEW
from .pairs import PAIRS, PAIRS_STORED, reach
from .recall import COMPARED, SIZES
from .state import LADDER, STATES

LSTM, DIRECT = MAIN.index("lstm-forget-1"), MAIN.index("attention")
SMALL, MIDDLE, LARGE = SIZES


def loses_more(load) -> Finding:
    """C1: the LSTM's accuracy lost from the fewest to the most pairs; and what practice gives back."""
    final = load(PAIRS_STORED, PAIRS_STORED.settings(size=MIDDLE)).final[:, LSTM]  # (seeds, pairs)
    ways = load(LIMITS, LIMITS.settings()).ways.mean(0)[:, FEW.index(8)]  # (WAYS,)
    before, larger, longer, few = (ways[WAYS.index(way)] for way in WAYS)
    lost = final[:, 0] - final[:, -1]
    if lost.min() < 0.2:
        return Finding(f"fails as stated: from {PAIRS[0]} to {PAIRS[-1]} pairs it loses {lost.mean():.2f} only", lost)
    causes = {
        f"{few:.2f} when there are only 8 keys": few,
        f"{longer:.2f} after four times the training": longer,
    }
    causes = [said for said, accuracy in causes.items() if accuracy > before + 0.05]
    if not causes:
        return Finding("holds", lost)
    return Finding(
        f"holds with a caveat: more than room is missing. With 8 pairs, {before:.2f} becomes {', and '.join(causes)}; "
        f"with a larger state it becomes {larger:.2f}",
        lost,
    )


def grows_with_the_state(load) -> Finding:
    """C2: pairs that an LSTM stores at nine in ten, small and large; against time; against a state with an address."""
    small, large = (
        reach(load(PAIRS_STORED, PAIRS_STORED.settings(size=size)).final[:, LSTM]) for size in (SMALL, LARGE)
    )
    kept = load(LIMITS, LIMITS.settings()).time[:, KEPT.index("lstm-chrono")].mean(0)  # (BLANKS,)
    runs = load(STATES, STATES.settings(pairs=16))
    linear, lstm = COMPARED.index("linear-attention"), COMPARED.index("lstm-forget-1")
    gained = large - small
    if gained.min() <= 0:
        return Finding(f"fails as stated: the larger LSTM stores {gained.mean():.1f} more pairs", gained)
    if kept[0] - kept[-1] > 0.1:
        lost = f"over {BLANKS[-1]} blank steps the LSTM started by chrono loses {kept[0] - kept[-1]:.2f}"
        return Finding(f"fails as stated: it hangs on the sequence too. {lost[0].upper()}{lost[1:]}", gained)
    said = (
        f"nine in ten right up to {small.mean():.1f} pairs with {SMALL:,} parameters, up to {large.mean():.1f} with "
        f"{LARGE:,}. Over {BLANKS[-1]} blank steps the LSTM started by chrono loses {kept[0] - kept[-1]:.2f}"
    )
    fewer, better = runs.floats[0, linear, 0], runs.final[:, linear, 0].mean()  # the smallest
    most, best = runs.floats[0, lstm, -1], runs.final[:, lstm, -1].mean()  # the largest
    if fewer >= most or better < best:
        return Finding(f"holds: {said}", gained)
    return Finding(
        f"holds with a caveat: {said}. But size is not all: with 16 pairs linear attention answers {better:.2f} from "
        f"{fewer:.0f} numbers, the largest LSTM {best:.2f} from {most:.0f}",
        gained,
    )


def nothing_forced(load) -> Finding:
    """C3: attention's accuracy with the most pairs; and what it keeps."""
    final = load(PAIRS_STORED, PAIRS_STORED.settings(size=MIDDLE)).final[:, DIRECT, -1]  # (seeds,)
    runs = load(STATES, STATES.settings(pairs=PAIRS[-1]))
    kept, state = (
        int(runs.floats[0, COMPARED.index(name), LADDER.index(MIDDLE)]) for name in ("attention", "lstm-forget-1")
    )
    if final.min() < 0.95:
        return Finding(f"fails as stated: with {PAIRS[-1]} pairs attention answers {final.mean():.2f}", final)
    return Finding(
        f"holds with a caveat: its price. Of {PAIRS[-1]} pairs attention keeps {kept:,} numbers, and as many again for "
        f"every {PAIRS[-1]} more; an LSTM of as many parameters always keeps {state:,}",
        final,
    )


CLAIMS = (
    Claim(
        "C1",
        "A state of fixed size loses more as more must be kept.",
        f"an LSTM's accuracy lost from {PAIRS[0]} to {PAIRS[-1]} pairs, {MIDDLE:,} parameters",
        PAIRS_STORED,
        loses_more,
    ),
    Claim(
        "C2",
        "Capacity grows with the size of the state, not with the sequence.",
        f"pairs that an LSTM stores more with {LARGE:,} parameters than with {SMALL:,}, nine in ten right",
        STATES,
        grows_with_the_state,
    ),
    Claim(
        "C3",
        "A memory that keeps every step has no forced loss.",
        f"attention's accuracy with {PAIRS[-1]} pairs",
        PAIRS_STORED,
        nothing_forced,
    ),
)
