"""The answers to the chapter's exercises, from runs and from autograd."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch

from ...runtime import generator
from ..marking import array, called, number, off
from .flow import sizes

GATE = 0.997
WORDS, SEEDS = 50, (10, 11, 12)


def half_life(answer: float) -> tuple[bool, str]:
    """The step at which half of a signal is gone."""
    steps = number(answer)
    left = GATE**steps
    exact = math.log(0.5) / math.log(GATE)
    if abs(steps - exact) <= 1:
        return True, f"Right: after {steps:g} steps a share of {left:.3f} is left."
    return False, f"After {steps:g} steps a share of {left:.3f} is left. Solve {GATE}^k = 1/2 for k."


def backward_step(answer: Callable) -> tuple[bool, str]:
    """One step of the RNN's backward pass, against autograd."""
    source = generator(0, "exercise")
    weight = torch.randn(5, 5, generator=source, dtype=torch.float64)  # (H, H)
    before = torch.randn(3, 5, generator=source, dtype=torch.float64).requires_grad_()  # (B, H)
    drive = torch.randn(3, 5, generator=source, dtype=torch.float64)  # (B, H)
    after = torch.tanh(drive + before @ weight.T)  # (B, H)
    gradient = torch.randn(3, 5, generator=source, dtype=torch.float64)  # (B, H)
    (expected,) = torch.autograd.grad(after, before, gradient)
    given, _ = called(answer, gradient, after.detach(), weight)
    shape = tuple(expected.shape)
    worst = off(array(given, shape, f"the gradient at h(t-1), a tensor of shape {shape}"), expected, terms=len(weight))
    if not worst:
        return True, "Right: your step equals automatic differentiation."
    return (
        False,
        f"It differs from automatic differentiation by up to {worst:.2g}. Which two factors does one step multiply by?",
    )


def steady_gain(answer: float) -> tuple[bool, str]:
    """A scaling of an orthogonal recurrent matrix at which 50 words neither drown nor drown out the signal."""
    gain = number(answer)
    if not 0 < gain <= 10:
        return False, f"The scaling should be above 0 and at most 10; got {gain:g}."
    curves = [sizes("rnn", "orthogonal", gain, WORDS, 64, seed, "cpu")[1] for seed in SEEDS]
    shares = np.array([curve[-1] / curve[0] for curve in curves])
    said = f"On three fresh seeds the share that reaches word 1 of {WORDS} is {shares.min():.2g} to {shares.max():.2g}"
    if shares.min() < 1 / 3:
        return False, f"{said}: it vanishes. Scale up."
    if shares.max() > 3:
        return False, f"{said}: it explodes. Scale down."
    return True, f"{said}: within a factor of three of the whole."


CHECKS = {
    "half-life": half_life,
    "backward-step": backward_step,
    "steady-gain": steady_gain,
}
