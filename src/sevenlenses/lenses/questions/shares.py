"""Which part must be large, and which part must learn? Tables of the recorded runs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ... import figures
from ...lens import Experiment, Result
from ...models.base import parameter_count
from ...models.loud_head import LOUDER
from ...models.variants import EVERY
from ...runtime import generator
from ..synthesis import grid
from ..tables import table
from .heads import BUDGET, COMPARED, HEADS, KNOBS, READERS, TASKS, TESTS, WHOLE

COLUMNS = {"first": "first\nof 16", "pairs": "4\npairs", "parity": "parity"}
DEPTHS = {"lstm-forget-1": "one layer", "deep-head": "two layers"}
PARTS = {
    "lstm-forget-1": "all",
    "body-alone": "all but the head",
    "loud-body-alone": f"all but the head, × {LOUDER:g}",
    "head-alone": "the head",
    "deep-head-alone": "a head, two layers",
}
SOLVED = "the head, solved for"  # a row of its own: no training, a linear readout of the states as they started
assert set(DEPTHS) == set(WHOLE) and set(PARTS) <= set(COMPARED)


@dataclass(frozen=True, kw_only=True)
class Shares(Result):
    """final: (seeds, rows, TESTS), accuracy; with `SOLVED` as the last row, where a head is trained alone.
    used: (seeds, rows, TESTS), training steps. trained: (1, rows), share of the parameters."""

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
        found = table(
            load, HEADS, {"variant": list(rows), "test": TESTS}, "final", "used", "solved", longer=settings["longer"]
        )
        solved = found.pop("solved")[..., list(READERS).index("sharp")]  # (seeds, rows, TESTS)
        if "head-alone" in rows:
            states = solved[:, [list(rows).index("head-alone")]]  # (seeds, 1, TESTS): they stay as they started
            found["final"] = np.concatenate([found["final"], states], 1)
        shares = np.array([[trained_share(variant) for variant in rows]])
        return Shares(knobs=dict(settings), trained=shares, **found)

    def draw(result: Shares, axes, own=None) -> None:
        (ax,) = axes
        mean = result.final.mean(0)
        grid.frame(ax, len(mean), list(COLUMNS.values()))
        for i, (variant, words) in enumerate([*rows.items(), ("head-alone", SOLVED)][: len(mean)]):
            grid.label(ax, i, words, "frame")
            for j in range(len(TESTS)):
                grid.cell(ax, i, j, mean[i, j], f"{mean[i, j]:.2f}", figures.STYLES[variant].color, "rows")

    def describe(result: Shares) -> dict[str, str]:
        mean, used = result.final.mean(0), result.used.mean(0)
        found = [
            ", ".join(f"{KNOBS['test'].say(t)} {right:.2f}" for t, right in zip(TESTS, row, strict=True))
            for row in mean
        ]
        said = [
            f"{words.capitalize()} ({result.trained[0, i]:.0%} of the parameters): {found[i]}; "
            f"{used[i].mean():,.0f} steps on average"
            for i, words in enumerate(rows.values())
        ]
        said += [f"{SOLVED.capitalize()}, on states as they started: {row}" for row in found[len(rows) :]]
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
        height=0.9 + 0.52 * (len(rows) + ("head-alone" in rows)),
    )


DEPTH = experiment("questions-depth", "Does a head of two layers do more than one?", DEPTHS)
SHARES = experiment("questions-shares", "What happens if only this part is trained?", PARTS)
