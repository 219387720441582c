"""Many noisy copies of the program's two networks at once, and a linear probe that tells two signals apart."""

from __future__ import annotations

import numpy as np
import torch

from ... import kata
from ...runtime import generator

RUNS = 100  # of each signal, to fit the probe on; as many again to test it
SIGNALS = {"opposite": tuple(-one for one in kata.SIGNAL), "near": (1.0, 0.5, -0.2), "other": (-0.5, 1.0, 0.8)}


def squash(x: np.ndarray) -> np.ndarray:
    """σ(x)."""
    return 1 / (1 + np.exp(-x))


def copies(made: kata.Weights, signals: np.ndarray, steps: int, noise: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cells of the LSTM and states of the RNN over blank steps, many runs at once.

    Args:
        signals: (runs, 3).
        noise: (steps, 2, runs, 4), added to the cell and to the RNN's state after each blank step.

    Returns:
        cells and states, (steps + 1, runs, 4) each, from right after the signal.
    """
    rows, biases = (np.concatenate([one[i] for one in made.gates.values()]) for i in (0, 1))  # (16, 7), (16,)
    recurrent, inward = np.array(made.recurrent).T, np.array(made.inward).T  # (4, 4), (3, 4)
    from_state, from_input = rows[:, : kata.HIDDEN].T, rows[:, kata.HIDDEN :].T  # (4, 16), (3, 16)
    h = c = state = np.zeros((len(signals), kata.HIDDEN))  # (runs, 4)
    cells, states = [], []
    for step in range(steps + 1):
        x = signals if step == 0 else np.zeros_like(signals)  # (runs, 3)
        f, i, g, o = np.split(h @ from_state + x @ from_input + biases, 4, axis=1)  # (runs, 4) each
        c = squash(f) * c + squash(i) * np.tanh(g)
        state = np.tanh(state @ recurrent + x @ inward)
        if step:
            c, state = c + noise[step - 1, 0], state + noise[step - 1, 1]
        h = squash(o) * np.tanh(c)
        cells.append(c)
        states.append(state)
    return np.array(cells), np.array(states)


def gaussian(seed: int, *shape: int) -> np.ndarray:
    """Standard normal numbers."""
    return torch.randn(*shape, generator=generator(seed, "noise"), dtype=torch.float64).numpy()


def right(fit: np.ndarray, test: np.ndarray, labels: np.ndarray) -> float:
    """The share of `test` (runs, 4) that a linear probe gets right which least squares fitted to `fit` (runs, 4).

    States are first brought to a common size, so that the probe, unlike a noisy neuron, reads small ones as well as
    large ones. Two states that are the same number for number cannot be told apart; that counts as half right.

    Args:
        labels: (runs,), -1 or 1, the same for both.
    """
    middle = fit.mean(0)
    size = np.abs(fit - middle).max()
    if size == 0:
        return 0.5
    widened = [np.hstack([(one - middle) / size, np.ones((len(one), 1))]) for one in (fit, test)]  # (runs, 5)
    plane = np.linalg.lstsq(widened[0], labels, rcond=None)[0]  # (5,)
    return float((np.sign(widened[1] @ plane) == labels).mean())
