"""Two rules fit the training data: which one did the model learn?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch

from ... import figures
from ...lens import Knob
from ...models.base import SequenceModel
from ...models.variants import EVERY, MAIN
from ...runtime import generator, one_thread
from ...tasks.ordered import Ordered
from ...training import Fit
from ..learning import FRESH, Learned, Lesson, draw_curves, trained
from ..rates import RATE, rate_of, trials

BUDGET = 12_000  # parameters
STEPS = 2500  # the training budget, the same for all; most stop early
TRIED = 6  # pairs at which learning rates are tried
RULES = ("relation", "order", "neither")

KNOBS = {
    "variant": Knob(
        "Model",
        "lstm-forget-1",
        (*MAIN, "linear-attention", "deep-attention", "deep-positions"),
        names={name: one.label for name, one in EVERY.items()},
    ),
    "pairs": Knob("Pairs", 6, (4, 6, 8), 2, 8, unit="pairs"),
    "rate": RATE,
}


@dataclass(frozen=True, kw_only=True)
class RelationRun(Learned):
    """A learning curve on pairs in order, and what the trained model says when they are shuffled.

    rules: (seeds, RULES), shares of shuffled sequences answered by the relation, by the order, by neither; only where
        the two rules say different values.
    said: (seeds, pairs, values), in one example, the probability of each value when the pair asked for has changed
        places with the one at each place.
    """

    rules: np.ndarray
    said: np.ndarray


def lesson(variant: str, pairs: int, rate: str | float) -> Lesson:
    """Pairs that always come in the order of their keys; the learning rate is chosen for each model."""
    chosen = rate_of(RELATION, {"variant": variant, "pairs": TRIED, "rate": rate})
    return Lesson(variant, BUDGET, Ordered(pairs), Fit(steps=STEPS, learning_rate=chosen))


@torch.no_grad()
@one_thread()
def tested(model: SequenceModel | None, task: Ordered, seed: int) -> dict[str, np.ndarray]:
    """Which rule the model follows, and what it says to one example; see `RelationRun`."""
    if model is None:
        return {"rules": np.full((1, len(RULES)), np.nan), "said": np.full((1, task.pairs, task.values), np.nan)}
    device = next(model.parameters()).device
    keys, values, asked = example(task)
    posed = task.posed(keys, values, asked).to(device)
    said = model(posed.x).outputs[:, -1].softmax(-1)  # (pairs, values)
    return {"rules": rules(model, task, seed)[None], "said": said.cpu().double().numpy()[None]}


def rules(model: SequenceModel, task: Ordered, seed: int) -> np.ndarray:
    """(RULES,): on shuffled sequences in which the two rules differ, the share answered by each, and by neither."""
    shuffled = replace(task, shuffled=1.0)
    batch = shuffled.sample(4 * FRESH, generator(seed, "shuffled")).to(next(model.parameters()).device)
    answer, relation, order = model(batch.x).outputs[:, -1].argmax(-1), batch.y[:, -1], shuffled.by_order(batch)
    differ = relation != order  # (B,)
    by_relation, by_order = ((answer == rule)[differ].double().mean().item() for rule in (relation, order))
    return np.array([by_relation, by_order, 1 - by_relation - by_order])


def example(task: Ordered) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Keys and values (pairs, pairs) and the key asked for (pairs,): in row p the pair asked for stands at place p.

    It has changed places with the pair that stood there. All values differ.
    """
    asked = task.pairs // 2
    values = torch.rand(task.values, generator=generator(0, "example")).argsort()[: task.pairs]  # (pairs,)
    places = torch.arange(task.pairs).repeat(task.pairs, 1)  # (pairs, pairs)
    rows = torch.arange(task.pairs)  # (pairs,)
    places[rows, asked] = rows
    places[rows, rows] = asked
    return places, values[places], torch.full((task.pairs,), asked)


def draw(result: RelationRun, axes, own: RelationRun | None = None) -> None:
    """Left: learning curves, in order. Right: the share of shuffled sequences answered by each rule, a dot a seed."""
    learning, testing = axes
    style = figures.STYLES[result.knobs["variant"]]
    draw_curves(learning, result, own, style, STEPS)
    figures.reference(learning, Ordered().chance, "chance", "frame")
    draw_rules(testing, result, own, style)


def draw_rules(ax, result: RelationRun, own: RelationRun | None, style: figures.Style) -> None:
    """The share of shuffled sequences answered by each rule: a dot a seed, a bar for their mean."""
    places = np.arange(len(RULES))
    ax.bar(places, result.rules.mean(0), width=0.5, color=style.color, alpha=0.35, gid="runs/means")
    for row in result.rules:
        ax.plot(places, row, color=style.color, linestyle="", marker=".", markersize=8, gid="runs/seeds")
    if own is not None:
        mine = figures.STYLES["own"]
        ax.plot(places + 0.3, own.rules[0], color=mine.color, linestyle="", marker=mine.marker, gid="own/rules")
    end, chance = len(RULES) - 1.5, Ordered().chance
    ax.hlines(chance, -0.5, end, color=figures.INK, linewidth=1.0, linestyle=":", gid="frame/chance")
    ax.text(end, chance + 0.01, "chance", ha="center", va="bottom", fontsize=10, gid="frame/chance-word")
    ax.set_xticks(places, ["relation", "order", "neither"])
    ax.tick_params(axis="x", length=0)
    ax.grid(False, axis="x")
    ax.set(xlim=(-0.5, len(RULES) - 0.5), ylim=(0, 1.03), xlabel="shuffled: answered by", title="share of answers")


def describe(result: RelationRun) -> dict[str, str]:
    """In order, and shuffled."""
    label = figures.STYLES[result.knobs["variant"]].label
    final, shares = result.final, result.rules.mean(0)
    said = ", ".join(f"{abs(share):.2f} {rule}" for share, rule in zip(shares, RULES, strict=True))
    return {
        "frame": f"Trained on pairs in order; chance is {Ordered().chance:.3g}.",
        "runs": f"{label}, {result.knobs['pairs']} pairs: mean accuracy in order "
        f"{final.mean():.2f}, from {final.min():.2f} to {final.max():.2f}. Shuffled, shares of answers: {said}.",
    }


RELATION = trained(
    lesson,
    name="structure-relation",
    question="Pairs always came in order: what does the model do when they are shuffled?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    measure=lambda model, seed, knobs: tested(model, Ordered(knobs["pairs"]), seed),
    layers={"frame": (), "runs": ("variant", "pairs"), "own": ()},
    result=RelationRun,
    panels=2,
    trials=lambda: trials(RELATION, pairs=TRIED),
)
