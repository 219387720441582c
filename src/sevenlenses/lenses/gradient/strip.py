"""The loss sits at one word. Which earlier words can feel it?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.patches import FancyBboxPatch

from ... import figures
from ...lens import Experiment, Knob, Result
from ...runtime import setup
from ..probes import float64_device
from .flow import sizes

WORDS = 28
ROWS = {"rnn": "default", "lstm": "forget-1", "attention": "default"}

KNOBS = {"word": Knob("Read up to word", 28, tuple(range(2, WORDS + 1)), 2, WORDS)}


@dataclass(frozen=True, kw_only=True)
class Strip(Result):
    """Gradient sizes at each word read so far.

    rnn, lstm, attention: (seeds, word), ‖∂L/∂x(s)‖ for s = first … current word, loss at the current word.
    """

    rnn: np.ndarray
    lstm: np.ndarray
    attention: np.ndarray


def run(*, seeds, device, word) -> Strip:
    """Untrained models of 64 units, in float64."""
    where = float64_device(device)
    found = {
        name: [sizes(name, init, 1.0, word, 64, seed, str(where)) for seed in seeds] for name, init in ROWS.items()
    }
    rows = {name: np.stack([one[1][::-1] for one in runs]) for name, runs in found.items()}
    seconds = sum(one[3] for runs in found.values() for one in runs)
    return Strip(knobs={"word": word}, seeds=tuple(seeds), setup=setup(where, seconds), **rows)


def shares(sizes_by_word: np.ndarray) -> np.ndarray:
    """(word,): the median size at each word, relative to the word just before the current one."""
    middle = np.median(sizes_by_word, 0)
    return middle / middle[-2]


def draw(result: Strip, axes, own=None) -> None:
    """A row of tiles per model: full colour where all of the signal arrives, empty below a millionth."""
    (ax,) = axes
    word = result.knobs["word"]
    for row, name in enumerate(ROWS):
        style = figures.STYLES[name]
        strength = np.clip(1 + np.log10(np.maximum(shares(getattr(result, name)), 1e-12)) / 6, 0, 1)
        for s in range(word):
            current = s == word - 1
            tile = FancyBboxPatch(
                (s + 0.1, 2.4 - 1.2 * row),
                0.8,
                0.62,
                boxstyle="round,pad=0,rounding_size=0.14",
                facecolor="none" if current else style.color,
                edgecolor=style.color,
                alpha=None if current else 0.04 + 0.96 * strength[s],
                linewidth=1.6 if current else 0,
                gid=f"tiles/{name}{s}",
            )
            ax.add_patch(tile)
    for row, name in enumerate(ROWS):
        ax.text(
            0,
            2.4 - 1.2 * row + 0.74,
            figures.STYLES[name].label,
            fontsize=11,
            color=figures.STYLES[name].color,
            fontweight="bold",
            gid=f"frame/{name}",
        )
    ax.set(xlim=(0, WORDS), ylim=(-0.05, 3.6), yticks=[])
    ax.set_xticks([0.5, 9.5, 18.5, 27.5], ["1", "10", "19", "28"])
    ax.set_position((0.02, 0.2, 0.96, 0.74))  # no axis to leave room for
    ax.grid(False)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)


def describe(result: Strip) -> dict[str, str]:
    """How many words back a hundredth of the signal still arrives."""
    word = result.knobs["word"]
    said = []
    for name in ROWS:
        back = np.flatnonzero(shares(getattr(result, name))[:-1][::-1] >= 0.01)
        said.append(f"{figures.STYLES[name].label} {back.max() + 1 if len(back) else 0}")
    return {
        "frame": "",
        "tiles": f"The loss is at word {word}. Words back that still get a hundredth of its signal: {', '.join(said)}.",
    }


STRIP = Experiment(
    name="gradient-strip",
    question="The loss sits at one word. Which earlier words can feel it?",
    knobs=KNOBS,
    run=run,
    draw=draw,
    describe=describe,
    layers={"frame": (), "tiles": ("word",)},
    result=Strip,
    models=lambda result: [],
    height=2.2,
)
