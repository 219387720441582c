"""Two attention patterns, as they come into being."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from ... import figures
from ...lens import Experiment, Knob, Result
from ...runtime import generator
from .induction import INDUCTION, PATTERNS, SHOWN, shown

KNOBS = {"step": Knob("Training step", PATTERNS[-1], PATTERNS)}
TALL = 0.88  # of a row's height: a weight of 1


@dataclass(frozen=True, kw_only=True)
class Patterns(Result):
    """weights: (seeds, 2, T, T), of a head of the first layer and one of the second; step t, by row, reads step s."""

    weights: np.ndarray


def gather(load, settings) -> Patterns:
    """From the records of the watched run."""
    run = load(INDUCTION, INDUCTION.settings())
    weights = run.weights[:, PATTERNS.index(settings["step"])]
    return Patterns(knobs=dict(settings), seeds=run.seeds, setup=run.setup, weights=weights)


def places() -> tuple[np.ndarray, np.ndarray]:
    """The steps that ask, in their order, and the number of the pair that each asks for."""
    _, asked = shown(SHOWN, 1, generator(0, "shown"))
    steps, pairs = torch.sort(asked[0])
    return steps.numpy(), pairs.numpy()


def draw(result: Patterns, axes, own=None) -> None:
    """A row for each step, from the first down; in it a bar for each step that it reads."""
    mean, steps = result.weights.mean(0), np.arange(SHOWN.length)
    asked, pairs = places()
    values = 2 * pairs + 1
    meant = [(values, values - 1), (asked, values)]  # (rows, columns) that stand out
    names = [f"{kind}{pair + 1}" for pair in range(SHOWN.pairs) for kind in "kv"]
    wide = 0.8 * 300 / SHOWN.length
    for ax, weights, (rows, columns), style, title in zip(
        axes, mean, meant, ("head-tied", "head-found"), ("first layer", "second layer"), strict=True
    ):
        floor = SHOWN.length - 1 - steps
        stands_out = np.zeros(weights.shape, bool)
        stands_out[rows, columns] = True
        for t in steps:
            others = (steps <= t) & ~stands_out[t]
            tall = floor[t] + TALL * weights[t]
            ax.vlines(
                steps[others], floor[t], tall[others], color=figures.INK, alpha=0.45, linewidth=wide, gid="bars/others"
            )
            for s in steps[stands_out[t]]:
                color = figures.STYLES[style].color
                ax.vlines(s, floor[t], tall[s], color=color, linewidth=wide, gid="bars/meant")
        ax.set_xticks(range(0, len(names), 2), names[::2])  # all do not fit on a small screen
        ax.set_yticks([*floor[: len(names)], *floor[asked]], [*names, *(f"k{pair + 1}?" for pair in pairs)])
        ax.tick_params(length=0, labelsize=8)
        ax.grid(False)
        ax.set(xlim=(-0.6, SHOWN.length - 0.4), ylim=(-0.1, SHOWN.length), xlabel="step that is read", title=title)


def describe(result: Patterns) -> dict[str, str]:
    """How much of the weight lies where it is meant to."""
    mean = result.weights.mean(0)
    asked, pairs = places()
    values = 2 * pairs + 1
    tied, found = mean[0][values, values - 1].mean(), mean[1][asked, values].mean()
    return {
        "frame": f"A sequence of {SHOWN.length} tokens: {SHOWN.pairs} keys (k), each with its value (v); each key "
        "comes back once (k?). Row by row, how a step shares out its weight among the steps that are read, itself "
        "and those before it.",
        "bars": f"After {result.knobs['step']} training steps, mean over seeds: where a value stands, a head of the "
        f"first layer has {tied:.2f} of its weight on the key before. Where a key comes back, a head of the second "
        f"layer has {found:.2f} on the value.",
    }


PATTERNS_PICTURE = Experiment(
    name="synthesis-patterns",
    question="Two heads, step by step: who looks where?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": (), "bars": ("step",)},
    result=Patterns,
    models=lambda result: [],
    recorded=True,
    gather=gather,
    panels=2,
    height=4.4,
)
