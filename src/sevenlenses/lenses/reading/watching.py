"""What do the gates of an LSTM do, word by word, and does the answer hang on it?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ... import figures
from ...lens import Knob, Value
from ...models.lstm import LSTM
from ...models.variants import EVERY
from ...runtime import generator, one_thread
from ...tasks.sentences import CLAUSE, FIRST, WORDS, Sentences
from ...tasks.tokens import on
from ...training import Fit
from ..learning import Learned, Lesson, Training, stacked, trained
from ..rates import RATE, rate_of
from .learning import BUDGET, LEARNING, STEPS, sentences
from .steered import GATES, emptied, steered, told_apart

STARTS = ("lstm-forget-0", "lstm-forget-1", "lstm-chrono")
MOMENTS = ("before training", "after training")
READ = 512  # sentences whose gates are averaged
LONG, SHORT = 33, 19  # words of these sentences, and of the one that is shown
ORDERS = 6  # in which units forget
NAME = FIRST + len(CLAUSE) - 1  # the first clause's name, counted from 0

HELD = {  # what happens to which gate
    "free": "as it is",
    "no-input": "input 0 in the clauses",
    "full-forget": "forget 1 in the clauses",
    "no-output": "output 0 in the clauses",
    "no-input-output": "input 0 and output 0",
    "story": "all three",
    "plain-input": "input at its mean",
    "plain-forget": "forget at its mean",
    "plain-output": "output at its mean",
    "plain": "all at their means",
}

KNOBS = {
    "variant": Knob("Start", "lstm-forget-1", STARTS, names={name: EVERY[name].label for name in STARTS}),
    "rate": RATE,
}


@dataclass(frozen=True, kw_only=True)
class Watched(Learned):
    """A learning curve, and the gates before (0) and after (1) training, on sentences without unknown words.

    gates: (seeds, 2, GATES, LONG + 1, H), mean over sentences of the same length, word by word; the last is the stop.
    tells: (seeds, 2, LONG + 1, H), share of the variance of a unit's cell that the suspect accounts for.
    writes: (seeds, 2, LONG + 1), the same for what is added to the cell, input gate times candidate, mean over units.
    left: (seeds, H + 1), accuracy after training when so many units forget the sentence just before the stop, mean over
        ORDERS in which they do.
    held: (seeds, HELD), accuracy after training with gates held. A mean is the unit's own, over all words and the stop.
    traced: (seeds, 4, SHORT + 1, H), gates and cells of one sentence, the same in every run, after training.
    """

    gates: np.ndarray
    tells: np.ndarray
    writes: np.ndarray
    left: np.ndarray
    held: np.ndarray
    traced: np.ndarray


def lesson(variant: str, rate: str | float) -> Lesson:
    """Mixed lengths, to the end, at the learning rate that was chosen for the usual start."""
    chosen = rate_of(LEARNING, {"variant": "lstm-forget-1", "diet": "mixed", "rate": rate})
    return Lesson(variant, BUDGET, sentences("mixed"), Fit(steps=STEPS, learning_rate=chosen, target=np.inf))


def shown_sentence() -> Tensor:
    """Word numbers (1, SHORT + 1) of the sentence that is traced."""
    return Sentences(longest=SHORT, words=SHORT, unknown=0.0).draw(1, generator(0, "traced sentence"))[0]


def watch(lesson: Lesson, knobs: dict[str, Value], seed: int, device: str) -> Iterator[Watched]:
    """Train to the end, and look before and after."""
    numbers = Sentences(longest=LONG, words=LONG, unknown=0.0).draw(READ, generator(seed, "gates"))[0]  # (B, T)
    training = Training(lesson, seed, device)
    looked, size = [look(training.model, numbers)], training.model.n_hidden
    ended = {
        "left": np.full((1, size + 1), np.nan),
        "held": np.full((1, len(HELD)), np.nan),
        "traced": np.full((1, len(GATES) + 1, SHORT + 1, size), np.nan),
    }
    for now in training:
        if now.done:
            looked.append(look(training.model, numbers))
            ended = look_closer(training.model, numbers, seed)
        yield Watched(knobs=knobs, **training.learned(), **stacked(looked, len(MOMENTS)), **ended)


@torch.no_grad()
@one_thread()
def look(model: LSTM, numbers: Tensor) -> dict[str, np.ndarray]:
    """Mean gates, and what the cells tell, of sentences (B, T)."""
    inside = model(on(numbers, len(WORDS)).to(next(model.parameters()).device), watch=True).inside
    gates = torch.stack([inside[gate].mean(0) for gate in GATES])  # (GATES, T, H)
    added = inside["input"] * inside["candidate"]  # (B, T, H)
    tells, writes = (told_apart(one.cpu().double(), numbers[:, FIRST - 1]) for one in (inside["cell"], added))  # (T, H)
    found = {"gates": gates.cpu().double(), "tells": tells, "writes": writes.mean(1)}
    return {name: one.numpy().round(3) for name, one in found.items()}


@torch.no_grad()
@one_thread()
def look_closer(model: LSTM, numbers: Tensor, seed: int) -> dict[str, np.ndarray]:
    """What the answer hangs on; see `Watched`."""
    device = next(model.parameters()).device
    x, answer = on(numbers, len(WORDS)).to(device), numbers[:, FIRST - 1].to(device)  # (B, T, n_in), (B,)

    def right(outputs: Tensor) -> float:
        return (outputs.argmax(-1) == answer).double().mean().item()

    size, source = model.n_hidden, generator(seed, "units")
    orders = [torch.randperm(size, generator=source).tolist() for _ in range(ORDERS)]
    left = [[right(emptied(model, x, order[:count])) for count in range(size + 1)] for order in orders]
    held = [right(steered(model, x, gates)[:, -1]) for gates in interventions(model, x).values()]
    trace = model(on(shown_sentence(), len(WORDS)).to(device), watch=True).inside
    traced = torch.stack([trace[name][0] for name in (*GATES, "cell")])  # (4, SHORT + 1, H)
    return {
        "left": np.mean(left, 0).round(3)[None],
        "held": np.array([held]),
        "traced": traced.cpu().double().numpy().round(3)[None],
    }


def interventions(model: LSTM, x: Tensor) -> dict[str, dict[str, Tensor]]:
    """The gates (T, H) that are held, by the names of `HELD`. The clauses are the words after the fifth."""
    inside = model(x, watch=True).inside
    free = torch.full_like(inside["input"][0], torch.nan)  # (T, H)
    means = {gate: inside[gate].mean((0, 1)).expand_as(free) for gate in GATES}  # (T, H) each
    clauses = {}
    for gate, value in (("input", 0.0), ("forget", 1.0), ("output", 0.0)):
        clauses[gate] = free.clone()
        clauses[gate][FIRST:-1] = value
    return {
        "free": {},
        "no-input": {"input": clauses["input"]},
        "full-forget": {"forget": clauses["forget"]},
        "no-output": {"output": clauses["output"]},
        "no-input-output": {"input": clauses["input"], "output": clauses["output"]},
        "story": clauses,
        "plain-input": {"input": means["input"]},
        "plain-forget": {"forget": means["forget"]},
        "plain-output": {"output": means["output"]},
        "plain": means,
    }


def draw(result: Watched, axes, own: Watched | None = None) -> None:
    """A panel for each gate, word by word: one thin line a seed, and dotted the median before training."""
    style, mine = figures.STYLES["lstm"], figures.STYLES["own"]
    steps = np.arange(1, LONG + 2)
    for g, (ax, gate) in enumerate(zip(axes, GATES, strict=True)):
        opened = result.gates[:, :, g].mean(-1)  # (seeds, 2, T)
        for row in opened[:, 1]:
            ax.plot(steps, row, color=style.color, linewidth=1.1, alpha=0.75, gid="runs/after")
        before = np.median(opened[:, 0], 0)  # (T,)
        ax.plot(steps, before, color=figures.INK, linewidth=1.3, linestyle=":", gid="runs/before")
        if own is not None and np.isfinite(own.gates[0, 1]).all():
            ax.plot(steps, own.gates[0, 1, g].mean(-1), color=mine.color, linewidth=2.4, gid="own/gate")
        for name in range(NAME, LONG, len(CLAUSE)):
            ax.axvline(name + 1, color=figures.INK, linewidth=0.7, alpha=0.5, linestyle=(0, (1, 3)), gid="frame/name")
        ax.axvline(FIRST, color=figures.INK, linewidth=1.0, linestyle=(0, (4, 2)), gid="frame/suspect")
        ax.set(xlim=(1, LONG + 1), ylim=(0, 1.03), xlabel="word (dashed: the suspect)", title=f"{gate} gate")
        ax.set_xticks([1, 5, 12, 19, 26, 34], ["1", "5", "12", "19", "26", "stop"])


def describe_opening(result: Watched) -> dict[str, np.ndarray]:
    """Mean opening of the gates (seeds, 2, GATES) at the suspect, at the other names, at the other words of the
    clauses, and at the stop."""
    names = list(range(NAME, LONG, len(CLAUSE)))
    others = [step for step in range(FIRST, LONG) if step not in names]
    places = {"suspect": [FIRST - 1], "names": names, "others": others, "stop": [LONG]}
    return {place: result.gates[:, :, :, steps].mean((-1, -2)) for place, steps in places.items()}


def describe(result: Watched) -> dict[str, str]:
    """Each gate at the suspect, in the clauses, at the stop."""
    mean = {place: found.mean(0) for place, found in describe_opening(result).items()}  # (2, GATES) each
    rows = [
        f"{gate} gate {mean['suspect'][1, g]:.2f} at the suspect, {mean['names'][1, g]:.2f} at the other names, "
        f"{mean['others'][1, g]:.2f} at other words of the clauses, {mean['stop'][1, g]:.2f} at the stop "
        f"(before training {mean['others'][0, g]:.2f} in the clauses)"
        for g, gate in enumerate(GATES)
    ]
    return {
        "frame": f"Sentences of {LONG} words. Dashed: the suspect. Dotted upright lines: the other names.",
        "runs": f"{EVERY[result.knobs['variant']].label}. Mean over units, sentences and seeds: {'; '.join(rows)}.",
    }


GATES_RUN = trained(
    lesson,
    name="reading-gates",
    question="What do the three gates do, word by word?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    follow=watch,
    layers={"frame": (), "runs": ("variant",), "own": ()},
    result=Watched,
    models=lambda result: ["lstm"],
    panels=3,
    height=3.2,
)
