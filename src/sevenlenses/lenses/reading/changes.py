"""At which word does a network change its mind, over many sentences and seeds?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Knob, Result
from ...models.variants import MAIN
from ...tasks.sentences import FIRST
from ..tables import table, unnamed
from .holding import LOOKS
from .learning import STEPS, sentences
from .reading import READING, looks, words

STYLES = unnamed(MAIN)
BARS = {"rnn": -0.2, "lstm-forget-1": 0.2}  # models with bars, and where they stand
UP_TO = 19  # words whose bars are shown

KNOBS = {"steps": Knob("Training steps", 100, (*LOOKS[1:], STEPS), 50, STEPS, "log")}


@dataclass(frozen=True, kw_only=True)
class Changes(Result):
    """Of the sentences that are answered right after the fifth word.

    held: (seeds, models, lengths), share still right after every word up to this one.
    first: (seeds, models), share of sentences right after the fifth word.
    """

    held: np.ndarray
    first: np.ndarray


def gather(load, settings) -> Changes:
    """From the records of the mixed diet."""
    found = table(load, READING, {"variant": MAIN}, "held", "right")
    at = looks().index(settings["steps"])
    held, right = (found.pop(name)[:, :, at] for name in ("held", "right"))  # (seeds, models, lengths)
    first = np.maximum(right[..., :1], 1e-9)
    return Changes(knobs=dict(settings), held=held / first, first=right[..., 0], **found)


def changed(result: Changes) -> np.ndarray:
    """(seeds, models, lengths - 1): share that is wrong for the first time after this word."""
    return -np.diff(result.held, axis=-1)


def draw(result: Changes, axes, own=None) -> None:
    """Left: share that has held so far. Right: where minds change first, mean over seeds."""
    holding, changing = axes
    points = figures.thin(len(words()), 16)
    for i, style in enumerate(figures.STYLES[name] for name in STYLES.values()):
        figures.band(holding, words()[points], result.held[:, i, points], style, layer="runs")
    holding.axvline(sentences("mixed").longest, color=figures.INK, linewidth=1.0, linestyle=(0, (4, 2)), gid="frame/to")
    holding.set(xlim=(FIRST, words()[-1]), ylim=(0, 1.03), xlabel="words", title="never wrong so far")
    shown = words()[1 : UP_TO - FIRST + 1]
    for name, shift in BARS.items():
        share = changed(result)[:, MAIN.index(name), : len(shown)]  # (seeds, words)
        style = figures.STYLES[STYLES[name]]
        changing.bar(shown + shift, share.mean(0), 0.38, color=style.color, alpha=0.55, gid=f"runs/{name}")
        for row in share:
            changing.plot(shown + shift, row, ".", color=style.color, markersize=4, alpha=0.8, gid=f"runs/{name}-seeds")
    changing.set(ylim=(0, 1.03), xlabel="word", title="wrong here for the first time")
    changing.set_xticks([6, 9, 12, 15, 19])


def describe(result: Changes) -> dict[str, str]:
    """Shares right at first, held up to three lengths, and the word where most change their mind."""
    held, first, change = result.held.mean(0), result.first.mean(0), changed(result).mean(0)
    rows = []
    for i, name in enumerate(STYLES.values()):
        said = ", ".join(f"{held[i, n - FIRST]:.2f} up to word {n}" for n in (12, 33, 61))
        where = f"; most change at word {change[i].argmax() + FIRST + 1}" if change[i].max() > 0.01 else ""
        rows.append(
            f"{figures.STYLES[name].label}: right after the fifth word {first[i]:.2f}; of these held {said}{where}"
        )
    return {
        "frame": f"The longest sentence in training has {sentences('mixed').longest} words (dashed line). "
        "Bars show the RNN and the LSTM alone; a dot is a seed.",
        "runs": f"After {result.knobs['steps']} training steps.\n" + "\n".join(rows),
    }


CHANGES = Experiment(
    name="reading-changes",
    question="How often, and at which word, do networks change their mind?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": ("steps",)},
    result=Changes,
    models=lambda result: list(STYLES.values()),
    recorded=True,
    gather=gather,
    panels=2,
)
