"""Does an LSTM solve the vanishing gradient: what is learned, at which length, and does the gradient foretell it?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Result
from ...models.variants import VARIANTS
from ...tasks.latch import Latch
from ..gradient.latch import LATCH
from ..gradient.lengths import LENGTHS, LENGTHS_REACHED

MODELS = ("rnn", "rnn-orthogonal", "lstm-forget-0", "lstm-forget-1", "lstm-forget-3", "lstm-chrono", "gru")
SOLVED = 0.9
FAINTEST = 1e-40  # of the picture


@dataclass(frozen=True, kw_only=True)
class Mitigated(Result):
    """Models that were trained to keep the first token, each at the best of five learning rates.

    final: (seeds, MODELS, LENGTHS), accuracy.
    signal: (seeds, MODELS, LENGTHS), ‖∂(logit of the right answer)/∂x(0)‖ before training.
    """

    final: np.ndarray
    signal: np.ndarray


def gather(load, settings) -> Mitigated:
    """From the gradient lens's records."""
    grid = load(LENGTHS_REACHED, LENGTHS_REACHED.settings())
    rows = [list(VARIANTS).index(name) for name in MODELS]
    runs = [
        [load(LATCH, LATCH.settings(variant=name, length=length, rate=grid.rate[0, row])) for length in LENGTHS]
        for name, row in zip(MODELS, rows, strict=True)
    ]
    signal = np.array([[run.profile[:, 0, -1] for run in row] for row in runs])  # (MODELS, LENGTHS, seeds)
    return Mitigated(
        knobs=dict(settings),
        seeds=grid.seeds,
        setup=grid.setup,
        final=grid.final[:, rows],
        signal=signal.transpose(2, 0, 1),
    )


def reached(final: np.ndarray) -> np.ndarray:
    """(MODELS,): the greatest length with a mean accuracy of `SOLVED` or more, of (seeds, MODELS, LENGTHS); 0: none."""
    solved = final.mean(0) >= SOLVED  # (MODELS, LENGTHS)
    return np.where(solved, LENGTHS, 0).max(1)


def draw(result: Mitigated, axes, own=None) -> None:
    """Left: accuracy against length. Right: accuracy against the signal before training, one mark a run."""
    reach, foretold = axes
    for i, name in enumerate(MODELS):
        style = figures.STYLES[name]
        shift = 0.05 * (i - (len(MODELS) - 1) / 2)
        figures.spread(reach, np.arange(len(LENGTHS)) + shift, result.final[:, i], style, layer="runs")
        signal = np.maximum(result.signal[:, i], FAINTEST).ravel()
        foretold.plot(
            signal,
            result.final[:, i].ravel(),
            color=style.color,
            linestyle="",
            marker=style.marker,
            markersize=5,
            alpha=0.7,
            gid=f"runs/marks{i}",
        )
    for ax in axes:
        ax.set_ylim(-0.05, 1.04)
        figures.reference(ax, Latch().chance, "chance", "frame")
    reach.set_xticks(range(len(LENGTHS)), [str(length) for length in LENGTHS])
    reach.set(xlabel="steps to remember", title="accuracy")
    foretold.set_xscale("log")
    foretold.set_xlim(1e-43, 100)
    ticks = (FAINTEST, 1e-30, 1e-20, 1e-10, 1)
    foretold.set_xticks(ticks, [("≤" if tick == FAINTEST else "") + figures.power_of_ten(tick) for tick in ticks])
    foretold.minorticks_off()
    foretold.set(xlabel="signal of token 1, untrained", title="accuracy")


def describe(result: Mitigated) -> dict[str, str]:
    """How far each start gets, and the signals of runs that learned and of those that did not."""
    far = reached(result.final)
    rows = [f"{VARIANTS[name].label}: {far[i] or 'none'}" for i, name in enumerate(MODELS)]
    learned = result.final >= SOLVED
    ends = []
    if learned.any():
        ends.append(f"The weakest signal of a run that learned is {figures.scientific(result.signal[learned].min())}.")
    if not learned.all():
        strongest = figures.scientific(result.signal[~learned].max())
        ends.append(f"The strongest signal of a run that did not learn is {strongest}.")
    return {
        "frame": f"Keep the first token; chance is {Latch().chance:.3g}. Signals below "
        f"{figures.power_of_ten(FAINTEST)} are drawn there.",
        "runs": f"Greatest length with a mean accuracy of {SOLVED} or more:\n" + "\n".join([*rows, *ends]),
    }


MITIGATED = Experiment(
    name="questions-mitigated",
    question="Does an LSTM solve the vanishing gradient?",
    knobs={},
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": ()},
    result=Mitigated,
    models=lambda result: [*MODELS],
    recorded=True,
    gather=gather,
    panels=2,
)
