"""A state moves even without input: the LSTM's cell, and one matrix that says where it goes."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
import torch

from ... import figures, kata
from ...lens import Experiment, Knob, Result
from ...runtime import pick_device, setup
from .size import apart

SIGNALS = {"signal": kata.SIGNAL, "opposite": tuple(-one for one in kata.SIGNAL), "other": (-0.5, 1.0, 0.8)}
STYLED = ("kata-cell", "kata-matrix")

KNOBS = {
    "signal": Knob(
        "Signal",
        "signal",
        tuple(SIGNALS),
        names={"signal": "the program's", "opposite": "its opposite", "other": "another one"},
    ),
    "recurrent": Knob("Weights from state to gates", 1.0, (0.0, 0.5, 1.0, 1.5), 0.0, 2.0, unit="times"),
    "steps": Knob("Blank steps", 100, (50, 100, 200), 10, 200, unit="steps"),
}


@dataclass(frozen=True, kw_only=True)
class Turning(Result):
    """The cell over blank steps, and what one matrix makes of its first value.

    cosine, size: (seeds, STYLED, steps + 1), with and over the cell right after the signal.
    """

    cosine: np.ndarray
    size: np.ndarray


def run(*, seeds, device, signal, recurrent, steps) -> Turning:
    """No chance is involved: a seed chooses weights, and 0 the program's own."""
    start = time.perf_counter()
    pick_device(device)  # a wrong name is refused here too, though this probe always runs on the CPU
    cells = []
    for seed in seeds:
        made = scaled(kata.weights(turn=seed), recurrent)
        cell = np.array(kata.run(steps, made, SIGNALS[signal]).cell)  # (steps + 1, 4)
        cells.append([cell, powers(matrix(made), cell[0], steps)])
    unit, norm = apart(np.array(cells))  # (seeds, 2, steps + 1, 4), (seeds, 2, steps + 1)
    return Turning(
        knobs={"signal": signal, "recurrent": recurrent, "steps": steps},
        seeds=tuple(seeds),
        setup=setup(torch.device("cpu"), time.perf_counter() - start),
        cosine=(unit * unit[:, :, :1]).sum(-1),
        size=norm / norm[:, :, :1],
    )


def scaled(made: kata.Weights, recurrent: float) -> kata.Weights:
    """The same weights with what the state sends to the LSTM's gates times `recurrent`."""
    gates = {
        name: ([[recurrent * one for one in row[: kata.HIDDEN]] + row[kata.HIDDEN :] for row in rows], bias)
        for name, (rows, bias) in made.gates.items()
    }
    return replace(made, gates=gates)


def matrix(made: kata.Weights) -> np.ndarray:
    """(4, 4): what a blank step does to a small cell, c' = f c + i W_g (o c), with the gates as they are at c = 0."""
    forget, write, read = (kata.sigmoid(made.gates[name][1][0]) for name in ("forget", "input", "output"))
    candidate = np.array(made.gates["candidate"][0])[:, : kata.HIDDEN]  # (4, 4)
    return forget * np.eye(kata.HIDDEN) + write * read * candidate


def spiral(made: kata.Weights) -> tuple[float, float]:
    """The matrix's largest eigenvalue: its size, and the steps for a full turn (infinite where it does not turn)."""
    values = np.linalg.eigvals(matrix(made))
    largest = values[np.argmax(np.abs(values))]
    angle = abs(np.angle(largest))
    return float(abs(largest)), float(2 * np.pi / angle) if angle > 1e-9 else np.inf


def powers(step: np.ndarray, first: np.ndarray, steps: int) -> np.ndarray:
    """(steps + 1, 4): `first`, and what `step` (4, 4) makes of it, again and again."""
    states = [first]
    for _ in range(steps):
        states.append(step @ states[-1])
    return np.array(states)


def draw(result: Turning, axes, own=None) -> None:
    """Left: direction. Right: size. Marks: the LSTM; dashed: the matrix. Other weights' LSTMs as thin lines."""
    for ax, values, points in zip(axes, (result.cosine, result.size), (120, 30), strict=True):  # the cosine turns
        k, few = (figures.thin(result.knobs["steps"] + 1, n) for n in (points, points // 2))
        for row in values[1:, 0]:
            ax.plot(few, row[few], color=figures.STYLES["kata-cell"].color, linewidth=1.0, alpha=0.6, gid="runs/other")
        for i, name in enumerate(STYLED):
            style = figures.STYLES[name]
            look = {"color": style.color, "linestyle": style.line, "marker": style.marker}
            ax.plot(k, values[0, i, k], markevery=max(1, len(k) // 10), gid=f"runs/{name}", **look)
        ax.set(xlim=(0, result.knobs["steps"]), xlabel="blank steps")
    axes[0].axhline(0, color=figures.INK, linewidth=0.8, gid="frame/zero")
    axes[0].set(ylim=(-1.08, 1.08), title="cosine with the cell at first")
    figures.log_axis(axes[1], -28, 1, 4)
    axes[1].set(title="size, as a share of that at first")


def describe(result: Turning) -> dict[str, str]:
    """How it turns and shrinks, and what the matrix says."""
    size, turn = spiral(scaled(kata.weights(), result.knobs["recurrent"]))
    goes = f"turns once in {turn:.0f} steps" if np.isfinite(turn) else "does not turn"
    lowest = result.cosine[0, 0].min()
    return {
        "frame": "Thick: the program's weights; thin: others made alike; dashed: one matrix, applied again and again.",
        "runs": f"Signal: {KNOBS['signal'].say(result.knobs['signal'])}; weights from the state to the gates "
        f"{KNOBS['recurrent'].say(result.knobs['recurrent'])}. The cosine falls to {figures.minus(lowest)} at its "
        f"lowest; after {result.knobs['steps']} blank steps the cell has {figures.scientific(result.size[0, 0, -1])} "
        f"of its size. The matrix keeps {size:.3f} of a cell at each step and {goes}.",
    }


TURNING = Experiment(
    name="kata-turning",
    question="Where does the cell go, when nothing comes in?",
    knobs=KNOBS,
    run=run,
    draw=draw,
    describe=describe,
    layers={"frame": ("steps",), "runs": ("signal", "recurrent", "steps")},
    result=Turning,
    models=lambda result: list(STYLED),
    panels=2,
    height=3.8,
)
