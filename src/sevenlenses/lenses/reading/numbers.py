"""The numbers that the text on reading takes from its runs, a function a section; and what its claims share with it."""

from __future__ import annotations

import numpy as np

from ...figures import scientific
from ...models.variants import MAIN
from ...records import load
from ...tasks.sentences import FIRST, Sentences
from ...training import Fit
from ..tables import by_name, by_names
from .bags import BAGS, SHOWN
from .ceiling import names_known
from .changes import CHANGES, changed
from .holding import shown_sentences
from .learning import BUDGET, LEARNING, STEPS, sentences
from .letters import BY, SPELLING
from .longer import KNOBS as LONGER_KNOBS
from .longer import LONGER, LONGER_RUN
from .places import PLACES
from .pronoun import CLAUSES, READ, words
from .pronoun import COMPARED as READERS
from .reading import READING, looks
from .strip import STRIP
from .watching import NAME
from .who import WHO

LONGEST = sentences("mixed").longest  # words of the longest sentence in training
SOON = 9  # words, a few after the suspect


# What sections and claims share


def orders(load=load) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Of pairs of orders, by model (seeds,): the share with both answered right; the largest change of an output."""
    found = load(BAGS, BAGS.settings())
    return by_name(SHOWN, found.both), by_name(SHOWN, found.apart)


def placed(model: str, clauses: int, load=load) -> np.ndarray:
    """(seeds,): accuracy with so many clauses before the main one."""
    return load(PLACES, PLACES.settings(variant=model)).right[:, clauses]


def lost(steps: int, load=load) -> dict[str, np.ndarray]:
    """By model (seeds,), after so many training steps: the sentences right after the fifth word that are lost on the
    way to the longest, as a share."""
    held = load(CHANGES, CHANGES.settings(steps=steps)).held[..., LONGEST - FIRST]
    return by_name(MAIN, 1 - held)


def first_lost(steps: int, load=load) -> np.ndarray:
    """(words,): the share of them that the RNN loses at the sixth word, the seventh, …; mean over seeds."""
    found = load(CHANGES, CHANGES.settings(steps=steps))
    return by_name(MAIN, changed(found))["rnn"][:, : LONGEST - FIRST].mean(0)


# A function a section


def snapshots() -> dict:
    """Bags of words: which names there are, and their order."""
    right = by_name(SHOWN, load(BAGS, BAGS.settings()).right)["bag"]  # (seeds, lengths)
    both, apart = orders()
    return {
        "names": Sentences().suspects,
        "chance": Sentences().chance,
        "bag_12": right[:, 12 - FIRST].mean(),
        "bag_33": right[:, 33 - FIRST].mean(),
        "known_12": names_known(12),
        "known_33": names_known(33),
        "bag_apart": apart["bag"].max(),
        "bag_both": both["bag"].max(),
        "lstm_both": both["lstm-forget-1"].mean(),
    }


def letters() -> dict:
    """The same sentences by words and by letters."""
    rnn, lstm = (
        {by: load(SPELLING, SPELLING.settings(variant=model, by=by)) for by in BY} for model in ("rnn", "lstm-forget-1")
    )
    final = rnn["letters"].final  # (seeds,)
    return {
        "steps": STEPS,
        "target": Fit.target,
        "by_words": BY["words"].length,
        "by_letters": BY["letters"].length,
        "rnn_words": rnn["words"].used.mean(),
        "rnn_letters": final.mean(),
        "rnn_letters_low": final.min(),
        "rnn_letters_high": final.max(),
        "lstm_words": lstm["words"].used.mean(),
        "lstm_letters": lstm["letters"].used.mean(),
    }


def fifty_words() -> dict:
    """The gradient over fifty words, and what is learned from long sentences."""
    from ..gradient.singular import GAINS, SINGULAR  # here: whoever loads this lens needs not load that one

    usual, turned = SINGULAR.measure(), SINGULAR.measure(recurrence="orthogonal")
    standard = GAINS.index(1.0)
    mixed = by_name(SHOWN, load(BAGS, BAGS.settings()).right)["rnn"]  # (seeds, lengths)
    twelve = load(LEARNING, LEARNING.settings(variant="rnn", diet="12")).final
    return {
        "seeds": len(BAGS.seeds),
        "fifty_share": scientific(np.median(usual.share, 0)[standard]),
        "fifty_largest": np.median(usual.largest, 0)[standard],
        "turned_more": np.median(turned.share, 0)[GAINS.index(1.5)],
        "rnn_12": int((twelve > 0.9).sum()),
        "rnn_19": _exact("rnn", 19),
        "lstm_19": _exact("lstm-forget-1", 19),
        "mixed_33": mixed[:, 33 - FIRST].mean(),
        "mixed_61": mixed[:, 61 - FIRST].mean(),
    }


def _exact(model: str, words: int) -> float:
    """Mean accuracy where all sentences have so many words."""
    return load(READING, READING.settings(variant=model, diet=str(words))).final.mean()


def changing() -> dict:
    """How many sentences are lost on the way, and where."""
    early, late = lost(100), lost(STEPS)
    where = first_lost(100)  # (words,), from the sixth on
    held = by_name(MAIN, load(CHANGES, CHANGES.settings(steps=100)).held)["rnn"].mean(0)  # (words,), from the fifth on
    return {
        "strip_words": ", ".join(str(word) for word in sorted(_first_wrong())),
        "rnn_lost_100": early["rnn"].mean(),
        "rnn_lost_100_low": early["rnn"].min(),
        "rnn_lost_100_high": early["rnn"].max(),
        "rnn_lost_200": lost(200)["rnn"].mean(),
        "rnn_lost_end": late["rnn"].mean(),
        "lstm_lost_100": early["lstm-forget-1"].mean(),
        "change_word": int(where.argmax()) + FIRST + 1,
        "change_share": where.max() / where.sum(),
        "change_soon": where[: SOON - FIRST].sum() / where.sum(),
        "soon": SOON,
        "settled": held[LONGEST - FIRST] / held[NAME + 1 - FIRST],
    }


def _first_wrong() -> np.ndarray:
    """(seeds,): the word at which the RNN first says another name, in the first picture as it opens."""
    at = STRIP.settings()
    said = load(READING, READING.settings(variant="rnn")).said[:, looks().index(at["steps"]), at["sentence"] - 1]
    suspect = shown_sentences()[at["sentence"] - 1, FIRST - 1].item()
    return (said != suspect).argmax(1) + FIRST


def pronouns() -> dict:
    """Who is meant, in the middle of a sentence."""
    found = (load(WHO, WHO.settings(clauses=clauses)).right for clauses in CLAUSES)
    near, far = (by_names((READERS, READ), right) for right in found)  # by model and pronoun, (seeds,) each
    names = {"lstm": "lstm-forget-1", "gru": "gru", "rnn": "rnn", "kept": "attention", "bag": "bag"}
    return {
        "pronoun_words": words(CLAUSES[0]),
        "pronoun_more": words(CLAUSES[1]),
        "pronoun_bag_first": near["bag", "first"].mean(),
        **{f"pronoun_{name}": near[model, "other"].mean() for name, model in names.items()},
        **{f"pronoun_{name}_far": far[names[name], "other"].mean() for name in ("rnn", "lstm")},
    }


def places() -> dict:
    """Snapshots with weights for each place."""
    both, _ = orders()
    window = by_name(SHOWN, load(BAGS, BAGS.settings()).right)["window"]  # (seeds, lengths)
    return {
        "window_both": both["window"].mean(),
        "window_61": window[:, 61 - FIRST].mean(),
        "window_2": placed("window", 2).mean(),
        "window_3": placed("window", 3).mean(),
        "placed_3": placed("attention-positions", 3).mean(),
        "rnn_3": placed("rnn", 3).mean(),
        "lstm_3": placed("lstm-forget-1", 3).mean(),
    }


def budgets() -> dict:
    """Longer training, and other starts."""

    def longer(case: str) -> np.ndarray:
        rates = LONGER_KNOBS["rate"].stops
        return np.array([load(LONGER_RUN, LONGER_RUN.settings(case=case, rate=rate)).final for rate in rates])

    lstm = longer("lstm-33")  # (rates, seeds)
    return {
        "longer": LONGER,
        "rnn_19_longer": longer("rnn-19").max(),
        "rnn_33_longer": longer("rnn-33").max(),
        "lstm_33": _exact("lstm-forget-1", 33),
        "lstm_33_learned": int((lstm > 0.9).sum()),
        "lstm_33_runs": lstm.size,
        "chrono_33": _exact("lstm-chrono", 33),
        "gru_33": _exact("gru", 33),
    }


def budget() -> dict:
    """What all models have."""
    return {"parameters": BUDGET}
