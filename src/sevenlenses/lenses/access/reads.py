"""What is left of four stored pairs after r reads?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch

from ... import figures
from ...lens import Knob
from ...models.base import SequenceModel
from ...models.memory import held
from ...models.variants import EVERY, MAIN
from ...runtime import generator, one_thread
from ...tasks.recall import Recall
from ...training import Fit
from ..learning import FRESH, Learned, Lesson, draw_curves, of_models, trained
from ..rates import RATE, rate_of, trials

BUDGET = 20_000  # parameters
STEPS = 1500  # the training budget, the same for all
READS = 128  # reads in a row that the trained model is put to
WAITS = (0, 1, 3, 7, 15, 31, 63, 127)  # blank steps before the only read
WATCHED = 64  # sequences on which the store itself is watched
STORE = Recall(pairs=4, keys=4, values=8)

COMPARED = [*MAIN, "lstm-chrono", "linear-attention"]

KNOBS = {
    "variant": of_models("lstm-forget-1", COMPARED),
    "trained": Knob("Reads in a row, in training", 1, (1, 8, 32), 1, 64, "log"),
    "rate": RATE,
}


@dataclass(frozen=True, kw_only=True)
class ReadsRun(Learned):
    """A learning curve, and what reads do to the trained model's memory.

    right: (seeds, 2, READS), accuracy at the r-th read: of random keys; of one key all the time.
    snapshot: (seeds,), accuracy of one read straight after the writes.
    drift: (seeds, READS + 1), ‖m(r) - m(0)‖ / ‖m(0)‖ after r reads of random keys, mean over sequences; m is what the
        model holds of the writes (`models.memory.held`).
    idle: (seeds, READS + 1), the same after r blank steps in place of reads.
    waited: (seeds, WAITS), accuracy of one read after so many blank steps.
    stored: (seeds, READS), the weight that the r-th read gives to the stored pair asked for, mean over heads, random
        keys; NaN for models without such weights.
    """

    right: np.ndarray
    snapshot: np.ndarray
    drift: np.ndarray
    idle: np.ndarray
    waited: np.ndarray
    stored: np.ndarray


def lesson(variant: str, trained: int, rate: str | float) -> Lesson:
    """Four pairs out of four keys and eight values, then `trained` reads of random keys."""
    nearest = min(KNOBS["trained"].stops, key=lambda stop: abs(np.log(stop / trained)))
    tried = {"variant": variant, "trained": nearest, "rate": rate}
    plan = Fit(steps=STEPS, learning_rate=rate_of(READS_RUN, tried))
    return Lesson(variant, BUDGET, replace(STORE, reads=trained), plan)


@torch.no_grad()
@one_thread()
def read_often(model: SequenceModel | None, seed: int) -> dict[str, np.ndarray]:
    """Put the trained model to many reads; see `ReadsRun` for what comes back."""
    if model is None:
        along = {"drift": READS + 1, "idle": READS + 1, "waited": len(WAITS), "stored": READS}
        sizes = {"right": (1, 2, READS), "snapshot": (1,), **{name: (1, size) for name, size in along.items()}}
        return {name: np.full(size, np.nan) for name, size in sizes.items()}
    device = next(model.parameters()).device
    source = generator(seed, "reads")
    right = [accuracy(model, replace(STORE, reads=READS, same=same), source) for same in (False, True)]
    once = [accuracy(model, replace(STORE, reads=1, blanks=wait), source)[0] for wait in (0, *WAITS)]
    reading = replace(STORE, reads=READS).sample(WATCHED, source).to(device).x  # (B, T, n_in)
    waiting = reading.clone()
    waiting[:, STORE.pairs :] = 0.0
    return {
        "right": np.stack(right)[None],
        "snapshot": np.array(once[:1]),
        "drift": drift(model, reading)[None],
        "idle": drift(model, waiting)[None],
        "waited": np.array([once[1:]]),
        "stored": weight_on_stored(model, reading)[None],
    }


def drift(model: SequenceModel, x: torch.Tensor) -> np.ndarray:
    """(READS + 1,): how far what the model holds of the writes has moved, as a share of its size, on average."""
    memory = held(model, x, STORE.pairs)  # (B, READS + 1, M)
    sizes = (memory - memory[:, :1]).norm(dim=-1) / memory[:, :1].norm(dim=-1)  # (B, READS + 1)
    return sizes.mean(0).cpu().double().numpy()


def accuracy(model: SequenceModel, task: Recall, source: torch.Generator) -> np.ndarray:
    """(reads,): the share of right answers at each read."""
    batch = task.sample(FRESH, source).to(next(model.parameters()).device)
    return task.right(model(batch.x).outputs, batch).cpu().double().numpy()


def weight_on_stored(model: SequenceModel, x: torch.Tensor) -> np.ndarray:
    """(READS,): the weight on the stored pair whose key is asked for; NaN for a model without weights."""
    weights = model(x, watch=True).inside.get("weights")  # (B, heads, T, T)
    if weights is None:
        return np.full(READS, np.nan)
    keys = x[..., : STORE.keys]  # (B, T, keys)
    asked, stored = keys[:, STORE.pairs :], keys[:, : STORE.pairs]
    same = (asked @ stored.transpose(1, 2) > 0).float()  # (B, READS, pairs)
    mean = weights[:, :, STORE.pairs :, : STORE.pairs].mean(1)  # (B, READS, pairs)
    return (mean * same).sum(-1).mean(0).cpu().double().numpy()


def draw(result: ReadsRun, axes, own: ReadsRun | None = None) -> None:
    """Left: learning curves. Right: accuracy at the r-th read."""
    learning, reading = axes
    style = figures.STYLES[result.knobs["variant"]]
    draw_curves(learning, result, own, style, STEPS)
    points = figures.octaves(READS)
    for row in result.right[:, 0]:
        reading.plot(points, row[points - 1], color=style.color, linewidth=1.0, alpha=0.75, gid="runs/right")
    if own is not None:
        mine = figures.STYLES["own"]
        reading.plot(points, own.right[0, 0, points - 1], color=mine.color, linewidth=2.4, gid="own/right")
    for ax in axes:
        figures.reference(ax, STORE.chance, "chance", "frame")
    reading.axvline(result.knobs["trained"], color=figures.INK, linewidth=1.0, linestyle=(0, (4, 2)), gid="trained/to")
    figures.octave_axis(reading, READS)
    reading.set(ylim=(0, 1.03), xlabel="read", title="accuracy at the r-th read")


def describe(result: ReadsRun) -> dict[str, str]:
    """What the first, the middle and the last reads give."""
    right = result.right[:, 0].mean(0)
    return {
        "frame": f"{STORE.pairs} pairs are stored once and read {READS} times; chance is {STORE.chance:.3g}.",
        "trained": f"Reads in a row, in training: {result.knobs['trained']} (dashed line).",
        "runs": f"{EVERY[result.knobs['variant']].label}: mean accuracy {right[0]:.2f} at the first read, "
        f"{right[7]:.2f} at the 8th, {right[31]:.2f} at the 32nd, {right[127]:.2f} at the 128th.",
    }


READS_RUN = trained(
    lesson,
    name="access-reads",
    question="What is left of four stored pairs after many reads?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    measure=lambda model, seed, knobs: read_often(model, seed),
    layers={"frame": (), "trained": ("trained",), "runs": ("variant", "trained"), "own": ()},
    result=ReadsRun,
    panels=2,
    trials=lambda: trials(READS_RUN),
)
