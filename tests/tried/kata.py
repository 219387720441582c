"""What is tried on the exercises of the chapter on the kata; see `tried`."""

import math

from sevenlenses import kata
from tried import Tried


def direction_or_zero(a, b):
    a, b = ([x / (max(map(abs, one)) or 1.0) for x in one] for one in (a, b))
    return kata.dot(a, b) / (math.hypot(*a) * math.hypot(*b) or 1.0)


def without_a_threshold(a, b):
    return None if kata.norm(a) * kata.norm(b) == 0 else kata.cosine(a, b, 0.0)


def of_sizes(a, b):
    """Divides by the largest entries, in place of the norms."""
    sizes = [max(map(abs, one)) for one in (a, b)]
    return kata.dot(*([x / size for x in one] for one, size in zip((a, b), sizes, strict=True))) if all(sizes) else None


TRIED = {
    "kata-crossing": Tried(
        near=(lambda size, inputs: 3 * inputs, 0.5),
        wrong=[
            (lambda size, inputs: 4 * (size + inputs), "they leave out a product and all projections."),
            (lambda size, inputs: 2 * (size + inputs) + 3, "Write both counts for T steps, divide by T, and solve"),
            (lambda size, inputs: 1, "Attention multiplies each pair twice."),
        ],
    ),
    "kata-cosine": Tried(
        near=(direction_or_zero, 0.5),
        wrong=[
            (kata.cosine, "Of a state that is all zero there is no direction: return None there; got 0.0."),
            (without_a_threshold, "Divide each by its largest entry first: a square of 1e-200 is 0."),
            (of_sizes, "For [3.0, 4.0] and [4.0, 3.0] the cosine is 0.96; got 1.5."),
            (lambda a, b: math.nan, "got nan"),
        ],
    ),
    "kata-turn": Tried(
        near=(lambda turns: 77 * turns, 0.5),
        wrong=[
            (lambda turns: 36 + 72 * (turns - 1), "where the cosine of the cell comes back to a maximum after its"),
            (lambda turns: 72 * (turns + 1), "blank steps and look where the cosine"),
            (lambda turns: 0, "Run "),
        ],
    ),
}
