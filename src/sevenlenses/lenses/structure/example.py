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
from .relation import RELATION, TRIED, example

SHOWN = tuple(name for name in MAIN if issubclass(MODELS[EVERY[name].model], RecurrentModel))
KEYS = "abcdefgh"
TASK = Ordered(TRIED)
ASKED = TRIED // 2

KNOBS = {
    "place": Knob("The pair asked for stands at place", 1, tuple(range(1, TRIED + 1)), 1, TRIED),
    "variant": Knob("Model", "lstm-forget-1", SHOWN, names={name: EVERY[name].label for name in SHOWN}),
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
    """Above, the sequence; below, the probability of each value: a dot a seed, a bar for their mean."""
    ax = axes[0]
    keys, values, relation, order = sequence(result.knobs["place"])
    words = [*(f"{KEYS[key]} {value}" for key, value in zip(keys, values, strict=True)), f"{KEYS[ASKED]} ?"]
    for i, word in enumerate(words):
        bold = "bold" if i == len(keys) or keys[i] == ASKED else "normal"
        ax.text(i, 1.3, word, ha="center", va="center", fontsize=13, weight=bold, gid="shown/pairs")
    style = figures.STYLES[result.knobs["variant"]]
    places = np.arange(TASK.values)
    ax.bar(places, result.said.mean(0), width=0.6, color=style.color, alpha=0.5, gid="runs/means")
    for row in result.said:
        ax.plot(places, row, color=style.color, linestyle="", marker=".", markersize=7, gid="runs/seeds")
    marks = {relation: "relation"} | ({order: "order"} if order != relation else {relation: "both"})
    for value, word in marks.items():
        ax.text(value, 1.05, word, ha="center", va="bottom", fontsize=11, gid="shown/rules")
    ax.set_xticks(places)
    ax.set_yticks([0, 0.5, 1])
    ax.set(xlim=(-0.6, TASK.values - 0.4), ylim=(0, 1.45), xlabel="value", title="probability of each value")


def describe(result: Example) -> dict[str, str]:
    """The sequence, and how likely the two rules' values are."""
    keys, values, relation, order = sequence(result.knobs["place"])
    shown = ", ".join(f"{KEYS[key]} {value}" for key, value in zip(keys, values, strict=True))
    said = result.said.mean(0)
    rest = 1 - said[relation] - (said[order] if order != relation else 0)
    return {
        "shown": f"Shown: {shown}. Asked for: {KEYS[ASKED]}. By relation {relation}, by order {order}.",
        "runs": f"{EVERY[result.knobs['variant']].label}: mean probability {said[relation]:.2f} for the value "
        f"by relation, {said[order]:.2f} for that by order, {rest:.2f} for all others.",
    }


EXAMPLE = Experiment(
    name="structure-example",
    question="Which value goes with the key, when its pair has moved?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": (), "shown": ("place",), "runs": ("place", "variant")},
    result=Example,
    models=lambda result: ["rnn", "lstm", "gru"],
    recorded=True,
    gather=gather,
)
