"""The answers to the chapter's exercises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ... import records
from ...exercises import Answers, Band, Formula, Function, Judgement, Number, partly, right, wrong
from ...exercises.exercise import Parameter
from ...exercises.values import Returned, Unusable, array, off
from ...runtime import generator, one_thread
from .crossing import BATCHES, CROSSING
from .depth import Waiting
from .traced import NotTraceable, record, replay
from .ways import LENGTHS

BATCH = 16
COUNTED = (64, 256)  # steps: a chain may gain a few operations from one to the other


def meeting(*, steps: int, loop: int, attention: int) -> Answers:
    """Where loop · n meets attention · n², n being the length in units of `steps`."""
    times = loop / attention
    exact, twice = steps * times, 2 * steps
    multiple = f"That is how many times {steps:,} steps it takes. At which length is that?"
    doubled = wrong(f"At {twice:,} steps the loop takes {2 * loop} ms and the other {4 * attention} ms.")
    return Answers(
        (
            Band(exact, 0.03 * exact, right(f"Right: at {exact:,.0f} steps both take {loop * times:,.4g} ms.")),
            Band(times, 0.03 * times, partly(0.5, multiple)),
            Band(twice, 0.03 * twice, doubled),
        ),
        wrong(
            "Twice the length: how much longer does each take? Write both times as a number times a power of "
            f"T / {steps}."
        ),
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class Traced(Function):
    """A function whose operations are listed too, at the two lengths of COUNTED: two more values, as text."""

    @one_thread()
    def collect(self, answer: Callable, cases: list[tuple]) -> list[Returned]:
        found = super().collect(answer, cases)
        return [*found, *(Returned(value=listed(answer, steps), given=()) for steps in COUNTED)]

    def judged(self, collected: list[Returned], cases: list[tuple], parameters: Mapping[str, Parameter]) -> Judgement:
        if len(collected) != (calls := len(cases) + len(COUNTED)):
            raise Unusable(f"The function was to be called {calls} times; {len(collected)} values came.")
        return self.judge(collected, cases, **parameters)


def listed(scan: Callable, steps: int) -> str:
    """Its operations, in float32 where float64 does not work, as in `call`."""
    a, b = (draw(1, steps, 4, seed) for seed in (0, 1))  # (B, T, H)
    try:
        return record(scan, a, b)
    except RuntimeError as error:
        try:
            return record(scan, a.float(), b.float())
        except Exception:
            raise error from None


@one_thread()
def chain(operations: str, steps: int) -> int:
    """Operations in a row, counted while they are carried out again on inputs that the list has not met.

    Raises:
        NotTraceable: they cannot be, or what comes of them is no longer every h.
    """
    a, b = (draw(1, steps, 4, seed) for seed in (2, 3))  # (B, T, H)
    found = replay(operations, a, b, within=(waiting := Waiting()))
    if found.shape != b.shape or off(found.double().numpy(), looped(a, b), terms=steps):
        raise NotTraceable("on other inputs it gives no h")
    return waiting.depth


def looped(a: Tensor, b: Tensor) -> Tensor:
    """Every h, one after the other: (B, T, H)."""
    h, every = torch.zeros_like(b[:, 0]), []  # (B, H)
    for a_t, b_t in zip(a.unbind(1), b.unbind(1), strict=True):
        h = a_t * h + b_t  # (B, H)
        every.append(h)
    return torch.stack(every, 1)


def draw(batch: int, steps: int, size: int, seed: int) -> Tensor:
    """Even in 0 to 1."""
    return torch.rand(batch, steps, size, generator=generator(seed, "exercise"), dtype=torch.float64)


def recurrences(seed: int) -> list[tuple]:
    """a and b, (B, T, H) each."""
    return [(draw(2, 37, 5, 2 * seed), draw(2, 37, 5, 2 * seed + 1))]


def scanned(found: list[Returned], cases: list[tuple]) -> Judgement:
    """h(t) = a(t) h(t-1) + b(t), against the loop; and the operations in a row, which may not grow with T."""
    ((a, b),) = cases
    shape = tuple(b.shape)
    given = array(found[0].value, shape, f"all h, a tensor of shape {shape}")
    worst = off(given, looped(a, b), terms=b.shape[1])
    if worst:
        return wrong(f"It is off by up to {worst:.2g}. What do two stretches side by side make of the h before them?")
    try:
        short, long = (chain(one.value, steps) for one, steps in zip(found[1:], COUNTED, strict=True))
    except NotTraceable as why:
        return partly(
            0.5,
            "Every h is right. Compute with tensors: only there can operations in a row be counted. (Here they cannot: "
            f"{why}.)",
        )
    if long - short > 40:
        return partly(
            0.5,
            f"Every h is right, but {long} operations wait for each other at {COUNTED[1]} steps, and {short} at "
            f"{COUNTED[0]}. Work on all places at once, and double the distance that you look back.",
        )
    return right(f"Right: {short} operations in a row at {COUNTED[0]} steps, and only {long} at {COUNTED[1]}.")


def overtaken(given: float, *, above: float) -> Judgement:
    """The first measured length at which a training step of attention, over the LSTM's, is above this; at batch 16."""
    ratio = np.median(records.load(CROSSING, CROSSING.settings()).ratio[:, BATCHES.index(BATCH)], 0)  # (LENGTHS,)
    first = int(np.argmax(ratio > above))
    said = (
        f"Take the curve of batch {BATCH} and the median over the sweeps; then find the first length where it is above "
        f"{above:g}."
    )
    if given == LENGTHS[first]:
        return right(f"Right: at {LENGTHS[first]:,} steps attention takes {ratio[first]:.1f} times as long.")
    if given == first:
        return partly(0.5, f"That is its place among the lengths, counted from 0. Which length is it? {said}")
    return wrong(said)


EXERCISES = (
    Formula(
        name="meeting-length",
        kind="predict",
        answer="answer",
        rubric="The length at which both times are equal, to within 3 %; half of the points for this length as a "
        "multiple of the first one.",
        judge=meeting,
        practice={"steps": 512, "loop": 20, "attention": 2},
        fresh={"steps": (128, 256, 384, 1024), "loop": (12, 18, 24, 30, 36), "attention": (1, 3, 4)},
    ),
    Traced(
        name="doubling-scan",
        kind="implement",
        answer="scan",
        rubric="Every h equals the loop's, and the operations in a row hardly grow with the length; half of the points "
        "where every h is right, but one waits for the other.",
        judge=scanned,
        given=recurrences,
    ),
    Number(
        name="overtaken",
        kind="investigate",
        answer="length",
        rubric="The first measured length above the level; half of the points for its place in the array.",
        judge=overtaken,
        practice={"above": 1},
        fresh={"above": (1.5, 2.5, 3.5, 4.5, 7)},
    ),
)
