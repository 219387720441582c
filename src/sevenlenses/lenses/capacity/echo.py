"""What can still be read from the state of what came k steps ago?"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
import torch

from ... import figures
from ...lens import Experiment, Knob, Result
from ...models import create
from ...models.attention import HEADS
from ...models.initialise import initialise
from ...models.memory import bytes_kept
from ...runtime import generator, one_thread, pick_device, setup
from ..gradient.flow import KNOBS as FLOW_KNOBS
from ..gradient.flow import OTHERS

STEPS, UNUSED = 6000, 200  # length of the one sequence that is read; steps before the probe is fitted
LAGS = 256
INPUT = 0.1  # inputs are even in ±INPUT: small, so that tanh is nearly a line and the measure is about room alone
RIDGE = 1e-9  # of the mean eigenvalue
LENGTHS = 2 ** np.arange(0, 13)  # steps at which the bytes kept are counted
STARTED = {"kept": "attention"}

KNOBS = {
    "size": Knob("State size", 32, (8, 16, 32, 64, 128), 8, 128, "log", multiple=HEADS),
    "recurrence": FLOW_KNOBS["recurrence"],
    "init": Knob(
        "Start",
        "forget-1",
        ("forget-1", "chrono"),
        group="lstm",
        names={"forget-1": "forget bias 1", "chrono": "chrono"},
    ),
}


@dataclass(frozen=True, kw_only=True)
class Echo(Result):
    """What a linear probe reads from the memory, and what the memory costs; models in the order of the experiment.

    share: (seeds, models, LAGS), R² of x(t - k), k = 1 … LAGS, on steps that the probe was not fitted on; 0 if below.
    kept: (1, models, LENGTHS), bytes kept of the past after so many steps, float32.
    """

    share: np.ndarray
    kept: np.ndarray

    @property
    def capacity(self) -> np.ndarray:
        """(seeds, models): the sum of R² over lags; Jaeger (2001): at most the number of units of a linear state."""
        return self.share.sum(-1)


def run(*, seeds, device, models, size, recurrence, init) -> Echo:
    """Run untrained networks over one long random sequence, and fit a ridge regression for each lag."""
    pick_device(device)  # a wrong name is refused here too, though this probe always runs on the CPU
    starts = {"rnn": recurrence, "lstm": init}
    found = [
        [echo(STARTED.get(name, name), starts.get(name, "default"), size, seed) for name in models] for seed in seeds
    ]
    return Echo(
        knobs={"size": size, "recurrence": recurrence, "init": init},
        seeds=tuple(seeds),
        setup=setup(torch.device("cpu"), sum(seconds for row in found for _, seconds in row)),
        share=np.array([[share for share, _ in row] for row in found]),
        kept=np.array([[price(STARTED.get(name, name), size) for name in models]], dtype=float),
    )


@lru_cache(maxsize=4096)
@torch.no_grad()
@one_thread()
def echo(name: str, init: str, size: int, seed: int) -> tuple[np.ndarray, float]:
    """(LAGS,): how much of the input k steps ago a linear probe reads; and seconds.

    Source: Jaeger (2001), section 3.
    """
    start = time.perf_counter()
    weights = generator(seed, "weights")
    model = create(name, 1, size, 1, generator=weights).double()
    if init != "default":
        initialise(model, init, longest=LAGS, generator=weights)
    x = INPUT * (2 * torch.rand(1, STEPS, 1, generator=generator(seed, "inputs"), dtype=torch.float64) - 1)  # (1, T, 1)
    if name == "attention":  # the vector stored k steps ago is still there: the probe reads that one, for every k
        share = np.repeat(readable(model.embed(x)[0].numpy(), x[0, :, 0].numpy(), np.zeros(1, int)), LAGS)
        return share, time.perf_counter() - start
    trace = model(x, watch=True)
    state = torch.cat([trace.states, *([trace.inside["cell"]] if name == "lstm" else [])], -1)  # (1, T, H or 2H)
    return readable(state[0].numpy(), x[0, :, 0].numpy(), np.arange(1, LAGS + 1)), time.perf_counter() - start


def readable(state: np.ndarray, x: np.ndarray, lags: np.ndarray) -> np.ndarray:
    """(lags,): R² of ridge regressions from state (T, H) to x (T,) that many steps earlier, on the last third."""
    seen = np.column_stack([state, np.ones(len(state))])[UNUSED + LAGS :]  # (T', H + 1)
    wanted = np.column_stack([x[UNUSED + LAGS - k : len(x) - k] for k in lags])  # (T', lags)
    cut = 2 * len(seen) // 3
    gram = seen[:cut].T @ seen[:cut]  # (H + 1, H + 1)
    gram += RIDGE * np.trace(gram) / len(gram) * np.eye(len(gram))
    guess = seen[cut:] @ np.linalg.solve(gram, seen[:cut].T @ wanted[:cut])  # (T'', lags)
    left = ((guess - wanted[cut:]) ** 2).mean(0) / wanted[cut:].var(0)
    return np.clip(1 - left, 0, 1)


@lru_cache(maxsize=64)
@one_thread()
def price(name: str, size: int) -> list[int]:
    """Bytes kept after each of LENGTHS steps; counted after one step and two, since it grows by as much at each."""
    model = create(name, 1, size, 1, generator=generator(0, "weights"))
    one, two = bytes_kept(model, 1), bytes_kept(model, 2)
    return [one + (two - one) * (int(steps) - 1) for steps in LENGTHS]


def draw_of(models):
    """A drawing function: R² against lag; with a second panel, bytes kept against length."""

    def draw(result: Echo, axes, own=None) -> None:
        points = figures.octaves(LAGS)
        for i, layer in enumerate(models):
            style = figures.STYLES[layer]
            figures.band(axes[0], points, result.share[:, i, points - 1], style, layer=layer)
            if len(axes) > 1:
                kilobytes, line = result.kept[0, i] / 1024, {"linestyle": style.line, "marker": style.marker}
                axes[1].plot(LENGTHS, kilobytes, color=style.color, markevery=3, gid=f"{layer}/kept", **line)
        figures.octave_axis(axes[0], LAGS)
        axes[0].set(ylim=(0, 1.04), xlabel="steps ago, k", title="share of the input still readable")
        if len(axes) > 1:
            figures.octave_axis(axes[1], int(LENGTHS[-1]))
            figures.log_axis(axes[1], -2, 5, 1)
            axes[1].set(xlabel="steps read", title="kilobytes kept")

    return draw


def describe_of(models):
    """Capacity, reach and price in words."""

    def describe(result: Echo) -> dict[str, str]:
        said = {
            "frame": f"State size {result.knobs['size']}. Inputs that can still be read, summed over all distances:"
        }
        for i, name in enumerate(models):
            total, half = np.median(result.capacity[:, i]), int((np.median(result.share[:, i], 0) >= 0.5).sum())
            reach = f"half of an input is readable up to {half} steps back" if half < LAGS else "all of every input"
            kilobytes = result.kept[0, i, -1] / 1024
            price = f", {kilobytes:,.{0 if kilobytes > 10 else 2}f} kB kept after {LENGTHS[-1]:,} steps"
            said[name] = f"{figures.STYLES[name].label}: {total:.1f}; {reach}{price * ('kept' in models)}."
        return said

    return describe


def experiment(name: str, question: str, models: tuple[str, ...], panels: int) -> Experiment:
    """The picture for the named models."""
    knobs = {"rnn": ("size", "recurrence"), "lstm": ("size", "init")}
    return Experiment(
        name=name,
        question=question,
        knobs=KNOBS,
        run=partial(run, models=models),
        draw=draw_of(models),
        describe=describe_of(models),
        layers={"frame": ("size",), **{name: knobs.get(name, ("size",)) for name in models}},
        result=Echo,
        models=lambda result: list(models),
        panels=panels,
    )


ECHO = experiment(
    "capacity-echo", "What can a straight line still read of the input k steps ago?", ("rnn", "lstm", *OTHERS), 1
)
KEPT = experiment(
    "capacity-kept", "What does it take to keep everything, and what does it give?", ("rnn", "lstm", "kept", *OTHERS), 2
)
