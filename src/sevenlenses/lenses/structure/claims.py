"""What the structure lens settles."""

from __future__ import annotations

import numpy as np

from ...lens import Claim, Finding
from .beyond import BEYOND
from .beyond import COMPARED as NESTERS
from .first import FIRST, TASK
from .longer import LONGER, TIMES
from .nested import DEPTHS, LENGTHS
from .nested import TASK as TRAINED_ON
from .rules import COMPARED, RIVALS
from .shuffle import CAUSAL, SHUFFLE, WHOLE
from .steps import COMPARED as TRACKERS
from .steps import STEPS_PICTURE
from .tracking import TESTED, TRAINED

LSTM = "lstm-forget-1"
PAIRS = 6
ROUNDING = 1e-12
TWICE, DEEPER = LENGTHS.index(64), DEPTHS.index(TRAINED_ON.deepest)  # beyond training; and from there on


def order_and_nesting(load) -> Finding:
    """B1: which rule an RNN and an LSTM follow; and who closes the right bracket beyond the trained length."""
    rules = load(RIVALS, RIVALS.settings(pairs=PAIRS)).rules.mean(0)  # (models, RULES)
    nested = load(BEYOND, BEYOND.settings())
    lstm, rival = (NESTERS.index(name) for name in (LSTM, "deep-positions"))
    longer, deeper = nested.lengths[:, :, TWICE], nested.depths[:, :, DEEPER:].mean(2)  # (seeds, models) each
    (relation, order, _), (rnn_relation, rnn_order, _) = (rules[COMPARED.index(name)] for name in (LSTM, "rnn"))
    hard = longer[:, lstm].mean() < longer[:, rival].mean() + 0.05
    said = (
        f"of shuffled sequences the LSTM answers {relation:.2f} by the relation and {order:.2f} by the order, the RNN "
        f"{rnn_relation:.2f} and {rnn_order:.2f}. Brackets with others inside, at twice the trained length: the LSTM "
        f"is right {longer[:, lstm].mean():.2f} of the time, two layers of attention with positions "
        f"{longer[:, rival].mean():.2f}; deeper than trained {deeper[:, lstm].mean():.2f} and "
        f"{deeper[:, rival].mean():.2f}"
    )
    if hard and order > relation:
        return Finding("holds", longer[:, lstm])
    return Finding(f"{'holds with a caveat' if hard else 'fails as stated'}: {said}", longer[:, lstm])


def a_set(load) -> Finding:
    """B2: how far a shuffle of the past changes the last output of one layer; and where it is no set any more."""
    found = SHUFFLE.measure(device="cpu")
    last, whole = (
        {name: runs[:, i] for i, name in enumerate(names)}
        for names, runs in ((CAUSAL, found.last), (WHOLE, found.whole))
    )
    blind = last["attention"]
    placed, deep = np.median(last["attention-positions"]), np.median(last["deep-attention"])
    if max(blind.max(), whole["attention"].max()) > ROUNDING:
        return Finding(f"fails as stated: a shuffle changes one layer's last output by {blind.mean():.2g}", blind)
    if max(placed, deep) < ROUNDING:
        return Finding("holds", blind)
    first = load(FIRST, FIRST.settings(variant="attention")).final.mean()
    return Finding(
        "holds with a caveat: of one layer without positions, to rounding; and of two, where no step is hidden from "
        f"another. Two layers that see only the past notice a shuffle ({deep:.2g} of the output's size), and positions "
        f"make one layer notice ({placed:.2g}). A set cannot say what came first: {first:.2f}, and "
        f"{TASK.unordered:.2g} is what the two values alone are worth",
        blind,
    )


def easy_structure(load) -> Finding:
    """B3: parity, with the chain and without it."""
    right = load(STEPS_PICTURE, STEPS_PICTURE.settings(what="parity")).right  # (seeds, models, TESTED)
    practised = load(LONGER, LONGER.settings())
    longer = practised.right[:, TRAINED - 1]  # (seeds,)
    chainless = {name: right[:, TRACKERS.index(name), TRAINED - 1] for name in TRACKERS if "attention" in name}
    chainless["deep-positions"] = right[:, TRACKERS.index("deep-positions"), TRAINED - 1]
    best = max(chainless.values(), key=np.mean)  # (seeds,)
    if best.mean() > 0.95:
        return Finding("holds", best)
    kind = "holds with a caveat" if longer.mean() > 0.95 else "fails as stated"
    lstm = right[:, TRACKERS.index(LSTM), TESTED - 1].mean()
    return Finding(
        f"{kind}: parity is a structure too. At step {TRAINED}, as far as it was trained, the best attention is right "
        f"{best.mean():.2f} of the time, and after {TIMES} times the training {longer.mean():.2f} (the best seed, over "
        f"all {TRAINED} steps, {practised.final.max():.2f}); the LSTM is right {lstm:.2f} at step {TESTED}",
        best,
    )


CLAIMS = (
    Claim(
        "B1",
        "The recurrent chain favours linear order; nested structure comes hard.",
        f"the LSTM's accuracy on closing brackets that have others inside, {LENGTHS[TWICE]} steps, trained on 32",
        BEYOND,
        order_and_nesting,
    ),
    Claim(
        "B2",
        "Attention treats its input as a set.",
        "how far a shuffle of the past changes the last output of one untrained layer, as a share of its size",
        SHUFFLE,
        a_set,
    ),
    Claim(
        "B3",
        "Without the chain, structure is easy, and not only possible.",
        f"accuracy at parity of the best attention, at step {TRAINED}, trained up to there",
        STEPS_PICTURE,
        easy_structure,
    ),
)
