"""One example: move a pair, and see which value the model says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Knob, Result
from ...models import MODELS
from ...models.recurrence import RecurrentModel
from ...models.variants import EVERY, MAIN
from ...tasks.ordered import Ordered
from ..learning import of_models
from .relation import RELATION, TRIED, example

SHOWN = tuple(name for name in MAIN if issubclass(MODELS[EVERY[name].model], RecurrentModel))
KEYS = "abcdefgh"
TASK = Ordered(TRIED)
ASKED = TRIED // 2

KNOBS = {
    "place": Knob("The pair asked for stands at place", 1, tuple(range(1, TRIED + 1)), 1, TRIED),
    "variant": of_models("lstm-forget-1", SHOWN),
}


@dataclass(frozen=True, kw_only=True)
class Example(Result):
    """said: (seeds, values), the probability that each model gives to each value, for one sequence."""

    said: np.ndarray


def gather(load, settings) -> Example:
    """From the records of the pairs in order."""
    runs = load(RELATION, RELATION.settings(variant=settings["variant"], pairs=TRIED))
    said = runs.said[:, settings["place"] - 1]  # (seeds, values)
    return Example(knobs=dict(settings), seeds=runs.seeds, setup=runs.setup, said=said)


def sequence(place: int) -> tuple[list[int], list[int], int, int]:
    """Keys and values as they stand, the value by the relation, and the value by the order."""
    keys, values, _ = (part[place - 1].tolist() for part in example(TASK))
    return keys, values, values[keys.index(ASKED)], values[ASKED]


def draw(result: Example, axes, own=None) -> None:
    """Left: the sequence, from above. Right: the probability of each value, a dot a seed and a bar for their mean."""
    shown, said = axes
    keys, values, relation, order = sequence(result.knobs["place"])
    for i, (key, value) in enumerate(zip(keys, values, strict=True)):
        weight = "bold" if key == ASKED else "normal"
        shown.text(0, i, f"{i + 1}", color=figures.INK, alpha=0.6, gid="shown/place")
        shown.text(1, i, f"{KEYS[key]}   {value}", weight=weight, fontsize=13, gid="shown/pair")
    shown.text(1, TRIED, f"{KEYS[ASKED]}   ?", weight="bold", fontsize=13, gid="frame/asked")
    shown.text(2.2, ASKED, f"← where {KEYS[ASKED]} used to be", gid="frame/usual")
    shown.set(xlim=(-0.2, 5.6), ylim=(TRIED + 0.6, -0.8), title="what the model is shown")
    shown.set_axis_off()
    style, places = figures.STYLES[result.knobs["variant"]], np.arange(TASK.values)
    said.bar(places, result.said.mean(0), width=0.6, color=style.color, alpha=0.5, gid="runs/means")
    for row in result.said:
        said.plot(places, row, color=style.color, linestyle="", marker=".", markersize=7, gid="runs/seeds")
    for value, word in ((order, "order"), (relation, "relation" if relation != order else "both")):
        if word != "order" or relation != order:
            said.text(value, 1.03, word, ha="center", va="bottom", fontsize=11, gid="shown/rule")
    said.set_xticks(places)
    said.set_yticks([0, 0.5, 1])
    said.grid(False, axis="x")
    said.set(xlim=(-0.8, TASK.values - 0.2), ylim=(0, 1.15), xlabel="value", title="probability of each value")


def describe(result: Example) -> dict[str, str]:
    """The sequence, and how likely the two rules' values are."""
    keys, values, relation, order = sequence(result.knobs["place"])
    shown = ", ".join(f"{KEYS[key]} {value}" for key, value in zip(keys, values, strict=True))
    said = result.said.mean(0)
    likely = {"the value by relation": said[relation], "that by order": said[order]}
    if relation == order:
        likely = {"the value by both rules": said[relation]}
    likely["all others"] = 1 - sum(likely.values())
    return {
        "shown": f"Shown: {shown}. Asked for: {KEYS[ASKED]}. By relation {relation}, by order {order}.",
        "runs": f"{figures.STYLES[result.knobs['variant']].label}: mean probability "
        + ", ".join(f"{value:.2f} for {what}" for what, value in likely.items())
        + ".",
    }


EXAMPLE = Experiment(
    name="structure-example",
    question="Which value goes with the key, when its pair has moved?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": (), "shown": ("place",), "runs": ("place", "variant")},
    result=Example,
    models=lambda result: [result.knobs["variant"]],
    recorded=True,
    gather=gather,
    panels=2,
)
