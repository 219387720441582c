"""What became of the answers about gradients, about bounded activations, and about what has to wait."""

from __future__ import annotations

import numpy as np

from ...figures import scientific
from ...lens import Claim, Finding
from ...models.variants import BUDGET
from .alive import ALIVE, LENGTH, SIZE
from .bounded import BOUNDED, STEPS, blind
from .inorder import INORDER, LENGTHS
from .inorder import SIZE as ROUND_SIZE
from .mitigated import LENGTHS as LATCHED
from .mitigated import MITIGATED, MODELS
from .numbers_flows import agreed, along, cells, chain, first_of_64, growth, remembered, signals, step_back
from .unbounded import BEYOND
from .vanishing import SIZE as PATH_SIZE
from .vanishing import VANISHING


def shrinks_less(load) -> Finding:
    """Q10: what a step leaves of the signal, in an LSTM and in RNNs with and without tanh."""
    lstm = step_back()["lstm"]  # (seeds,)
    usual, turned, shut = (
        {path: np.median(share) for path, share in step_back(**knobs).items()}
        for knobs in ({}, {"recurrence": "orthogonal"}, {"init": "forget-0"})
    )
    if lstm.min() >= 1 or usual["lstm"] <= usual["rnn"]:
        said = f"a step leaves {usual['lstm']:.2f} of it, in an RNN {usual['rnn']:.2f}"
        return Finding(f"fails as stated: {said}", lstm)
    matrix = np.log(usual["rnn-straight"]) / np.log(usual["rnn"])  # the matrix's part of the loss, in logarithms
    if matrix < 0.5 and turned["rnn"] < min(usual["lstm"], shut["lstm"]):
        return Finding("holds", lstm)
    return Finding(
        "holds with a caveat: at the usual start the activations are not the RNN's main cause. A step leaves "
        f"{usual['lstm']:.2f} of it (an RNN: {usual['rnn']:.2f}). But the same RNN without tanh leaves "
        f"{usual['rnn-straight']:.2f}: it is the matrix. Through an orthogonal one, tanh and all, it leaves "
        f"{turned['rnn']:.2f}; an LSTM with forget bias 0 leaves {shut['lstm']:.2f}",
        lstm,
    )


def kept_alive(load) -> Finding:
    """Q11: what 100 steps leave of the gradient at a forget gate of .99; and what the two formulas say."""
    high = ALIVE.measure(device="cpu", gate=0.99)
    alone = ALIVE.measure(device="cpu", gate=0.99, recurrence=0.0)
    low = along("exact", gate=0.9)  # (LENGTH,)
    left = high.exact[:, -1] / high.exact[:, 0]  # (seeds,)
    if left.min() < 0.1:
        return Finding(f"fails as stated: of the gradient {scientific(np.median(left))} is left", left)
    missing = np.median(alone.bare[:, -1] / alone.exact[:, -1])
    if missing < 1.5 and np.median(high.off[:, -1]) < 0.2:
        return Finding("holds", left)
    exact, formula = along("exact")[-1], along("whole")[-1]
    return Finding(
        f"holds with a caveat: not by the formula. {LENGTH - 1} steps back the derivative is {scientific(exact)}, "
        f"{np.median(left):.0f} times what it is at the end; by the formula it would be {scientific(formula)}: paths "
        f"through h carry the rest. At a gate of 0.9 they leave {low[-1] / low[0]:.2f}, the formula "
        f"{scientific(0.9 ** (LENGTH - 1))}. "
        f"The product alone, without the derivative at the end, is {missing:.0f} times too large even where no path "
        "goes through h",
        left,
    )


def softens(load) -> Finding:
    """Q14: how far each start remembers, gates or not."""
    found = load(MITIGATED, MITIGATED.settings())
    far = remembered(found)
    usual = found.final[:, MODELS.index("lstm-forget-1"), LATCHED.index(64)]  # (seeds,)
    best, gates = max(far[name] for name in MODELS if name.startswith("lstm")), far["lstm-forget-1"]
    plain, turned = far["rnn"], far["rnn-orthogonal"]
    if best <= max(plain, turned):
        return Finding(f"fails as stated: an RNN remembers {max(plain, turned)} steps, an LSTM {best}", usual)
    chrono = far["lstm-chrono"]
    said = f"an LSTM remembers {gates} steps with forget bias 1, {far['lstm-forget-3']} with 3, {chrono} by chrono"
    if best < LATCHED[-1] and gates > turned:
        return Finding(f"holds: {said}; an RNN {turned}", usual)
    weakest, strongest = signals(found)
    alone = (
        f". Nor does the size of the gradient decide alone: runs learned from {scientific(weakest)}, and others failed "
        f"from {scientific(strongest)}"
    )
    longest = ", the longest tried" if chrono == LATCHED[-1] else ""
    return Finding(
        f"holds with a caveat: how far hangs on its start, and on which gates. {said[0].upper()}{said[1:]}{longest}; "
        f"a GRU {far['gru'] or 'none'} at its usual start; an RNN {plain or 'none'}, and {turned or 'none'} if its "
        f"matrix starts orthogonal"
        f"{alone if weakest < strongest else ''}",
        usual,
    )


def bounds(load) -> Finding:
    """Q16: how large c and h get, what is lost where tanh is flat, and whether a network needs the bound."""
    held = BOUNDED.measure(device="cpu")
    values = held.cell[:, -1]  # (1,)
    if held.cell.max() <= 1:
        return Finding(f"fails as stated: the cell stays within {scientific(held.cell.max())}", values)
    median, greatest = cells(load)
    since = blind(held)
    seen = f", and from step {since} on h is 1 to the last bit of float32" if since is not None else ""
    free, tied = (first_of_64(variant, load) for variant in ("irnn", "rnn"))
    largest = growth(load)  # (BEYOND,)
    if since is None and free < 0.9:
        return Finding("holds", values)
    return Finding(
        f"holds with a caveat: what lies beyond the bound is not seen. Given one input again and again, the cell grows "
        f"to {values[0]:.0f} in {STEPS} steps{seen}. (In LSTMs trained to keep a flagged value half of the cells are "
        f"below {median:.1f}, the greatest is {greatest:.0f}.) Nor is a bound needed to learn: with ReLU, and an "
        f"identity to start from, an RNN recalls the first of 64 tokens in {free:.2f} of the sequences, "
        f"with tanh in {tied:.2f}. "
        f"What the bound saves is growth: that network's state has numbers of {largest[64 - 1]:.0f} at "
        f"step 64, and of {scientific(largest[-1])} at step {BEYOND}",
        values,
    )


def in_order(load) -> Finding:
    """Q20: the chain, the share of the work outside it, and how soon guesses at all steps at once are right."""
    found = chain()
    usual = found.rounds["forget-1"]  # (seeds,)
    needed = [np.median(rounds) for rounds in found.rounds.values()]
    if found.each < 0.5:
        return Finding("fails as stated: its longest chain does not grow with every step", usual)
    if max(needed) > LENGTHS[-1] / 2:
        return Finding("holds", usual)
    before, trained = agreed(load)
    return Finding(
        f"holds with a caveat: not in one go. Each step adds {found.each:.0f} operations to the chain, but "
        f"{found.outside:.0%} of the multiplications wait for nothing. And guesses at all steps at once, each made "
        f"better by the last, are right to a millionth after {min(needed):.0f} to {max(needed):.0f} rounds for "
        f"{LENGTHS[-1]} steps, by the start, before training. 24 steps of a flagged value are right to a thousandth "
        f"after {before:.0f} rounds before training and {trained:.0f} after it",
        usual,
    )


FLOWS = (
    Claim(
        "Q10",
        "Bounded activations still make an LSTM's gradient shrink, yet less than an RNN's.",
        "what a step back leaves of a signal along an LSTM's cells, forget bias 1, before training",
        VANISHING,
        shrinks_less,
        scope=f"one-layer RNN and LSTM, {PATH_SIZE} units, several starts, untrained; noise",
    ),
    Claim(
        "Q11",
        "A forget gate near 1 keeps the gradient along the cells alive.",
        f"the derivative {LENGTH - 1} steps back over that at the last step, forget gate held at 0.99",
        ALIVE,
        kept_alive,
        scope=f"one-layer LSTM, {SIZE} units, forget gate held, untrained; {LENGTH} steps of noise",
    ),
    Claim(
        "Q14",
        "The LSTM softens the vanishing gradient and does not remove it.",
        "accuracy of an LSTM with forget bias 1, 64 steps to remember",
        MITIGATED,
        softens,
        scope=f"one-layer RNNs, LSTMs and GRUs, {BUDGET:,} parameters; keep one of 8 classes over {LATCHED[0]} to "
        f"{LATCHED[-1]} steps; best of five rates",
    ),
    Claim(
        "Q16",
        "Bounded activations bound the outputs, not the cell.",
        f"the cell after {STEPS} equal inputs, forget gate held at 0.999; h is 1",
        BOUNDED,
        bounds,
        scope=f"one LSTM unit, gates held, {STEPS} equal inputs",
    ),
    Claim(
        "Q20",
        "An LSTM cannot be computed for all steps at once.",
        f"rounds over {LENGTHS[-1]} steps at once until all agree to a millionth, forget bias 1, before training",
        INORDER,
        in_order,
        scope=f"one-layer LSTM, {ROUND_SIZE} units, several starts, untrained; {LENGTHS[0]} to {LENGTHS[-1]} steps "
        f"of noise",
    ),
)
