"""What is tried on the exercises of the chapter on gradient flow; see `tried`."""

import math

from tried import Tried

NEAR = {1: 1.3, 0.01: 1.07, 0.02: 1.1, 0.05: 1.15, 0.1: 1.18, 8: 1.44}  # scalings

TRIED = {
    "half-life": Tried(
        near=(lambda gate: 1.03 * math.log(0.5) / math.log(gate), 0.5),
        wrong=[
            (lambda gate: 0.5 / (1 - gate), "^k = 1/2 for k."),
            (lambda gate: 1 / (1 - gate), "^k = 1/2 for k."),
            (lambda gate: -math.log(0.5) / math.log(gate), "After -"),
        ],
    ),
    "backward-step": Tried(
        near=(lambda gradient, h, W: (gradient * (1 - h**2)) @ W.T, 0.5),
        wrong=[
            (lambda gradient, h, W: gradient @ W, "Which two factors"),
            (lambda gradient, h, W: gradient * (1 - h**2), "Which two factors"),
            (lambda gradient, h, W: (gradient * (1 - h)) @ W, "Which two factors"),
        ],
    ),
    "steady-gain": Tried(
        near=(lambda arrives: NEAR[arrives], 0.5),
        wrong=[
            (lambda arrives: 0.9, ". Scale up."),
            (lambda arrives: 2.5, ". Scale down."),
            (lambda arrives: 0, "above 0 and at most 10"),
        ],
    ),
}
