"""What has to wait for what? Operations in a row, and numbers computed, counted while a pass runs."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from ... import figures
from ...lens import Experiment, Knob, Result
from ...runtime import one_thread, pick_device, setup
from .curves import length_axis
from .ways import HIDDEN, WAYS, inputs

COUNTED = (8, 16, 32, 64, 128, 256)
COPIES = (torch.ops.aten._unsafe_view.default,)  # hands on what is there, as a view does

KNOBS = {"length": Knob("Sequence length", 64, COUNTED, COUNTED[0], COUNTED[-1], "log", unit="steps")}


@dataclass(frozen=True, kw_only=True)
class Depth(Result):
    """Counts, at the lengths `COUNTED` and, last, the knob's. They do not hang on the seed.

    forward, backward: (seeds, ways, lengths), operations on the longest chain in which each waits for the one before.
    work: (seeds, ways, lengths), numbers that all operations of the forward pass put out.
    """

    forward: np.ndarray
    backward: np.ndarray
    work: np.ndarray


class Waiting(TorchDispatchMode):
    """Sees every operation that PyTorch carries out, in the backward pass too. A view is no operation.

    An operation can start when the last of its inputs is there, so its place in the longest chain is one more than the
    greatest place among them. Source: the work and the depth of a computation, as in Blelloch (1990).

    Attributes:
        depth: operations on the longest chain so far.
        values: numbers that all operations have put out.
    """

    def __init__(self):
        super().__init__()
        self.depth = self.values = 0
        self.place: dict[int, int] = {}  # of each piece of memory, by its address
        self.kept: list[torch.Tensor] = []  # nothing is freed, so that no address comes twice

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        out = operation(*args, **(kwargs or {}))
        if not operation.is_view and operation not in COPIES:
            taken = [one for one in tree_leaves((args, kwargs)) if isinstance(one, torch.Tensor)]
            place = 1 + max((self.place.get(address(one), 0) for one in taken), default=0)
            for one in tree_leaves(out):
                if isinstance(one, torch.Tensor):
                    self.place[address(one)] = place
                    self.kept.append(one)
                    self.values += one.numel()
            self.depth = max(self.depth, place)
        return out


def address(tensor: torch.Tensor) -> int:
    """Of the memory behind a tensor, which its views share."""
    return tensor.untyped_storage().data_ptr()


@lru_cache(maxsize=1024)
@one_thread()
def count(name: str, length: int, seed: int = 0) -> tuple[int, int, int]:
    """Operations in a row in the forward and in the backward pass, and numbers computed in the forward pass."""
    where, way = torch.device("cpu"), WAYS[name]
    model, x = way.build(seed, where), inputs(seed, 1, length, where)  # (1, T, SIZE)
    with Waiting() as waiting:
        loss = way.compute(model, x).square().mean()
        forward, work = waiting.depth, waiting.values
        torch.autograd.grad(loss, tuple(model.parameters()))
    return forward, waiting.depth - forward, work


def run(*, seeds, device, ways, length) -> Depth:
    """Count at every length."""
    pick_device(device)  # a wrong name is refused here too, though counting always happens on the CPU
    start = time.perf_counter()
    found = np.array([[[count(name, n, s) for n in (*COUNTED, length)] for name in ways] for s in seeds], float)
    forward, backward, work = np.moveaxis(found, -1, 0)  # (seeds, ways, lengths) each
    return Depth(
        knobs={"length": length},
        seeds=tuple(seeds),
        setup=setup(torch.device("cpu"), time.perf_counter() - start),
        forward=forward,
        backward=backward,
        work=work,
    )


def draw_of(styles: tuple[str, ...]):
    """A drawing function: chains on the left, all the work on the right."""

    def draw(result: Depth, axes, own=None) -> None:
        chains, totals = axes
        for i, name in enumerate(styles):
            style = figures.STYLES[name]
            look = {"color": style.color, "linestyle": style.line}
            chains.plot(COUNTED, result.forward[0, i, :-1], marker=style.marker, gid=f"runs/forward{i}", **look)
            chains.plot(COUNTED, result.backward[0, i, :-1], linewidth=1, alpha=0.7, gid=f"runs/backward{i}", **look)
            totals.plot(COUNTED, result.work[0, i, :-1], marker=style.marker, gid=f"runs/work{i}", **look)
        for ax in axes:
            ax.axvline(result.knobs["length"], color=figures.INK, linewidth=1.2, linestyle=(0, (4, 2)), gid="at/line")
            length_axis(ax, COUNTED)
            ax.set(xlabel="sequence length, T")
        figures.log_axis(chains, 0, 4, 1)
        chains.set(title="in a row (thin: backward)")
        figures.log_axis(totals, 3, 7, 1)
        totals.set(title="numbers computed, forward")

    return draw


def describe_of(styles: tuple[str, ...]):
    """The counts at the knob's length."""

    def describe(result: Depth) -> dict[str, str]:
        here = "; ".join(
            f"{figures.STYLES[name].label} {result.forward[0, i, -1]:,.0f} forward and "
            f"{result.backward[0, i, -1]:,.0f} backward, {result.work[0, i, -1]:,.0f} numbers in all"
            for i, name in enumerate(styles)
        )
        ends = "; ".join(
            f"{figures.STYLES[name].label} from {result.forward[0, i, 0]:,.0f} to {result.forward[0, i, -2]:,.0f}"
            for i, name in enumerate(styles)
        )
        return {
            "frame": "Each operation in a row waits for the one before.",
            "runs": f"From {COUNTED[0]} to {COUNTED[-1]} steps the longest chain of the forward pass grows: {ends}.",
            "at": f"At {result.knobs['length']} steps: {here}.",
        }

    return describe


def experiment(name: str, question: str, ways: tuple[str, ...], styles: tuple[str, ...]) -> Experiment:
    """The picture for some ways; kernels that hide their loop are not among them."""
    return Experiment(
        name=name,
        question=question,
        knobs=KNOBS,
        run=partial(run, ways=ways),
        draw=draw_of(styles),
        describe=describe_of(styles),
        layers={"frame": (), "runs": (), "at": ("length",)},
        result=Depth,
        models=lambda result: list(styles),
        panels=2,
        seeds=(0,),
    )


CHAIN = experiment(
    "scaling-chain",
    "What has to wait for what?",
    ("lstm-loop", "attention-written"),
    ("lstm-loop", HIDDEN["attention-written"]),
)
DEPTH_WAYS = ("lstm-loop", "attention-written", "min-loop", "min-scan")
DEPTH = experiment("scaling-depth", "Does every recurrence have to wait?", DEPTH_WAYS, DEPTH_WAYS)
