"""The answers to the chapter's exercises, from runs and from autograd."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from ...exercises import Answers, Band, Formula, Function, Judgement, Number, partly, right, wrong
from ...exercises.values import Returned, array, off
from ...runtime import generator
from .flow import sizes

WORDS, SEEDS = 50, (10, 11, 12)


def half_life(*, gate: float) -> Answers:
    """The step at which half of a signal is gone."""
    exact, solve = math.log(0.5) / math.log(gate), f"{gate:g}^k = 1/2 for k"
    return Answers(
        (
            Band(exact, 1, right(f"Right: after {exact:.0f} steps half is left.")),
            Band(exact, 0.05 * exact, partly(0.5, f"That is close: solve {solve} without rounding on the way.")),
        ),
        wrong(f"Solve {solve}."),
        told=lambda steps: f"After {steps:g} steps a share of {gate**steps:.3f} is left.",
    )


def steps_of_an_rnn(seed: int) -> list[tuple]:
    """Gradients at h(t), h(t) and the recurrent matrix: (B, H), (B, H), (H, H)."""
    source = generator(seed, "exercise")
    weight = torch.randn(5, 5, generator=source, dtype=torch.float64)  # (H, H)
    before = torch.randn(3, 5, generator=source, dtype=torch.float64)  # (B, H)
    drive = torch.randn(3, 5, generator=source, dtype=torch.float64)  # (B, H)
    gradient = torch.randn(3, 5, generator=source, dtype=torch.float64)  # (B, H)
    return [(gradient, torch.tanh(drive + before @ weight.T), weight)]


def backward_step(found: list[Returned], cases: list[tuple]) -> Judgement:
    """One step of the RNN's backward pass, against autograd."""
    ((gradient, after, weight),) = cases
    shape = tuple(after.shape)
    given = array(found[0].value, shape, f"the gradient at h(t-1), a tensor of shape {shape}")
    worst = off(given, through(after, weight, gradient), terms=len(weight))
    if not worst:
        return right("Right: your step equals automatic differentiation.")
    said = f"It differs from automatic differentiation by up to {worst:.2g}."
    if not off(given, (gradient * (1 - after**2)) @ weight.T, terms=len(weight)):
        return partly(0.5, f"{said} Both factors are there, but the matrix is turned round: a row times W goes back.")
    return wrong(f"{said} Which two factors does one step multiply by?")


def through(after: Tensor, weight: Tensor, gradient: Tensor) -> Tensor:
    """The gradient one step earlier, by autograd: (B, H)."""
    before = torch.zeros_like(after).requires_grad_()  # (B, H): what it is does not matter, once h(t) is known
    step = torch.tanh(torch.atanh(after) + before @ weight.T)  # (B, H)
    return torch.autograd.grad(step, before, gradient)[0]


def steady_gain(gain: float, *, arrives: float) -> Judgement:
    """A scaling of an orthogonal recurrent matrix at which about this share of the signal arrives over 50 words."""
    if not 0 < gain <= 10:
        return wrong(f"The scaling should be above 0 and at most 10; got {gain:g}.")
    curves = [sizes("rnn", "orthogonal", gain, WORDS, 64, seed, "cpu")[1] for seed in SEEDS]
    shares = np.array([curve[-1] / curve[0] for curve in curves])
    said = f"On three fresh seeds the share that reaches word 1 of {WORDS} is {shares.min():.2g} to {shares.max():.2g}"
    low, high = shares.min() / arrives, shares.max() / arrives
    if low >= 1 / 3 and high <= 3:
        return right(f"{said}: within a factor of three of {'the whole' if arrives == 1 else f'{arrives:g}'}.")
    less, more = ("it vanishes", "it explodes") if arrives == 1 else ("too little", "too much")
    way = f"{less}. Scale up." if low < 1 / 3 else f"{more}. Scale down."
    near = low >= 1 / 10 and high <= 10
    return partly(0.5, f"{said}: not far off, but {way}") if near else wrong(f"{said}: {way}")


EXERCISES = (
    Formula(
        name="half-life",
        kind="predict",
        answer="answer",
        rubric="The step at which half is left, to within one step; half of the points within a twentieth.",
        judge=half_life,
        practice={"gate": 0.997},
        fresh={"gate": (0.98, 0.985, 0.988, 0.99, 0.991, 0.992, 0.993, 0.994, 0.995, 0.996, 0.998, 0.9985)},
    ),
    Function(
        name="backward-step",
        kind="implement",
        answer="step_back",
        rubric="Both factors, the slope of the tanh and the matrix, as autograd has them; half of the points with the "
        "matrix turned round.",
        judge=backward_step,
        given=steps_of_an_rnn,
    ),
    Number(
        name="steady-gain",
        kind="investigate",
        answer="scaling",
        rubric="On three seeds between a third of the share and three times as much arrives; half of the points within "
        "a factor of ten. The reason, that tanh takes a share at every step, is not marked.",
        judge=steady_gain,
        practice={"arrives": 1},
        fresh={"arrives": (0.01, 0.02, 0.05, 0.1, 8)},
    ),
)
