"""The kata's program: an LSTM and an RNN of four units over blank steps, and three tables beside them.

`python -m sevenlenses.kata [--steps 50 --every 10 --digits 4]` prints all tables in the program's order and format.

Plain floats, and sums in the program's order from left to right, so that every printed digit is the program's own:
`sum` would not do, since from Python 3.12 on it corrects its rounding. Nothing is drawn at random; every weight is
a sine.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

Vector = list[float]
Matrix = list[Vector]

INPUTS, HIDDEN = 3, 4
SIGNAL, BLANK = (1.0, 0.5, -0.3), (0.0, 0.0, 0.0)
THRESHOLD = 1e-10  # a norm up to here is taken for none
MATRICES = 6  # of one set of weights
FORGET_RATES, FORGET_STEPS = (0.99, 0.95, 0.90, 0.80), (10, 50, 100, 200, 500, 1000)
LENGTHS = (10, 50, 100, 500, 1000)
ROWS = 5  # the first so many steps are always shown

LIMITS = {"steps": (50, 1, 100_000), "every": (10, 1, 100_000), "digits": (None, 1, 17)}  # default, least, most


@dataclass(frozen=True)
class Weights:
    """The program's weights: (rows, columns) with the state's columns before the input's, and (rows,).

    Attributes:
        gates: matrix (4, 4 + 3) and bias (4,) of "forget", "input", "candidate" and "output".
        recurrent, inward: of the RNN, (4, 4) and (4, 3); its bias is 0.
    """

    gates: dict[str, tuple[Matrix, Vector]]
    recurrent: Matrix
    inward: Matrix


def weights(forget_bias: float = 1.0, turn: int = 0) -> Weights:
    """The program's own weights; another `turn` gives others, made alike from later sines.

    Raises:
        ValueError: `turn` is below 0.
    """
    if turn < 0:
        raise ValueError(f"turn must be a whole number from 0 up; got {turn!r}. Try 0, the program's own weights.")
    first = MATRICES * turn + 1
    names = ("forget", "input", "candidate", "output")
    gates = {
        name: (matrix(HIDDEN, INPUTS + HIDDEN, 0.3, first + i), [forget_bias if name == "forget" else 0.0] * HIDDEN)
        for i, name in enumerate(names)
    }
    return Weights(gates, matrix(HIDDEN, HIDDEN, 0.3, first + 4), matrix(HIDDEN, INPUTS, 0.5, first + 5))


def matrix(rows: int, columns: int, scale: float, seed: int) -> Matrix:
    """(rows, columns) of sines: scale · sin(1.618 n), n counting from 100 · seed."""
    return [[math.sin((i * columns + j + seed * 100) * 1.618) * scale for j in range(columns)] for i in range(rows)]


def dot(a: Iterable[float], b: Iterable[float]) -> float:
    """Σ a b, added from left to right."""
    total = 0.0
    for x, y in zip(a, b, strict=True):
        total += x * y
    return total


def norm(a: Sequence[float]) -> float:
    """√Σ a²."""
    return math.sqrt(dot(a, a))


def sigmoid(x: float) -> float:
    """σ(x) = 1 / (1 + e^-x)."""
    return 1.0 / (1.0 + math.exp(-x))


def cosine(a: Sequence[float], b: Sequence[float], threshold: float = THRESHOLD) -> float:
    """Cosine of the angle between two vectors; 0 where a norm is not above the threshold.

    So 0 has two meanings here: at a right angle, or too small to say. The program prints both as 0.0000.
    """
    sizes = norm(a), norm(b)
    return dot(a, b) / (sizes[0] * sizes[1]) if min(sizes) > threshold else 0.0


def lstm_step(state: tuple[Vector, Vector], x: Sequence[float], made: Weights) -> tuple[Vector, Vector]:
    """One step of the LSTM: (h, c) (4,) each and x (3,) to the next (h, c).

    c' = f c + i g and h' = o tanh c', with f, i, o = σ(W [h, x] + b) and g = tanh(the same with its own W).
    """
    h, c = state
    joined = [*h, *x]

    def gate(name: str, squash: Callable[[float], float]) -> Vector:
        rows, bias = made.gates[name]
        return [squash(dot(row, joined) + b) for row, b in zip(rows, bias, strict=True)]

    f, i, g, o = gate("forget", sigmoid), gate("input", sigmoid), gate("candidate", math.tanh), gate("output", sigmoid)
    c = [f[k] * c[k] + i[k] * g[k] for k in range(HIDDEN)]
    return [o[k] * math.tanh(c[k]) for k in range(HIDDEN)], c


def rnn_step(h: Vector, x: Sequence[float], made: Weights) -> Vector:
    """One step of the RNN: h' = tanh(W_h h + W_x x), (4,) and (3,) to (4,)."""
    return [math.tanh(dot([*row, *inward], [*h, *x])) for row, inward in zip(made.recurrent, made.inward, strict=True)]


@dataclass(frozen=True)
class Path:
    """States (4,) each, after the signal and after every blank step."""

    cell: list[Vector]
    hidden: list[Vector]
    rnn: list[Vector]

    def similarities(self, name: str, threshold: float = THRESHOLD) -> Vector:
        """Cosine of the state called `name` to itself right after the signal, step by step; at first 1."""
        states = getattr(self, name)
        return [cosine(states[0], state, threshold) for state in states]


def run(steps: int, made: Weights, signal: Sequence[float] = SIGNAL) -> Path:
    """Put one signal in, then blank inputs."""
    lstm = lstm_step(([0.0] * HIDDEN, [0.0] * HIDDEN), signal, made)
    rnn = rnn_step([0.0] * HIDDEN, signal, made)
    path = Path([lstm[1]], [lstm[0]], [rnn])
    for _ in range(steps):
        lstm, rnn = lstm_step(lstm, BLANK, made), rnn_step(rnn, BLANK, made)
        path.cell.append(lstm[1])
        path.hidden.append(lstm[0])
        path.rnn.append(rnn)
    return path


def retained() -> list[tuple[int, Vector]]:
    """What a constant forget gate f leaves after n steps: n, and f^n for each of FORGET_RATES."""
    return [(n, [f**n for f in FORGET_RATES]) for n in FORGET_STEPS]


def lstm_operations(length: int, hidden: int = HIDDEN, inputs: int = INPUTS) -> int:
    """The program's count for an LSTM: a multiplication for every weight of the four gates, at every step."""
    return length * 4 * hidden * (inputs + hidden)


def attention_operations(length: int, hidden: int = HIDDEN) -> int:
    """The program's count for attention: every step with every step, over the state's size; no projections."""
    return length * length * hidden


def lines(steps: int = 50, every: int = 10, digits: int | None = None) -> Iterator[str]:
    """What the program prints, line by line."""
    places, shares = digits or 4, digits or 6
    path = run(steps, weights())
    shown = [step for step in range(1, steps + 1) if step <= ROWS or step % every == 0]

    def vector(values: Vector) -> str:
        return "[" + ", ".join(f"{value:+.{places}f}" for value in values) + "]"

    yield "=== LSTM Limitations ===\n"
    yield "--- Information Retention: LSTM vs Vanilla RNN ---\n"
    yield f"LSTM cell state after signal:  {vector(path.cell[0])}"
    yield f"LSTM hidden state after signal: {vector(path.hidden[0])}"
    yield "\nLSTM retention over blank steps:"
    cell, hidden, rnn = (path.similarities(name) for name in ("cell", "hidden", "rnn"))
    for step in shown:
        yield f"  Step {step:>3}: cell_sim={cell[step]:.{places}f}, hidden_sim={hidden[step]:.{places}f}"
    yield "\nVanilla RNN retention over blank steps:"
    for step in shown:
        yield f"  Step {step:>3}: hidden_sim={rnn[step]:.{places}f}"

    yield "\n--- Forget Gate Degradation Analysis ---\n"
    yield "Signal retained after N steps with constant forget gate value:"
    yield " ".join([f"{'Steps':>8}", *(f"{f'f={f:.2f}':>10}" for f in FORGET_RATES)])
    for n, left in retained():
        yield " ".join([f"{n:>8}", *(f"{share:>10.{shares}f}" for share in left)])

    yield "\n--- Sequential Processing Bottleneck ---\n"
    yield "Operations required (sequential, cannot parallelize):"
    for n in LENGTHS:
        yield f"  Length {n:>5}: {lstm_operations(n):>10} ops (must be sequential)"
    yield "\nTransformer self-attention for comparison (parallelizable):"
    for n in LENGTHS:
        many = f"{attention_operations(n):>10} ops (but fully parallelizable across {n} positions)"
        yield f"  Length {n:>5}: {many}"


def whole(name: str) -> Callable[[str], int]:
    """What reads the option `name`: a whole number within its limits."""
    default, least, most = LIMITS[name]

    def read(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(
                f"{name} must be a whole number from {least} to {most}; got {text!r}. Try {default or 4}."
            )
        return int(text)

    return read


def main(arguments: Sequence[str] | None = None) -> int:
    """Print all tables."""
    parser = argparse.ArgumentParser(prog="python -m sevenlenses.kata", description="Print the kata's tables.")
    told = {"steps": "blank steps after the signal", "every": "show every so many steps, and the first five"}
    told["digits"] = "after the point, everywhere; else 4, and 6 in the forget gate's table"
    for name, (default, _, _) in LIMITS.items():
        parser.add_argument(f"--{name}", type=whole(name), default=default, help=told[name])
    for line in lines(**vars(parser.parse_args(arguments))):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
