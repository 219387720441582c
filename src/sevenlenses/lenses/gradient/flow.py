"""How much of the error signal reaches k steps back, before any training?"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
import torch

from ... import figures
from ...lens import Experiment, Knob, Result
from ...models import MODELS
from ...models.attention import HEADS
from ...models.base import state_gradients
from ...models.recurrence import RecurrentModel
from ...runtime import generator, one_thread, setup
from ..probes import BATCH, N_IN, build, by_distance, float64_device

KNOBS = {
    "length": Knob("Sequence length", 128, (32, 64, 128, 256, 512), 2, 1024, "log", "steps"),
    "size": Knob("State size", 64, (16, 32, 64), 8, 256, "log", multiple=HEADS),
    "signal": Knob("Signal at", "state", ("state", "input"), names={"state": "the state h", "input": "the input x"}),
    "recurrence": Knob(
        "Recurrent matrix", "default", ("default", "orthogonal"), group="rnn", names={"default": "random"}
    ),
    "gain": Knob("Matrix scaled by", 1.0, (0.5, 0.8, 1.0, 1.25, 2.0), 0.1, 4.0, "log", group="rnn"),
    "init": Knob(
        "Start",
        "forget-1",
        ("forget-0", "forget-1", "forget-3", "chrono"),
        group="lstm",
        names={
            "forget-0": "forget bias 0",
            "forget-1": "forget bias 1",
            "forget-3": "forget bias 3",
            "chrono": "chrono",
        },
    ),
    "positions": Knob(
        "Positions",
        "attention",
        ("attention", "attention-positions"),
        group="direct",
        names={"attention": "without", "attention-positions": "with"},
    ),
}


@dataclass(frozen=True, kw_only=True)
class Flow(Result):
    """Sizes of the gradient against distance, for each model: the loss reads the last output alone.

    curves: (seeds, models, T), ‖∂L/∂h(T-1-k)‖ or ‖∂L/∂x(T-1-k)‖ for k = 0 … T-1, geometric mean over sequences; the
        models in the order of the experiment.
    """

    curves: np.ndarray


def run(*, seeds, device, models, length, size, signal, recurrence, gain, init, positions="attention") -> Flow:
    """Gradient sizes in float64 (float32 reads an exact zero below 1e-45) at initialisation, for the named models."""
    where = float64_device(device)
    row = ("state", "input").index(signal)
    starts = {"rnn": ("rnn", recurrence, gain), "lstm": ("lstm", init, 1.0), "attention": (positions, "default", 1.0)}
    found = {
        name: [sizes(*starts.get(name, (name, "default", 1.0)), length, size, seed, str(where)) for seed in seeds]
        for name in models
    }
    curves = {name: np.stack([one[row] for one in found[name]]) for name in models}
    settings = {"length": length, "size": size, "signal": signal, "recurrence": recurrence, "gain": gain, "init": init}
    return Flow(
        knobs=settings | ({"positions": positions} if "attention" in models else {}),
        seeds=tuple(seeds),
        setup=setup(where, sum(one[3] for name in models for one in found[name])),
        curves=np.stack([curves[name] for name in models], 1),
    )


@lru_cache(maxsize=4096)
@one_thread()
def sizes(name: str, init: str, gain: float, length: int, size: int, seed: int, device: str):
    """Gradient sizes at states and at inputs, (T,) each, by distance; largest singular value; seconds."""
    start = time.perf_counter()
    model = build(name, init, gain, length, size, seed).double().to(device)
    x = torch.randn(BATCH, length, N_IN, generator=generator(seed, "inputs"), dtype=torch.float64).to(device)
    at_states, at_inputs, _ = state_gradients(model, x, lambda outputs: outputs[:, -1].sum())
    seconds = time.perf_counter() - start
    largest = torch.linalg.matrix_norm(model.rnn.weight_hh_l0, 2).item() if name == "rnn" else 0.0
    return by_distance(at_states), by_distance(at_inputs), largest, seconds


def decades_per_step(curve: np.ndarray) -> float:
    """Slope of log10(size) against distance, in powers of ten per step back, where sizes are above zero and k ≥ 1."""
    k = np.flatnonzero(curve > 0)
    k = k[k >= 1]
    return float(np.polyfit(k, np.log10(curve[k]), 1)[0]) if len(k) > 1 else float("nan")


OTHERS = [name for name, kind in MODELS.items() if issubclass(kind, RecurrentModel) and name not in ("rnn", "lstm")]
COMPARED = ("rnn", "lstm", "attention", *OTHERS)
FLOOR, CEILING = -48, 8  # powers of ten that the picture covers
STYLE = {"attention": "direct"}  # the chapter names attention only after deriving it


def draw_flow(models):
    """A drawing function: size of the gradient against distance, on a logarithmic axis that never moves."""

    def draw(result: Flow, axes, own=None) -> None:
        (ax,) = axes
        length = result.curves.shape[-1]
        k = figures.thin(length)
        for i, name in enumerate(models):
            style = figures.STYLES[STYLE.get(name, name)]
            figures.band(ax, k, result.curves[:, i, k], style, layer=name, floor=10.0 ** (FLOOR - 1))
        figures.log_axis(ax, FLOOR, CEILING, 8)
        ax.axhline(1.4e-45, color=figures.INK, linewidth=0.8, linestyle=":", gid="frame/float32")
        ax.annotate(
            "below: exactly 0 in float32",
            (1, 1.4e-45),
            xycoords=("axes fraction", "data"),
            xytext=(0, 3),
            textcoords="offset points",
            ha="right",
            fontsize=9.5,
            gid="frame/note",
        )
        ax.set_xlim(0, max(length - 1, 1))
        ax.set_xlabel("steps back from the loss, k")
        ax.set_title(f"size of ∂L/∂{'h' if result.knobs['signal'] == 'state' else 'x'}(T−k)")

    return draw


def describe_flow(models):
    """A describing function: one sentence for each model, how far the signal reaches, in numbers."""

    def describe(result: Flow) -> dict[str, str]:
        last = result.curves.shape[-1] - 1
        what = "state" if result.knobs["signal"] == "state" else "input"
        said = {
            "frame": f"Size of the gradient at the {what}, from the loss at step {last + 1} back to the first step."
        }
        for i, name in enumerate(models):
            curve = np.median(result.curves[:, i], 0)
            rate = decades_per_step(curve)
            level = not abs(rate) * last > 0.3  # within a factor of two from one end to the other
            trend = "level" if level else f"{'falls' if rate < 0 else 'grows'} tenfold every {1 / abs(rate):.3g} steps"
            near, far = figures.scientific(curve[min(1, last)]), figures.scientific(curve[last])
            label = figures.STYLES[STYLE.get(name, name)].label
            said[name] = f"{label}: {near} one step back, {far} {last} steps back; {trend}."
        return said

    return describe


def experiment(name: str, question: str, models: tuple[str, ...]) -> Experiment:
    """The probe for some of the models."""
    needs = {
        "rnn": ("length", "size", "signal", "recurrence", "gain"),
        "lstm": ("length", "size", "signal", "init"),
        "attention": ("length", "size", "signal", "positions"),
        **{model: ("length", "size", "signal") for model in OTHERS},
    }
    used = {knob for model in models for knob in needs[model]}
    return Experiment(
        name=name,
        question=question,
        knobs={knob: KNOBS[knob] for knob in KNOBS if knob in used},
        run=partial(run, models=models),
        draw=draw_flow(models),
        describe=describe_flow(models),
        layers={"frame": ("length", "signal"), **{model: needs[model] for model in models}},
        result=Flow,
        models=lambda result: [STYLE.get(model, model) for model in models],
    )


CHAIN = experiment(
    "gradient-chain", "How much of the error signal travels k steps back along the chain?", ("rnn", "lstm", *OTHERS)
)
FLOW = experiment("gradient-flow", "How far back does the signal reach on direct paths?", COMPARED)
