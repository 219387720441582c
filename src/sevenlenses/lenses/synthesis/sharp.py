"""A read that was trained among few pairs, put among many: does it stay sharp?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch

from ... import figures
from ...models.attention import Attention, parts_of
from ...models.base import SequenceModel
from ...runtime import generator, one_thread
from ...tasks.moments import Moments
from ...tasks.tokens import SIZE, on
from ...training import Fit
from ..learning import Learned, Lesson, of_models, trained
from ..rates import RATE, rate_of, trials
from .rungs import BUDGET

STEPS = 600  # the training budget
AMONG = 16  # pairs that a read sees in training
TESTED = (16, 64, 256, 1024, 4096)  # pairs that the trained read sees, all but one of another key
SEQUENCES = 128  # for each
TASK = Moments(AMONG, "last")
SCALES = ("trained", "scaled")  # the scores as they were trained; or more, the more steps there are

KNOBS = {"variant": of_models("attention", ("attention",)), "rate": RATE}


@dataclass(frozen=True, kw_only=True)
class Sharp(Learned):
    """A read at each of TESTED, once for each of SCALES: (seeds, SCALES, TESTED) each.

    right: accuracy.
    top: the weight on the pair that is wanted, mean over heads and sequences.
    spread: the entropy of the weights over the most that it could be, log T; mean likewise.
    """

    right: np.ndarray
    top: np.ndarray
    spread: np.ndarray


def lesson(variant: str, rate: str | float) -> Lesson:
    """Say the value of the pair whose key is asked for."""
    chosen = rate_of(SHARP, {"variant": variant, "rate": rate})
    return Lesson(variant, BUDGET, TASK, Fit(steps=STEPS, learning_rate=chosen))


@torch.no_grad()
@one_thread()
def put_among(model: SequenceModel | None, seed: int) -> dict[str, np.ndarray]:
    """The trained read among more and more steps; see `Sharp`."""
    looks = np.full((3, 1, len(SCALES), len(TESTED)), np.nan)
    if model is not None:
        source = generator(seed, "sharp")
        device = next(model.parameters()).device
        for j, pairs in enumerate(TESTED):
            x, wanted, answer = (one.to(device) for one in crowd(pairs, source))
            for i, factor in enumerate((1.0, math.log(pairs) / math.log(AMONG))):
                outputs, weights = last_read(model, x, factor)  # (B, n_out), (B, heads, T)
                chosen = weights.gather(2, wanted[:, None, None].expand(-1, weights.shape[1], 1))  # (B, heads, 1)
                entropy = torch.special.entr(weights).sum(-1) / math.log(weights.shape[-1])  # (B, heads)
                right = outputs.argmax(-1) == answer  # (B,)
                looks[:, 0, i, j] = [one.double().mean().item() for one in (right, chosen, entropy)]
    return dict(zip(("right", "top", "spread"), looks, strict=True))


def crowd(pairs: int, source: torch.Generator) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Sequences as the task's, of any number of pairs: x (B, T, n_in), the step that is wanted (B,), its value (B,).

    One pair has the key that is asked for. The others have any of the other keys, the same one often.
    """
    asked = torch.randint(TASK.keys, (SEQUENCES, 1), generator=source)  # (B, 1)
    others = torch.randint(1, TASK.keys, (SEQUENCES, pairs), generator=source)  # (B, pairs)
    values = torch.randint(TASK.values, (SEQUENCES, pairs), generator=source)  # (B, pairs)
    place = torch.randint(pairs, (SEQUENCES, 1), generator=source)  # (B, 1)
    keys = (asked + others.scatter(1, place, 0)) % TASK.keys  # (B, pairs)
    x = torch.zeros(SEQUENCES, pairs + 2, TASK.n_in)  # (B, T, n_in)
    x[:, 1:-1, : TASK.keys] = on(keys, TASK.keys)
    x[:, 1:-1, TASK.keys : -2] = on(values, TASK.values)
    x[:, -1, : TASK.keys] = on(asked[:, 0], TASK.keys)
    x[:, -1, -1] = SIZE
    return x, place[:, 0] + 1, values.gather(1, place)[:, 0]


def last_read(model: Attention, x: torch.Tensor, factor: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Outputs (B, n_out) and weights (B, heads, T) of the last step, all scores multiplied by a factor.

    Source of the factor: Chiang & Cholak (2022), who let scores grow with the logarithm of the length.
    """
    e = model.embed(x)  # (B, T, H)
    q, k, v = parts_of(model.qkv(model.norm(e)))  # (B, heads, T, H / heads) each
    scores = factor * (q[:, :, -1:] @ k.transpose(-1, -2)) / q.shape[-1] ** 0.5  # (B, heads, 1, T)
    weights = scores.softmax(-1)  # (B, heads, 1, T)
    read = (weights @ v).flatten(1)  # (B, H)
    return model.head(e[:, -1] + model.mix(read)), weights[:, :, 0]


def draw(result: Sharp, axes, own: Sharp | None = None) -> None:
    """Left: accuracy among so many pairs. Right: the weight on the one that is wanted."""
    mine = figures.STYLES["own"]
    for ax, name, title in ((axes[0], "right", "accuracy"), (axes[1], "top", "weight on the wanted pair")):
        runs = getattr(result, name)  # (seeds, SCALES, TESTED)
        for i, style in enumerate(figures.STYLES[f"scores-{scale}"] for scale in SCALES):
            figures.spread(ax, np.array(TESTED), runs[:, i], style, layer="runs")
        if own is not None and np.isfinite(own.right).all():
            ax.plot(TESTED, getattr(own, name)[0, 0], color=mine.color, linewidth=2.4, gid=f"own/{name}")
        figures.octave_axis(ax, TESTED[-1])
        ax.set(xlim=(12, 5400), ylim=(0, 1.04), xlabel=f"pairs (trained: {AMONG})", title=title)
    figures.reference(axes[0], TASK.chance, "chance", "frame")


def describe(result: Sharp) -> dict[str, str]:
    """Accuracy, weight and entropy at each length."""
    right, top, spread = (getattr(result, name).mean(0) for name in ("right", "top", "spread"))  # (SCALES, TESTED)
    rows = [
        f"{figures.STYLES[f'scores-{scale}'].label}: "
        + ", ".join(
            f"among {pairs:,} right {right[i, j]:.2f}, weight {top[i, j]:.2f}, entropy {spread[i, j]:.2f} of the most"
            for j, pairs in enumerate(TESTED)
        )
        for i, scale in enumerate(SCALES)
    ]
    return {
        "frame": f"One layer of attention, trained to find one of {AMONG} pairs by its key. Chance is "
        f"{TASK.chance:.3g}.",
        "runs": "Means:\n" + "\n".join(rows),
    }


SHARP = trained(
    lesson,
    name="synthesis-sharp",
    question="Does a read stay sharp among many pairs?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    measure=lambda model, seed, knobs: put_among(model, seed),
    layers={"frame": (), "runs": (), "own": ()},
    result=Sharp,
    models=lambda result: [f"scores-{scale}" for scale in SCALES],
    panels=2,
    trials=lambda: trials(SHARP),
)
