"""How far do better starts close the gap, and what do they leave?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Knob, Result
from ...models.variants import VARIANTS
from ...tasks.latch import Latch
from .latch import KNOBS as LATCH_KNOBS
from .latch import LATCH, STEPS

LENGTHS = LATCH_KNOBS["length"].stops
RATES = LATCH_KNOBS["rate"].stops
SHOWN = ("final", "used")

KNOBS = {
    "rate": Knob("Learning rate", "best", ("best", *map(str, RATES)), names={"best": "best of five"}),
    "shown": Knob("Show", "final", SHOWN, names={"final": "final accuracy", "used": "steps needed"}),
}


@dataclass(frozen=True, kw_only=True)
class Lengths(Result):
    """Every model and start on the latch task at every length.

    final: (seeds, variants, lengths), accuracy on fresh sequences.
    used: (seeds, variants, lengths), training steps until the target; the whole budget where it was not reached.
    rate: (1, variants), the learning rate of each row.
    """

    final: np.ndarray
    used: np.ndarray
    rate: np.ndarray


def gather(load, settings) -> Lengths:
    """From the latch's records. The best rate of a model is the one with the highest accuracy over all lengths."""
    runs = {
        (variant, rate): [load(LATCH, LATCH.settings(variant=variant, rate=rate, length=length)) for length in LENGTHS]
        for variant in VARIANTS
        for rate in RATES
    }

    def mean_accuracy(variant: str, rate: float) -> tuple[float, float]:
        row = runs[variant, rate]
        return float(np.mean([run.final for run in row])), -float(np.mean([run.used for run in row]))

    chosen = {
        variant: max(RATES, key=lambda rate: mean_accuracy(variant, rate))
        if settings["rate"] == "best"
        else float(settings["rate"])
        for variant in VARIANTS
    }
    rows = [runs[variant, chosen[variant]] for variant in VARIANTS]
    one = rows[0][0]
    return Lengths(
        knobs=dict(settings),
        seeds=one.seeds,
        setup={**one.setup, "seconds": round(sum(run.setup["seconds"] for row in rows for run in row), 1)},
        final=np.stack([[run.final for run in row] for row in rows]).transpose(2, 0, 1),
        used=np.stack([[run.used for run in row] for row in rows]).transpose(2, 0, 1),
        rate=np.array([[chosen[variant] for variant in VARIANTS]]),
    )


def draw(result: Lengths, axes, own=None) -> None:
    """A line per model and start: mean over seeds, least to greatest as a bar."""
    (ax,) = axes
    shown = result.knobs["shown"]
    values = getattr(result, shown)
    x = np.log2(LENGTHS)
    for i, variant in enumerate(VARIANTS):
        style = figures.STYLES[variant]
        here = x + (i - len(VARIANTS) / 2) * 0.03
        middle = values[:, i].mean(0)
        ax.vlines(
            here,
            values[:, i].min(0),
            values[:, i].max(0),
            color=style.color,
            linewidth=1.2,
            alpha=0.6,
            gid=f"runs/bar{i}",
        )
        ax.plot(here, middle, color=style.color, linestyle=style.line, marker=style.marker, gid=f"runs/line{i}")
    ax.set_xticks(x, [str(length) for length in LENGTHS])
    ax.set(xlim=(x[0] - 0.25, x[-1] + 0.25), xlabel="steps to remember")
    if shown == "final":
        ax.axhline(Latch().chance, color=figures.INK, linewidth=1.0, linestyle=":", gid="frame/chance")
        ax.set(ylim=(0, 1.05), title="accuracy (dotted: chance)")
    else:
        ax.set(ylim=(0, STEPS * 1.04), title=f"training steps to 99 % (at most {STEPS})")


def describe(result: Lengths) -> dict[str, str]:
    """Where each model and start still gets nine of ten right; or how long it trains for that."""
    solved = {
        variant: [j for j in range(len(LENGTHS)) if result.final[:, i, j].mean() >= 0.9]
        for i, variant in enumerate(VARIANTS)
    }
    if result.knobs["shown"] == "final":
        frame = "Greatest length with a mean accuracy of 0.9 or more:"
        said = {variant: str(LENGTHS[max(found)]) if found else "none" for variant, found in solved.items()}
    else:
        frame = f"Mean training steps to 99%, at most {STEPS}, at the lengths with a mean accuracy of 0.9 or more:"
        steps = result.used.mean(0)
        said = {
            variant: ", ".join(f"{steps[i, j]:.0f} at {LENGTHS[j]}" for j in solved[variant]) or "none"
            for i, variant in enumerate(VARIANTS)
        }
    return {"frame": frame, "runs": "\n".join(f"{VARIANTS[v].label}: {words}" for v, words in said.items())}


LENGTHS_REACHED = Experiment(
    name="gradient-lengths",
    question="How far do better starts close the gap, and what do they leave?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": ("shown",), "runs": ("rate", "shown")},
    result=Lengths,
    models=lambda result: list(VARIANTS),
    recorded=True,
    gather=gather,
    height=4.2,
)
