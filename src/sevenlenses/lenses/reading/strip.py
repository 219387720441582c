"""One sentence, word by word: how sure are an RNN and an LSTM of the right name, if the sentence stopped here?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Knob, Result
from ...tasks.sentences import FIRST, SUSPECTS, WORDS
from ..tables import table
from .holding import SHOWN, shown_sentences
from .learning import STEPS
from .reading import READING, looks

UP_TO = 26  # words that are shown
ROWS = {"rnn": "rnn", "lstm-forget-1": "lstm"}

KNOBS = {
    "steps": Knob("Training steps", 200, (50, 100, 200, 400, STEPS), 50, STEPS, "log"),
    "sentence": Knob("Sentence", 2, tuple(range(1, SHOWN + 1)), 1, SHOWN),
    "run": Knob("Networks of seed", 3, (0, 1, 2, 3, 4), 0, 4),
}


@dataclass(frozen=True, kw_only=True)
class Strip(Result):
    """sure: (1, ROWS, words), probability of the right name. said: (1, ROWS, words), the name that is most probable."""

    sure: np.ndarray
    said: np.ndarray


def gather(load, settings) -> Strip:
    """From the records of the mixed diet, one seed."""
    found = table(load, READING, {"variant": list(ROWS)}, "shown", "said")
    at = settings["run"], slice(None), looks().index(settings["steps"]), settings["sentence"] - 1, slice(UP_TO - 4)
    sure, said = (found[name][at][None] for name in ("shown", "said"))  # (1, ROWS, words)
    seed = found["seeds"][settings["run"]]
    return Strip(knobs=dict(settings), seeds=(seed,), setup=found["setup"], sure=sure, said=said)


def sentence(result: Strip) -> list[str]:
    """Its words from the fifth on."""
    return [WORDS[n] for n in shown_sentences()[result.knobs["sentence"] - 1].tolist()][FIRST - 1 : UP_TO]


def wrong(result: Strip) -> np.ndarray:
    """(ROWS, words): where the most probable name is not the suspect."""
    return result.said[0] != SUSPECTS.index(sentence(result)[0])


def draw(result: Strip, axes, own=None) -> None:
    """A row of bars for each network; a cross where another name is more probable."""
    (ax,) = axes
    words = sentence(result)
    for base, name, sure, off in zip((1.35, 0), ROWS.values(), result.sure[0], wrong(result), strict=True):
        style, places = figures.STYLES[name], np.arange(len(words))
        edges = np.repeat(places, 2) + np.tile([-0.4, 0.4], len(words))
        ax.fill_between(
            np.insert(edges, range(2, len(edges), 2), np.nan),
            base,
            base + np.insert(np.repeat(sure, 2), range(2, len(edges), 2), np.nan),
            color=style.color,
            alpha=0.55,
            linewidth=0,
            gid=f"bars/{name}",
        )
        crosses = places[off]
        ax.plot(crosses, np.full(len(crosses), base + 1.04), "x", color=style.color, markersize=6, gid=f"bars/{name}x")
        ax.axhline(base + 1, color=figures.INK, linewidth=0.6, linestyle=":", gid="frame/one")
        ax.axhline(base, color=figures.INK, linewidth=0.8, gid="frame/zero")
        ax.text(-0.5, base + 1.13, style.label, color=style.color, weight="bold", fontsize=11, gid="frame/label")
    ax.set(xlim=(-0.6, len(words) - 0.4), ylim=(0, 2.65))
    ax.set_yticks([0, 1, 1.35, 2.35], ["0", "1", "0", "1"])
    ax.set_xticks([])
    for place, word in enumerate(words):
        figures.upright(ax, place, -0.06, word, gid="words/word")
    ax.grid(False)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    ax.set_position((0.06, 0.26, 0.93, 0.73))


def describe(result: Strip) -> dict[str, str]:
    """The sentence, how sure at the start and at the end, and the first change of mind."""
    rows = []
    for name, sure, off in zip(ROWS.values(), result.sure[0], wrong(result), strict=True):
        changed = f"first wrong at word {off.argmax() + FIRST}" if off.any() else "right at every word"
        ends = f"{sure[0]:.2f} sure at word {FIRST}, {sure[-1]:.2f} at word {UP_TO}"
        rows.append(f"{figures.STYLES[name].label}: {ends}, {changed}")
    return {
        "frame": "Bars: probability of the right name if the sentence stopped here. Crosses: another name is likelier.",
        "words": f"The detective suspects the {' '.join(sentence(result))}.",
        "bars": f"After {result.knobs['steps']} training steps. {'; '.join(rows)}.",
    }


STRIP = Experiment(
    name="reading-strip",
    question="At which word does a network change its mind?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": (), "words": ("sentence",), "bars": ("steps", "sentence", "run")},
    result=Strip,
    models=lambda result: list(ROWS.values()),
    recorded=True,
    gather=gather,
    height=3.8,
)
