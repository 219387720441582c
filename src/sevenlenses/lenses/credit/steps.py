"""Step over the sequence: where does the credit go, when this step is the responsible one?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Knob, Result
from ...models.variants import MAIN
from ...tasks.flagged import Flagged
from ..tables import unnamed
from .learning import COMPARED
from .watch import LOOKS, WATCH
from .watching import SHOWN, places

LENGTH = 64
WHEN = (LOOKS[0], 25, 100, LOOKS[-1])  # the looks that can be chosen here: all would make a large page
SPOTS = tuple(place + 1 for place in places(Flagged(LENGTH)))  # counted from 1, as a reader does
TICKS = (0.01, 0.1, 0.3, 0.6, 1.0)
READERS = tuple(name for name in COMPARED if "attention" in name)
TITLES = {"gradient": "by gradient", "swap": "by occlusion", "weights": "by weights"}


@dataclass(frozen=True, kw_only=True)
class Steps(Result):
    """credit: (seeds, methods, T - 1), shares of the credit in one sequence, the same for all."""

    credit: np.ndarray


def knobs_of(styles: dict[str, str], look: int) -> dict[str, Knob]:
    """Which model, when (at first after `look` steps), and which step is flagged."""
    variants = tuple(styles)
    return {
        "variant": Knob(
            "Model",
            "lstm-forget-1" if "lstm-forget-1" in styles else variants[0],
            variants,
            names={name: figures.STYLES[style].label for name, style in styles.items()},
        ),
        "look": Knob("After training steps", look, WHEN, 0, LOOKS[-1], unit="steps"),
        "place": Knob("Responsible step", SPOTS[3], SPOTS, 1, LENGTH - 1),
    }


def gather_of(methods: tuple[str, ...]):
    """A gathering function for the credit by some methods."""

    def gather(load, settings) -> Steps:
        runs = load(WATCH, WATCH.settings(variant=settings["variant"], length=LENGTH))
        shown = runs.shown[:, LOOKS.index(settings["look"]), :, SPOTS.index(settings["place"])]  # (seeds, SHOWN, T - 1)
        credit = shown[:, [SHOWN.index(method) for method in methods]]  # (seeds, methods, T - 1)
        return Steps(knobs=dict(settings), seeds=runs.seeds, setup=runs.setup, credit=credit)

    return gather


def draw_of(methods: tuple[str, ...]):
    """A drawing function: one panel a method, the mean over seeds as a skyline."""

    def draw(result: Steps, axes, own=None) -> None:
        color = figures.STYLES[result.knobs["variant"]].color
        edges = np.arange(LENGTH) + 0.5  # one more than steps
        for ax, method, credit in zip(axes, methods, result.credit.mean(0), strict=True):
            ax.stairs(credit, edges, fill=True, color=color, alpha=0.3, linewidth=0, gid="runs/area")
            ax.stairs(credit, edges, color=color, linewidth=1.2, gid="runs/line")
            ax.axvline(result.knobs["place"], color=figures.INK, linewidth=1.0, linestyle=(0, (2, 2)), gid="place/line")
            ax.set_yscale("function", functions=(lambda y: np.sqrt(np.maximum(y, 0)), np.square))
            ax.set_yticks(TICKS, [f"{tick:g}" for tick in TICKS])
            ax.set_xticks([1, 16, 32, 48, 63])
            ax.set(xlim=(0.5, LENGTH - 0.5), ylim=(0, 1.02), xlabel="step", title=f"share {TITLES[method]}")

    return draw


def describe_of(styles: dict[str, str], methods: tuple[str, ...]):
    """What the responsible step has, and which other step has most."""

    def describe(result: Steps) -> dict[str, str]:
        place, said = result.knobs["place"], []
        label = figures.STYLES[styles[result.knobs["variant"]]].label
        for method, credit in zip(methods, result.credit.mean(0), strict=True):
            others = np.delete(credit, place - 1)
            said.append(f"{TITLES[method]} {credit[place - 1]:.2f}, and no other step more than {others.max():.2f}")
        return {
            "frame": f"The question comes at step {LENGTH}. An even share is {1 / (LENGTH - 1):.3f}. The scale is that "
            "of square roots, so that small shares can be seen.",
            "place": f"Step {place} is responsible (dashed line).",
            "runs": f"{label} after {result.knobs['look']} training steps, mean share of the responsible step: "
            f"{'; '.join(said)}.",
        }

    return describe


def experiment(name: str, question: str, styles: dict[str, str], methods: tuple[str, ...], look: int) -> Experiment:
    """The picture for some models and methods, before or after the term is revealed."""
    return Experiment(
        name=name,
        question=question,
        knobs=knobs_of(styles, look),
        draw=draw_of(methods),
        describe=describe_of(styles, methods),
        layers={"frame": (), "place": ("place",), "runs": ("variant", "look", "place")},
        result=Steps,
        models=lambda result: [styles[result.knobs["variant"]]],
        recorded=True,
        gather=gather_of(methods),
        panels=len(methods),
        height=3.0,
    )


STEPS = experiment(
    "credit-steps",
    "Move the responsible step. Where does the credit go?",
    unnamed([name for name in MAIN if name != "attention-positions"]),
    ("gradient", "swap"),
    LOOKS[0],
)
READ = experiment(
    "credit-read",
    "Do the weights say which step is responsible?",
    {name: name for name in READERS},
    SHOWN,
    LOOKS[-1],
)
