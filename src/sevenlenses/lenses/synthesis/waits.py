"""How many operations of one pass have to wait for each other?"""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

from ...models import create
from ...models.base import SequenceModel
from ...models.lstm import LSTM
from ...models.recurrence import RecurrentModel, unroll
from ...models.rungs import Chained
from ...models.variants import EVERY
from ...runtime import generator, one_thread

SIZE = 8  # of inputs and states: the count does not hang on it


@lru_cache
@one_thread()
def waits(variant: str, length: int) -> int:
    """Operations on the longest chain of one pass over `length` steps, with a recurrent net's loop written out."""
    model = create(EVERY[variant].model, SIZE, SIZE, 1, generator=generator(0, "weights"))
    x = torch.zeros(1, length, SIZE)
    if isinstance(model, RecurrentModel):
        return longest(unroll(model, x).outputs)
    if isinstance(model, Chained):
        model.store = lambda x, nudge: looped(model, x)
    return longest(model(x).outputs)


def looped(model: SequenceModel, x: Tensor) -> Tensor:
    """h (B, T, H) of the LSTM inside a model, step by step."""
    state, states = (x.new_zeros(len(x), model.n_hidden),) * 2, []
    for x_t in x.unbind(1):
        state, _ = LSTM.cell(model, x_t, state)
        states.append(state[0])
    return torch.stack(states, 1)


def longest(output: Tensor) -> int:
    """Nodes on the longest path through the graph that automatic differentiation has kept of `output`."""
    depth, stack = {}, [output.grad_fn]
    while stack:
        node = stack[-1]
        before = [one for one, _ in node.next_functions if one is not None and "Accumulate" not in one.name()]
        ahead = [one for one in before if one not in depth]
        if ahead:
            stack += ahead
        else:
            depth[stack.pop()] = 1 + max((depth[one] for one in before), default=0)
    return depth[output.grad_fn]
