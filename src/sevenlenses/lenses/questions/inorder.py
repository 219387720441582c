"""What of an LSTM has to wait, and does it have to wait for every step?"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch

from ... import figures
from ...lens import Experiment, Knob, Result
from ...models import create
from ...models.initialise import initialise
from ...models.lstm import LSTM
from ...models.variants import EVERY
from ...runtime import generator, one_thread, setup
from ..learning import FRESH
from ..probes import float64_device
from ..scaling.depth import Waiting
from .gates import BUDGET, ROUNDS, TASKS, at_once

SIZE, OUT = 64, 8
LENGTHS = (16, 64, 256)
CLOSE = 1e-6
PARTS = ("input", "chain", "head")
STARTS = ("forget-0", "forget-1", "forget-3")
STYLE = {start: f"lstm-{start}" for start in STARTS}

KNOBS = {"width": Knob("Numbers per input step", 64, (8, 64, 256), 1, 512, "log")}


@dataclass(frozen=True, kw_only=True)
class InOrder(Result):
    """What waits, in an LSTM of `SIZE` units; before training.

    products: (seeds, PARTS), multiplications of the matrix products of `LENGTHS[-1]` steps: of all inputs at once, step
        by step in the chain, of all outputs at once.
    rows: (seeds, PARTS, LENGTHS), operations in a row, each of which waits for the one before.
    rounds: (seeds, STARTS, LENGTHS), rounds over all steps at once until all h are within `CLOSE` of the exact ones.
    """

    products: np.ndarray
    rows: np.ndarray
    rounds: np.ndarray


class Multiplying(Waiting):
    """Counts the multiplications of matrix products, too."""

    def __init__(self):
        super().__init__()
        self.products = 0

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        if operation in (torch.ops.aten.mm.default, torch.ops.aten.addmm.default):
            one, other = args[-2:]
            self.products += one.shape[0] * one.shape[1] * other.shape[1]
        return super().__torch_dispatch__(operation, types, args, kwargs)


def run(*, seeds, device, width) -> InOrder:
    """Counts, which do not hang on the seed, and rounds, which do."""
    float64_device(device)  # a wrong one is refused here too, though all of this happens on the CPU
    start = time.perf_counter()
    counts = np.array([counted(width, length) for length in LENGTHS], float)  # (LENGTHS, 2, PARTS)
    rounds = np.array([[[rounds_of(s, n, seed) for n in LENGTHS] for s in STARTS] for seed in seeds], float)
    return InOrder(
        knobs={"width": width},
        seeds=tuple(seeds),
        setup=setup(torch.device("cpu"), time.perf_counter() - start),
        products=np.repeat(counts[-1:, 0], len(seeds), 0),
        rows=np.repeat(counts[None, :, 1].swapaxes(1, 2), len(seeds), 0),
        rounds=rounds,
    )


@lru_cache(maxsize=64)
@torch.no_grad()
@one_thread()
def counted(width: int, length: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Multiplications, and operations in a row, of each of `PARTS`: the LSTM in the order that waits least."""
    model, x = LSTM(width, SIZE, OUT, generator=generator(0, "weights")), torch.zeros(length, width)
    w, marks = model.rnn, [(0, 0)]
    with Multiplying() as counting:
        rows = x @ w.weight_ih_l0.T + (w.bias_ih_l0 + w.bias_hh_l0)  # (T, 4H): no step waits for another
        marks.append((counting.products, counting.depth))
        h, c, states = torch.zeros(1, SIZE), torch.zeros(1, SIZE), []
        for row in rows.split(1):
            i, f, g, o = (row + h @ w.weight_hh_l0.T).chunk(4, -1)  # (1, H) each
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
            states.append(h)
        marks.append((counting.products, counting.depth))
        model.head(torch.cat(states))
        marks.append((counting.products, counting.depth))
    products, depths = np.diff(marks, axis=0).T
    return tuple(products), tuple(depths)


@lru_cache(maxsize=512)
@torch.no_grad()
@one_thread()
def rounds_of(init: str, length: int, seed: int) -> int:
    """Rounds over all steps at once until every h is within `CLOSE`.

    A round takes a guess of every h, computes all gates from it, all cells by a scan, and so a better guess. The first
    r steps are exact after r rounds, so no more than T are needed. Source: the fixed-point view of Lim et al. (2024),
    without their Newton step.
    """
    weights = generator(seed, "weights")
    model: LSTM = initialise(
        create("lstm", SIZE, SIZE, OUT, generator=weights), init, longest=length, generator=weights
    )
    model = model.double()
    x = torch.randn(1, length, SIZE, generator=generator(seed, "inputs"), dtype=torch.float64)
    exact, h = model(x).states, torch.zeros(1, length, SIZE, dtype=torch.float64)
    for round_ in range(1, length + 1):
        inside = model.inside(x, h)
        h = inside["output"] * inside["cell"].tanh()  # (1, T, H)
        if (h - exact).abs().max() < CLOSE:
            return round_
    return length


@lru_cache(maxsize=64)
@torch.no_grad()
@one_thread()
def untrained(seed: int) -> tuple[float, ...]:
    """What `GatesRun.rounds` says of the LSTM that is trained to keep a flagged value, before that training."""
    task, made = TASKS["flag"], EVERY["lstm-forget-1"]
    model = made.build(task.n_in, task.n_out, longest=task.length, generator=generator(seed, "weights"), budget=BUDGET)
    return tuple(at_once(model, task.sample(FRESH, generator(seed, "gates")).x, ROUNDS))


def needed(off: np.ndarray, close: float) -> np.ndarray:
    """(...,): the first round after which all outputs stay within `close`, of errors (..., rounds)."""
    return (off > close).sum(-1) + 1


def draw(result: InOrder, axes, own=None) -> None:
    """Left: shares of the multiplications. Right: rounds needed, against length."""
    shares, rounds = axes
    whole = result.products[0] / result.products[0].sum()
    color = figures.STYLES["lstm"].color
    for i, (share, part) in enumerate(zip(whole, PARTS, strict=True)):
        shares.bar([i], [share], color=color, alpha=1 if part == "chain" else 0.35, width=0.6, gid=f"work/bar{i}")
    shares.set_xticks(range(len(PARTS)), ["inputs", "chain", "answers"])
    shares.set(xlim=(-0.6, 2.6), ylim=(0, 1), title="multiplications (solid: must wait)")
    for i, start in enumerate(STARTS):
        figures.band(rounds, np.array(LENGTHS), result.rounds[:, i], figures.STYLES[STYLE[start]], layer="rounds")
    rounds.plot(LENGTHS, LENGTHS, color=figures.INK, linewidth=1, linestyle=":", gid="frame/each")
    rounds.set_xscale("log", base=2)
    rounds.set_yscale("log", base=2)
    for set_ticks, ticks in ((rounds.set_xticks, LENGTHS), (rounds.set_yticks, (4, *LENGTHS))):
        set_ticks(ticks, [str(n) for n in ticks])
    rounds.minorticks_off()
    rounds.set(xlim=(LENGTHS[0], LENGTHS[-1]), ylim=(3.2, 1.1 * LENGTHS[-1]))  # the first ticks must not meet
    figures.room(rounds)
    rounds.set(xlabel="sequence length, T (dotted: T)", title="rounds over all steps")


def describe(result: InOrder) -> dict[str, str]:
    """Shares, and rounds at the ends."""
    share = result.products[0] / result.products[0].sum()
    rounds = np.median(result.rounds, 0)
    said = "; ".join(
        f"{figures.STYLES[STYLE[start]].label}: {rounds[i, 0]:.0f} rounds for {LENGTHS[0]} steps, "
        f"{rounds[i, -1]:.0f} for {LENGTHS[-1]}"
        for i, start in enumerate(STARTS)
    )
    return {
        "frame": f"An LSTM of {SIZE} units before training. Dotted: as many rounds as steps.",
        "work": f"{result.knobs['width']} numbers per input step: of the multiplications, {share[0]:.0%} are for the "
        f"inputs and wait for nothing, {share[1]:.0%} are in the chain, {share[2]:.0%} are for the answers.",
        "rounds": f"All steps at once, again and again, until all agree to {figures.power_of_ten(CLOSE)}: {said}.",
    }


INORDER = Experiment(
    name="questions-inorder",
    question="What of an LSTM has to wait?",
    knobs=KNOBS,
    run=run,
    draw=draw,
    describe=describe,
    layers={"frame": (), "work": ("width",), "rounds": ()},
    result=InOrder,
    models=lambda result: list(STYLE.values()),
    panels=2,
)
