"""After how many words is the answer still right, early in training and late?"""

from __future__ import annotations

import numpy as np

from ... import figures
from ...models.variants import EVERY
from ...tasks.sentences import FIRST, Sentences
from ..learning import Lesson, trained
from .holding import LAST, LOOKS, Held, watch
from .learning import COMPARED, KNOBS, STEPS, sentences
from .learning import lesson as usual

PANELS = (100, 400, STEPS)  # training steps that the picture shows


def lesson(variant: str, diet: str, rate: str | float) -> Lesson:
    """The same training without an early stop."""
    return usual(variant, diet, rate).to_the_end()


def words() -> np.ndarray:
    """The lengths that `Held` speaks of."""
    return np.arange(FIRST, LAST + 1)


def looks() -> tuple[int, ...]:
    """The training steps that `Held` speaks of."""
    return (*LOOKS, STEPS)


def draw(result: Held, axes, own: Held | None = None) -> None:
    """A panel for each of three moments of training: share right by words, one thin line a seed."""
    style, mine = figures.STYLES[result.knobs["variant"]], figures.STYLES["own"]
    points = figures.thin(len(words()), 20)
    longest = sentences(result.knobs["diet"]).longest
    for ax, step in zip(axes, PANELS, strict=True):
        at = looks().index(step)
        for row in result.right[:, at]:
            ax.plot(words()[points], row[points], color=style.color, linewidth=1.1, alpha=0.75, gid="runs/right")
        if own is not None and len(own.right[0]) > at:
            ax.plot(words()[points], own.right[0, at, points], color=mine.color, linewidth=2.4, gid="own/right")
        figures.reference(ax, Sentences().chance, "chance", "frame")
        ax.axvline(longest, color=figures.INK, linewidth=1.0, linestyle=(0, (4, 2)), gid="trained/to")
        ax.set(xlim=(FIRST, LAST), ylim=(0, 1.03), xlabel="words", title=f"right, {step} steps of training")


def describe(result: Held) -> dict[str, str]:
    """Each moment at a few lengths."""
    at = {n: n - FIRST for n in (5, 12, 33, 61)}
    rows = [
        f"after {step} steps, "
        + ", ".join(f"{result.right[:, looks().index(step), i].mean():.2f}" for i in at.values())
        for step in PANELS
    ]
    diet = result.knobs["diet"]
    return {
        "frame": f"Chance is {Sentences().chance:.3g}. One line a seed.",
        "trained": f"The longest sentence in training has {sentences(diet).longest} words (dashed line).",
        "runs": f"{EVERY[result.knobs['variant']].label}, trained on {KNOBS['diet'].say(diet)}. Mean share right at "
        f"{', '.join(map(str, at))} words: {'; '.join(rows)}.",
    }


READING = trained(
    lesson,
    name="reading-reading",
    question="After how many words is the answer still right, early in training and late?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    follow=watch,
    layers={"frame": (), "trained": ("diet",), "runs": ("variant", "diet"), "own": ()},
    result=Held,
    panels=3,
    trials=lambda: [({"variant": name, "diet": "mixed", "rate": "chosen"}, READING.seeds) for name in COMPARED[-2:]],
)
