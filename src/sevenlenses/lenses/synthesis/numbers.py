"""The numbers that the text on the synthesis takes from its runs, a function a section; and what its claim shares."""

from __future__ import annotations

import numpy as np

from ...models.ablations import KEPT
from ...models.attention import HEADS
from ...models.variants import MAIN, VARIANTS
from ...records import load
from ..credit.attribution import METHODS
from ..credit.watch import WATCH
from ..gradient.lengths import LENGTHS, LENGTHS_REACHED
from ..locality.baseline import unbound
from ..locality.practice import PRACTICE as ASKED_LONGER
from ..scaling.decode import DECODE
from ..scaling.decoding import CONTEXTS, STEPPING
from ..tables import by_name, by_names, means
from .apart import APART, ROWS
from .induction import INDUCTION, LEAD
from .ladder import LADDER_PICTURE
from .practice import BEFORE, LONGER, PRACTICE
from .rungs import BUDGET, LADDER, PLACE, RUNGS, STEPS, TASKS, TESTS
from .sharp import AMONG, SCALES, SHARP
from .sharp import TESTED as AMONG_MORE
from .sides import LONG, PRICES, PRICES_PICTURE, kept
from .sight import READERS, SIGHT
from .waits import waits

ALL_STEPS = range(len(LADDER))  # from the LSTM, 0, to attention


# What sections and the claim share


def climbed(load=load) -> tuple[dict[tuple[int, str], np.ndarray], dict[int, float]]:
    """By step: accuracy (seeds,) on each test, and operations in a row."""
    found = load(LADDER_PICTURE, LADDER_PICTURE.settings())
    return by_names((ALL_STEPS, TESTS), found.final), dict(zip(ALL_STEPS, found.waits[0], strict=True))


def passed(load=load) -> dict[tuple[str, str], np.ndarray]:
    """Accuracy (seeds,) of each model with something taken away, or made otherwise, on each test."""
    return by_names((ROWS, TESTS), load(APART, APART.settings()).final)


def practised(load=load) -> dict[str, float]:
    """By rung: mean accuracy after the longer training, on the test that it failed."""
    return {rung: load(PRACTICE, PRACTICE.settings(variant=rung)).final.mean() for rung in BEFORE}


def _rows(*steps: int) -> dict:
    """Rows of the ladder."""
    final, row = climbed()
    right = {f"r{step}_{test}": final[step, test].mean() for step in steps for test in TESTS}
    return right | {f"r{step}_row": int(row[step]) for step in steps}


def _seen(rung: str, test: str) -> float:
    """The share of the last step's weights that lies on the step with the answer."""
    read = by_name(READERS, load(SIGHT, SIGHT.settings(test=test)).read)[rung]  # (seeds, T)
    return read[:, PLACE[test]].mean()


def _turned(rung: str) -> float:
    """The share of answers to 4 pairs that change when the steps before the question are shuffled."""
    return load(RUNGS, RUNGS.settings(variant=rung, test="few")).turned.mean()


# A function a section


def tests() -> dict:
    """The four tests, and the LSTM on them."""
    return {
        "chance": TASKS["far"].chance,
        "length": TASKS["far"].length,
        "ring_pairs": TASKS["kin"].pairs,
        "unbound_4": unbound(4),
        "unbound_32": unbound(32),
        "parameters": BUDGET,
        "steps": STEPS,
        **_rows(0),
    }


def keeping() -> dict:
    """Step 1: an average of all that was kept."""
    return _rows(0, 1)


def asking() -> dict:
    """Step 2: weighed by what asks."""
    return _rows(1, 2)


def choosing() -> dict:
    """Step 3: a softmax."""
    shares = {"share_asked": _seen("rung-asked", "many"), "share_selective": _seen("rung-selective", "many")}
    return _rows(2, 3) | shares


def dropping() -> dict:
    """Step 4: each vector made of its own input."""
    return {
        **_rows(3, 4),
        "turned_asked": _turned("rung-asked"),
        "turned_unchained": _turned("rung-unchained"),
        "unbound_8": unbound(TASKS["kin"].pairs),
    }


def three_roles() -> dict:
    """Step 5: query, key and value."""
    before = climbed()[0][4, "kin"]  # (seeds,)
    return {
        **_rows(4, 5),
        "r4_low": before.min(),
        "r4_high": before.max(),
        "share_unchained": _seen("rung-unchained", "kin"),
        "share_roles": _seen("rung-roles", "kin"),
    }


def two_layers() -> dict:
    """Two heads that recall token by token, and the network without one of them."""
    run = load(INDUCTION, INDUCTION.settings())
    cut, others = run.without[:, -1].T  # (seeds,) each
    tying = run.heads[:, -1]
    return {
        "heads": HEADS,
        "tying_low": int(tying.min()),
        "tying_high": int(tying.max()),
        "whole": run.right[:, -1].mean(),
        "cut": cut.mean(),
        "others": others.mean(),
        "lead": LEAD,
        "moved": run.moved[:, -1].mean(),
    }


def side_by_side() -> dict:
    """What the two tables of all models leave unsaid, and the prices."""
    timed = load(DECODE, DECODE.settings()).middle[..., -1]  # (seeds, STEPPING): seconds after the longest context
    step = {way: 1000 * np.median(seconds) for way, seconds in by_name(STEPPING, timed).items()}
    columns = [side.short.replace("\n", " ") for side in PRICES]
    mean = by_names((MAIN, columns), load(PRICES_PICTURE, PRICES_PICTURE.settings()).mean)  # (1,) each
    price = {where: value.item() for where, value in mean.items()}
    longer = load(ASKED_LONGER, ASKED_LONGER.settings(variant="lstm-forget-1", when="first"))
    return {
        "chrono_far": _chrono(256),
        "blame_swap": min(_by_occlusion(model) for model in ("lstm-forget-1", "gru", "attention")),
        "long": LONG,
        "kept_lstm": kept("lstm-forget-1"),
        "kept_attention": kept("attention"),
        "context": CONTEXTS[-1],
        "step_attention": step["attention-step"],
        "step_lstm": step["lstm-step"],
        "order": price["attention", "order"],
        "parity": price["attention", "parity"],
        "asked_first": price["attention", "asked first"],
        "asked_lstm": price["lstm-forget-1", "asked first"],
        "asked_longer": longer.final.mean(),
        "asked_gru": price["gru", "asked first"],
        "crowd": price["attention", "one key"],
        "crowd_placed": price["attention-positions", "one key"],
        "crowd_lstm": price["lstm-forget-1", "one key"],
    }


def _chrono(length: int) -> float:
    """Mean accuracy of an LSTM with a chrono start on the first of so many steps."""
    final = load(LENGTHS_REACHED, LENGTHS_REACHED.settings()).final
    return by_names((VARIANTS, LENGTHS), final)["lstm-chrono", length].mean()


def _by_occlusion(model: str) -> float:
    """The responsible step's share of the credit after training, asked by another value in its place."""
    after = load(WATCH, WATCH.settings(variant=model)).mass[:, -1]  # (seeds, METHODS, places)
    return by_name(METHODS, after)["swap"].mean()


def taken_away() -> dict:
    """Attention with one thing less, other designs, and more practice."""
    runs, practice = passed(), practised()
    right, plain = means(runs), runs["no-softmax", "many"]
    return {
        "window": KEPT,
        "window_far": right["no-growth", "far"],
        "window_many": right["no-growth", "many"],
        "chrono": _chrono(64),
        "fixed_few": right["no-asking", "few"],
        "fixed_far": right["no-asking", "far"],
        "plain_many": plain.mean(),
        "plain_low": plain.min(),
        "plain_high": plain.max(),
        "plain_few": right["no-softmax", "few"],
        "distance_few": right["no-content", "few"],
        "chained_row": waits("chained-roles", TASKS["far"].length),
        "chained_kin": right["chained-roles", "kin"],
        "heads": HEADS,
        "tied_kin": right["tied-heads", "kin"],
        "heads_kin": right["attention", "kin"],
        "linear_few": right["linear-attention", "few"],
        "linear_many": right["linear-attention", "many"],
        "scale_far": right["no-scale", "far"],
        "longer": LONGER * STEPS,
        "long_mean": practice["rung-mean"],
        "long_asked": practice["rung-asked"],
        "long_unchained": practice["rung-unchained"],
        **_sharpness(),
        **_ring(),
    }


def _sharpness() -> dict:
    """What becomes of a read among more pairs than in training."""
    found = load(SHARP, SHARP.settings())
    top, right = (by_names((SCALES, AMONG_MORE), looked) for looked in (found.top, found.right))
    return {
        "sharp_among": AMONG,
        "sharp_most": AMONG_MORE[-1],
        "sharp_weight_first": top["trained", AMONG_MORE[0]].mean(),
        "sharp_weight": top["trained", AMONG_MORE[-1]].mean(),
        "sharp_right": right["trained", AMONG_MORE[-1]].mean(),
        "scaled_right": right["scaled", AMONG_MORE[-1]].mean(),
    }


def _ring() -> dict:
    """How many keys of the ring one role gets wrong after the longer training, and the best that a ranking could do."""
    by_key = load(PRACTICE, PRACTICE.settings(variant="rung-unchained")).by_key  # (seeds, keys)
    wrong, kin = (by_key < 0.5).sum(1), TASKS["kin"]  # (seeds,)
    return {
        "seeds": len(wrong),
        "ring_one": int((wrong == 1).sum()),
        "ring_most": int(wrong.max()),
        "ring_keys": kin.keys,
        "ring_best": 1 - (1 - kin.chance) / kin.keys,
    }
