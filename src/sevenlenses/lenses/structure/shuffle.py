"""What does a model notice when the steps of a sequence change places?"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from ... import figures
from ...lens import Experiment, Knob, Result
from ...models.attention import HEADS, Attention, sinusoids
from ...models.base import SequenceModel
from ...models.deep_attention import DeepAttention
from ...models.variants import EVERY, MAIN
from ...runtime import generator, one_thread, setup
from ..probes import float64_device

WIDTH = 8  # numbers per input step, and per output
BATCH = 4
FLOOR = -18  # power of ten at which the picture ends; what is smaller, zero included, is drawn there

CAUSAL = (*MAIN, "linear-attention", "deep-attention", "deep-positions")
WHOLE = ("attention", "attention-positions", "deep-attention", "deep-positions", "bidirectional")

SHORT = {  # what stands beside a mark
    "rnn": "RNN",
    "lstm-forget-1": "LSTM",
    "gru": "GRU",
    "attention": "1 layer",
    "attention-positions": "1, places",
    "linear-attention": "linear",
    "deep-attention": "2 layers",
    "deep-positions": "2, places",
    "bidirectional": "biLSTM",
}

KNOBS = {"length": Knob("Steps", 16, (4, 16, 64), 3, 64, "log", "steps")}


@dataclass(frozen=True, kw_only=True)
class Shuffle(Result):
    """How much outputs change, as a share of their size: the larger of two shuffles.

    last: (seeds, CAUSAL), of the last output, when the steps before it are shuffled.
    whole: (seeds, WHOLE), of all outputs, when every step sees every other one and the outputs are shuffled back.
    """

    last: np.ndarray
    whole: np.ndarray


def run(*, seeds, device, length) -> Shuffle:
    """Untrained models on noise, in float64."""
    start, where = time.perf_counter(), float64_device(device)
    found = [changes(seed, length, where) for seed in seeds]
    return Shuffle(
        knobs={"length": length},
        seeds=tuple(seeds),
        setup=setup(where, time.perf_counter() - start),
        last=np.array([last for last, _ in found]),
        whole=np.array([whole for _, whole in found]),
    )


@torch.no_grad()
@one_thread()
def changes(seed: int, length: int, where: torch.device) -> tuple[list[float], list[float]]:
    """`Shuffle.last` and `Shuffle.whole` of one seed."""
    source = generator(seed, "shuffle")
    x = torch.randn(BATCH, length, WIDTH, generator=source, dtype=torch.float64).to(where)  # (B, T, n_in)
    orders = [torch.arange(length - 2, -1, -1), torch.randperm(length - 1, generator=source)]  # the reverse, another
    models = {name: build(name, seed, length).to(where) for name in {*CAUSAL, *WHOLE}}
    last = [max(last_change(models[name], x, order) for order in orders) for name in CAUSAL]
    whole = [max(whole_change(models[name], x, order) for order in orders) for name in WHOLE]
    return last, whole


def build(name: str, seed: int, length: int) -> SequenceModel:
    """An untrained model in float64."""
    return EVERY[name].build(WIDTH, WIDTH, longest=length, generator=generator(seed, "weights")).double()


def last_change(model: SequenceModel, x: Tensor, order: Tensor) -> float:
    """‖y(x') - y(x)‖ / ‖y(x)‖ at the last step, where x' is x (B, T, n_in) with the earlier steps in another order."""
    before, after = (model(one).outputs[:, -1] for one in (x, with_last(x, order)))  # (B, n_out) each
    return ((after - before).norm() / before.norm()).item()


def whole_change(model: SequenceModel, x: Tensor, order: Tensor) -> float:
    """‖f(Px) - P f(x)‖ / ‖f(x)‖, where P changes the order of all steps but the last, and no step is hidden."""
    before, after = unmasked(model, x), unmasked(model, with_last(x, order))  # (B, T, n_out) each
    return ((after - with_last(before, order)).norm() / before.norm()).item()


def with_last(x: Tensor, order: Tensor) -> Tensor:
    """x (B, T, ...) with its earlier steps in this order (T - 1,), and its last one last."""
    return torch.cat([x[:, order.to(x.device)], x[:, -1:]], 1)


def unmasked(model: SequenceModel, x: Tensor) -> Tensor:
    """The outputs (B, T, n_out) of a model in which every step sees all others, with the model's own weights."""
    if not isinstance(model, Attention):
        return model(x).outputs
    y = model.embed(x)  # (B, T, H)
    if model.positions:
        y = y + sinusoids(x.shape[1], model.n_hidden).to(y)  # (B, T, H)
    y = read_all(y, model.norm, model.qkv, model.mix)  # (B, T, H)
    if isinstance(model, DeepAttention):
        y = read_all(y, model.second_norm, model.second_qkv, model.second_mix)  # (B, T, H)
    return model.head(y)


def read_all(y: Tensor, norm: nn.Module, qkv: nn.Module, mix: nn.Module) -> Tensor:
    """One layer of attention on y (B, T, H) without a mask."""
    q, k, v = (part.unflatten(-1, (HEADS, -1)).transpose(1, 2) for part in qkv(norm(y)).chunk(3, -1))
    return y + mix(scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))


def draw(result: Shuffle, axes, own=None) -> None:
    """Left: the last output. Right: all outputs. One mark a model, from the least seed to the greatest."""
    for ax, runs, names, title in (
        (axes[0], result.last, CAUSAL, "last output, past shuffled"),
        (axes[1], result.whole, WHOLE, "all outputs, nothing hidden"),
    ):
        for i, name in enumerate(names):
            style, values = figures.STYLES[name], np.maximum(runs[:, i], 10.0**FLOOR)
            ax.hlines(i, values.min(), values.max(), color=style.color, linewidth=1.6, alpha=0.6, gid="runs/bars")
            ax.plot(values.mean(), i, color=style.color, marker=style.marker, markersize=8, gid="runs/marks")
        ax.set_xscale("log")
        ticks = [10.0**e for e in range(-16, 1, 4)]
        ax.set_xticks(ticks, [figures.power_of_ten(tick) for tick in ticks])
        ax.minorticks_off()
        ax.set_yticks(range(len(names)), [SHORT[name] for name in names])
        ax.set(xlim=(10.0**FLOOR, 10), ylim=(len(names) - 0.5, -0.5), xlabel="change, as a share", title=title)


def describe(result: Shuffle) -> dict[str, str]:
    """Every model's change."""
    last, whole = (
        ", ".join(
            f"{figures.STYLES[name].label} {figures.scientific(value)}"
            for name, value in zip(names, runs.mean(0), strict=True)
        )
        for names, runs in ((CAUSAL, result.last), (WHOLE, result.whole))
    )
    return {
        "frame": "Changes as a share of the output's size; 10⁻¹⁶ is rounding.",
        "runs": f"{result.knobs['length']} steps. The last output changes by: {last}.\nWithout a mask, all outputs, "
        f"shuffled back, by: {whole}.",
    }


SHUFFLE = Experiment(
    name="structure-shuffle",
    question="What does a model notice when the steps change places?",
    knobs=KNOBS,
    run=run,
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": ("length",)},
    result=Shuffle,
    models=lambda result: [*CAUSAL, "bidirectional"],
    panels=2,
    height=4.0,
)
