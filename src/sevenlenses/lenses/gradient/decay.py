"""What is left of a signal after k steps of a constant forget gate?"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import torch

from ... import figures
from ...lens import Experiment, Knob, Result
from ...models.lstm import LSTM
from ...runtime import generator, setup
from ..probes import float64_device

KNOBS = {
    "gate": Knob("Forget gate", 0.99, (0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999), 0.01, 0.9999),
    "steps": Knob("Steps", 100, (20, 50, 100, 200, 500, 1000), 2, 2000, "log"),
}


@dataclass(frozen=True, kw_only=True)
class Decay(Result):
    """The share of a stored signal that is left, k = 0 … steps.

    formula: (1, steps + 1), f**k.
    measured: (1, steps + 1), c(k) / c(0) of a real LSTM whose forget gate is held at f.
    """

    formula: np.ndarray
    measured: np.ndarray


def run(*, seeds, device, gate, steps) -> Decay:
    """One LSTM unit whose weights hold its forget gate at `gate`: no chance is involved, so there is one seed."""
    where = float64_device(device)
    start = time.perf_counter()
    cells = held(gate).to(where)(pulse(steps).to(where), watch=True).inside["cell"][0, :, 0].cpu().numpy()
    return Decay(
        knobs={"gate": gate, "steps": steps},
        seeds=tuple(seeds[:1]),
        setup=setup(where, time.perf_counter() - start),
        formula=gate ** np.arange(steps + 1)[None],
        measured=(cells / cells[0])[None],
    )


def held(gate: float) -> LSTM:
    """An LSTM of one unit: the input gate opens for input 1 and shuts for 0, the forget gate always is `gate`."""
    model = LSTM(1, 1, 1, generator=generator(0, "weights")).double()
    with torch.no_grad():
        for parameter in model.rnn.parameters():
            parameter.zero_()
        model.rnn.weight_ih_l0[:, 0] = torch.tensor([80.0, 0.0, 1.0, 0.0], dtype=torch.float64)  # rows i, f, g, o
        model.rnn.bias_ih_l0[:] = torch.tensor(
            [-40.0, float(np.log(gate / (1 - gate))), 0.0, 40.0], dtype=torch.float64
        )
    return model


def pulse(steps: int) -> torch.Tensor:
    """(1, steps + 1, 1): a one, then nothing."""
    x = torch.zeros(1, steps + 1, 1, dtype=torch.float64)
    x[:, 0] = 1.0
    return x


def draw(result: Decay, axes, own=None) -> None:
    """The formula as a line, the LSTM's cell as marks on it."""
    (ax,) = axes
    steps = result.knobs["steps"]
    k = figures.thin(steps + 1)
    ax.plot(k, result.formula[0, k], color=figures.INK, linewidth=1.2, linestyle=(0, (2, 2)), gid="lstm/formula")
    style = figures.STYLES["lstm"]
    ax.plot(k, result.measured[0, k], color=style.color, linestyle="", marker=style.marker, gid="lstm/measured")
    half = np.log(0.5) / np.log(result.knobs["gate"])
    if half <= steps:
        ax.plot([0, half, half], [0.5, 0.5, 0], color=figures.INK, linewidth=0.8, gid="lstm/half")
        ax.annotate(
            f"half at {half:.0f}", (half, 0.5), xytext=(6, 4), textcoords="offset points", fontsize=10, gid="lstm/word"
        )
    ax.set(xlim=(0, steps), ylim=(0, 1.04), xlabel="steps, k", title="share of the signal left in the cell")


def describe(result: Decay) -> dict[str, str]:
    """What is left at the end, and when half was left."""
    gate, steps = result.knobs["gate"], result.knobs["steps"]
    return {
        "frame": f"One signal, then {steps} blank steps.",
        "lstm": f"A forget gate of {gate:g} leaves {figures.scientific(result.measured[0, -1])} of it; "
        f"half is gone after {np.log(0.5) / np.log(gate):.0f} steps.",
    }


DECAY = Experiment(
    name="gradient-decay",
    question="What is left of a signal after k steps of a constant forget gate?",
    knobs=KNOBS,
    run=run,
    draw=draw,
    describe=describe,
    layers={"frame": ("steps",), "lstm": ("gate", "steps")},
    result=Decay,
    models=lambda result: ["lstm", "formula"],
    seeds=(0,),
)
