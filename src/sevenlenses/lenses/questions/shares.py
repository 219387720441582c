"""Which part must be large, and which part must learn? Tables of the recorded runs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ... import figures
from ...lens import Experiment, Result
from ...models.base import parameter_count
from ...models.variants import EVERY
from ...runtime import generator
from ..synthesis import grid
from ..tables import table
from .heads import BUDGET, HEADS, KNOBS, TASKS, TESTS, WHOLE

COLUMNS = {"first": "first\nof 16", "pairs": "4\npairs", "parity": "parity"}
DEPTHS = {"lstm-forget-1": "one layer", "deep-head": "two layers"}
PARTS = {
    "lstm-forget-1": "all",
    "body-alone": "all but the head",
    "head-alone": "the head",
    "deep-head-alone": "a head of two layers",
}
assert set(DEPTHS) == set(WHOLE)


@dataclass(frozen=True, kw_only=True)
class Shares(Result):
    """final: (seeds, rows, TESTS), accuracy. used: the same, training steps. trained: (1, rows), of all parameters."""

    final: np.ndarray
    used: np.ndarray
    trained: np.ndarray


@lru_cache
def trained_share(variant: str) -> float:
    """The share of a model's parameters that training may change, on the pairs."""
    task = TASKS["pairs"]
    weights = generator(0, "weights")
    model = EVERY[variant].build(task.n_in, task.n_out, longest=task.length, generator=weights, budget=BUDGET)
    return sum(one.numel() for one in model.parameters() if one.requires_grad) / parameter_count(model)


def experiment(name: str, question: str, rows: dict[str, str]) -> Experiment:
    """A table of accuracies: a row a model, a column a test."""

    def gather(load, settings) -> Shares:
        found = table(load, HEADS, {"variant": list(rows), "test": TESTS}, "final", "used", longer=settings["longer"])
        shares = np.array([[trained_share(variant) for variant in rows]])
        return Shares(knobs=dict(settings), trained=shares, **found)

    def draw(result: Shares, axes, own=None) -> None:
        (ax,) = axes
        mean = result.final.mean(0)
        grid.frame(ax, len(rows), list(COLUMNS.values()))
        for i, (variant, words) in enumerate(rows.items()):
            grid.label(ax, i, words, "frame")
            for j in range(len(TESTS)):
                grid.cell(ax, i, j, mean[i, j], f"{mean[i, j]:.2f}", figures.STYLES[variant].color, "rows")

    def describe(result: Shares) -> dict[str, str]:
        mean, used = result.final.mean(0), result.used.mean(0)
        said = [
            f"{words.capitalize()} ({result.trained[0, i]:.0%} of the parameters): "
            + ", ".join(f"{KNOBS['test'].say(test)} {mean[i, j]:.2f}" for j, test in enumerate(TESTS))
            + f"; {used[i].mean():,.0f} steps on average"
            for i, words in enumerate(rows.values())
        ]
        return {
            "frame": "Mean accuracy; every model has as many parameters.",
            "rows": f"At most {KNOBS['longer'].say(result.knobs['longer'])} of training.\n" + ".\n".join(said) + ".",
        }

    return Experiment(
        name=name,
        question=question,
        knobs={"longer": KNOBS["longer"]},
        draw=draw,
        describe=describe,
        layers={"frame": (), "rows": ("longer",)},
        result=Shares,
        models=lambda result: [],
        recorded=True,
        gather=gather,
        height=2.6,
    )


DEPTH = experiment("questions-depth", "Does a head of two layers do more than one?", DEPTHS)
SHARES = experiment("questions-shares", "What happens if only this part is trained?", PARTS)
