"""What became of the answers about states, shapes, units and unrolling."""

from __future__ import annotations

import numpy as np

from ...figures import minus, scientific
from ...lens import Claim, Finding
from .arithmetic import ARITHMETIC, KINDS
from .exposure import EXPOSURE, READ
from .joined import JOINED
from .layout import INPUTS, LAYOUT, ROWS
from .parts import LENGTHS, PARTS, UNITS
from .truncated import KEPT, TRUNCATED
from .truncated import STEPS as WHOLE
from .unrolled import LENGTHS as GRAPHS
from .unrolled import UNROLLED, WAYS

ROUNDING = 1e-9  # relative; what float64 leaves is far below
BLUR = 0.1
CLOSED = -4.0
CUT = WHOLE // 8  # steps that are unrolled


def exposed(load) -> Finding:
    """Q1: is h = o tanh c, and does the gate hide anything from a linear reader?"""
    sharp, blurred = (EXPOSURE.measure(device="cpu", blur=blur) for blur in (0.0, BLUR))
    state, cell = READ.index("state"), READ.index("cell")
    told = sharp.share.sum(-1)  # (seeds, READ)
    (h, c), (h_blurred, c_blurred) = (np.median(run.share.sum(-1), 0)[[state, cell]] for run in (sharp, blurred))
    if sharp.apart.max() > ROUNDING:
        worst = scientific(sharp.apart.max())
        return Finding(f"fails as stated: h differs from o tanh c by up to {worst}", told[:, state])
    if h < 0.9 * c:
        return Finding("holds", told[:, state])
    shut = EXPOSURE.measure(device="cpu", bias=CLOSED)
    closed = np.median(shut.size[:, -1])
    h_shut, c_shut = np.median(shut.share.sum(-1), 0)[[state, cell]]
    return Finding(
        "holds with a caveat: h is o tanh c to rounding, but what is let out little is not hidden. With the usual "
        f"gates a linear reader gets as much from h ({h:.1f} inputs, summed over distances) as from c "
        f"({c:.1f}). Closed gates (bias {minus(CLOSED, 'g')}) leave h a size of {scientific(closed)}, and it still "
        f"tells {h_shut:.1f} (c: {c_shut:.1f}). Under a blur of {BLUR}, with the usual gates, c tells clearly more "
        f"({c_blurred:.1f} to {h_blurred:.1f})",
        told[:, state],
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
    one, two = found.parameters[0]
    if one != two:
        return Finding(f"fails as stated: one has {one:,.0f} parameters, the other {two:,.0f}", apart)
    if apart.max() > ROUNDING:
        return Finding(f"fails as stated: after training the two are apart by {scientific(apart.max())}", apart)
    return Finding("holds", apart)


def arithmetic(load) -> Finding:
    """Q6: do sums, products, an exponential and a division make PyTorch's LSTM?"""
    found = ARITHMETIC.measure(device="cpu")
    if found.apart.max() > ROUNDING:
        return Finding(
            f"fails as stated: they differ from PyTorch by up to {scientific(found.apart.max())}", found.counts.sum(1)
        )
    return Finding("holds", found.counts[:, [KINDS.index("times"), KINDS.index("plus")]].sum(1))


def parts(load) -> Finding:
    """Q8: is there one cell however long the sequence, and is a unit something by itself?"""
    found = PARTS.measure(device="cpu")
    weights, felt = found.used, (found.reached[:, 1] > 0).sum(1).astype(float)  # (seeds, LENGTHS), (seeds,)
    if np.ptp(weights):
        return Finding(f"fails as stated: {weights.min():.0f} weights become {weights.max():.0f} over more steps", felt)
    if felt.max() == 1:
        return Finding("holds", felt)
    return Finding(
        f"holds with a caveat: a unit is no network of its own: a push at one moves {felt.min():.0f} of {UNITS} a step "
        f"later. And a layer has one cell, used at every step: {weights[0, 0]:.0f} weights over {LENGTHS[0]} steps and "
        f"over {LENGTHS[-1]}",
        felt,
    )


def unrolled(load) -> Finding:
    """Q9: are the numbers those of PyTorch's own module, and what does the graph cost?"""
    exact = UNROLLED.measure(device="cpu", digits="float64")
    apart, loop = exact.apart.max((1, 2)), exact.nodes[0, WAYS.index("lstm-loop")]  # (seeds,), (LENGTHS,)
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
    found = TRUNCATED.measure(device="cpu")
    half = found.error[:, KEPT.index(CUT)]  # (seeds,)
    if found.error[:, -1].max() > ROUNDING:
        return Finding(f"fails as stated: unrolled whole it is off by {scientific(found.error[:, -1].max())}", half)
    if found.forward.max() > 1e-6:
        return Finding("holds", half)
    slow = np.median(TRUNCATED.measure(device="cpu", init="forget-3").error[:, KEPT.index(CUT)])
    return Finding(
        f"holds with a caveat: the usual way, and not the only one. Forward mode finds the same slope, to rounding, "
        f"and carries {found.carried[0, 0] / 1024:.0f} kB where unrolling stores {found.stored[0, -1] / 1024:.0f}, but "
        f"only along one direction a pass. Cut to {CUT} of {WHOLE} steps the gradient is off by "
        f"{np.median(half):.0%} (with forget bias 3, by {slow:.0%})",
        half,
    )


BASICS = (
    Claim(
        "Q1",
        "The hidden state is the part of the cell that the output gate lets out.",
        "inputs that a linear reader gets from h, summed over distances",
        EXPOSURE,
        exposed,
    ),
    Claim(
        "Q2",
        "Inputs and states are column vectors on paper, and rows of a batch in code.",
        "the greatest difference between the two layouts",
        LAYOUT,
        laid_out,
    ),
    Claim(
        "Q3",
        "One matrix on the joined vector does what two matrices on its parts do.",
        "how far two nets trained alike are apart, relative to their matrices' size",
        JOINED,
        joined,
    ),
    Claim(
        "Q6",
        "An LSTM is sums, products and a few fixed functions.",
        "sums and products in one step of 8 units",
        ARITHMETIC,
        arithmetic,
    ),
    Claim(
        "Q8",
        "A unit is one coordinate, a cell is one step's computation, a layer is all units.",
        f"units out of {UNITS} that a push at one of them moves a step later",
        PARTS,
        parts,
    ),
    Claim(
        "Q9",
        "Unrolling adds nothing: it writes the same computation out over time.",
        "the greatest relative difference between our loop and PyTorch's module, 64 bits",
        UNROLLED,
        unrolled,
    ),
    Claim(
        "Q15",
        "Unrolling is how the gradient through time is computed.",
        f"the gradient's relative error with {CUT} of {WHOLE} steps unrolled",
        TRUNCATED,
        whole_gradient,
    ),
)
