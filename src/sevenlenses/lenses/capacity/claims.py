"""What the capacity lens settles."""

from __future__ import annotations

from ...lens import Claim, Finding
from .limits import BLANKS
from .numbers import LARGE, LSTM, MANY, MIDDLE, SMALL, SMALLEST, changed, most, states, stored, waited
from .pairs import PAIRS, PAIRS_STORED
from .recall import STEPS, TRIED
from .state import STATES


def loses_more(load) -> Finding:
    """C1: the LSTM's accuracy lost from the fewest to the most pairs; and what practice gives back."""
    final, ways = stored(MIDDLE, load), changed(load)
    before, larger, longer, few = (ways[way, 8].mean() for way in (LSTM, "lstm-larger", "lstm-longer", "lstm-few-keys"))
    lost = final[LSTM, PAIRS[0]] - final[LSTM, PAIRS[-1]]
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
    small, large = (most(size, load) for size in (SMALL, LARGE))
    at_once, late = (waited(load)["lstm-chrono", blanks].mean() for blanks in (BLANKS[0], BLANKS[-1]))
    gained = large - small
    if gained.min() <= 0:
        return Finding(f"fails as stated: the larger LSTM stores {gained.mean():.1f} more pairs", gained)
    if at_once - late > 0.1:
        lost = f"over {BLANKS[-1]} blank steps the LSTM started by chrono loses {at_once - late:.2f}"
        return Finding(f"fails as stated: it hangs on the sequence too. {lost[0].upper()}{lost[1:]}", gained)
    usual = waited(load)[LSTM, BLANKS[0]].mean() - waited(load)[LSTM, BLANKS[-1]].mean()
    said = (
        f"nine in ten right up to {small.mean():.1f} pairs with {SMALL:,} parameters, up to {large.mean():.1f} with "
        f"{LARGE:,}. Over {BLANKS[-1]} blank steps the LSTM started by chrono loses {at_once - late:.2f}, the usual "
        f"one {usual:.2f}"
    )
    floats, final = states(MANY, load)
    linear, lstm = ("linear-attention", SMALLEST), (LSTM, LARGE)
    better, best = final[linear].mean(), final[lstm].mean()
    if floats[linear] >= floats[lstm] or better < best:
        return Finding(f"holds: {said}", gained)
    return Finding(
        f"holds with a caveat: parameters grew too: {said}. And size is not all: with {MANY} pairs linear attention "
        f"answers {better:.2f} "
        f"from {floats[linear]} numbers, the largest LSTM {best:.2f} from {floats[lstm]}",
        gained,
    )


def nothing_forced(load) -> Finding:
    """C3: attention's accuracy with the most pairs; and what it keeps."""
    final = stored(MIDDLE, load)["attention", PAIRS[-1]]
    floats, _ = states(PAIRS[-1], load)
    kept, state = floats["attention", MIDDLE], floats[LSTM, MIDDLE]
    if final.min() < 0.95:
        return Finding(f"fails as stated: with {PAIRS[-1]} pairs attention answers {final.mean():.2f}", final)
    return Finding(
        f"holds with a caveat: its price. Of {PAIRS[-1]} pairs attention keeps {kept:,} numbers, and as many again for "
        f"every {PAIRS[-1]} more; an LSTM of as many parameters always keeps {state:,}",
        final,
    )


TASK = f"key and value in one step, 64 keys, 16 values; {STEPS:,} training steps, rates chosen at {TRIED} pairs"

CLAIMS = (
    Claim(
        "C1",
        "A state of fixed size loses more as more must be kept.",
        f"an LSTM's accuracy lost from {PAIRS[0]} to {PAIRS[-1]} pairs, {MIDDLE:,} parameters",
        PAIRS_STORED,
        loses_more,
        scope=f"one-layer LSTM, forget bias 1, {MIDDLE:,} parameters; {TASK}",
    ),
    Claim(
        "C2",
        "Capacity grows with the size of the state, not with the sequence.",
        f"pairs that an LSTM stores more with {LARGE:,} parameters than with {SMALL:,}, nine in ten right",
        STATES,
        grows_with_the_state,
        scope=f"one-layer LSTMs of {SMALL:,} to {LARGE:,} parameters, linear attention; {TASK}",
    ),
    Claim(
        "C3",
        "A memory that keeps every step has no forced loss.",
        f"attention's accuracy with {PAIRS[-1]} pairs",
        PAIRS_STORED,
        nothing_forced,
        scope=f"one layer of attention, no positions, no feed-forward part, {MIDDLE:,} parameters; {TASK}",
    ),
)
