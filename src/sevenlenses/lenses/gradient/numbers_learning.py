"""The numbers of what training does to the signal, and of where the lens misleads, a function a section."""

from __future__ import annotations

import numpy as np

from ...figures import scientific
from ...models.variants import VARIANTS
from ...records import load
from ...tasks.latch import Latch
from .clipping import CLIPPING
from .clipping import COMPARED as CLIPPED
from .clipping import LENGTH as CLIPPING_LENGTH
from .latch import LATCH, LatchRun
from .lengths import LENGTHS
from .numbers import Reached, reached

MOMENTS = ("before", "during", "after")  # of training, at which the latch's runs are looked at
RATE = 0.003  # at which starts are compared side by side
SOLVED = 0.9  # accuracy


def _latch(variant: str, length: int, rate: float = RATE) -> LatchRun:
    return load(LATCH, LATCH.settings(variant=variant, length=length, rate=rate))


def _profile(runs: LatchRun, moment: str) -> np.ndarray:
    """(seeds, distances): the effect of each input on the answer, the first token's at the end."""
    return runs.profile[:, MOMENTS.index(moment)]


def _pull(runs: LatchRun, moment: str = "before") -> float:
    """The median effect of the first token on the answer."""
    return np.median(_profile(runs, moment)[:, -1])


def learning() -> dict:
    """Who learns to keep the first of 64 tokens, and what its effect is."""
    bias3, bias1, attention = (_latch(variant, 64) for variant in ("lstm-forget-3", "lstm-forget-1", "attention"))
    return {
        "classes": Latch().classes,
        "chance": Latch().chance,
        "bias3_solved": int((bias3.final >= SOLVED).sum()),
        "seeds": len(LATCH.seeds),
        "bias1_end": bias1.final.mean(),
        "bias1_pull": scientific(_pull(bias1)),
        "direct_before": scientific(_pull(attention)),
        "direct_after": scientific(_pull(attention, "after")),
        "direct_noise": scientific(np.median(_profile(attention, "after")[:, 1:-1])),
    }


def clipped() -> dict:
    """The largest gradients of training, and what clipping them does."""
    runs = {
        (name, clip): load(CLIPPING, CLIPPING.settings(variant=name, clip=clip))
        for name in CLIPPED
        for clip in ("clipped", "free")
    }
    rnn = [np.nanmax(runs["rnn", clip].norm) for clip in ("clipped", "free")]
    return {
        "clip_length": CLIPPING_LENGTH,
        "burst": max(rnn),
        "rnn_clipped": int((runs["rnn", "clipped"].final >= SOLVED).sum()),
        "rnn_free": int((runs["rnn", "free"].final >= SOLVED).sum()),
        "seeds": len(CLIPPING.seeds),
        **{f"turned_{clip}": runs["rnn-orthogonal", clip].used.mean() for clip in ("clipped", "free")},
        **{f"chrono_{clip}": runs["lstm-chrono", clip].used.mean() for clip in ("clipped", "free")},
    }


def misleads() -> dict:
    """Every start at every length, and what does not fit the moral."""
    final, used, rate = reached()
    bias3, attention = (_latch(variant, 256, rate[variant]) for variant in ("lstm-forget-3", "attention"))
    same_bias3, same_chrono = (_latch(variant, 128) for variant in ("lstm-forget-3", "lstm-chrono"))
    lucky = _latch("rnn", 64, 0.01)
    return {
        **_table(final, rate),
        "seeds": len(LATCH.seeds),
        "chrono_256": final["lstm-chrono", 256].mean(),
        "direct_256": final["attention", 256].mean(),
        "chrono_steps": used["lstm-chrono", 256].mean(),
        "direct_steps": used["attention", 256].mean(),
        "over_pull": _pull(bias3) / _pull(attention),
        "bias3_256": final["lstm-forget-3", 256].mean(),
        "same_pull": _pull(same_bias3) / _pull(same_chrono),
        "same_bias3": same_bias3.final.mean(),
        "same_chrono": same_chrono.final.mean(),
        "lucky": int((lucky.final >= SOLVED).sum()),
        "lucky_pull": scientific(_pull(lucky)),
        **_dead_gradient(),
    }


def _table(final: Reached, rate: dict[str, float]) -> dict:
    """A row for each model and start."""
    table = {}
    for variant in VARIANTS:
        reach = max((length for length in LENGTHS if final[variant, length].mean() >= SOLVED), default=None)
        row = {"rate": rate[variant], "reach": f"{reach} steps" if reach else "none of ours"}
        for length in (128, 256):
            solved = final[variant, length] >= SOLVED  # (seeds,)
            row[length] = f"{solved.sum()} of {len(solved)}"
        table |= {f"{variant.replace('-', '_')}_{column}": said for column, said in row.items()}
    return table


def _dead_gradient() -> dict:
    """The plain RNN that remembers 256 steps best, and its gradient."""
    runs = _latch("rnn", 256, 0.01)
    best = int(runs.final.argmax())
    before, after = (_profile(runs, moment)[best] for moment in ("before", "after"))  # (distances,)
    alive = after > 0
    slope, _ = np.polyfit(runs.distance[best][alive], np.log10(after[alive]), 1)
    return {
        "hard_best": runs.final[best],
        "hard_worst": runs.final.min(),
        "hard_before": scientific(before[-1]),
        "hard_after": scientific(after[-1]),
        "hard_kept": 10**slope,
    }
