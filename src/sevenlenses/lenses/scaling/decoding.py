"""The price of one more step, after a context: time, and bytes kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from ...lens import Knob, Result
from ...models import create
from ...models.attention import HEADS, Attention
from ...models.base import SequenceModel
from ...models.recurrence import RecurrentModel
from ...runtime import generator
from .hardware import HARDWARE, middle, place, seconds, setup
from .ways import SIZE, inputs

CONTEXTS = tuple(2**n for n in range(7, 16))  # 128 … 32768
STEPPING = {"lstm-step": "lstm", "min-step": "min-lstm", "attention-step": "attention"}
ROUNDS = 5
BLOCK = 0.01  # seconds that a reading should take

KNOBS = {
    "batch": Knob("Sequences in a batch", 1, (1, 4, 16), 1, 16, "log"),
    "hardware": HARDWARE,
}


@dataclass(frozen=True, kw_only=True)
class Decoding(Result):
    """seconds: (seeds, STEPPING, CONTEXTS, ROUNDS), for one step. kept: (seeds, STEPPING, CONTEXTS), bytes of the past.

    The bytes are those of all sequences of the batch, in float32.
    """

    seconds: np.ndarray
    kept: np.ndarray

    @property
    def middle(self) -> np.ndarray:
        """(seeds, STEPPING, CONTEXTS): medians over rounds."""
        return middle(self.seconds)


def run(*, seeds, device, batch, hardware) -> Iterator[Decoding]:
    """All memories after all contexts, round after round, for each seed."""
    done = []
    for seed in seeds:
        for partly in sweep(batch, hardware, seed, device):
            if partly.progress < 1 or len(seeds) == 1:
                yield partly
        done.append(partly)
    if len(seeds) > 1:
        yield Decoding.join(done)


def sweep(batch: int, hardware: str, seed: int, device: str) -> Iterator[Decoding]:
    """As `sweep.sweep`: the first round warms up."""
    start = time.perf_counter()
    where = place(hardware, device)
    models = [create(name, SIZE, SIZE, 1, generator=generator(seed, "weights")).to(where) for name in STEPPING.values()]
    x = inputs(seed, batch, 1, where)[:, 0]  # (B, SIZE)
    shape = (1, len(STEPPING), len(CONTEXTS))
    found, kept, times = np.full((*shape, ROUNDS), np.nan), np.full(shape, np.nan), np.ones(shape[1:], int)
    plan = [(turn, j) for turn in range(-1, ROUNDS) for j in range(len(CONTEXTS))]
    for done, (turn, j) in enumerate(plan, 1):
        for i, model in enumerate(models):
            once, kept[0, i, j] = after(model, x, CONTEXTS[j], seed)
            once()
            if turn < 0:
                times[i, j] = max(1, round(BLOCK / seconds(once, hardware)))
            else:
                found[0, i, j, turn] = seconds(once, hardware, int(times[i, j]))
        yield Decoding(
            knobs={"batch": batch, "hardware": hardware},
            seeds=(seed,),
            setup=setup(hardware, where, time.perf_counter() - start),
            progress=done / len(plan),
            seconds=found.copy(),
            kept=kept.copy(),
        )


def after(model: SequenceModel, x: Tensor, context: int, seed: int) -> tuple[Callable[[], Tensor], int]:
    """One step with the input x (B, SIZE) after a context, ready to be taken again and again; and the bytes kept of it.

    What the context left is random: neither time nor bytes hang on it.
    """
    filled = generator(seed, "context")
    if isinstance(model, Attention):
        shape = (len(x), HEADS, context + 1, SIZE // HEADS)  # the last place is that of the step itself
        keys, values = (torch.randn(shape, generator=filled).to(x) for _ in range(2))
        return partial(read, model, x, keys, values), 2 * keys[:, :, 1:].numel() * keys.element_size()
    state = tuple(torch.randn(part.shape, generator=filled).to(x) for part in model.start(x))  # (B, H) each
    return partial(update, model, x, state), sum(part.nbytes for part in state)


@torch.no_grad()
def update(model: RecurrentModel, x: Tensor, state: tuple[Tensor, ...]) -> Tensor:
    """The output (B, 1) after one step of a cell."""
    (h, *_), _ = model.cell(x, state)
    return model.head(h)


@torch.no_grad()
def read(model: Attention, x: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """The output (B, 1) of attention's step x: its own key and value go to the last place of a store
    (B, heads, t + 1, H / heads), then all of it is read. `Store.step` without the copy that appending makes."""
    e = model.embed(x)  # (B, H)
    q, keys[:, :, -1:], values[:, :, -1:] = (
        part.unflatten(-1, (HEADS, 1, -1)) for part in model.qkv(model.norm(e)).chunk(3, -1)
    )
    mixed = scaled_dot_product_attention(q, keys, values)  # (B, heads, 1, H / heads)
    return model.head(e + model.mix(mixed.flatten(1)))
