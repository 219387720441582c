"""How two layers recall from a text: a head ties each value to the key before it, another finds what is tied."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch

from ... import figures
from ...lens import Value
from ...models.attention import HEADS
from ...models.deep_positions import DeepPositionedAttention
from ...runtime import generator, one_thread
from ...tasks.token_recall import TokenRecall
from ...tasks.tokens import on
from ...training import evaluate
from ..capacity.text import STEPS, task_of
from ..capacity.text import lesson as usual
from ..learning import FRESH, Learned, Lesson, Training, of_models, stacked, trained
from ..rates import RATE

SETTING = "few"
TASK = task_of({"setting": SETTING})
LOOKS = tuple(range(0, STEPS + 1, 100))  # training steps at which we look
PATTERNS = (0, 200, 400, 600, 1000, STEPS)  # and at which the patterns are kept
SHOWN = replace(TASK, length=20)  # the task of the one sequence whose patterns are shown
LINES = ("right", "tied", "found")
LEAD = 8  # other tokens that may come before the pairs, as in training they never do
TIES = 0.5  # a head with more weight than this on the key before a value is one that ties

KNOBS = {"variant": of_models("deep-positions", ("deep-positions",)), "rate": RATE}


@dataclass(frozen=True, kw_only=True)
class Induction(Learned):
    """A learning curve without an early stop, and at several looks what the heads look at. NaN: not yet looked.

    In each layer it is the head that looks there most.

    right: (seeds, looks), accuracy on fresh sequences.
    tied: (seeds, looks), weight of a head of the first layer, where a value stands, on the key before it; mean over
        pairs and sequences.
    found: (seeds, looks), weight of a head of the second layer, where a key comes back, on its value; mean likewise.
    moved: (seeds, looks), accuracy when LEAD other tokens come before the pairs.
    heads: (seeds, looks), how many heads of the first layer have more than TIES there.
    without: (seeds, looks, 2), accuracy without those heads; and without all the others of that layer.
    weights: (seeds, PATTERNS, 2, T, T), the weights of those two heads in one short sequence, the same in every run.
    """

    right: np.ndarray
    tied: np.ndarray
    found: np.ndarray
    moved: np.ndarray
    heads: np.ndarray
    without: np.ndarray
    weights: np.ndarray


def lesson(variant: str, rate: str | float) -> Lesson:
    """The usual lesson, to the end of the budget."""
    return usual(variant, SETTING, rate).to_the_end()


def watch(lesson: Lesson, knobs: dict[str, Value], seed: int, device: str) -> Iterator[Induction]:
    """One training run, looked at on its way."""
    training = Training(lesson, seed, device)
    seen = [look(training.model, seed)]
    patterns = [pattern(training.model)]
    for now in training:
        if now.step in LOOKS:
            seen.append(look(training.model, seed))
        if now.step in PATTERNS:
            patterns.append(pattern(training.model))
        yield Induction(
            knobs=knobs,
            **training.learned(),
            **stacked(seen, len(LOOKS)),
            **stacked(patterns, len(PATTERNS)),
        )


@torch.no_grad()
@one_thread()
def look(model: DeepPositionedAttention, seed: int) -> dict[str, np.ndarray]:
    """All of `Induction` that one look measures, but for the patterns; on sequences that do not change."""
    device, source = next(model.parameters()).device, generator(seed, "heads")
    x, asked = shown(TASK, FRESH, source)
    tied, found = looking(model, x.to(device), asked.to(device))  # (heads,) each
    tying = tied > TIES  # (heads,)
    return {
        "right": np.float64(fresh(model, seed)),
        "tied": tied.max().double().numpy(),
        "found": found.max().double().numpy(),
        "moved": np.float64(moved(model, seed)),
        "heads": tying.sum().double().numpy(),
        "without": np.array([without(model, cut, seed) for cut in (tying, ~tying)]),
    }


@torch.no_grad()
@one_thread()
def pattern(model: DeepPositionedAttention) -> dict[str, np.ndarray]:
    """The weights (2, T, T) of the two heads in the one sequence that is shown."""
    x, asked = (part.to(next(model.parameters()).device) for part in shown(SHOWN, 1, generator(0, "shown")))
    inside = model(x, watch=True).inside
    heads = (one.argmax() for one in looking(model, x, asked))
    found = [inside[f"{layer} weights"][0, head] for layer, head in zip(("first", "second"), heads, strict=True)]
    return {"weights": torch.stack(found).cpu().double().numpy().round(3)}


def shown(task: TokenRecall, batch: int, source: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Sequences (B, T, n_in), and the steps (B, pairs) at which the first, second, ... key comes back."""
    same = source.clone_state()
    return task.sample(batch, source).x, task.tokens(batch, same)[1]


def looking(model: DeepPositionedAttention, x: torch.Tensor, asked: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """(heads,) each: a first layer's weights, where values stand, on the key before; a second layer's, where keys come
    back, on their values."""
    inside = model(x, watch=True).inside
    first, second = inside["first weights"], inside["second weights"]  # (B, heads, T, T) each
    values = 2 * torch.arange(asked.shape[1], device=x.device) + 1  # (pairs,)
    on_keys = first[:, :, values, values - 1]  # (B, heads, pairs)
    which = torch.arange(len(x), device=x.device)[:, None]  # (B, 1)
    on_values = second[which, :, asked, values]  # (B, pairs, heads)
    return on_keys.mean((0, 2)).cpu(), on_values.mean((0, 1)).cpu()


def fresh(model: DeepPositionedAttention, seed: int) -> float:
    """Accuracy on fresh sequences."""
    device = next(model.parameters()).device
    return evaluate(model, TASK, batch=FRESH, generator=generator(seed, "fresh"), device=device)


def moved(model: DeepPositionedAttention, seed: int) -> float:
    """Accuracy when values at random come before the pairs."""
    source = generator(seed, "moved")
    tokens, asked, values = replace(TASK, length=TASK.length - LEAD).tokens(FRESH, source)  # (B, T - LEAD), (B, pairs)
    lead = torch.randint(TASK.half, TASK.vocabulary, (FRESH, LEAD), generator=source)  # (B, LEAD)
    x = on(torch.cat([lead, tokens], 1), TASK.vocabulary).to(next(model.parameters()).device)  # (B, T, n_in)
    said = model(x).outputs.argmax(-1).cpu()  # (B, T)
    return (said.gather(1, asked + LEAD) == values).double().mean().item()


def without(model: DeepPositionedAttention, cut: torch.Tensor, seed: int) -> float:
    """Accuracy when some heads (heads,) of the first layer hand over nothing."""
    kept = (~cut).repeat_interleave(model.n_hidden // HEADS).to(next(model.parameters()))  # (H,)
    with model.mix.register_forward_pre_hook(lambda _, mixed: (mixed[0] * kept,)):
        return fresh(model, seed)


def draw(result: Induction, axes, own: Induction | None = None) -> None:
    """Accuracy, and where the two heads look, at each look."""
    (ax,) = axes
    looks, mine = np.array(LOOKS), figures.STYLES["own"]
    for name in LINES:
        style = figures.STYLES[f"head-{name}"]
        figures.band(ax, looks, getattr(result, name), style, layer="runs")
        if own is not None:
            ax.plot(looks, getattr(own, name)[0], color=mine.color, linewidth=2.4, linestyle=style.line, gid="own/line")
    ax.set(xlim=(0, STEPS), ylim=(0, 1.03), xlabel="training step", title="accuracy, and share of weight")


def describe(result: Induction) -> dict[str, str]:
    """The three lines at the first and at the last look, and what becomes of the accuracy without some heads."""
    first, last = ({name: getattr(result, name)[:, at].mean() for name in LINES} for at in (0, -1))
    labels = {name: figures.STYLES[f"head-{name}"].label for name in LINES}
    said = ", ".join(f"{labels[name]} {first[name]:.2f} and {last[name]:.2f}" for name in LINES)
    cut, others = result.without[:, -1].mean(0)
    heads = result.heads[:, -1]
    return {
        "frame": f"{TASK.pairs} pairs of two tokens; looks at every {LOOKS[1]} training steps.",
        "runs": f"Two layers of attention with positions. Before training and after, means: {said}. At the end "
        f"from {heads.min():.0f} to {heads.max():.0f} heads of the first layer have most of their weight there. Mean "
        f"accuracy without them is {cut:.2f}, without all others of that layer {others:.2f}, and with {LEAD} other "
        f"tokens before the pairs {result.moved[:, -1].mean():.2f}.",
    }


INDUCTION = trained(
    lesson,
    name="synthesis-induction",
    question="What do the heads look at, while the network learns to recall?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": (), "runs": (), "own": ()},
    result=Induction,
    follow=watch,
    models=lambda result: [f"head-{name}" for name in LINES],
    height=4.0,
)
