"""An LSTM whose gates are held where we want them, and what its units know."""

from __future__ import annotations

import torch
from torch import Tensor

from ...models.lstm import LSTM

GATES = ("input", "forget", "output")


def steered(model: LSTM, x: Tensor, held: dict[str, Tensor]) -> Tensor:
    """Outputs (B, T, n_out) with some gates held; the equations are those of `LSTM.cell`.

    Args:
        x: (B, T, n_in).
        held: by gate, the value (T, H) that it is held at; where that is NaN the gate is left free.
    """
    h, c = model.start(x)
    w, outputs = model.rnn, []
    for t, x_t in enumerate(x.unbind(1)):
        rows = x_t @ w.weight_ih_l0.T + w.bias_ih_l0 + h @ w.weight_hh_l0.T + w.bias_hh_l0  # (B, 4H)
        i, f, g, o = rows.chunk(4, -1)  # (B, H) each
        free = dict(zip(GATES, (i.sigmoid(), f.sigmoid(), o.sigmoid()), strict=True))
        i, f, o = (free[gate] if gate not in held else freed(held[gate][t], free[gate]) for gate in GATES)
        c = f * c + i * g.tanh()  # (B, H)
        h = o * c.tanh()  # (B, H)
        outputs.append(model.head(h))
    return torch.stack(outputs, 1)


def freed(value: Tensor, free: Tensor) -> Tensor:
    """`value` (H,) where it is a number, and what the gate would do (B, H) elsewhere."""
    return torch.where(value.isnan(), free, value)


def emptied(model: LSTM, x: Tensor, units: list[int]) -> Tensor:
    """Outputs (B, n_out) at the last step, when some units forget their sequence just before it.

    Their cells and their h get the mean over the batch, so that they say nothing about the single sequence.
    """
    state = model.start(x)
    for x_t in x[:, :-1].unbind(1):
        state, _ = model.cell(x_t, state)
    for part in state:
        part[:, units] = part[:, units].mean(0)
    (h, _), _ = model.cell(x[:, -1], state)
    return model.head(h)


def told_apart(values: Tensor, classes: Tensor) -> Tensor:
    """(T, H): the share of the variance of `values` (B, T, H) that lies between the `classes` (B,), from 0 to 1."""
    mean = values.mean(0)  # (T, H)
    groups = [values[classes == one] for one in classes.unique()]
    between = sum(len(group) * (group.mean(0) - mean) ** 2 for group in groups) / len(values)  # (T, H)
    return between / values.var(0, correction=0).clamp(min=1e-12)  # (T, H)
