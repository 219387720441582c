"""What if earlier reads were hidden from later ones?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch.nn.functional import scaled_dot_product_attention

from ... import figures
from ...lens import Knob
from ...models.attention import HEADS, Attention, sinusoids
from ...models.variants import EVERY
from ...runtime import generator, one_thread
from ...training import Fit
from ..learning import FRESH, Learned, Lesson, of_models, trained
from ..rates import RATE, rate_of
from .reads import BUDGET, READS, READS_RUN, STEPS, STORE

READERS = ("attention", "attention-positions")

KNOBS = {
    "variant": of_models("attention-positions", READERS),
    "asked": Knob("Asked for", "random", ("random", "same"), names={"random": "random keys", "same": "one key only"}),
    "rate": RATE,
}


@dataclass(frozen=True, kw_only=True)
class Hidden(Learned):
    """A model trained for one read, put to many.

    seen, unseen: (seeds, READS), accuracy at the r-th read when it sees the earlier reads, and when it sees only the
        pairs and itself.
    """

    seen: np.ndarray
    unseen: np.ndarray


def lesson(variant: str, asked: str, rate: str | float) -> Lesson:
    """The same training as for the reads, one read."""
    chosen = rate_of(READS_RUN, {"variant": variant, "trained": 1, "rate": rate})
    return Lesson(variant, BUDGET, replace(STORE, reads=1), Fit(steps=STEPS, learning_rate=chosen))


@torch.no_grad()
@one_thread()
def compare(model: Attention | None, same: bool, seed: int) -> dict[str, np.ndarray]:
    """The same reads with and without sight of the earlier ones."""
    if model is None:
        return {name: np.full((1, READS), np.nan) for name in ("seen", "unseen")}
    task = replace(STORE, reads=READS, same=same)
    batch = task.sample(FRESH, generator(seed, "hidden")).to(next(model.parameters()).device)
    seen = torch.ones(task.length, task.length, dtype=torch.bool, device=batch.x.device).tril()  # (T, T)
    unseen = seen.clone()
    unseen[:, task.pairs :] = torch.eye(task.length, dtype=torch.bool, device=batch.x.device)[:, task.pairs :]
    outputs = {"seen": masked(model, batch.x, seen), "unseen": masked(model, batch.x, unseen)}
    return {name: task.right(found, batch).cpu().double().numpy()[None] for name, found in outputs.items()}


def masked(model: Attention, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """The outputs (B, T, n_out) of attention in which step t sees step s where mask[t, s] (T, T) is true."""
    e = model.embed(x)  # (B, T, H)
    if model.positions:
        e = e + sinusoids(x.shape[1], model.n_hidden).to(e)  # (B, T, H)
    q, k, v = (part.unflatten(-1, (HEADS, -1)).transpose(1, 2) for part in model.qkv(model.norm(e)).chunk(3, -1))
    mixed = scaled_dot_product_attention(q, k, v, attn_mask=mask)  # (B, heads, T, H / heads)
    return model.head(e + model.mix(mixed.transpose(1, 2).flatten(2)))  # (B, T, n_out)


def draw(result: Hidden, axes, own: Hidden | None = None) -> None:
    """Accuracy at the r-th read, with and without sight of the earlier reads."""
    (ax,) = axes
    points = figures.octaves(READS)
    for runs, name in ((result.seen, "reads-seen"), (result.unseen, "reads-hidden")):
        figures.band(ax, points, runs[:, points - 1], figures.STYLES[name], layer="runs")
    if own is not None and np.isfinite(own.unseen).all():
        mine = figures.STYLES["own"]
        for runs in (own.seen, own.unseen):
            ax.plot(points, runs[0, points - 1], color=mine.color, linewidth=2.4, gid="own/right")
    figures.reference(ax, STORE.chance, "chance", "frame")
    figures.octave_axis(ax, READS)
    ax.set(ylim=(0, 1.04), xlabel="read, r", title="accuracy at the r-th read")


def describe(result: Hidden) -> dict[str, str]:
    """Both at three reads."""
    seen, unseen = result.seen.mean(0), result.unseen.mean(0)
    said = "; ".join(f"{seen[r - 1]:.2f} and {unseen[r - 1]:.2f} at read {r}" for r in (8, 32, 128))
    return {
        "frame": "Trained for one read.",
        "runs": f"{EVERY[result.knobs['variant']].label}, asked for {KNOBS['asked'].say(result.knobs['asked'])}. Mean "
        f"accuracy with the earlier reads in sight, and with them hidden: {said}.",
    }


HIDDEN = trained(
    lesson,
    name="access-hidden",
    question="What if earlier reads were hidden from later ones?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    measure=lambda model, seed, knobs: compare(model, knobs["asked"] == "same", seed),
    layers={"frame": (), "runs": ("variant", "asked"), "own": ()},
    result=Hidden,
    models=lambda result: ["reads-seen", "reads-hidden"],
)
