"""LSTMs whose gates share weights, miss one, or have noise on their arguments: what is each gate worth?"""

from __future__ import annotations

from types import SimpleNamespace

import torch
from torch import Tensor, nn
from torch.func import functional_call

from .base import PLAIN, SequenceModel, Trace, fill_uniform, unfilled
from .lstm import LSTM
from .recurrence import delayed

OPEN = "1"  # a gate held open: its argument is 40, and σ(40) is 1 to the last bit
ALONE = ("i", "f", "g", "o")


class TiedLSTM(LSTM):
    """An LSTM that makes the arguments of i, f, g and o out of fewer blocks of weights.

    The equations are those of `LSTM`. `parts` names the block of each of the four: two that have the same name have the
    same argument, "-f" is the argument of "f" with its sign turned, so that σ(-a) = 1 - σ(a), and "1" is a gate held
    open. The blocks are put together into the rows of PyTorch's LSTM, so its fused kernel computes all of these.

    Each starts as the LSTM with forget bias 1 does: that bias goes to the block of the forget gate, whoever shares it.
    """

    parts: tuple[str, str, str, str] = ALONE  # of i, f, g, o: the order of PyTorch's rows
    noise = 0.0  # standard deviation of what is added to the arguments of i, f and o, whenever the model runs

    def __init__(self, n_in: int, n_hidden: int, n_out: int, *, generator: torch.Generator):
        SequenceModel.__init__(self, n_in, n_hidden, n_out)
        count = len(blocks(self.parts))
        self.weight_ih = nn.Parameter(torch.empty(count * n_hidden, n_in, **PLAIN))
        self.weight_hh = nn.Parameter(torch.empty(count * n_hidden, n_hidden, **PLAIN))
        self.bias_ih, self.bias_hh = (nn.Parameter(torch.empty(count * n_hidden, **PLAIN)) for _ in range(2))
        self.head = unfilled(nn.Linear, n_hidden, n_out)
        fill_uniform(self, n_hidden**-0.5, generator)
        forget = blocks(self.parts).index(self.parts[1])
        with torch.no_grad():
            self.bias_ih.view(count, -1)[forget] = 1.0
            self.bias_hh.view(count, -1)[forget] = 0.0
        self.source = generator  # of the noise

    @property
    def rnn(self) -> SimpleNamespace:
        """The rows of an LSTM, under PyTorch's names."""
        held = 40.0 if OPEN in self.parts else 0.0
        return SimpleNamespace(
            weight_ih_l0=spread(self.parts, self.weight_ih),
            weight_hh_l0=spread(self.parts, self.weight_hh),
            bias_ih_l0=spread(self.parts, self.bias_ih, held),
            bias_hh_l0=spread(self.parts, self.bias_hh),
        )

    def trace(self, x: Tensor, nudge: Tensor | None, watch: bool) -> Trace:
        h = disturbed(self, x, self.noise, self.source, nudge)  # (B, T, H)
        read = h if nudge is None else h + nudge  # (B, T, H)
        with torch.no_grad():
            inside = self.inside(x, read) if watch else {}
        return Trace(self.head(read), h, inside)


class CoupledGates(TiedLSTM):
    """i(t) = 1 - f(t): what is forgotten makes room for what is new. Source: the CIFG of Greff et al. (2017)."""

    parts = ("-f", "f", "g", "o")


class EqualGates(TiedLSTM):
    """i(t) = f(t): to let in is to keep."""

    parts = ("f", "f", "g", "o")


class SharedGates(TiedLSTM):
    """i(t) = f(t) = o(t): one set of weights for all three gates; the candidate g has its own."""

    parts = ("f", "f", "g", "f")


class SingleMatrix(TiedLSTM):
    """One set of weights for all four: the candidate is the tanh of the gates' own argument."""

    parts = ("f", "f", "f", "f")


class ExposedCell(TiedLSTM):
    """No output gate: h(t) = tanh c(t). Source: "no output gate" (NOG) of Greff et al. (2017)."""

    parts = ("i", "f", "g", OPEN)


class NoisyGates(TiedLSTM):
    """An LSTM with noise on the arguments of its gates, in training too."""

    noise = 1.0


class NoisySharedGates(SharedGates):
    """`SharedGates` with noise on the one argument of its gates, in training too."""

    noise = 1.0


def blocks(parts: tuple[str, ...]) -> list[str]:
    """The blocks of weights that `parts` are made of, in order."""
    return [*dict.fromkeys(part.removeprefix("-") for part in parts if part != OPEN)]


def spread(parts: tuple[str, ...], rows: Tensor, held: float = 0.0) -> Tensor:
    """Rows of the blocks (blocks · H, ...) to rows of i, f, g, o (4H, ...); a gate held open gets `held`."""
    names = blocks(parts)
    of = dict(zip(names, rows.chunk(len(names)), strict=True))
    of[OPEN] = torch.full_like(of[names[0]], held)
    return torch.cat([-of[part[1:]] if part[0] == "-" else of[part] for part in parts])


def disturbed(model: LSTM, x: Tensor, noise: float, source: torch.Generator, nudge: Tensor | None = None) -> Tensor:
    """Every h (B, T, H) of x (B, T, n_in), from one fused pass, with noise on the arguments of the gates i, f and o.

    A kernel that is given [x(t), ε(t)] and weights [W, N] computes W x + N ε. Gates of one block get the same noise,
    since they have one argument; a nudge comes in the same way (`recurrence.fused`).
    """
    w, size = model.rnn, model.n_hidden
    inputs, columns = [x], [w.weight_ih_l0]
    if nudge is not None:
        inputs.append(delayed(nudge))
        columns.append(w.weight_hh_l0)
    if noise:
        parts = getattr(model, "parts", ALONE)
        gates = torch.eye(len(blocks(parts)) * size).to(x)  # a column for each argument
        gates = gates[:, torch.tensor([name != "g" for name in blocks(parts)]).repeat_interleave(size)]
        inputs.append(noise * torch.randn(*x.shape[:2], gates.shape[1], generator=source).to(x))
        columns.append(spread(parts, gates))
    given = torch.cat(inputs, -1)  # (B, T, n_in + ...)
    weights = {
        "weight_ih_l0": torch.cat(columns, 1),
        "weight_hh_l0": w.weight_hh_l0,
        "bias_ih_l0": w.bias_ih_l0,
        "bias_hh_l0": w.bias_hh_l0,
    }
    kernel = nn.LSTM(given.shape[-1], size, batch_first=True, device="meta")
    return functional_call(kernel, weights, (given,))[0]  # (B, T, H)
