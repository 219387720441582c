"""Which rule does each model follow, when two of them fit what it has seen?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Result
from ...models.variants import MAIN
from ...tasks.ordered import Ordered
from ..tables import named, table, unnamed
from .relation import KNOBS as RUN_KNOBS
from .relation import RELATION, RULES

PAIRS = RUN_KNOBS["pairs"].stops
COMPARED = RUN_KNOBS["variant"].stops

KNOBS = {"pairs": RUN_KNOBS["pairs"]}


@dataclass(frozen=True, kw_only=True)
class Rules(Result):
    """rules: (seeds, models, RULES), shares of shuffled sequences answered by each rule. final: (seeds, models), in
    order."""

    rules: np.ndarray
    final: np.ndarray


def gather_of(styles: dict[str, str]):
    """A gathering function for the models in `styles`."""

    def gather(load, settings) -> Rules:
        found = table(load, RELATION, {"variant": list(styles)}, "rules", "final", pairs=settings["pairs"])
        return Rules(knobs=dict(settings), **found)

    return gather


def draw_of(styles: dict[str, str]):
    """A drawing function: first the sequences in order, then the three kinds of answer to shuffled ones."""

    def draw(result: Rules, axes, own=None) -> None:
        (ax,) = axes
        runs = np.concatenate([result.final[..., None], result.rules], -1)  # (seeds, models, 1 + RULES)
        labels = ["in order:\nright", "shuffled:\nby relation", "\nby order", "\nneither"]
        figures.beside(ax, labels, [(figures.STYLES[name], runs[:, i]) for i, name in enumerate(styles.values())])
        end, chance = len(RULES) - 0.5, Ordered().chance
        ax.hlines(chance, -0.5, end, color=figures.INK, linewidth=1.0, linestyle=":", gid="frame/chance")
        ax.text(end, chance + 0.01, "chance", ha="center", va="bottom", fontsize=10, gid="frame/chance-word")
        ax.axvline(0.5, color=figures.INK, linewidth=1.0, linestyle=(0, (4, 2)), gid="frame/from-here")
        ax.set(ylim=(0, 1.05), title="share of answers")

    return draw


def describe_of(styles: dict[str, str]):
    """Each model's shares."""

    def describe(result: Rules) -> dict[str, str]:
        final, rules = result.final.mean(0), result.rules.mean(0)
        rows = [
            f"{figures.STYLES[name].label}: right in order {final[i]:.2f}; shuffled, "
            + ", ".join(f"{abs(share):.2f} {word}" for share, word in zip(rules[i], RULES, strict=True))
            for i, name in enumerate(styles.values())
        ]
        return {
            "frame": "Shares of answers, first to sequences in order, then to shuffled ones in which the relation and "
            f"the order say different values. By chance each value is said {Ordered().chance:.3g} of the time.",
            "runs": f"{result.knobs['pairs']} pairs.\n" + "\n".join(rows),
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
        result=Rules,
        models=lambda result: list(styles.values()),
        recorded=True,
        gather=gather_of(styles),
        height=4.0,
    )


FOLLOWED = experiment("structure-rules", "Which rule does each model follow?", unnamed(MAIN))
RIVALS = experiment("structure-rivals", "Which designs follow the relation?", named(COMPARED))
