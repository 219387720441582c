"""What pictures and sentences say of a result: the numbers that it holds, and the statistics that they name.

The results are made up (`rehearsal`). A new experiment is in every test by itself; it needs a line here only where it
shows something computed from its arrays, or says something new on an axis.
"""

import inspect
import itertools
import re
import sys
import warnings
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle, StepPatch

from rehearsal import STATISTICS, arrays, distinct, drawn, level, model_of
from sevenlenses.lens import Experiment, Result
from sevenlenses.lenses import EXPERIMENTS

EVERY = pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=list(EXPERIMENTS))
ROOT = Path(__file__).resolve().parent.parent
SOURCES = {path.resolve(): path.read_text() for path in (*(ROOT / "src").rglob("*.py"), *(ROOT / "book").glob("*.md"))}
LENGTHS = 2.0 ** np.arange(5, 13)  # steps of the timed passes

# What pictures show that is computed from an array: by experiment, the formula written out.
DERIVED = {
    "reading-strip": {
        "height": lambda r: r.sure + np.array([1.35, 0])[:, None], "place": lambda r: np.arange(r.said.shape[-1])[None]
    },
    "reading-changes": {"changed": lambda r: r.held[..., :-1] - r.held[..., 1:]},
    "reading-gates": {"opened": lambda r: r.gates.mean(-1)},
    "reading-sentence": {"height": lambda r: r.traced.mean(-1) * 3.2 + r.traced.shape[-1] + 0.6},
    "kata-pace": {"microseconds": lambda r: r.seconds / LENGTHS * 1e6},
    "kata-pipe": {"left": lambda r: r.gate[..., None] ** np.array([16, 64, 256, 1024, 4096])},
    "capacity-kept": {"kilobytes": lambda r: r.kept / 1024},
    "credit-steps": {"mean": lambda r: r.credit.mean(0, keepdims=True)},
    "credit-read": {"mean": lambda r: r.credit.mean(0, keepdims=True)},
    "credit-watch": {"most": lambda r: r.top.mean(-1), "share": lambda r: r.mass.mean(-1)},
    "credit-doubts": {"share": lambda r: r.mass.mean(-1)},
    "credit-copies": {"both": lambda r: r.mass.mean(-1)},
    "structure-rules": {"answers": lambda r: np.concatenate([r.final[..., None], r.rules], -1)},
    "structure-rivals": {"answers": lambda r: np.concatenate([r.final[..., None], r.rules], -1)},
    "access-together": {"answers": lambda r: np.concatenate([r.sees, r.final], -1)},
    "scaling-wait": {"milliseconds": lambda r: r.seconds * 1e3},
    "scaling-race": {"milliseconds": lambda r: r.seconds * 1e3},
    "scaling-time": {
        "milliseconds": lambda r: np.median(r.seconds, -1) * 1e3,
        "exponents": lambda r: np.polyfit(
            np.log(LENGTHS[3:]), np.log(np.median(r.seconds, -1)[..., 3:]).reshape(-1, 5).T, 1
        )[0].reshape(r.seconds.shape[:2]),
    },
    "scaling-memory": {"kilobytes": lambda r: r.bytes / 1024},
    "scaling-decode": {
        "microseconds": lambda r: np.median(r.seconds, -1) * 1e6, "kilobytes": lambda r: r.kept / 1024
    },
    "synthesis-sight": {"height": lambda r: (0.8 * r.read.mean(0) + np.arange(5)[::-1, None])[None]},
    "synthesis-patterns": {
        "height": lambda r: (0.88 * r.weights.mean(0) + np.arange(r.weights.shape[-1])[::-1, None])[None]
    },
    "questions-sharing": {"part": lambda r: r.used / np.array([600, 600, 600, 2400])},
    "questions-parts": {"apiece": lambda r: r.used[:, :1] * np.array([2, 8, 32, 128])},
    "questions-truncated": {"stored": lambda r: r.stored / 1024, "carried": lambda r: r.carried / 1024},
    "questions-inorder": {"part": lambda r: r.products / r.products.sum(1, keepdims=True)},
}  # fmt: skip


# And what sentences alone say of it.
COMPUTED = {
    "capacity-echo": {"inputs": lambda r: r.share.sum(-1)},
    "capacity-kept": {"inputs": lambda r: r.share.sum(-1)},
    "questions-exposure": {"inputs": lambda r: r.share.sum(-1)},
    "questions-vanishing": {"factor": lambda r: r.signal[..., -1] ** (1 / 64)},
    "scaling-decode": {"milliseconds": lambda r: np.median(r.seconds, -1) * 1e3},
    "scaling-wait": {"seconds": lambda r: r.seconds},
    "scaling-race": {"seconds": lambda r: r.seconds},
    "scaling-time": {"seconds": lambda r: np.median(r.seconds, -1)},
}

# Where sentences speak of one run: the program's own weights, or what is counted and the same for all.
OF_ONE = {
    "kata-retention", "kata-size", "kata-turning", "kata-apart", "kata-counts", "credit-doubts", "capacity-kept",
    "scaling-chain", "scaling-depth", "scaling-decode", "questions-layout", "questions-joined", "questions-arithmetic",
    "questions-parts", "questions-unrolled", "questions-truncated", "questions-inorder",
}  # fmt: skip
BOTH = {"kata-pipe", "kata-pace", "credit-product", "scaling-time"}  # they say which number is a mean, which a median

NOWHERE = {"locality-moments": ["written"]}  # in the records, and shown by nothing

# The same steps below both; the same accuracies against length and against the signal; the same times along all
# lengths and at one.
TWICE = {"gradient-clipping", "questions-mitigated", "scaling-wait", "scaling-race"}

# Words of an axis that need no explanation: which mark is meant, and what every chapter speaks of.
PLAIN = (
    "dashed, dotted, shaded; here; trained, training, untrained; sequence, steps, step, back, from, between; linear; "
    "milliseconds; share; remember; question; direction, strongest; writes"
)

# What a title or an axis says, and the arrays that it may say it of: the first that fits.
SAYS = {
    "training steps (1:": "part",
    "training step": "step",
    "exponent": "exponents",
    "growth as": "exponents",
    "loss": "loss",
    "most credit": "most",
    "accuracy": "score final right marks held learned ways time seen unseen waited lengths depths by_key left found "
    "tied",
    "never wrong": "held",
    "wrong here": "changed",
    "answer changes": "changed",
    "both orders right": "both",
    "first layer": "height",
    "second layer": "height",
    "right": "right at",
    "trained at one lag": "held",
    "told": "right expected told",
    "read from h(T)": "told",
    "answered at each": "each",
    "one answer at the end": "final",
    "nearly open or shut": "shut",
    "gates leave of the cell": "left",
    "gate: flagged": "apart",
    "gate": "opened",
    "relative error": "off error",
    "relative difference": "apart",
    "relative distance": "moved apart",
    "distance": "distance",
    "share that the suspect decides": "cells writes",
    "share left": "left",
    "share that reaches": "share",
    "share of the signal left": "formula measured",
    "share of the input": "share",
    "share of input": "share",
    "share of both": "both",
    "lesser": "least",
    "share of credit": "found share",
    "share of the responsible": "share mass",
    "share of answers": "answers rules",
    "share by": "mean share",
    "cosine": "cosine",
    "microseconds": "microseconds",
    "milliseconds": "milliseconds",
    "at this length": "milliseconds",
    "kilobytes": "kilobytes stored carried",
    "size of ∂L/∂h": "curves",
    "size of ∂L/∂c": "exact product whole bare",
    "size of the signal": "signal",
    "typical size": "size",
    "size, as a share": "size",
    "sizes of c": "cell shown",
    "effect of input": "profile",
    "steps back": "distance",
    "multiply": "counted",
    "multiplications": "part",
    "operations": "counts",
    "in a row": "forward backward",
    "numbers computed": "work",
    "numbers kept": "floats",
    "singular value": "largest",
    "signal of token 1": "signal",
    "factor of one step": "factors",
    "rounds": "rounds",
    "nodes": "nodes",
    "gradient norm": "norm",
    "weight on the wanted": "top",
    "weights": "used apiece agree",
    "moves the state": "by_pair moved",
    "weight": "stored by_pair",
    "change of h": "slope",
    "last output": "last",
    "all outputs": "whole",
    "change, as a share": "last whole",
    "drift": "drift idle",
    "probability": "said",
    "largest |h": "largest",
    "time of attention": "ratio",
}


@dataclass(frozen=True)
class Mark:
    """Numbers of one artist that come from the result: which ones, and where on the picture."""

    panel: int
    name: str
    side: str  # x, y, low, high
    found: frozenset  # of (array, statistic)
    values: frozenset


def quantities(experiment: Experiment, result: Result, *more: dict) -> dict[str, dict[str, np.ndarray]]:
    """Everything that a picture may show: each array and what is derived from it, run by run and as statistics."""
    known = arrays(result)
    for formulas in (DERIVED, *more):
        known |= {name: make(result) for name, make in formulas.get(experiment.name, {}).items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # places that nothing was measured at
        return {
            name: {"each": array} | {how: make(array, 0) for how, make in STATISTICS.items() if len(array) > 1}
            for name, array in known.items()
        }


def sources(values: np.ndarray, known: dict) -> frozenset:
    """The quantities that hold all these numbers."""
    values = values[np.isfinite(values)]
    return frozenset(
        (name, how)
        for name, hows in known.items()
        for how, pool in hows.items()
        if len(values) and within(values, pool)
    )


def within(values: np.ndarray, pool: np.ndarray) -> bool:
    pool = np.sort(pool[np.isfinite(pool)])
    if not len(pool):
        return False
    at = np.searchsorted(pool, values).clip(0, len(pool) - 1)
    near = np.minimum(abs(pool[at] - values), abs(pool[np.maximum(at - 1, 0)] - values))
    return bool((near <= 1e-9 * abs(values) + 1e-300).all())


def coordinates(artist) -> dict[str, np.ndarray]:
    """The numbers that an artist shows, by side."""
    if isinstance(artist, Line2D):
        return {side: np.asarray(artist.get_data()[i], float) for i, side in enumerate("xy")}
    if isinstance(artist, LineCollection):
        ends = np.array(artist.get_segments()).reshape(-1, 2, 2)  # (lines, ends, xy)
        upright = (ends[:, 0, 0] == ends[:, 1, 0]).all()
        along, across = (ends[:, :, 1], ends[:, 0, 0]) if upright else (ends[:, :, 0], ends[:, 0, 1])
        return {"low": along[:, 0], "high": along[:, 1], "x": across}
    if isinstance(artist, PolyCollection):
        corners = np.concatenate([path.vertices for path in artist.get_paths()])
        by_x = [corners[corners[:, 0] == x, 1] for x in np.unique(corners[:, 0])]
        return {"low": np.array([y.min() for y in by_x]), "high": np.array([y.max() for y in by_x])}
    if isinstance(artist, StepPatch):
        return {"y": np.asarray(artist.get_data().values)}
    if isinstance(artist, Rectangle):
        return {"y": np.array([artist.get_height()])}
    return {}


@cache
def picture_of(experiment: Experiment) -> tuple[list, list[Mark]]:
    """The axes, and everything on them that moves with the numbers of the result."""
    axes, others = (drawn(experiment, distinct(experiment, take)) for take in (0, 1))
    known, found = quantities(experiment, distinct(experiment)), []
    for panel, (ax, other) in enumerate(zip(axes, others, strict=True)):
        again = named(other)
        for name, one in named(ax).items():
            then = coordinates(again.get(name))  # nothing, where the numbers decide whether it is drawn
            for side in then:
                values = coordinates(one)[side]
                if not np.array_equal(values, then[side], equal_nan=True):
                    held = frozenset(values[np.isfinite(values)])
                    found.append(Mark(panel, name[0], side, sources(values, known), held))
    return axes, found


def named(ax) -> dict[tuple, object]:
    """The artists of a panel by their names, those with the same name numbered; the frame of the axes has none."""
    names = [one.get_gid() for one in ax.get_children()]
    every = zip(names, ax.get_children(), strict=True)
    return {(name, names[:i].count(name)): one for i, (name, one) in enumerate(every) if name}


@pytest.mark.slow
@EVERY
def test_what_a_picture_draws_are_the_numbers_of_its_result(experiment):
    _, found = picture_of(experiment)
    assert not [f"panel {mark.panel}: {mark.name}, {mark.side}" for mark in found if not mark.found]


@pytest.mark.slow
@EVERY
def test_a_range_is_from_the_least_to_the_greatest_around_the_middle(experiment):
    """Of the same array, in the same colour; and nothing else is drawn from the least or the greatest alone."""
    _, found = picture_of(experiment)
    runs = {name for name, hows in quantities(experiment, distinct(experiment)).items() if "mean" in hows}
    for low, high in itertools.pairwise(found):
        of = {name for name, how in low.found if how == "least"} & {n for n, how in high.found if how == "greatest"}
        if (low.side, high.side) == ("low", "high") and {name for name, _ in low.found} & runs:
            assert of, f"{low.name}: not from the least to the greatest"
            middles = [mark for mark in found if mark.panel == low.panel and mark.side in "xy"]
            assert any(mark.found & {(name, how) for name in of for how in ("mean", "median")} for mark in middles)
    for mark in found:
        ranges = mark.side in ("low", "high")
        assert ranges or {how for _, how in mark.found} & {"each", "mean", "median"}, f"{mark.name}: an end as a middle"


@pytest.mark.slow
@EVERY
def test_what_a_panel_is_said_to_show_is_what_it_shows(experiment):
    axes, found = picture_of(experiment)
    for mark in found:
        title, below = axes[mark.panel].get_title("left"), axes[mark.panel].get_xlabel()
        said = below if mark.side == "x" and any(words in below for words in SAYS) else title
        if said and mark.name.split("/")[0] != "frame":
            means = [arrays for words, arrays in SAYS.items() if words in said]
            assert means, f"nothing says which arrays are {said!r}: a line of SAYS is missing"
            assert {name for name, _ in mark.found} & set(means[0].split()), f"{said!r} shows {set(mark.found)}"


@pytest.mark.slow
@EVERY
def test_no_two_panels_show_the_same_numbers(experiment):
    """No number occurs twice in the result; so one that stands in two panels stands in one of them by mistake."""
    axes, found = picture_of(experiment)
    panels = [{*()}.union(*(mark.values for mark in found if mark.panel == n)) for n in range(len(axes))]
    for n, panel in enumerate(panels):
        assert experiment.name in TWICE or not panel & {*()}.union(*panels[n + 1 :])


@pytest.mark.slow
@EVERY
def test_an_axis_says_nothing_that_the_experiment_does_not_speak_of(experiment):
    result = model_of(experiment)
    prose = [inspect.getdoc(type(result)), *experiment.describe(result).values(), experiment.question]
    known = " ".join([*prose, PLAIN, *(knob.label for knob in experiment.knobs.values())]).lower()
    for ax in drawn(experiment, result):
        words = re.findall(r"[a-z]{4,}", f"{ax.get_xlabel()} {ax.get_ylabel()}".lower())
        assert not [word for word in words if word.rstrip("s") not in known], ax.get_xlabel()


@pytest.mark.slow
@EVERY
def test_every_array_moves_the_picture_or_the_words_or_is_read_by_others(experiment):
    still = [name for name in arrays(model_of(experiment)) if not moves(experiment, name)]
    home = Path(sys.modules[experiment.result.__module__].__file__)
    others = {path: text for path, text in SOURCES.items() if path != home}
    by_string = " ".join(text for path, text in others.items() if path.parent == home.parent)  # only near its home
    by_dot = " ".join(others.values())
    unread = [one for one in still if not re.search(rf"\.{one}\b", by_dot) and f'"{one}"' not in by_string]
    assert unread == NOWHERE.get(experiment.name, [])


def moves(experiment: Experiment, name: str) -> bool:
    """Whether other numbers in this array make another picture or other words."""
    one, other = distinct(experiment), distinct(experiment, take=1, only=name)
    if experiment.describe(one) != experiment.describe(other):
        return True
    return state(drawn(experiment, one)) != state(drawn(experiment, other))


def state(axes: list) -> list:
    """All that a reader could see of the artists."""
    every = [(name, one) for ax in axes for name, one in named(ax).items()]
    looks = ("get_text", "get_facecolor", "get_alpha")
    return [
        (
            name,
            [values.tobytes() for values in coordinates(one).values()],
            *(str(getattr(one, look, str)()) for look in looks),
        )
        for name, one in every
    ]


# What sentences say


NUMBER = re.compile(r"[−-]?\d[\d,]*(?:\.\d+)?(?:\u00a0×\u00a010[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?%?(?<!,)")


def read(number: str) -> tuple[float, float]:
    """A number as it is written, and half a unit of its last digit."""
    percent = 0.01 if number.endswith("%") else 1.0
    mantissa, _, exponent = number.rstrip("%").replace(",", "").replace("−", "-").partition("\u00a0×\u00a010")
    size = 10.0 ** int(exponent.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")) or 0) * percent
    digits = len(mantissa.partition(".")[2])
    return float(mantissa) * size, 0.501 * 10.0**-digits * size


@pytest.mark.slow
@EVERY
def test_every_number_of_a_sentence_is_the_statistic_that_it_names(experiment):
    result = level(experiment)
    text = "\n".join(experiment.describe(result).values())
    known = quantities(experiment, result, COMPUTED)
    for name in arrays(result):
        raised = "\n".join(experiment.describe(level(experiment, raised=name)).values())
        if NUMBER.sub("", raised) != NUMBER.sub("", text):
            continue  # the array decides between two wordings
        computed = {*DERIVED.get(experiment.name, {}), *COMPUTED.get(experiment.name, {})}
        for match, now in zip(NUMBER.finditer(text), NUMBER.findall(raised), strict=True):
            if match[0] != now:
                hows = statistics_of(match[0], {one: known[one] for one in (name, *computed)})
                before = text[: match.start()]
                named = any(names(before, how, experiment, text) for how in hows)
                assert named, f"{name}: {before[-120:]}>>{match[0]}<< is {sorted(hows) or 'no number of it'}"


def statistics_of(number: str, known: dict) -> set[str]:
    """What a written number may be: mean, median, least or greatest over runs, the first run's, or any run's."""
    value, half = read(number)
    found = set()
    for hows in known.values():
        first = {"first": hows["each"][0]} if len(hows["each"]) > 1 else {"only": hows["each"]}
        for how, places in (hows | first).items():
            places = np.unique(places[np.isfinite(places)])
            if (abs(places - value) <= half + 1e-9 * abs(value)).any():
                found.add(how)
    return found


def names(before: str, how: str, experiment: Experiment, text: str) -> bool:
    """Whether the words around a number, of which these come before it, may be said of this statistic."""
    sentence = before.rpartition(". ")[2].lower()
    if how in ("mean", "median"):
        words = re.findall(
            "mean|median", (text if experiment.name in BOTH else sentence).lower().replace("average", "mean")
        )
        return not words or how in (words if experiment.name in BOTH else words[-1:])
    if how == "least":
        return bool(re.search(r"(from |\(|least |weakest .*)$", sentence[-40:]))
    if how == "greatest":
        return bool(re.search(r"[\d%] to $|greatest|at most $|strongest", sentence[-90:]))
    if how == "each":
        return "by seed" in sentence
    return how == "only" or experiment.name in OF_ONE


@pytest.mark.slow
@EVERY
def test_the_own_run_is_drawn_from_its_own_numbers(experiment):
    """What a reader's run adds to a picture is that run's: it moves with nothing else, and all else stays."""
    if "own" not in experiment.layers:
        return
    shown, other, own = (distinct(experiment, take) for take in (0, 1, 2))
    own = replace(own, seeds=(0,), **{name: array[:1] for name, array in arrays(own).items()})
    alone, beside = state(drawn(experiment, shown)), state(drawn(experiment, shown, own))
    elsewhere = state(drawn(experiment, other, own))
    mine = [one for one in beside if one[0][0].startswith("own/")]
    assert mine and [one for one in beside if one not in mine] == alone
    assert [one for one in elsewhere if one[0][0].startswith("own/")] == mine
