"""What the structure lens settles."""

from __future__ import annotations

from operator import itemgetter

from ...lens import Claim, Finding
from .beyond import BEYOND
from .block import AT, BUDGETS
from .first import TASK as PRECEDENCE
from .longer import TIMES
from .nested import STEPS as NESTED_STEPS
from .nested import TASK as BRACKETS
from .numbers import LSTM, rules, shuffled
from .numbers_blocks import marks
from .numbers_misleads import came_first, closed, practised, tracked, until_learned
from .relation import BUDGET, TRIED
from .shuffle import SHUFFLE
from .steps import STEPS_PICTURE
from .tracking import STEPS as TRACKED_STEPS
from .tracking import TESTED, TRAINED

ORDERLY = (("the RNN", "rnn", TRIED), ("the GRU", "gru", 4), ("the GRU", "gru", TRIED), ("the LSTM", LSTM, TRIED))
ROUNDING = 1e-12
TWICE = 2 * BRACKETS.length


def order_and_nesting(load) -> Finding:
    """B1: which rule the recurrent networks follow; and who closes the right bracket beyond the trained length."""
    led, kept = [], []  # by order, by the relation
    for label, name, pairs in ORDERLY:
        relation, order = (rules(pairs, load)[name, rule].mean() for rule in ("relation", "order"))
        more, less = max(relation, order), min(relation, order)
        (led if order > relation else kept).append(f"{label} ({pairs} pairs: {more:.2f} to {less:.2f})")
    lstm, rival = (closed(load)[name, TWICE] for name in (LSTM, "deep-positions"))
    hard = lstm.mean() < rival.mean() + 0.05
    if hard and not kept:
        return Finding("holds", lstm)
    return Finding(
        f"{'holds with a caveat' if hard else 'fails as stated'}: on shuffled sequences order leads for "
        f"{' and '.join(led) or 'none'}, the relation for {' and '.join(kept) or 'none'}. Nested brackets of twice "
        f"the trained length: the LSTM is right {lstm.mean():.2f} of the time, two layers with positions "
        f"{rival.mean():.2f}",
        lstm,
    )


def a_set(load) -> Finding:
    """B2: how far a shuffle of the past changes the last output of one layer; and where it is no set any more."""
    last, whole = shuffled()
    blind = last["attention"]
    placed, deep = last["attention-positions"].mean(), last["deep-attention"].mean()
    most = max(blind.max(), whole["attention"].max())
    if most > ROUNDING:
        return Finding(f"fails as stated: a shuffle changes one layer's output by up to {most:.2g}", blind)
    if max(placed, deep) < ROUNDING:
        return Finding("holds", blind)
    first = came_first("attention", load)[PRECEDENCE.length].mean()
    return Finding(
        "holds with a caveat: of one layer without positions, to rounding; and of two, where no step is hidden from "
        f"another. Two layers that see only the past notice a shuffle ({deep:.2g} of the output's size), and positions "
        f"make one layer notice ({placed:.2g}). A set cannot say what came first: {first:.2f}, and "
        f"the two values alone are worth {PRECEDENCE.unordered:.2g}",
        blind,
    )


def easy_structure(load) -> Finding:
    """B3: parity, with the chain and without it; and what comes easily without it."""
    right, chainless = tracked("parity", load), "deep-positions"  # linear attention is recurrent
    trained, early, lstm = right[chainless, TRAINED], right[chainless, 8], right[LSTM, TESTED]  # (seeds,) each
    if trained.mean() > 0.95:
        return Finding("holds", trained)
    longer, share = practised(load)[TRAINED], rules(TRIED, load)
    whole = {at: runs.mean() for at, runs in marks("parity", AT.index(TRAINED), load).items() if at[0] == "block-2"}
    (_, places), blocks = max(whole.items(), key=itemgetter(1))
    (relation, used), (lstm_relation, lstm_used) = (
        (share[name, "relation"].mean(), until_learned(name, load)) for name in ("attention", LSTM)
    )
    kind = "holds with a caveat" if max(longer.mean(), blocks) > 0.95 else "fails as stated"
    return Finding(
        f"{kind}: parity is a structure too. At step {TRAINED}, as far as they were trained, two layers of attention "
        f"with positions are right {trained.mean():.2f} of the time ({early.mean():.2f} at step 8), after {TIMES} "
        f"times the training {longer.mean():.2f}, two whole blocks {blocks:.2f} (with {places} places, the best kind); "
        f"the LSTM {lstm.mean():.2f} at step {TESTED}. What is true: the relation of the pairs was easy. One layer "
        f"without positions follows it in {relation:.2f} of shuffled sequences, after {used:.0f} training steps (the "
        f"LSTM in {lstm_relation:.2f}, after {lstm_used:.0f})",
        trained,
    )


CLAIMS = (
    Claim(
        "B1",
        "The recurrent chain favours linear order; nested structure comes hard.",
        f"the LSTM's accuracy on closing brackets that have others inside, {TWICE} steps, trained on 32",
        BEYOND,
        order_and_nesting,
        scope=f"one-layer RNN, GRU and LSTM, two layers of attention with sinusoidal positions, no feed-forward "
        f"part, {BUDGET:,} parameters; brackets of up to {BRACKETS.length} steps in training, "
        f"{NESTED_STEPS:,} training steps",
    ),
    Claim(
        "B2",
        "Attention treats its input as a set.",
        "how far a shuffle of the past changes the last output of one untrained layer, as a share of its size",
        SHUFFLE,
        a_set,
        scope=f"one and two layers of attention, no feed-forward part, no positions or sinusoidal ones, untrained; "
        f"{SHUFFLE.knobs['length'].default} steps",
    ),
    Claim(
        "B3",
        "Without the chain, structure is easy, and not only possible.",
        f"accuracy at parity of two layers with positions, at step {TRAINED}, trained up to there",
        STEPS_PICTURE,
        easy_structure,
        scope=f"one-layer LSTM, one layer of attention without positions, two with sinusoidal ones, no feed-forward "
        f"part, {BUDGET:,} parameters; parity: {TRACKED_STEPS} training steps, or {TIMES} times that; two blocks with "
        f"five kinds of positions: {BUDGETS['parity']['steps']:,}",
    ),
)
