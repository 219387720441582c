"""Knobs, experiments and their pictures: every control over its whole range, and one clear error for what cannot be."""

import json
import math
import re
import subprocess
import sys
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from oracles import global_randomness_untouched
from sevenlenses import records
from sevenlenses.explorer import parts
from sevenlenses.figures import STYLES, Picture
from sevenlenses.lens import Claim, Experiment, Finding, Knob, Lens, Result
from sevenlenses.lenses import EXPERIMENTS, LENSES
from sevenlenses.lenses.capacity.echo import LAGS
from sevenlenses.lenses.capacity.echo import LENGTHS as COUNTED
from sevenlenses.lenses.gradient.flow import OTHERS
from sevenlenses.lenses.gradient.singular import GAINS
from sevenlenses.lenses.kata import apart, counts, retention, shares
from sevenlenses.lenses.questions import alive, bounded, exposure, inorder, joined, truncated, unrolled, vanishing
from sevenlenses.lenses.questions import parts as parts_of
from sevenlenses.lenses.scaling.depth import COUNTED as STEPS_COUNTED
from sevenlenses.lenses.structure import shuffle
from sevenlenses.lenses.tables import UNNAMED
from sevenlenses.models.variants import EVERY

PROBES = {name: one for name, one in EXPERIMENTS.items() if not one.recorded}
RECORDED = {name: one for name, one in EXPERIMENTS.items() if one.recorded}
SMALL = {"length": 16, "size": 16, "words": 10, "steps": 20, "word": 6}  # for the knobs that a case does not turn


def small(experiment: Experiment) -> dict:
    return {knob: SMALL[knob] for knob in experiment.knobs if knob in SMALL and not experiment.recorded}


def result_at(experiment: Experiment, **knobs) -> Result:
    return result_of(experiment, tuple(experiment.settings(**small(experiment) | knobs).items()))


@cache
def result_of(experiment: Experiment, settings: tuple) -> Result:
    if experiment.recorded:
        return records.load(experiment, dict(settings))
    return experiment.measure(seeds=(0,), device="cpu", **dict(settings))


@cache
def at_the_start(experiment: Experiment) -> tuple[Result, Picture, dict[str, str]]:
    """The default setting, with which every turn of a knob is compared."""
    result = result_at(experiment)
    return result, parts.drawn(experiment, result), experiment.describe(result)


def positions(knob: Knob) -> list:
    """Every value that the page shows, the further choices, and for a number the ends of what a live run takes."""
    return [*knob.stops, *knob.more, *(end for end in (knob.low, knob.high) if end not in (None, *knob.stops))]


def turns(experiments: dict[str, Experiment], values) -> list:
    return [
        pytest.param(experiment, name, value, id=f"{experiment.name}-{name}={value}")
        for experiment in experiments.values()
        for name, knob in experiment.knobs.items()
        for value in values(knob)
    ]


# Every control over its whole range


SHAPES = {
    "gradient-strip": lambda at: dict.fromkeys(("rnn", "lstm", "attention"), (1, at["word"])),
    "gradient-chain": lambda at: {"curves": (1, 2 + len(OTHERS), at["length"])},
    "gradient-flow": lambda at: {"curves": (1, 3 + len(OTHERS), at["length"])},
    "gradient-singular": lambda at: {"largest": (1, len(GAINS)), "share": (1, len(GAINS))},
    "gradient-decay": lambda at: {"formula": (1, at["steps"] + 1), "measured": (1, at["steps"] + 1)},
    "capacity-echo": lambda at: {"share": (1, 2 + len(OTHERS), LAGS), "kept": (1, 2 + len(OTHERS), len(COUNTED))},
    "capacity-kept": lambda at: {"share": (1, 3 + len(OTHERS), LAGS), "kept": (1, 3 + len(OTHERS), len(COUNTED))},
    "scaling-chain": lambda at: dict.fromkeys(("forward", "backward", "work"), (1, 2, len(STEPS_COUNTED) + 1)),
    "scaling-depth": lambda at: dict.fromkeys(("forward", "backward", "work"), (1, 4, len(STEPS_COUNTED) + 1)),
    "structure-shuffle": lambda at: {"last": (1, len(shuffle.CAUSAL)), "whole": (1, len(shuffle.WHOLE))},
    "questions-exposure": lambda at: {"share": (1, 3, exposure.LAGS), "size": (1, 3), "apart": (1,)},
    "questions-layout": lambda at: {"paper": (1, 6, 2), "code": (1, 6, 3), "apart": (1, 6)},
    "questions-joined": lambda at: {
        "loss": (1, 2, joined.UPDATES + 1),
        **dict.fromkeys(("moved", "apart"), (1, joined.UPDATES + 1)),
        "parameters": (1, 2),
    },
    "questions-arithmetic": lambda at: {"counts": (1, 4), "apart": (1,)},
    "questions-parts": lambda at: {"used": (1, len(parts_of.LENGTHS)), "reached": (1, parts_of.AFTER, parts_of.UNITS)},
    "questions-unrolled": lambda at: dict.fromkeys(("nodes", "apart"), (1, 2, len(unrolled.LENGTHS))),
    "questions-truncated": lambda at: {
        **dict.fromkeys(("error", "stored", "carried"), (1, len(truncated.KEPT))),
        "forward": (1,),
    },
    "questions-vanishing": lambda at: {
        "factors": (1, len(vanishing.PATHS), vanishing.SIZE),
        "signal": (1, len(vanishing.PATHS), vanishing.BACK + 1),
    },
    "questions-alive": lambda at: dict.fromkeys(("exact", "whole", "bare", "off"), (1, alive.LENGTH)),
    "questions-bounded": lambda at: dict.fromkeys(("cell", "shown", "slope"), (1, bounded.STEPS)),
    "questions-inorder": lambda at: {
        "products": (1, len(inorder.PARTS)),
        "rows": (1, len(inorder.PARTS), len(inorder.LENGTHS)),
        "rounds": (1, len(inorder.STARTS), len(inorder.LENGTHS)),
    },
    "gradient-gates": lambda at: dict.fromkeys(("exact", "product", "off"), (1, at["length"])),
    "kata-retention": lambda at: {"cosine": (1, len(retention.STATES), at["steps"] + 1)},
    "kata-size": lambda at: dict.fromkeys(("cosine", "size"), (1, len(retention.STATES), at["steps"] + 1)),
    "kata-turning": lambda at: dict.fromkeys(("cosine", "size"), (1, 2, at["steps"] + 1)),
    "kata-apart": lambda at: (
        dict.fromkeys(("distance", "cosine"), (1, 2, apart.STEPS + 1)) | {"right": (1, 2, len(apart.READ))}
    ),
    "kata-shares": lambda at: dict.fromkeys(("left", "right", "expected"), (1, 4, len(shares.POINTS))),
    "kata-counts": lambda at: {"counted": (1, len(counts.STYLED), len(counts.LENGTHS))},
}
SIGNED = {"cosine"}  # what may be below zero


def arrays(result: Result) -> dict[str, np.ndarray]:
    return {name: value for name, value in vars(result).items() if isinstance(value, np.ndarray)}


@pytest.mark.slow
@pytest.mark.parametrize(("experiment", "name", "value"), turns(PROBES, positions))
def test_a_probe_measures_all_over_its_range(experiment, name, value):
    with global_randomness_untouched():
        result = result_at(experiment, **{name: value})
    found, at = arrays(result), experiment.settings(**small(experiment) | {name: value})
    assert (result.knobs, result.seeds, result.progress) == (at, (0,), 1.0)
    assert experiment.name in SHAPES, f"say in SHAPES of {__file__} what shapes the arrays of {experiment.name} have"
    assert {key: array.shape for key, array in found.items()} == SHAPES[experiment.name](at)
    assert all((np.isfinite(array) & (array >= -1.001 * (key in SIGNED))).all() for key, array in found.items())
    text = result.to_json()
    again = experiment.result.from_json(text)
    assert again.to_json() == text and (again.knobs, again.setup) == (at, result.setup)
    assert all(arrays(again)[key] == pytest.approx(array, rel=1e-5, abs=0) for key, array in found.items())


def check_words(experiment: Experiment, said: dict[str, str]) -> None:
    """Every layer that shows a measurement has a sentence, and its numbers are numbers."""
    assert set(said) <= set(experiment.layers)
    assert all(len(said[layer]) > 20 for layer in experiment.layers if layer not in ("frame", "own"))
    assert not {"nan", "inf"} & {word.strip(".,;") for text in said.values() for word in text.split()}


@pytest.mark.slow
@pytest.mark.parametrize("experiment", PROBES.values(), ids=list(PROBES))
@pytest.mark.parametrize("end", [min, max])
def test_a_probe_measures_with_all_knobs_at_an_end(experiment, end):
    corner = {
        name: knob.stops[-1] if knob.is_choice else knob.check(name, end(knob.low, knob.high))
        for name, knob in experiment.knobs.items()
    }
    result = experiment.measure(seeds=(0,), device="cpu", **corner)
    found = arrays(result)
    assert all((np.isfinite(array) & (array >= -1.001 * (key in SIGNED))).all() for key, array in found.items())
    assert all(any(panels) for panels in parts.drawn(experiment, result).layers.values())
    check_words(experiment, experiment.describe(result))


CHOOSING = [one for one in EXPERIMENTS.values() if "variant" in one.knobs]
A_MODEL = {*EVERY, *(variant.model for variant in EVERY.values()), *UNNAMED.values()}


@pytest.mark.parametrize("experiment", CHOOSING, ids=lambda one: one.name)
def test_where_a_control_chooses_the_model_the_legend_names_no_other(experiment):
    for variant in experiment.knobs["variant"].stops:
        result = replace(result_at(experiment), knobs=experiment.settings(variant=variant))
        assert len(set(experiment.models(result)) & A_MODEL) <= 1


def layers_of(picture: Picture, said: dict[str, str]) -> dict:
    return {name: (panels, said.get(name)) for name, panels in picture.layers.items()}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("experiment", "name", "value"), turns(PROBES, positions) + turns(RECORDED, lambda knob: knob.stops)
)
def test_a_picture_follows_its_knobs_and_each_layer_only_its_own(experiment, name, value):
    before, start, told = at_the_start(experiment)
    after = result_at(experiment, **{name: value})
    check_words(experiment, said := experiment.describe(after))
    assert set(experiment.models(after)) <= set(STYLES)
    picture = start if after is before else parts.drawn(experiment, after)
    old, new = layers_of(start, told), layers_of(picture, said)
    assert all(new[layer] == old[layer] for layer, knobs in experiment.layers.items() if name not in knobs)
    moved = "shows nothing of" if new == old else "changes although it is at its default:"
    assert (new == old) == (value == before.knobs[name]), f"the picture {moved} {name}={value!r}; does `run` use it?"


@pytest.mark.slow
@pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=list(EXPERIMENTS))
def test_a_picture_is_pure(experiment):
    result, start, _ = at_the_start(experiment)
    own = result if "own" in experiment.layers else None
    picture = start if own is None else parts.drawn(experiment, result, own)
    assert parts.drawn(experiment, result, own) == picture
    assert len(picture.boxes) == experiment.panels
    for layer in experiment.layers:
        assert parts.drawn(experiment, result, own, only=layer).layers[layer] == picture.layers[layer]
        assert any(picture.layers[layer])


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", sorted(PROBES.keys() - {"gradient-decay", "questions-bounded"})
)  # which chance has no part in
def test_several_seeds_are_measured_like_each_alone(name):
    experiment = PROBES[name]
    together = experiment.measure(seeds=(3, 1), **small(experiment))
    apart = [experiment.measure(seeds=(seed,), **small(experiment)) for seed in (3, 1)]
    for key, array in arrays(together).items():
        if key == "kept":  # counted, not measured: the same whatever the seed
            assert all(np.array_equal(array, one.kept) for one in apart)
        else:
            assert np.array_equal(array, np.concatenate([arrays(one)[key] for one in apart]))


# What a knob takes


@settings(deadline=None, derandomize=True)
@example(value=12.5)
@given(value=st.floats() | st.integers() | st.booleans() | st.text(max_size=3) | st.none())
@pytest.mark.parametrize("default", [30, 30.0], ids=["whole", "number"])
def test_a_number_is_taken_within_its_range_and_refused_elsewhere(default, value):
    knob = Knob("State size", default, (default,), 8, 256)
    kind = (int, float) if isinstance(default, float) else int
    whole = isinstance(value, float) and value.is_integer() and isinstance(default, int)
    fits = not isinstance(value, bool) and (isinstance(value, kind) or whole) and 8 <= value <= 256
    if fits:
        assert knob.check("size", value) == value
        assert type(knob.check("size", value)) is type(default)
    else:
        what = "a whole number" if isinstance(default, int) else "a number"
        with pytest.raises(ValueError) as error:
            knob.check("size", value)
        assert str(error.value) == f"size must be {what} from 8 to 256; got {value!r}. Try 30."


def beyond(knob: Knob) -> list:
    if knob.is_choice:
        return ["nonsense", 7.5, None, math.nan]
    return [math.nextafter(knob.low, -math.inf), knob.high + 1, math.nan, math.inf, "5", True, None]


def test_every_knob_says_its_rule_what_it_got_and_the_remedy():
    for experiment in EXPERIMENTS.values():
        for name, knob in experiment.knobs.items():
            for value in beyond(knob):
                with pytest.raises(ValueError) as error:
                    experiment.settings(**{name: value})
                said, choices = str(error.value), (*knob.stops, *knob.more)
                assert said.startswith(f"{name} must be ") and f"got {value!r}." in said
                remedy = [repr(stop) for stop in choices] if knob.is_choice else [f"Try {knob.default:g}."]
                assert all(part in said for part in remedy)


def test_no_experiment_runs_at_settings_that_it_refuses():
    for experiment in EXPERIMENTS.values():
        unknown = f"{experiment.name} has no knob 'lenght'; its knobs are {', '.join(experiment.knobs)}."
        with pytest.raises(TypeError, match=f"^{re.escape(unknown)}$"):
            experiment.measure(lenght=64)
        for name, knob in experiment.knobs.items():
            with pytest.raises(ValueError, match=f"^{name} must be "):
                experiment.measure(**{name: beyond(knob)[0]})


@pytest.mark.parametrize("stops", [(1, 2), (30, 300)])
def test_a_knob_whose_stops_contradict_it_cannot_be_made(stops):
    with pytest.raises(ValueError, match=r"must be one of its stops \(1, 2\); got 30|a stop must be .* got 300"):
        Knob("State size", 30, stops, 8, 256)


def test_every_position_of_a_knob_is_a_setting_that_can_be_said():
    for experiment in EXPERIMENTS.values():
        assert experiment.settings() == {name: knob.default for name, knob in experiment.knobs.items()}
        for name, knob in experiment.knobs.items():
            assert [experiment.settings(**{name: value})[name] for value in positions(knob)] == positions(knob)
            assert len({knob.say(value).strip() for value in positions(knob)} - {""}) == len(positions(knob))


def test_every_knob_moves_some_layer_and_names_are_unique():
    for experiment in EXPERIMENTS.values():
        turned = {name for name, knob in experiment.knobs.items() if len(knob.stops) > 1}
        moving = {knob for needs in experiment.layers.values() for knob in needs}
        assert moving <= set(experiment.knobs)
        assert not turned - moving, f"{experiment.name}: say in `layers` what these move"
    assert list(EXPERIMENTS) == [one.name for lens in LENSES.values() for one in lens.experiments.values()]


# What an experiment is made of


@dataclass(frozen=True, kw_only=True)
class Toy(Result):
    value: np.ndarray


def toy(seeds, device, **knobs) -> Toy:
    value = np.array([[seed + 10 * knobs["n"]] for seed in seeds], dtype=float)
    return Toy(knobs=knobs, seeds=tuple(seeds), setup={"device": device, "seconds": 1.0}, value=value)


def experiment_of(**given) -> Experiment:
    knobs = {"n": Knob("N", 2, (2, 3), 1, 9), "kind": Knob("Kind", "a", ("a", "b"), more=("c",))}
    made = {"run": toy, "draw": toy, "describe": toy, "models": toy, "layers": {}, "result": Toy, "seeds": (0, 1)}
    return Experiment(name="toy", question="?", knobs=knobs, **made | given)


def test_the_grid_is_every_stop_with_every_seed_and_then_the_trials():
    tried = [({"n": 2, "kind": "c"}, (7, 8)), ({"n": 3, "kind": "c"}, (7,))]
    stops = [{"n": n, "kind": kind} for n in (2, 3) for kind in ("a", "b")]
    one = experiment_of(trials=lambda: tried)
    assert list(one.stops()) == stops
    recorded = [(stop, seed) for stop in stops for seed in (0, 1)]
    assert list(experiment_of().grid()) == recorded
    assert list(one.grid()) == [*recorded, (tried[0][0], 7), (tried[0][0], 8), (tried[1][0], 7)]
    assert list(experiment_of(trials=lambda: iter(tried)).grid()) == list(one.grid())


def test_a_further_choice_is_for_live_runs_alone():
    one = experiment_of()
    assert one.measure(kind="c", seeds=(0,)).knobs == {"n": 2, "kind": "c"}
    assert all(stop["kind"] != "c" for stop in one.stops())
    with pytest.raises(ValueError, match=r"^kind must be one of 'a', 'b', 'c'; got 'd'\.$"):
        one.measure(kind="d")
    with pytest.raises(ValueError, match="must be one of its stops"):
        Knob("Kind", "c", ("a", "b"), more=("c",))


def test_without_a_run_of_its_own_a_picture_is_gathered_from_runs_of_another():
    below = experiment_of()

    def gather(load, settings) -> Toy:
        runs = [load(below, below.settings(n=n, **settings)) for n in (2, 3)]
        return replace(runs[0], knobs=dict(settings), value=np.concatenate([run.value for run in runs], 1))

    above = Experiment(
        name="above", question="?", knobs={"kind": below.knobs["kind"]}, draw=toy, describe=toy, layers={}, result=Toy,
        models=toy, gather=gather, recorded=True,
    )  # fmt: skip
    result = above.measure(seeds=(4, 6), device="cpu", kind="b")
    assert (result.knobs, result.seeds, result.setup["device"]) == ({"kind": "b"}, (4, 6), "cpu")
    assert result.value.tolist() == [[24, 34], [26, 36]]
    assert len(list(above.stream(seeds=(4,)))) == 1
    with pytest.raises(ValueError, match="kind must be one of"):
        above.measure(kind="d")


def test_two_experiments_are_two_though_their_parts_are_equal():
    one, other = experiment_of(), experiment_of()
    assert len({one, other}) == 2 and one != other


def test_a_claim_is_open_until_its_experiment_settles_it():
    claim = Claim("C1", "It holds.")
    assert (claim.experiment, claim.settle, claim.measured) == (None, None, "")
    settled = replace(claim, experiment=experiment_of(), settle=lambda load: Finding("holds", np.ones(2)))
    assert settled.settle(None).verdict == "holds"
    assert Lens("toy", "?", {}).claims == () and Lens("toy", "?", {}, claims=(settled,)).claims == (settled,)


def test_every_claim_of_a_lens_names_an_experiment_of_the_course():
    claims = [claim for lens in LENSES.values() for claim in lens.claims]
    assert len({claim.id for claim in claims}) == len(claims)
    for claim in claims:
        assert claim.text.endswith(".") and claim.measured
        assert claim.settle is not None and claim.experiment is EXPERIMENTS[claim.experiment.name]


def test_a_result_that_is_no_text_of_its_kind_is_refused():
    experiment = PROBES["gradient-decay"]
    whole = json.loads(result_at(experiment).to_json())
    for text in ("", "{", "3", "[]", "{}", json.dumps(whole | {"more": 1})):
        with pytest.raises(ValueError, match=r"^not a Decay as text: .* Make it again with `make record`\."):
            experiment.result.from_json(text)


# A newcomer


@pytest.mark.slow
def test_a_model_that_one_line_adds_is_in_every_comparison_with_a_look_of_its_own():
    told = subprocess.run([sys.executable, "-c", NEWCOMER], capture_output=True, text=True, timeout=120, check=True)
    compared, with_it, looks = json.loads(told.stdout)
    assert len(compared) > 8 and with_it == compared
    assert len(set(map(tuple, looks))) == len(looks)


# Adds a model to the registry before the experiments are put together; then asks which pictures of RNN, LSTM and
# attention side by side have it, by a control or in the legend, and how the models look.
NEWCOMER = """
import json, sys
from sevenlenses.models import MODELS
MODELS["newcomer"] = type("Newcomer", (MODELS["gru"],), {})
from sevenlenses.figures import STYLES
from sevenlenses.lenses import LENSES
from sevenlenses.models.variants import MAIN, VARIANTS

def shown(experiment):
    choices = {stop for knob in experiment.knobs.values() for stop in knob.stops if isinstance(stop, str)}
    try:
        return choices | set(experiment.models(None))
    except AttributeError:  # a legend that asks the result compares no fixed set of models
        return choices

every = {one.name: shown(one) for lens in LENSES.values() for one in lens.experiments.values()}
sides = ({"rnn"}, {"lstm", "lstm-forget-1"}, {"attention", "kept", "direct"})
compared = sorted(name for name, has in every.items() if all(has & side for side in sides))
looks = [(STYLES[name].color, STYLES[name].marker, str(STYLES[name].line)) for name in {*MAIN, *VARIANTS, "newcomer"}]
json.dump([compared, sorted(name for name in compared if "newcomer" in every[name]), looks], sys.stdout)
"""
