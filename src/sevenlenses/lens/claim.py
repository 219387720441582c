"""What people say, and what became of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .experiment import Experiment


@dataclass(frozen=True)
class Finding:
    """What became of a claim.

    Attributes:
        verdict: "holds", "holds with a caveat: ...", "fails as stated: ...", or "open: ..." and what it waits for.
        values: what was measured, one number a seed; none while it is open.
    """

    verdict: str
    values: np.ndarray


@dataclass(frozen=True)
class Claim:
    """Something that people say, and the experiment that it is put to.

    Attributes:
        id: as the ledger names it.
        text: the claim in one sentence.
        measured: what the numbers of its finding are, with their unit.
        experiment: where the picture and the numbers are.
        settle: load -> Finding, from the experiment's records or, for a probe, from a run.
        scope: what the verdict rests on, and no more: models, their sizes and positions, task and training budget.
    """

    id: str
    text: str
    measured: str = ""
    experiment: Experiment | None = None
    settle: Callable[..., Finding] | None = None
    scope: str = ""
