"""Do gates that share their weights ignore what matters?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import figures
from ...lens import Experiment, Result
from ..tables import side_by_side, table
from .gates import GATES, GATES_RUN
from .sharing import MODELS


@dataclass(frozen=True, kw_only=True)
class Selective(Result):
    """Trained to keep the one flagged value; as many parameters each.

    apart: (seeds, MODELS, GATES), how far a gate at the flagged step is from the same gate elsewhere, root mean square
        over units.
    changed: (seeds, MODELS, 2), how often another value at the flagged step changes the answer, and at another step.
    """

    apart: np.ndarray
    changed: np.ndarray


def gather(load, settings) -> Selective:
    """From the trained models."""
    found = table(load, GATES_RUN, {"variant": MODELS}, "gates", "changed", task="flag")
    return Selective(knobs=dict(settings), apart=found.pop("gates")[..., 2], **found)


def draw(result: Selective, axes, own=None) -> None:
    """Left: what the gates tell apart. Right: what the answer hangs on."""
    apart, changed = axes
    for i, shift in enumerate(side_by_side(len(MODELS), 0.5)):
        style = figures.STYLES[MODELS[i]]
        for ax, values in ((apart, result.apart[:, i]), (changed, result.changed[:, i])):
            x = np.arange(values.shape[1]) + shift
            ax.vlines(x, values.min(0), values.max(0), color=style.color, linewidth=1.2, alpha=0.6, gid=f"runs/bar{i}")
            ax.plot(x, values.mean(0), color=style.color, linestyle="", marker=style.marker, gid=f"runs/mean{i}")
    apart.set_xticks(range(len(GATES)), GATES)
    apart.set(xlim=(-0.5, 2.5), ylim=(0, 0.8), title="gate: flagged step against others")
    changed.set_xticks([0, 1], ["flagged value", "another value"])
    changed.set(xlim=(-0.5, 1.5), ylim=(-0.03, 1.04), title="answer changes when changed:")


def describe(result: Selective) -> dict[str, str]:
    """Both panels in numbers."""
    apart, changed = result.apart.mean(0), result.changed.mean(0)
    rows = [
        f"{figures.STYLES[name].label}: gates apart by "
        + ", ".join(f"{one:.2f} ({gate})" for gate, one in zip(GATES, apart[i], strict=True))
        + f"; the answer changes in {changed[i, 0]:.0%} of the sequences, and in {changed[i, 1]:.1%}"
        for i, name in enumerate(MODELS)
    ]
    return {
        "frame": "Trained to keep the one flagged value. Gates lie between 0 and 1.",
        "runs": "Gate at the flagged step against the same gate elsewhere; and how often another value at the flagged "
        "step, and at another one, changes the answer:\n" + "\n".join(rows),
    }


SELECTIVE = Experiment(
    name="questions-selective",
    question="Do gates that share their weights ignore what matters?",
    knobs={},
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": ()},
    result=Selective,
    models=lambda result: [*MODELS],
    recorded=True,
    gather=gather,
    panels=2,
)
