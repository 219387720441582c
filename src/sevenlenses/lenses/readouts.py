"""What linear readouts get from states: how much of something is there, and laid open."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import one_hot


def readout(states: Tensor, classes: Tensor, ridge: float) -> np.ndarray:
    """(columns,): how well ridge regressions from states (B, H) say each column of classes (B, columns).

    Fitted on the first half of the sequences to ones and zeros; the greatest of the fitted values is what is said.
    `ridge` is in parts of the mean squared state.
    """
    half = len(states) // 2
    seen = torch.cat([states, torch.ones_like(states[:, :1])], 1)  # (B, H + 1)
    gram = seen[:half].T @ seen[:half]  # (H + 1, H + 1)
    gram += ridge * half * states.square().mean() * torch.eye(len(gram)).double()
    wanted = one_hot(classes).double()  # (B, columns, classes)
    weights = torch.linalg.solve(gram, seen[:half].T @ wanted[:half].flatten(1))  # (H + 1, columns * classes)
    said = (seen[half:] @ weights).unflatten(1, wanted.shape[1:]).argmax(-1)  # (B / 2, columns)
    return (said == classes[half:]).double().mean(0).numpy()
