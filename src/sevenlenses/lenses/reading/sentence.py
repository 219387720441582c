"""One sentence, unit by unit: each gate of a trained LSTM, next to the words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Knob, Result
from ...tasks.sentences import WORDS
from .steered import GATES
from .watching import GATES_RUN, SHORT, shown_sentence

ROWS = (*GATES, "cell")
LEVELS = np.linspace(0, 1, 6)  # shades

KNOBS = {
    "row": Knob("Shown", "input", ROWS, names={**{gate: f"{gate} gate" for gate in GATES}, "cell": "size of the cell"}),
    "run": Knob("Network of seed", 0, (0, 1, 2, 3, 4), 0, 4),
}


@dataclass(frozen=True, kw_only=True)
class Sentence(Result):
    """traced: (seeds, SHORT + 1, H), a gate, or |tanh c|, at every word and the stop; here of one network."""

    traced: np.ndarray


def gather(load, settings) -> Sentence:
    """From the gates' records, at the usual start."""
    runs = load(GATES_RUN, GATES_RUN.settings())
    at, row = settings["run"], ROWS.index(settings["row"])
    traced = runs.traced[at : at + 1, row]  # (1, SHORT + 1, H)
    return Sentence(
        knobs=dict(settings),
        seeds=runs.seeds[at : at + 1],
        setup=runs.setup,
        traced=np.abs(np.tanh(traced)) if settings["row"] == "cell" else traced,
    )


def words() -> list[str]:
    """The sentence that is traced."""
    return [WORDS[n] for n in shown_sentence()[0].tolist()]


def draw(result: Sentence, axes, own=None) -> None:
    """Above: the mean over units. Below: a tile for each unit and word, the fuller its colour the more open."""
    (ax,) = axes
    traced = result.traced[0].T  # (H, T)
    style, size = figures.STYLES["lstm"], len(traced)
    shades = np.digitize(traced, LEVELS[1:-1])  # (H, T)
    for shade in range(1, len(LEVELS) - 1):
        unit, step = np.nonzero(shades == shade)
        if len(unit):
            corners = np.array([(-0.5, 0), (0.5, 0), (0.5, 0.94), (-0.5, 0.94), (-0.5, 0), (np.nan, np.nan)])
            tiles = corners + np.stack([step, size - 1 - unit], 1)[:, None]  # (tiles, 6, 2)
            x, y = tiles.reshape(-1, 2).T
            ax.fill(x, y, color=style.color, alpha=LEVELS[shade], linewidth=0, gid=f"tiles/{shade}")
    mean = traced.mean(0)
    ax.plot(range(len(mean)), size + 0.6 + 3.2 * mean, color=style.color, marker=".", gid="tiles/mean")
    for level in (0, 1):
        ax.axhline(size + 0.6 + 3.2 * level, color=figures.INK, linewidth=0.7, linestyle=":", gid="frame/level")
    ax.set(xlim=(-0.6, SHORT + 0.6), ylim=(0, size + 4.1))
    ax.set_yticks([size / 2, size + 0.6, size + 3.8], ["units", "0", "1"])
    ax.set_xticks([])
    for step, word in enumerate(words()):
        figures.upright(ax, step, -0.3, word, gid="frame/word")
    ax.grid(False)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    ax.set_position((0.1, 0.27, 0.89, 0.72))


def describe(result: Sentence) -> dict[str, str]:
    """The mean over units at every word."""
    row, mean = KNOBS["row"].say(result.knobs["row"]), result.traced[0].mean(-1)  # (T,)
    said = ", ".join(f"{word} {value:.2f}" for word, value in zip(words(), mean, strict=True))
    return {
        "frame": "Above the mean over units, below each unit; the fuller the colour, the more open.",
        "tiles": f"{row.capitalize()}, seed {result.knobs['run']}, mean over units: {said}.",
    }


SENTENCE = Experiment(
    name="reading-sentence",
    question="What does each gate do at each word of one sentence?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": (), "tiles": ("row", "run")},
    result=Sentence,
    models=lambda result: ["lstm"],
    recorded=True,
    gather=gather,
    height=4.2,
)
