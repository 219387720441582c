"""An LSTM that is trained in front of a head which stays as it started, ten times as large."""

from __future__ import annotations

import torch

from .heads import BodyAlone

LOUDER = 10.0


class LoudBodyAlone(BodyAlone):
    """`BodyAlone` with larger weights in its fixed head, so that scores can be far apart: |h| stays below 1."""

    def __init__(self, n_in: int, n_hidden: int, n_out: int, *, generator: torch.Generator):
        super().__init__(n_in, n_hidden, n_out, generator=generator)
        with torch.no_grad():
            for weight in self.head.parameters():
                weight *= LOUDER
