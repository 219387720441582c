"""The models as the experiments compare them: an architecture, a start, and a size that makes them equally large."""

from __future__ import annotations

from bisect import bisect
from dataclasses import dataclass
from functools import lru_cache

import torch

from ..runtime import one_thread
from ..settings import fixed
from . import MODELS, RIVALS, create
from .base import SequenceModel, parameter_count
from .initialise import initialise

BUDGET = 6800  # parameters, unless a lens needs another: no model has more, and none has much less

STARTS = {
    "rnn": ("default", "orthogonal"),
    "lstm": ("forget-0", "forget-1", "forget-3", "chrono"),
}  # any other model: "default"

WORDS = {
    "rnn": "RNN",
    "lstm": "LSTM",
    "attention": "attention",
    "attention-positions": "attention with positions",
    "deep-attention": "attention, two layers",
    "deep-positions": "attention with positions, two layers",
    "linear-attention": "linear attention",
    "short-attention": "attention, short convolution",
    "short-linear": "linear attention, short convolution",
    "vector": "vector, gates",
    "matrix": "matrix, added to",
    "matrix-gated": "matrix, gates",
    "matrix-reading": "matrix, gates that see the last read",
    "matrix-delta": "matrix, delta rule",
    "min-lstm": "minLSTM",
    "bidirectional": "bidirectional LSTM",
    "deep-bidirectional": "bidirectional LSTM, two layers",
    "deep-lstm": "LSTM, two layers, forget bias 1",
    "deeper-lstm": "LSTM, three layers, forget bias 1",
    "two-way-lstm": "bidirectional LSTM, forget bias 1",
    "rung-mean": "LSTM, mean of all steps",
    "rung-asked": "LSTM, weighed when asked",
    "rung-selective": "LSTM, softmax",
    "rung-unchained": "softmax without the chain",
    "rung-roles": "three roles",
    "chained-roles": "three roles, with the chain",
    "no-growth": "only the last 8 steps kept",
    "no-asking": "relevance fixed when written",
    "no-softmax": "no softmax",
    "no-content": "weighed by distance",
    "no-scale": "no scale",
    "tied-heads": "one role, four heads",
    "lstm-coupled": "LSTM, i = 1 − f",
    "lstm-equal": "LSTM, i = f",
    "lstm-shared": "LSTM, i = f = o",
    "lstm-single": "LSTM, one matrix for all four",
    "lstm-exposed": "LSTM without output gate",
    "lstm-noisy": "LSTM, noise in training",
    "lstm-shared-noisy": "LSTM, i = f = o, noise in training",
    "irnn": "ReLU RNN, identity start",
    "deep-head": "LSTM, head of two layers",
    "head-alone": "LSTM, only the head trained",
    "deep-head-alone": "LSTM, only a head of two layers trained",
    "body-alone": "LSTM, all but the head trained",
    "loud-body-alone": "LSTM, all but a louder head trained",
    "bag": "bag of words",
    "window": "window of places",
    "orthogonal": "orthogonal",
    "forget-0": "forget bias 0",
    "forget-1": "forget bias 1",
    "forget-3": "forget bias 3",
    "chrono": "chrono",
}


@dataclass(frozen=True)
class Variant:
    """An architecture in `MODELS` or `RIVALS`, and a start in `INITS`."""

    model: str
    init: str

    @property
    def label(self) -> str:
        name = WORDS.get(self.model) or (MODELS | RIVALS)[self.model].__name__
        return name if self.init == "default" else f"{name}, {WORDS[self.init]}"

    @fixed()
    @one_thread()
    def build(
        self, n_in: int, n_out: int, *, longest: int, generator: torch.Generator, budget: int = BUDGET
    ) -> SequenceModel:
        """The model at its start, sized to the budget; `longest` is the longest span that it should remember.

        Its weights, in float32 on the CPU, hang on the generator alone; `.double()` or `.to(device)` comes after.
        """
        model = create(self.model, n_in, size_within(self.model, n_in, n_out, budget), n_out, generator=generator)
        return model if self.init == "default" else initialise(model, self.init, longest=longest, generator=generator)

    def words(self, n_in: int, n_out: int, budget: int = BUDGET) -> list[str]:
        """What singles this variant out in a record: the model, its start, its size."""
        return [f"{self.model} {self.init} {size_within(self.model, n_in, n_out, budget)}"]


@lru_cache(maxsize=256)
def size_within(name: str, n_in: int, n_out: int, budget: int = BUDGET) -> int:
    """The largest state size, a multiple of 4, at which the model keeps within the budget."""
    kind = (MODELS | RIVALS)[name]

    def too_large(quarter: int) -> bool:
        return parameter_count(kind(n_in, 4 * quarter, n_out, generator=torch.Generator())) > budget

    high = 2
    while not too_large(high):
        high *= 2
    return 4 * (bisect(range(high), False, lo=max(2, high // 2), key=too_large) - 1)


VARIANTS = {
    name if init == "default" else f"{name}-{init}": Variant(name, init)
    for name in MODELS
    for init in STARTS.get(name, ("default",))
}

MAIN = [  # each model at its most usual start
    f"{name}-forget-1" if name == "lstm" else name for name in MODELS
]

EVERY = VARIANTS | {name: Variant(name, "default") for name in RIVALS}
