"""How well does a model answer, by the moment at which it learns what is wanted?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Knob, Result
from ...models.variants import MAIN
from ...tasks.moments import MOMENTS, Moments
from ..tables import named, table, unnamed
from .baseline import unbound
from .moments import COMPARED, MOMENTS_RUN, STEPS
from .moments import KNOBS as RUN_KNOBS

PAIRS = RUN_KNOBS["pairs"].stops
SHORT = RUN_KNOBS["when"].names

KNOBS = {"pairs": Knob("Pairs", 8, PAIRS, 2, 32, "log", "pairs")}


@dataclass(frozen=True, kw_only=True)
class When(Result):
    """final: (seeds, models, MOMENTS), accuracy after training."""

    final: np.ndarray


def gather_of(styles: dict[str, str]):
    """A gathering function for the models in `styles`."""

    def gather(load, settings) -> When:
        found = table(load, MOMENTS_RUN, {"variant": list(styles), "when": MOMENTS}, "final", pairs=settings["pairs"])
        return When(knobs=dict(settings), **found)

    return gather


def draw_of(styles: dict[str, str]):
    """A drawing function: moments along x, one marker a model."""

    def draw(result: When, axes, own=None) -> None:
        (ax,) = axes
        labels = [SHORT[when].removesuffix(" when written") for when in MOMENTS]
        rows = [(figures.STYLES[name], result.final[:, i]) for i, name in enumerate(styles.values())]
        figures.beside(ax, labels, rows)
        figures.reference(ax, Moments().chance, "chance", "frame")
        figures.reference(ax, unbound(result.knobs["pairs"]), "knows the values, not which", "runs", (0, (4, 2)))
        ax.set(ylim=(0, 1.05), title="accuracy")

    return draw


def describe_of(styles: dict[str, str]):
    """Each model's accuracies, by moment."""

    def describe(result: When) -> dict[str, str]:
        rows = [
            f"{figures.STYLES[name].label}: "
            + ", ".join(f"{v:.2f} {SHORT[when]}" for v, when in zip(result.final[:, i].mean(0), MOMENTS, strict=True))
            for i, name in enumerate(styles.values())
        ]
        return {
            "frame": f"Mean accuracy after at most {STEPS} training steps; chance is {Moments().chance:.3g}.",
            "runs": f"{result.knobs['pairs']} pairs; to know the values, and not which is wanted, is worth "
            f"{unbound(result.knobs['pairs']):.2f}.\n" + "\n".join(rows),
        }

    return describe


def experiment(name: str, question: str, styles: dict[str, str]) -> Experiment:
    """The picture for some models, each in a style: before or after the term is revealed."""
    return Experiment(
        name=name,
        question=question,
        knobs=KNOBS,
        draw=draw_of(styles),
        describe=describe_of(styles),
        layers={"frame": (), "runs": ("pairs",)},
        result=When,
        models=lambda result: list(styles.values()),
        recorded=True,
        gather=gather_of(styles),
        height=4.0,
    )


WHEN = experiment("locality-when", "Does it matter when the model learns which pair is wanted?", unnamed(MAIN))
RIVALS = experiment("locality-rivals", "Which designs close the gap?", named(COMPARED))
