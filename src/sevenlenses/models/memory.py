"""What a model holds of the past, step by step: the thing that reading may or may not change."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .attention import HEADS, Attention, PositionedAttention, sinusoids
from .base import SequenceModel
from .linear_attention import LinearAttention, memory
from .lstm import LSTM
from .matrix import MemoryCell
from .recurrence import RecurrentModel

STORING = (Attention, PositionedAttention)


@dataclass
class Store:
    """The keys and values (B, heads, t, H / heads) that an `Attention` has put down so far: all it has of the past.

    A step appends one of each and reads them all; nothing that lies there is touched. Outputs equal those of the whole
    pass (a test holds them together). Source: the usual key-value cache of decoding.

    Raises:
        ValueError: the model is not one layer of softmax attention; the rivals built on it keep something else.
    """

    model: Attention
    keys: Tensor | None = None
    values: Tensor | None = None

    def __post_init__(self):
        if type(self.model) not in STORING:
            raise _unknown(self.model, STORING)

    @torch.no_grad()
    def step(self, x: Tensor) -> Tensor:
        """Append the step x (B, n_in), read, and return the output (B, n_out)."""
        model = self.model
        e = model.embed(x)  # (B, H)
        if model.positions:
            e = e + sinusoids(len(self) + 1, model.n_hidden)[-1].to(e)  # (B, H)
        q, k, v = (part.unflatten(-1, (HEADS, 1, -1)) for part in model.qkv(model.norm(e)).chunk(3, -1))
        self.keys = k if self.keys is None else torch.cat([self.keys, k], 2)  # (B, heads, t, H / heads)
        self.values = v if self.values is None else torch.cat([self.values, v], 2)
        weights = (q @ self.keys.transpose(-1, -2) / q.shape[-1] ** 0.5).softmax(-1)  # (B, heads, 1, t)
        return model.head(e + model.mix((weights @ self.values).flatten(1)))  # (B, n_out)

    def __len__(self) -> int:
        return 0 if self.keys is None else self.keys.shape[2]

    @property
    def nbytes(self) -> int:
        """Bytes kept of the past, all sequences together."""
        return 0 if self.keys is None else self.keys.nbytes + self.values.nbytes


@torch.no_grad()
def held(model: SequenceModel, x: Tensor, first: int) -> Tensor:
    """What the model holds of the first `first` steps of x (B, T, n_in), after each later step.

    Returns:
        (B, T - first + 1, M): an LSTM's cell; an RNN's h; the sums S and z of linear attention; of attention the keys
        and values that those first steps put down, looked up in the store anew after every step.

    Raises:
        ValueError: for another kind of model nobody has said what its memory is.
    """
    if isinstance(model, LinearAttention):
        return torch.stack([_flat(*memory(model, x[:, :t])) for t in range(first, x.shape[1] + 1)], 1)
    if type(model) in STORING:
        store, seen = Store(model), []
        for t, x_t in enumerate(x.unbind(1), 1):
            store.step(x_t)
            if t >= first:
                seen.append(_flat(store.keys[:, :, :first], store.values[:, :, :first]))
        return torch.stack(seen, 1)
    if not isinstance(model, RecurrentModel):
        raise _unknown(model, (*STORING, LinearAttention, RecurrentModel))
    trace = model(x, watch=True)
    return (trace.inside["cell"] if isinstance(model, LSTM) else trace.states)[:, first - 1 :]


def _flat(a: Tensor, b: Tensor) -> Tensor:
    return torch.cat([a.flatten(1), b.flatten(1)], 1)  # (B, M)


def bytes_kept(model: SequenceModel, steps: int) -> int:
    """Bytes that one sequence's past takes after so many steps, counted on the tensors themselves.

    Raises:
        ValueError: for another kind of model nobody has said what its memory is.
    """
    x = torch.zeros(1, steps, model.n_in)
    if type(model) in STORING:
        store = Store(model)
        for x_t in x.unbind(1):
            store.step(x_t)
        return store.nbytes
    if isinstance(model, LinearAttention):
        return sum(part.nbytes for part in memory(model, x))
    if isinstance(model, MemoryCell):
        s, r = model.start(x)
        return s.nbytes + model.sees_read * r.nbytes
    if not isinstance(model, RecurrentModel):
        raise _unknown(model, (*STORING, LinearAttention, RecurrentModel))
    return sum(part.nbytes for part in model.start(x))


def _unknown(model: SequenceModel, known: tuple[type, ...]) -> ValueError:
    names = ", ".join(kind.__name__ for kind in known)
    return ValueError(f"what is kept is known for {names}; got {type(model).__name__}. Describe its memory here first.")
