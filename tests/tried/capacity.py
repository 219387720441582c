"""What is tried on the exercises of the chapter on capacity; see `tried`."""

import math

from tried import Tried


def outer(a, b):
    return a.unsqueeze(-1) * b.unsqueeze(-2)


TRIED = {
    "pair-bits": Tried(
        near=(lambda pairs, keys, values: math.log2(math.perm(keys, pairs)) + pairs * math.log2(values), 0.5),
        wrong=[
            (lambda pairs, keys, values: pairs * math.log2(keys * values) + 1, "out of"),
            (lambda pairs, keys, values: pairs * math.log2(values), "how many bits is one value"),
            (lambda pairs, keys, values: math.log2(math.comb(keys, pairs)), "Which sets of"),
        ],
    ),
    "running-sums": Tried(
        near=(lambda S, z, k, v: (S + outer(v, k), z + k), 0.5),
        wrong=[
            (lambda S, z, k, v: (outer(k, v), k), "off by up to"),
            (lambda S, z, k, v: (S + outer(v, k), z + v), "S gains the outer product of k and v"),
            (lambda S, z, k, v: (z, S), "should return S and z"),
        ],
    ),
    "room-for-forty": Tried(
        near=(lambda lag: lag + 12 + 4 * (lag > 35), 0.5),
        wrong=[
            (lambda lag: lag - 20 + lag % 2, "not yet half. Go larger."),
            (lambda lag: 4 * lag, "Go smaller."),
            (lambda lag: lag + 1, "should be a multiple of 4"),
        ],
    ),
}
