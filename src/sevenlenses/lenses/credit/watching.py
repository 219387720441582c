"""A training run that is looked at on its way: where does the credit for the answer go?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch

from ...lens import Value
from ...models.base import SequenceModel
from ...models.lstm import LSTM
from ...runtime import generator, one_thread
from ...tasks.base import Batch
from ...tasks.flagged import Flagged
from ...training import evaluate
from ..learning import FRESH, Learned, Lesson, Training, stacked
from .attribution import METHODS, ROUNDED, along_cells, attribute
from .ranks import rank_correlation, told_apart, top_share

PLACES = 8  # where the first flag is put, evenly spread over the steps
EACH = 2  # sequences at each place
SHOWN = ("gradient", "swap", "weights")  # methods whose credit is kept step by step
REACHED = 0.99  # running accuracy that counts as learned


@dataclass(frozen=True, kw_only=True)
class Watched(Learned):
    """A learning curve without an early stop, and credit at several looks. NaN: not yet looked, or no such method.

    A method's credit is taken over the steps that bring a value; its mass is the responsible steps' share of the sum.

    reached: (seeds,), the training step at which the running accuracy first was REACHED; NaN if it never was.
    looked: (seeds, looks), the training steps at which we look.
    right: (seeds, looks), accuracy on fresh sequences.
    mass: (seeds, looks, METHODS, PLACES), mean over sequences.
    top: (seeds, looks, METHODS, PLACES), precision at 1: how often the step with most credit is a responsible one.
    size: (seeds, looks, METHODS), the responsible steps' credit itself, their mean, mean over sequences: for swap and
        out in nats.
    least: (seeds, looks, METHODS), the share of the responsible step that has least, mean over sequences.
    recency: (seeds, looks, METHODS), rank correlation of credit with the number of the step, mean over sequences.
    agree: (seeds, looks, METHODS, METHODS), rank correlation of two methods' credit, mean over sequences.
    shown: (seeds, looks, SHOWN, PLACES, T - 1), shares of credit in one sequence, the same in every run, with its flag
        at each place.
    off: (seeds, looks, distances), ‖product of forget gates - exact‖ / ‖exact‖ for ∂ log p / ∂c(T-1-k) of an LSTM, at
        k = `distances`; median over sequences.
    scale: (seeds, looks, distances), ‖product‖ / ‖exact‖ there; median over sequences.
    """

    reached: np.ndarray
    looked: np.ndarray
    right: np.ndarray
    mass: np.ndarray
    top: np.ndarray
    size: np.ndarray
    least: np.ndarray
    recency: np.ndarray
    agree: np.ndarray
    shown: np.ndarray
    off: np.ndarray
    scale: np.ndarray


def watch(
    lesson: Lesson, knobs: dict[str, Value], seed: int, device: str, *, looks: tuple[int, ...]
) -> Iterator[Watched]:
    """Train to the end, and look at the model before any training, after so many steps, and at the end."""
    task, steps = lesson.task, lesson.plan.steps
    looks = (0, *(one for one in looks if 0 < one < steps), steps)
    training = Training(lesson, seed, device)
    seen = [look(training.model, task, seed)]
    reached = np.nan
    for now in training:
        if now.running >= REACHED and np.isnan(reached):
            reached = float(now.step)
        if now.step in looks:
            seen.append(look(training.model, task, seed))
        yield Watched(
            knobs=knobs,
            **training.learned(),
            reached=np.array([reached]),
            looked=np.array([looks], float),
            **stacked(seen, len(looks)),
        )


def places(task: Flagged) -> list[int]:
    """Eight steps, evenly spread over those that bring a value."""
    return [int((i + 0.5) * (task.length - 1) / PLACES) for i in range(PLACES)]


@one_thread()
def look(model: SequenceModel, task: Flagged, seed: int) -> dict[str, np.ndarray]:
    """Everything of `Watched` that one look measures, on sequences that do not change from look to look."""
    device = next(model.parameters()).device
    at_places = [replace(task, place=place) for place in places(task)]
    source = generator(seed, "credit")
    batch = joined([at.sample(EACH, source) for at in at_places]).to(device)
    example = joined([at.sample(1, generator(0, "shown")) for at in at_places]).to(device)
    credit = {name: found.cpu().numpy() for name, found in attribute(model, task, batch).items()}  # (B, T - 1) each
    in_example = {name: found.cpu().numpy() for name, found in attribute(model, task, example).items()}
    wanted = task.responsible(batch)[:, :-1].cpu().numpy()  # (B, T - 1)
    steps = np.broadcast_to(np.arange(task.length - 1.0), wanted.shape)
    shares = [shares_of(credit[name]) for name in METHODS]
    size = [credit[name][wanted].mean() for name in METHODS]
    least = [np.where(wanted, share, np.inf).min(-1).mean() for share in shares]
    mass = [by_place((share * wanted).sum(-1)) for share in shares]
    top = [by_place(top_share(told_apart(share), wanted)) for share in shares]
    order = [told_apart(credit[name], ROUNDED.get(name, 0.0)) for name in METHODS]  # what is ranked
    return {
        "right": np.float64(evaluate(model, task, batch=FRESH, generator=generator(seed, "fresh"), device=device)),
        "mass": np.stack(mass),
        "top": np.stack(top),
        "size": np.array(size),
        "least": np.array(least),
        "recency": np.array([agreement(one, steps) for one in order]),
        "agree": np.array([[agreement(one, other) for other in order] for one in order]),
        "shown": np.stack([shares_of(in_example[name]) for name in SHOWN]).round(3),
        **product_of_gates(model, batch),
    }


def joined(batches: list[Batch]) -> Batch:
    """Several batches as one."""
    return Batch(*(torch.cat([getattr(one, name) for one in batches]) for name in ("x", "y", "scored")))


def shares_of(credit: np.ndarray) -> np.ndarray:
    """Credit (B, n) as shares of its sum; equal shares where there is none at all."""
    total = credit.sum(-1, keepdims=True)
    return np.where(total == 0, 1 / credit.shape[-1], credit / np.where(total == 0, 1, total))


def by_place(values: np.ndarray) -> np.ndarray:
    """(PLACES EACH,) to (PLACES,)."""
    return values.reshape(PLACES, -1).mean(-1)


def agreement(one: np.ndarray, other: np.ndarray) -> float:
    """Rank correlation of (B, n) with (B, n), mean over sequences; NaN where one of them is."""
    if np.isnan(one).any() or np.isnan(other).any():
        return np.nan
    return rank_correlation(one, other).mean()


def distances(length: int) -> list[int]:
    """Steps back from the last at which the product of gates is compared: 1, 2, 4, ..., and the first step's."""
    return [*(2**e for e in range((length - 1).bit_length()) if 2**e < length - 1), length - 1]


def product_of_gates(model: SequenceModel, batch: Batch) -> dict[str, np.ndarray]:
    """How far the product of forget gates is from the exact derivative along an LSTM's cells."""
    back = distances(batch.x.shape[1])
    if not isinstance(model, LSTM):
        return dict.fromkeys(("off", "scale"), np.full(len(back), np.nan))
    exact, product = (
        found[:, [-1 - k for k in back]].cpu() for found in along_cells(model, batch)
    )  # (B, distances, H)
    size = exact.norm(dim=-1)  # (B, distances)
    off, scale = (exact - product).norm(dim=-1) / size, product.norm(dim=-1) / size
    return {"off": off.median(0).values.numpy(), "scale": scale.median(0).values.numpy()}
