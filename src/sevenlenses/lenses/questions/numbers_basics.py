"""The numbers that the answers about states, shapes, units and unrolling take from their probes, a function a question;
and what their claims share."""

from __future__ import annotations

import numpy as np

from ..tables import by_name
from .arithmetic import ARITHMETIC, KINDS
from .exposure import EXPOSURE, READ, SIZES
from .joined import JOINED
from .parts import PARTS, UNITS
from .truncated import KEPT, STEPS, TRUNCATED
from .unrolled import UNROLLED, WAYS

BLUR = 0.1
CLOSED = -4.0  # bias of the output gates
CUT = STEPS // 8  # steps that are unrolled


# What questions and claims share


def told(**knobs) -> dict[str, np.ndarray]:
    """By what is read: inputs that a linear reader gets (seeds,), summed over distances."""
    return by_name(READ, EXPOSURE.measure(device="cpu", **knobs).share.sum(-1))


def let_out(**knobs) -> float:
    """The typical size of h."""
    return np.median(by_name(SIZES, EXPOSURE.measure(device="cpu", **knobs).size)["h"])


def counted() -> dict[str, np.ndarray]:
    """By kind: operations in a step (seeds,)."""
    return by_name(KINDS, ARITHMETIC.measure(device="cpu").counts)


def felt() -> np.ndarray:
    """(seeds,): units that a push at one of them moves a step later."""
    return (PARTS.measure(device="cpu").reached[:, 1] > 0).sum(1)


def nodes(**knobs) -> dict[str, np.ndarray]:
    """By way: the graph's size (LENGTHS,)."""
    return dict(zip(WAYS, UNROLLED.measure(device="cpu", **knobs).nodes[0], strict=True))


def cut_off(**knobs) -> dict[int, np.ndarray]:
    """By the steps that are unrolled: the relative error of the gradient (seeds,)."""
    return by_name(KEPT, TRUNCATED.measure(device="cpu", **knobs).error)


def kilobytes() -> tuple[float, float]:
    """What unrolling all steps stores, and what forward mode carries."""
    found = TRUNCATED.measure(device="cpu")
    return found.stored[0, -1] / 1024, found.carried[0, -1] / 1024


# A function a question


def hidden_state() -> dict:
    """1: what a linear reader gets from h and from c."""
    usual, closed, blurred = (
        {what: np.median(inputs) for what, inputs in told(**knobs).items()}
        for knobs in ({}, {"bias": CLOSED}, {"blur": BLUR})
    )
    return {
        "q1_h": usual["state"],
        "q1_c": usual["cell"],
        "q1_size": let_out(),
        "q1_closed": let_out(bias=CLOSED),
        "q1_h_closed": closed["state"],
        "q1_c_closed": closed["cell"],
        "q1_h_blurred": blurred["state"],
        "q1_c_blurred": blurred["cell"],
    }


def one_matrix() -> dict:
    """3: two nets trained alike."""
    found = JOINED.measure(device="cpu")
    return {"q3_count": found.parameters[0, 0], "q3_moved": np.median(found.moved[:, -1])}


def only_numbers() -> dict:
    """6: operations in a step."""
    counts = {kind: number[0] for kind, number in counted().items()}
    return {"q6_products": counts["times"], "q6_sums": counts["plus"], "q6_powers": counts["exp"]}


def units() -> dict:
    """8: weights of a layer, and units that feel a push."""
    return {"q8_weights": PARTS.measure(device="cpu").used[0, 0], "q8_felt": felt().min(), "q8_units": UNITS}


def graph() -> dict:
    """9: nodes of the graph."""
    found = nodes()
    loop, module = found["lstm-loop"], found["lstm-fused"]
    return {"q9_one": loop[0], "q9_many": loop[-1], "q9_module": module[-1]}


def only_drawn() -> dict:
    """15: the gradient of the last steps alone, and another way to it."""
    usual, slow = (np.median(cut_off(**knobs)[CUT]) for knobs in ({}, {"init": "forget-3"}))
    stored, carried = kilobytes()
    return {"q15_off": usual, "q15_off_3": slow, "q15_stored": stored, "q15_carried": carried}


def measured() -> dict:
    """How it is measured: the probes' seeds."""
    return {"seeds": len(EXPOSURE.seeds)}
