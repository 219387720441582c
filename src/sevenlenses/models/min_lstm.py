"""An LSTM whose gates do not look at the state: a recurrence that needs no loop."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from .base import Trace, unfilled
from .recurrence import RecurrentModel, delayed


class MinLSTM(RecurrentModel):
    """Gates from the input alone, scaled to add up to one; so the state is a weighted mean of what came in.

        f(t), i(t) = σ(W x(t) + b)        g(t) = W_g x(t) + b_g        a(t) = f(t) / (f(t) + i(t))
        h(t) = a(t) h(t-1) + (1 - a(t)) g(t)

    The step is linear in h, with a factor that is known before h is. So all steps are computed at once, by
    `parallel_scan`.

    Source: Feng et al. (2024), "Were RNNs all we needed?", section 3.2; one layer, without their log-space variant.
    """

    def __init__(self, n_in: int, n_hidden: int, n_out: int, *, generator: torch.Generator):
        super().__init__(n_in, n_hidden, n_out)
        self.gates = unfilled(nn.Linear, n_in, 3 * n_hidden)  # rows f, i, g
        self.head = unfilled(nn.Linear, n_hidden, n_out)
        with torch.no_grad():
            for layer in (self.gates, self.head):
                for parameter in layer.parameters():
                    parameter.uniform_(-(layer.in_features**-0.5), layer.in_features**-0.5, generator=generator)

    def start(self, x: Tensor) -> tuple[Tensor]:
        return (x.new_zeros(len(x), self.n_hidden),)

    def cell(self, x: Tensor, state: tuple[Tensor]) -> tuple[tuple[Tensor], dict[str, Tensor]]:
        (h,) = state
        a, g = self._keep_and_new(x)
        return (a * h + (1 - a) * g,), {"forget": a, "candidate": g}

    def trace(self, x: Tensor, nudge: Tensor | None, watch: bool) -> Trace:
        a, g = self._keep_and_new(x)  # (B, T, H) each
        new = (1 - a) * g  # (B, T, H)
        h = parallel_scan(a, new if nudge is None else new + a * delayed(nudge))  # (B, T, H)
        inside = {"forget": a.detach(), "candidate": g.detach()} if watch else {}
        return Trace(self.head(h if nudge is None else h + nudge), h, inside)

    def _keep_and_new(self, x: Tensor) -> tuple[Tensor, Tensor]:
        f, i, g = self.gates(x).chunk(3, -1)  # (..., H) each
        f, i = f.sigmoid(), i.sigmoid()
        return f / (f + i), g


def parallel_scan(decay: Tensor, drive: Tensor) -> Tensor:
    """h(t) = decay(t) h(t-1) + drive(t) from h(-1) = 0, for all t, in ⌈log₂ T⌉ dependent steps: (B, T, H) each.

    After the step that looks back by d, each place holds what the last 2d inputs make of h: two stretches of d are put
    together as h = h_late + decay_late h_early. Gradients flow through it.

    Source: Hillis & Steele (1986), "Data parallel algorithms"; Blelloch (1990) for linear recurrences.
    """
    reach = 1
    while reach < drive.shape[1]:
        back = (0, 0, reach, 0)
        drive = drive + decay * pad(drive[:, :-reach], back)  # (B, T, H)
        decay = decay * pad(decay[:, :-reach], back)  # (B, T, H)
        reach *= 2
    return drive
