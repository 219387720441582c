"""What shrinks a gradient at each step: the activation, the matrix, or the gate?"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch

from ... import figures
from ...lens import Experiment, Knob, Result
from ...models.lstm import LSTM
from ...models.recurrence import delayed
from ...runtime import generator, one_thread, setup
from ..gradient.flow import KNOBS as FLOW_KNOBS
from ..probes import N_IN, build, float64_device

SIZE = 64
BACK = 64  # steps that a signal is followed back

KNOBS = {
    "recurrence": FLOW_KNOBS["recurrence"],
    "init": Knob(
        "Start", "forget-1", ("forget-0", "forget-1", "forget-3"), group="lstm", names=FLOW_KNOBS["init"].names
    ),
}


@dataclass(frozen=True, kw_only=True)
class Vanishing(Result):
    """What one step back does to a signal, and what many do, along each of `PATHS`.

    factors: (seeds, PATHS, SIZE), singular values of one step's derivative, in the middle of the sequence, the greatest
        first.
    signal: (seeds, PATHS, BACK + 1), size of a random signal of size 1 after so many steps back; geometric mean.
    """

    factors: np.ndarray
    signal: np.ndarray


PATHS = ("rnn", "rnn-straight", "lstm", "product")  # the last two: all paths along the cells; gates alone


def run(*, seeds, device, recurrence, init) -> Vanishing:
    """Before training, in float64."""
    where, start = float64_device(device), time.perf_counter()
    found = [(through_rnn(recurrence, seed, str(where)), through_lstm(init, seed, str(where))) for seed in seeds]
    factors, signal = (np.stack([np.concatenate([one[i] for one in both]) for both in found]) for i in range(2))
    return Vanishing(
        knobs={"recurrence": recurrence, "init": init},
        seeds=tuple(seeds),
        setup=setup(where, time.perf_counter() - start),
        factors=factors,
        signal=signal,
    )


def inputs(seed: int, device: str) -> torch.Tensor:
    """(1, BACK + 1, N_IN)."""
    return torch.randn(1, BACK + 1, N_IN, generator=generator(seed, "inputs"), dtype=torch.float64).to(device)


@lru_cache(maxsize=256)
@torch.no_grad()
@one_thread()
def through_rnn(recurrence: str, seed: int, device: str) -> tuple[np.ndarray, np.ndarray]:
    """Of the RNN, with its tanh and without: ∂h(t)/∂h(t-1) = diag(1 - h(t)²) W, or W."""
    model = build("rnn", recurrence, 1.0, BACK, SIZE, seed).double().to(device)
    h, w = model(inputs(seed, device)).states[0], model.rnn.weight_hh_l0  # (T, H), (H, H)
    slopes = 1 - h**2  # (T, H)
    with_tanh = slopes[1:, :, None] * w  # (BACK, H, H)
    return measured([with_tanh, w.expand_as(with_tanh)], seed)


@lru_cache(maxsize=256)
@torch.no_grad()
@one_thread()
def through_lstm(init: str, seed: int, device: str) -> tuple[np.ndarray, np.ndarray]:
    """Of the LSTM's cells: ∂c(t)/∂c(t-1) through every path, and diag f(t), the one through the cell."""
    model = build("lstm", init, 1.0, BACK, SIZE, seed).double().to(device)
    whole, alone = cell_steps(model, inputs(seed, device))
    return measured([whole, alone], seed)


def cell_steps(model: LSTM, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """∂c(t)/∂c(t-1) at t = 1 … T-1 for one sequence x (1, T, n_in): whole, and diag f alone; (T - 1, H, H) each.

    c(t) = f c(t-1) + i g, where f, i and g hang on h(t-1) = o(t-1) tanh c(t-1), and so on c(t-1) once more. (The output
    gate o(t-1) was there before c(t-1); it hangs on h(t-2).)
    """
    inside = {name: value[0] for name, value in model(x, watch=True).inside.items()}  # (T, H) each
    i, f, g, o, c = (inside[name] for name in ("input", "forget", "candidate", "output", "cell"))
    before = delayed(c[None])[0]  # (T, H): c(t-1)
    to_i, to_f, to_g, _ = model.rnn.weight_hh_l0.chunk(4)  # (H, H) each
    by_h = (
        (before * f * (1 - f))[:, :, None] * to_f
        + (g * i * (1 - i))[:, :, None] * to_i
        + (i * (1 - g**2))[:, :, None] * to_g
    )  # (T, H, H): ∂c(t)/∂h(t-1)
    shown = (o * (1 - c.tanh() ** 2))[:-1]  # (T - 1, H): ∂h(t-1)/∂c(t-1)
    alone = torch.diag_embed(f[1:])  # (T - 1, H, H)
    return alone + by_h[1:] * shown[:, None, :], alone


def measured(paths: list[torch.Tensor], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Singular values in the middle, and the size of a signal, of each path (BACK, H, H)."""
    factors = [torch.linalg.svdvals(path[BACK // 2]).cpu().numpy() for path in paths]
    signals = torch.randn(16, SIZE, generator=generator(seed, "signal"), dtype=torch.float64).to(paths[0])  # (16, H)
    sizes = []
    for path in paths:
        signal, size = signals / signals.norm(dim=-1, keepdim=True), [torch.zeros(16).to(signals)]
        for step in path.flip(0):
            signal = signal @ step  # (16, H)
            length = signal.norm(dim=-1, keepdim=True)
            size.append(size[-1] + length[:, 0].log())
            signal = signal / length
        sizes.append(torch.stack(size).mean(1).exp().cpu().numpy())
    return np.stack(factors), np.stack(sizes)


def draw(result: Vanishing, axes, own=None) -> None:
    """Left: singular values of one step. Right: a signal over many."""
    factors, signal = axes
    number, k = np.arange(1, SIZE + 1), figures.thin(BACK + 1)
    for i, name in enumerate(PATHS):
        style, layer = figures.STYLES[name], "rnn" if i < 2 else "lstm"
        points = figures.thin(SIZE, 14)
        figures.band(factors, number[points], result.factors[:, i, points], style, layer=layer)
        figures.band(signal, k, result.signal[:, i, k], style, layer=layer, floor=1e-26)
    factors.axhline(1, color=figures.INK, linewidth=1.0, linestyle=":", gid="frame/one")
    factors.set(xlim=(1, SIZE), ylim=(0, 1.6), xlabel="direction, strongest first", title="factor of one step back")
    figures.log_axis(signal, -24, 4, 4)
    signal.axhline(1, color=figures.INK, linewidth=1.0, linestyle=":", gid="frame/whole")
    signal.set(xlim=(0, BACK), xlabel="steps back, k", title="size of the signal")
    for ax in axes:
        figures.room(ax)


def per_step(result: Vanishing) -> np.ndarray:
    """(seeds, PATHS): by which factor a step shrinks the signal, the geometric mean over `BACK` steps."""
    return result.signal[..., -1] ** (1 / BACK)


def describe(result: Vanishing) -> dict[str, str]:
    """The factor per step, on average over the steps."""
    rnn, straight, lstm, gates = np.median(per_step(result), 0)
    return {
        "frame": f"A signal travels {BACK} steps back, before any training, state size {SIZE}.",
        "rnn": f"RNN: a step leaves {rnn:.2f} of the signal's size; with the same matrix and no tanh, {straight:.2f}.",
        "lstm": f"LSTM's cells: a step leaves {lstm:.2f} along all paths, {gates:.2f} through the forget gates alone.",
    }


VANISHING = Experiment(
    name="questions-vanishing",
    question="What shrinks the gradient at each step: the activation, the matrix, or the gate?",
    knobs=KNOBS,
    run=run,
    draw=draw,
    describe=describe,
    layers={"frame": (), "rnn": ("recurrence",), "lstm": ("init",)},
    result=Vanishing,
    models=lambda result: list(PATHS),
    panels=2,
)
