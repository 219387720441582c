"""What every model of the course is and answers.

symbol   meaning                                             shape
B, T     sequences in a batch, steps in a sequence
n_in     numbers per input step
H        size of the state (n_hidden)
K        numbers per output step (n_out)
nudge    a small push added to each state just before anything reads it
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

PLAIN = {"dtype": torch.float32, "device": "cpu"}  # of every new weight, whatever the process has for its default


@dataclass(frozen=True)
class Trace:
    """What one forward pass leaves behind.

    Attributes:
        outputs: (B, T, K), still in the graph.
        states: (B, T, H), what later steps may read: h of a recurrent net, the stored vectors of attention.
        inside: gates, cells or attention weights by name, detached; filled only when the pass was watched.
    """

    outputs: Tensor
    states: Tensor
    inside: dict[str, Tensor] = field(default_factory=dict)


class SequenceModel(nn.Module):
    """A map from sequences (B, T, n_in) to outputs (B, T, n_out) in which step t sees no step after t.

    Every model takes the same optional `nudge` (B, T, H), which is added to each state where it is read. At nudge = 0
    the outputs are unchanged and the gradient of a loss with respect to nudge[:, t] is exactly the *total* derivative
    with respect to the state of step t, through every later step: one fused backward pass gives it for all t at once.
    """

    def __init__(self, n_in: int, n_hidden: int, n_out: int):
        super().__init__()
        for name, value in {"n_in": n_in, "n_hidden": n_hidden, "n_out": n_out}.items():
            if not isinstance(value, int) or value < 1:
                raise ValueError(f"{name} must be a whole number from 1 up; got {value!r}.")
        self.n_in, self.n_hidden, self.n_out = n_in, n_hidden, n_out

    def forward(self, x: Tensor, *, nudge: Tensor | None = None, watch: bool = False) -> Trace:
        """Run over x (B, T, n_in); with `watch`, fill `Trace.inside` too.

        Raises:
            ValueError: wrong number of axes, wrong width, another dtype than the weights', an empty sequence, or values
                that are not finite.
        """
        self._check(x)
        if nudge is not None:
            if tuple(nudge.shape) != (*x.shape[:2], self.n_hidden):
                raise ValueError(f"nudge must be {(*x.shape[:2], self.n_hidden)}; got {tuple(nudge.shape)}.")
            self._check_values("nudge", nudge)
        return self.trace(x, nudge, watch)

    def trace(self, x: Tensor, nudge: Tensor | None, watch: bool) -> Trace:
        """The forward pass proper, on input that has been checked."""
        raise NotImplementedError

    def _check(self, x: Tensor) -> None:
        if x.ndim != 3 or x.shape[-1] != self.n_in or 0 in x.shape:
            raise ValueError(
                f"input must be (batch, steps, {self.n_in}) with at least one sequence and one step; "
                f"got {tuple(x.shape)}. A single sequence needs x.unsqueeze(0)."
            )
        if not x.is_floating_point():
            raise ValueError(
                f"input must be floating-point numbers; got {x.dtype}. Class numbers go through one_hot first."
            )
        self._check_values("input", x)

    def _check_values(self, name: str, given: Tensor) -> None:
        if given.dtype != (own := next(self.parameters()).dtype):
            raise ValueError(
                f"{name} must be {own}, as the weights are; got {given.dtype}. Convert it with .to({own})."
            )
        if not torch.isfinite(given).all():
            raise ValueError(f"{name} must be finite; it holds NaN or infinity. Look at how it was made.")


def unfilled(kind: type[nn.Module], *sizes: int, **options) -> nn.Module:
    """A module whose parameters hold nothing yet: PyTorch's constructors would fill them from the global generator."""
    module = kind(*sizes, **options, device="meta", dtype=PLAIN["dtype"])
    empty = {name: torch.empty(held.shape, **PLAIN) for name, held in module.state_dict().items()}
    module.load_state_dict(empty, assign=True)  # not `to_empty`: it imports sympy, which takes a second
    return module


def fill_uniform(module: nn.Module, bound: float, generator: torch.Generator) -> None:
    """Fill every parameter from U(-bound, bound): PyTorch's own default for recurrent nets, from a passed generator."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.uniform_(-bound, bound, generator=generator)


def parameter_count(model: nn.Module) -> int:
    """How many numbers training may change."""
    return sum(p.numel() for p in model.parameters())


def state_gradients(model: SequenceModel, x: Tensor, loss) -> tuple[Tensor, Tensor, Trace]:
    """The total derivative of a loss with respect to every state and every input, from one forward and backward.

    Args:
        x: (B, T, n_in).
        loss: a function from outputs (B, T, n_out) to a scalar.

    Returns:
        gradients at the states (B, T, H), at the inputs (B, T, n_in), and the trace.
    """
    x = x.detach().requires_grad_()
    nudge = x.new_zeros(*x.shape[:2], model.n_hidden).requires_grad_()  # (B, T, H)
    trace = model(x, nudge=nudge)
    at_states, at_inputs = torch.autograd.grad(loss(trace.outputs), (nudge, x))
    return at_states, at_inputs, trace
