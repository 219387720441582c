"""What probes share: untrained models in float64, and the size of a gradient by its distance."""

from __future__ import annotations

import numpy as np
import torch

from ..models import create
from ..models.base import SequenceModel
from ..models.initialise import initialise, scale_recurrence
from ..runtime import generator, pick_device

BATCH = 4
N_IN = 16
FAR = 1e130  # what is more than so many times larger or smaller than 1 is scaled before it is squared, for float64


def float64_device(choice: str) -> torch.device:
    """The device of that name, for probes: they run in float64, since float32 reads sizes below 1e-45 as zeros.

    Raises:
        ValueError: it has no float64, or it is not there.
    """
    device = pick_device(choice)
    if device.type == "mps":
        raise ValueError("this probe runs in float64, which device 'mps' does not have. Try device='cpu'.")
    return device


def build(name: str, init: str, gain: float, length: int, size: int, seed: int) -> SequenceModel:
    """A model at initialisation, from the seed alone."""
    weights = generator(seed, "weights")
    model = create(name, N_IN, size, 1, generator=weights)
    if init != "default":
        initialise(model, init, longest=max(length, 3), generator=weights)
    if gain != 1.0:
        scale_recurrence(model, gain)
    return model


def by_distance(gradient: torch.Tensor) -> np.ndarray:
    """(B, T, H) → (T,): norms over H, geometric mean over B, last step first. An exact zero stays a zero."""
    largest = gradient.abs().amax(-1, keepdim=True)  # (B, T, 1)
    far = (largest < 1 / FAR) | (largest > FAR)  # (B, T, 1)
    scale = largest.clamp(min=torch.finfo(gradient.dtype).tiny).where(far, 1.0)  # (B, T, 1)
    sizes = (gradient / scale).norm(dim=-1).log() + scale.squeeze(-1).log()  # (B, T)
    return sizes.mean(0).exp().flip(0).cpu().numpy()
