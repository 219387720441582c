"""Where a recurrent network starts: the initialisations that the argument about gradients needs."""

from __future__ import annotations

import torch
from torch import nn

from .lstm import LSTM
from .recurrence import RecurrentModel


def forget_bias(model: LSTM, value: float) -> None:
    """Start every forget gate near σ(value): 0.5 at 0, 0.73 at 1, 0.95 at 3.

    Source: Gers, Schmidhuber & Cummins (2000); Jozefowicz, Zaremba & Sutskever (2015) for value 1.
    """
    size = _lstm(model, "a forget bias").n_hidden
    with torch.no_grad():
        model.rnn.bias_ih_l0[size : 2 * size] = value
        model.rnn.bias_hh_l0[size : 2 * size] = 0.0


def chrono(model: LSTM, longest: int, generator: torch.Generator) -> None:
    """Spread the forget gates' memories evenly over spans up to `longest` steps.

    b_f = log u with u uniform in [1, longest - 1], and b_i = -b_f: a gate σ(b_f) = u / (u + 1) forgets over about u
    steps. Source: Tallec & Ollivier (2018), equation 16.
    """
    size = _lstm(model, "chrono").n_hidden
    if longest < 3:
        raise ValueError(f"chrono needs a longest span of at least 3 steps; got {longest}.")
    with torch.no_grad():
        spans = torch.empty(size, dtype=torch.float64).uniform_(1, longest - 1, generator=generator)  # (H,)
        model.rnn.bias_ih_l0[: 2 * size] = torch.cat([-spans.log(), spans.log()]).to(model.rnn.bias_ih_l0)
        model.rnn.bias_hh_l0[: 2 * size] = 0.0


def orthogonal(model: RecurrentModel, generator: torch.Generator) -> None:
    """Make each block of the recurrent matrix orthogonal: all its singular values 1, so that it turns, never shrinks.

    Source: Saxe, McClelland & Ganguli (2014), for deep nets. The recurrent nets of Le, Jaitly & Hinton (2015) start
    from one such matrix, the identity.
    """
    with torch.no_grad():
        for block in model.rnn.weight_hh_l0.split(model.n_hidden):
            nn.init.orthogonal_(block, generator=generator)


def scale_recurrence(model: RecurrentModel, gain: float) -> None:
    """Multiply the recurrent matrix by `gain`, and so its largest singular value."""
    with torch.no_grad():
        model.rnn.weight_hh_l0 *= gain


INITS = {
    "default": lambda model, longest, generator: None,
    "orthogonal": lambda model, longest, generator: orthogonal(model, generator),
    "forget-0": lambda model, longest, generator: forget_bias(model, 0.0),
    "forget-1": lambda model, longest, generator: forget_bias(model, 1.0),
    "forget-3": lambda model, longest, generator: forget_bias(model, 3.0),
    "chrono": lambda model, longest, generator: chrono(model, longest, generator),
}


def initialise(model: RecurrentModel, init: str, *, longest: int, generator: torch.Generator) -> RecurrentModel:
    """Apply the initialisation called `init` in place; `longest` is the longest span that chrono should cover."""
    if init not in INITS:
        raise ValueError(f"initialisation must be one of {', '.join(INITS)}; got {init!r}.")
    INITS[init](model, longest, generator)
    return model


def _lstm(model: nn.Module, what: str) -> LSTM:
    if not isinstance(model, LSTM):
        raise ValueError(f"{what} needs forget gates, which only an LSTM has; got {type(model).__name__}.")
    return model
