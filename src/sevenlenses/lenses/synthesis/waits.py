"""How many operations of one pass have to wait for each other?"""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

from ...models import create
from ...models.lstm import LSTM
from ...models.recurrence import RecurrentModel
from ...models.rungs import Chained
from ...models.variants import EVERY
from ...runtime import generator, one_thread
from ..scaling.depth import Waiting
from ..scaling.ways import looped

SIZE = 8  # of inputs and states: the count does not hang on it


@lru_cache
@one_thread()
@torch.no_grad()
def waits(variant: str, length: int) -> int:
    """Operations on the longest chain of one pass over `length` steps, with a recurrent net's loop written out."""
    model = create(EVERY[variant].model, SIZE, SIZE, 1, generator=generator(0, "weights"))
    x = torch.zeros(1, length, SIZE)
    if isinstance(model, Chained):
        model.store = lambda x, nudge: stepwise(model, x)
    with Waiting() as waiting:
        if isinstance(model, RecurrentModel):
            looped(model, x)
        else:
            model.trace(x, None, False)
    return waiting.depth


def stepwise(model: Chained, x: Tensor) -> Tensor:
    """h (B, T, H) of the LSTM inside a model, step by step."""
    state, states = (x.new_zeros(len(x), model.n_hidden),) * 2, []
    for x_t in x.unbind(1):
        state, _ = LSTM.cell(model, x_t, state)
        states.append(state[0])
    return torch.stack(states, 1)
