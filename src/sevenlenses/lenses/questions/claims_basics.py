"""What became of the answers about states, shapes, units and unrolling."""

from __future__ import annotations

import numpy as np

from ...figures import minus, scientific
from ...lens import Claim, Finding
from .arithmetic import ARITHMETIC
from .exposure import EXPOSURE, HIDDEN
from .joined import JOINED, UPDATES, WAYS
from .layout import INPUTS, LAYOUT, ROWS
from .numbers_basics import BLUR, CLOSED, CUT, counted, cut_off, felt, kilobytes, let_out, nodes, told
from .parts import LENGTHS, PARTS, UNITS
from .truncated import STEPS, TRUNCATED
from .truncated import UNITS as UNROLLED_UNITS
from .unrolled import LENGTHS as GRAPHS
from .unrolled import UNROLLED

ROUNDING = 1e-9  # relative; what float64 leaves is far below


def exposed(load) -> Finding:
    """Q1: is h = o tanh c, and does the gate hide anything from a linear reader?"""
    apart = EXPOSURE.measure(device="cpu").apart.max()
    values = told()["state"]  # (seeds,)
    (h, c), (h_blurred, c_blurred), (h_shut, c_shut) = (
        [np.median(told(**knobs)[what]) for what in ("state", "cell")]
        for knobs in ({}, {"blur": BLUR}, {"bias": CLOSED})
    )
    if apart > ROUNDING:
        return Finding(f"fails as stated: h differs from o tanh c by up to {scientific(apart)}", values)
    if h < 0.9 * c:
        return Finding("holds", values)
    closed = scientific(let_out(bias=CLOSED))
    return Finding(
        "holds with a caveat: h is o tanh c to rounding, but what is let out little is not hidden. With the usual "
        f"gates a linear reader gets as much from h ({h:.1f} inputs, summed over distances) as from c "
        f"({c:.1f}). Closed gates (bias {minus(CLOSED, 'g')}) leave h a size of {closed}, and it still "
        f"tells {h_shut:.1f} (c: {c_shut:.1f}). Under a blur of {BLUR}, with the usual gates, c tells clearly more "
        f"({c_blurred:.1f} to {h_blurred:.1f})",
        values,
    )


def laid_out(load) -> Finding:
    """Q2: are x(t) and h(t) columns on paper and rows in code, with the same numbers?"""
    found = LAYOUT.measure(device="cpu")
    apart, batch, size = found.apart.max(1), found.knobs["batch"], found.knobs["size"]  # (seeds,), two numbers
    turned = [
        found.paper[0, ROWS.index(name)].tolist() == [width, 1]
        and found.code[0, ROWS.index(name)].tolist() == [batch, width, 0]
        for name, width in (("x(t)", INPUTS), ("h(t)", size), ("c(t)", size))
    ]
    if not all(turned):
        return Finding("fails as stated: x(t) and h(t) are not columns here and rows there", apart)
    if apart.max() > ROUNDING:
        return Finding(f"fails as stated: the two layouts differ by {scientific(apart.max())}", apart)
    return Finding("holds", apart)


def joined(load) -> Finding:
    """Q3: are one matrix and two the same function, of as many parameters, also after training?"""
    found = JOINED.measure(device="cpu")
    apart = found.apart.max(1)  # (seeds,)
    if found.moved[:, -1].min() < 0.01:
        return Finding("fails as stated: nothing was learned, so nothing was compared", apart)
    count = dict(zip(WAYS, found.parameters[0], strict=True))
    if count["joined"] != count["apart"]:
        said = f"one has {count['joined']:,.0f} parameters, the other {count['apart']:,.0f}"
        return Finding(f"fails as stated: {said}", apart)
    if apart.max() > ROUNDING:
        return Finding(f"fails as stated: after training the two are apart by {scientific(apart.max())}", apart)
    return Finding("holds", apart)


def arithmetic(load) -> Finding:
    """Q6: do sums, products, an exponential and a division make PyTorch's LSTM?"""
    apart, counts = ARITHMETIC.measure(device="cpu").apart.max(), counted()
    if apart > ROUNDING:
        said = f"they differ from PyTorch by up to {scientific(apart)}"
        return Finding(f"fails as stated: {said}", np.sum(list(counts.values()), 0))
    return Finding("holds", counts["times"] + counts["plus"])


def parts(load) -> Finding:
    """Q8: is there one cell however long the sequence, and is a unit something by itself?"""
    weights, moved = PARTS.measure(device="cpu").used, felt().astype(float)  # (seeds, LENGTHS), (seeds,)
    if np.ptp(weights):
        return Finding(
            f"fails as stated: {weights.min():.0f} weights become {weights.max():.0f} over more steps", moved
        )
    if moved.max() == 1:
        return Finding("holds", moved)
    return Finding(
        f"holds with a caveat: a unit is no network of its own: a push at one moves {moved.min():.0f} of {UNITS} a "
        f"step later. And a layer has one cell, used at every step: {weights[0, 0]:.0f} weights over {LENGTHS[0]} "
        f"steps and over {LENGTHS[-1]}",
        moved,
    )


def unrolled(load) -> Finding:
    """Q9: are the numbers those of PyTorch's own module, and what does the graph cost?"""
    apart = UNROLLED.measure(device="cpu", digits="float64").apart.max((1, 2))  # (seeds,)
    loop = nodes(digits="float64")["lstm-loop"]  # (LENGTHS,)
    if apart.max() > ROUNDING:
        return Finding(f"fails as stated: the numbers differ by up to {scientific(apart.max())}", apart)
    if loop[-1] == loop[0]:
        return Finding("holds", apart)
    return Finding(
        "holds with a caveat: to the numbers, which agree to rounding. To the graph it adds: "
        f"{loop[0]:,.0f} nodes at {GRAPHS[0]} step, {loop[-1]:,.0f} at {GRAPHS[-1]}",
        apart,
    )


def whole_gradient(load) -> Finding:
    """Q15: how wrong is the gradient without the unrolled steps, and is there another way to it?"""
    error = cut_off()
    part, whole = error[CUT], error[STEPS].max()  # (seeds,), a number
    if whole > ROUNDING:
        return Finding(f"fails as stated: unrolled whole it is off by {scientific(whole)}", part)
    if TRUNCATED.measure(device="cpu").forward.max() > 1e-6:
        return Finding("holds", part)
    slow = np.median(cut_off(init="forget-3")[CUT])
    stored, carried = kilobytes()
    return Finding(
        f"holds with a caveat: the usual way, and not the only one. Forward mode finds the same slope, to rounding, "
        f"and carries {carried:.0f} kB where unrolling stores {stored:.0f}, but "
        f"only along one direction a pass. Cut to {CUT} of {STEPS} steps the gradient is off by "
        f"{np.median(part):.0%} (with forget bias 3, by {slow:.0%})",
        part,
    )


BASICS = (
    Claim(
        "Q1",
        "The hidden state is the part of the cell that the output gate lets out.",
        "inputs that a linear reader gets from h, summed over distances",
        EXPOSURE,
        exposed,
        scope=f"one-layer LSTM, {HIDDEN} units, untrained; one long sequence of noise, read by linear readouts",
    ),
    Claim(
        "Q2",
        "Inputs and states are column vectors on paper, and rows of a batch in code.",
        "the greatest difference between the two layouts",
        LAYOUT,
        laid_out,
        scope=f"one layer, {LAYOUT.knobs['size'].default} units, {LAYOUT.knobs['batch'].default} sequences, "
        f"untrained; 64 bits",
    ),
    Claim(
        "Q3",
        "One matrix on the joined vector does what two matrices on its parts do.",
        "how far two nets trained alike are apart, relative to their matrices' size",
        JOINED,
        joined,
        scope=f"one layer, {JOINED.knobs['size'].default} units, {UPDATES} training steps; 64 bits",
    ),
    Claim(
        "Q6",
        "An LSTM is sums, products and a few fixed functions.",
        "sums and products in one step of 8 units",
        ARITHMETIC,
        arithmetic,
        scope=f"one step of one layer, {ARITHMETIC.knobs['size'].default} units; operations counted",
    ),
    Claim(
        "Q8",
        "A unit is one coordinate, a cell is one step's computation, a layer is all units.",
        f"units out of {UNITS} that a push at one of them moves a step later",
        PARTS,
        parts,
        scope=f"one layer, {UNITS} units, untrained",
    ),
    Claim(
        "Q9",
        "Unrolling adds nothing: it writes the same computation out over time.",
        "the greatest relative difference between our loop and PyTorch's module, 64 bits",
        UNROLLED,
        unrolled,
        scope=f"one-layer LSTM, untrained; {GRAPHS[0]} to {GRAPHS[-1]} steps",
    ),
    Claim(
        "Q15",
        "Unrolling is how the gradient through time is computed.",
        f"the gradient's relative error with {CUT} of {STEPS} steps unrolled",
        TRUNCATED,
        whole_gradient,
        scope=f"one-layer LSTM, {UNROLLED_UNITS} units, five starts, untrained; {STEPS} steps of noise",
    ),
)
