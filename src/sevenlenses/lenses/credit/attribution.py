"""Who is responsible for an answer? Eight ways to spread the credit over the steps of a sequence."""

from __future__ import annotations

from copy import deepcopy

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from ...models.base import SequenceModel, state_gradients
from ...models.lstm import LSTM, cell_gradients
from ...runtime import one_thread
from ...tasks.base import Batch
from ...tasks.flagged import Flagged
from ...tasks.tokens import SIZE

METHODS = ("gradient", "whole", "product", "swap", "odds", "out", "weights", "cell")
ROUNDED = {"swap": 1e-13, "odds": 1e-13, "out": 1e-13}  # differences of numbers of the order of 1: less is rounding
OTHERS = 3  # other values that take a step's place, in turn
CHUNK = 27  # changed sequences that run together: few enough for the processor's cache


@one_thread()
def attribute(model: SequenceModel, task: Flagged, batch: Batch) -> dict[str, Tensor]:
    """The credit (B, T - 1) of each step that brings a value, by method; never negative.

    With p the probability of the right answer at the last step and x(t) the input of step t:

    gradient   ‖∂ log p / ∂x(t)‖ over the coordinates that hold the value
    whole      the same over all coordinates, the flag's too
    product    |x(t) · ∂ log p / ∂x(t)|
    swap       mean |change of log p| when the value is one of OTHERS others and all else stays
    odds       the same for log (p / (1 - p)), which does not flatten out where p is near 1
    out        as swap, but with the step's flag taken too: it might as well not be there
    weights    what the last step reads from step t, mean over heads, last layer; NaN without such weights
    cell       ‖∂ log p / ∂c(t)‖, of an LSTM's cell; NaN for others

    In float64: far steps of an untrained network change log p by less than a float32 can tell. Sources: gradients,
    Simonyan, Vedaldi & Zisserman (2014); occlusion, Zeiler & Fergus (2014); Li, Monroe & Jurafsky (2016).
    """
    exact = deepcopy(model).double().train()  # a copy; cuDNN's backward works in training mode only
    x, y = batch.x.double(), batch.y[:, -1:]  # (B, T, n_in), (B, 1)
    at_states, slope, _ = state_gradients(exact, x, lambda outputs: log_p(outputs, y).sum())  # (B, T, H), (B, T, n_in)
    with torch.no_grad():
        occluded = occlude(exact, task, x, y)
        seen = exact(x, watch=True)
    weights = seen.inside.get("weights", seen.inside.get("second weights"))  # (B, heads, T, T)
    unknown = torch.full_like(x[..., 0], torch.nan)  # (B, T)
    found = {
        "gradient": slope[..., : task.values].norm(dim=-1),
        "whole": slope.norm(dim=-1),
        "product": (slope * x).sum(-1).abs(),
        "weights": unknown if weights is None else weights[:, :, -1].mean(1),
        "cell": cell_gradients(seen, at_states).norm(dim=-1) if isinstance(exact, LSTM) else unknown,
    }
    return {name: credit[:, :-1] for name, credit in found.items()} | occluded


def log_p(outputs: Tensor, y: Tensor) -> Tensor:
    """(B,): the log probability that the last of the outputs (B, T, values) gives to the right answer y (B, 1)."""
    return outputs[:, -1].log_softmax(-1).gather(1, y)[:, 0]


def log_odds(outputs: Tensor, y: Tensor) -> Tensor:
    """(B,): the log of p / (1 - p), accurate also where p is near 1."""
    logits = outputs[:, -1]  # (B, values)
    return logits.gather(1, y)[:, 0] - logits.scatter(1, y, -torch.inf).logsumexp(-1)


def occlude(model: SequenceModel, task: Flagged, x: Tensor, y: Tensor) -> dict[str, Tensor]:
    """The methods swap, odds and out, (B, T - 1) each.

    Each sequence becomes one batch of all its changed versions. Only at flagged steps does out differ from swap.
    """
    steps, values = task.length - 1, task.values
    others = min(OTHERS, values - 1)
    step = torch.arange(steps, device=x.device).repeat_interleave(others)  # (N,): N = (T - 1) others
    nth = torch.arange(steps * others, device=x.device)  # (N,)
    found = {"swap": [], "odds": [], "out": []}
    for one, answer in zip(x, y, strict=True):
        now = one[:-1, :values].argmax(-1)[step]  # (N,): the value that is replaced
        other = (now + 1 + nth % others) % values  # (N,)
        changed = one.repeat(len(nth), 1, 1)  # (N, T, n_in)
        changed[nth, step, :values] = SIZE * one_hot(other, values).to(one)
        flagged = changed[nth, step, -2] > 0  # (N,)
        unflagged = changed[flagged]  # (copies others, T, n_in)
        unflagged[torch.arange(len(unflagged)), step[flagged], -2] = 0.0
        swap, odds = changes(model, one, changed, answer)  # (N,) each
        out = swap.clone()  # (N,)
        out[flagged] = changes(model, one, unflagged, answer)[0]
        for name, change in (("swap", swap), ("odds", odds), ("out", out)):
            found[name].append(change.view(steps, others).mean(1))
    return {name: torch.stack(rows) for name, rows in found.items()}


def changes(model: SequenceModel, one: Tensor, changed: Tensor, answer: Tensor) -> Tensor:
    """(2, N): |change| of log p and of the log odds from a sequence (T, n_in) to its changed versions (N, T, n_in)."""

    def score(x: Tensor) -> Tensor:
        outputs, y = model(x).outputs, answer.expand(len(x), 1)  # (n, T, values), (n, 1)
        return torch.stack([log_p(outputs, y), log_odds(outputs, y)])  # (2, n)

    return (torch.cat([score(some) for some in changed.split(CHUNK)], 1) - score(one[None])).abs()


def along_cells(model: LSTM, batch: Batch) -> tuple[Tensor, Tensor]:
    """∂ log p / ∂c(t) (B, T, H) through every path, and what the product of forget gates makes of it.

    The second is ∂ log p / ∂c(T - 1) ⊙ f(T - 1) ⊙ … ⊙ f(t + 1): the path through the cells alone. Both in float64.
    """
    exact = deepcopy(model).double().train()
    x, y = batch.x.double(), batch.y[:, -1:]  # (B, T, n_in), (B, 1)
    at_states, _, _ = state_gradients(exact, x, lambda outputs: log_p(outputs, y).sum())  # (B, T, H)
    seen = exact(x, watch=True)
    at_cells = cell_gradients(seen, at_states)  # (B, T, H)
    later = seen.inside["forget"][:, 1:].flip(1).cumprod(1).flip(1)  # (B, T - 1, H): products of all later gates
    return at_cells, at_cells[:, -1:] * torch.nn.functional.pad(later, (0, 0, 0, 1), value=1.0)
