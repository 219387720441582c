"""What the gradient lens settles, of its own claims and of two that other chapters make."""

from __future__ import annotations

import numpy as np

from ...figures import scientific
from ...lens import Claim, Finding
from ...models.variants import BUDGET
from .decay import DECAY
from .flow import FLOW
from .latch import STEPS
from .lengths import LENGTHS, LENGTHS_REACHED
from .numbers import FAR, NEAR, flow, left, level, local_factor, reached, shares
from .singular import SINGULAR

SHORT, LONG = 64, 512
STARTS = {
    "forget-0": "with forget bias 0",
    "forget-1": "with 1",
    "forget-3": "with 3",
    "chrono": "by chrono",
}
TABLE = {0.99: 0.366, 0.95: 0.00592, 0.90: 2.66e-5, 0.80: 2.04e-10}  # f to the hundredth, three digits


def shrinks(load) -> Finding:
    """G1: what the LSTM's gradient keeps at a step back, for several starts: near the end of the sequence and far."""
    near, far = (
        {start: local_factor(start, stretch, device="cpu") for start in STARTS} for stretch in (NEAR, FAR)
    )  # (seeds,) each
    whole = {start: local_factor(start, (1, 511), device="cpu") for start in STARTS}
    said = f"kept at a step, over the first {NEAR[1]} steps back and beyond {FAR[0]}: " + ", ".join(
        f"{near[start].mean():.2f} and {far[start].mean():.{2 if far[start].mean() < 0.95 else 3}f} {words}"
        for start, words in STARTS.items()
    )
    if whole["forget-1"].max() > 0.98 or max(found.max() for found in whole.values()) >= 1:
        return Finding(f"fails as stated: {said}", whole["forget-1"])
    if max(abs(far[start].mean() - near[start].mean()) for start in STARTS) < 0.1:
        return Finding(f"holds: {said}", whole["forget-1"])
    return Finding(
        f"holds with a caveat: the start decides how fast, and with a good one the factor nears 1. {said.capitalize()}",
        whole["forget-1"],
    )


def does_not_depend_on_distance(load) -> Finding:
    """G2: attention's gradient at the far end over that one step back; and its fall with length."""
    curves = flow(device="cpu")["attention"]  # (seeds, T)
    kept = curves[:, -1] / curves[:, 1]
    short, long = (level(length, device="cpu") for length in (SHORT, LONG))
    if kept.min() < 0.5 or kept.max() > 2:
        return Finding(f"fails as stated: the far end gets {kept.mean():.2f} of the near end", kept)
    if short / long < 2:
        return Finding("holds", kept)
    about = ", about as 1/T" if abs(short / long * SHORT / LONG - 1) < 0.25 else ""
    return Finding(
        f"holds with a caveat: it depends on length. From {SHORT} to {LONG} steps it falls by a factor of "
        f"{short / long:.1f}{about}",
        kept,
    )


def gates_do_not_help(load) -> Finding:
    """G3: the best start of an LSTM against attention, at the greatest length."""
    final, used, _ = reached(load)
    longest = LENGTHS[-1]
    chrono, direct, usual = (final[name, longest] for name in ("lstm-chrono", "attention", "lstm-forget-1"))
    quick, slow = (used[name, longest].mean() for name in ("attention", "lstm-chrono"))
    if chrono.mean() < 0.9 * direct.mean():
        return Finding("holds", chrono)
    return Finding(
        f"fails as stated: at {longest} steps an LSTM started by chrono reaches {chrono.mean():.2f} (usual start "
        f"{usual.mean():.2f}, attention {direct.mean():.2f}). Shorter paths learn faster, in {quick:.0f} steps "
        f"against {slow:.0f}, and need not know the length",
        chrono,
    )


def table_of_gates(load) -> Finding:
    """K2: a real LSTM whose gate is held at f, against the table."""
    found = {gate: left(gate) for gate in TABLE}
    worst = max(abs(found[gate] / share - 1) for gate, share in TABLE.items())
    values = np.array([found[0.99]])
    if worst < 0.005:
        return Finding("holds", values)
    return Finding(f"fails as stated: the table is off by up to {worst:.1%}", values)


def nothing_arrives(load) -> Finding:
    """R2: the share of the gradient at the first of 50 words, for the usual start and for a scaled orthogonal one."""
    usual = shares(device="cpu")[1.0]
    turned = np.median(shares(device="cpu", recurrence="orthogonal")[1.5])
    if usual.max() > 1e-3:
        return Finding(f"fails as stated: a share of {scientific(usual.mean())} arrives", usual)
    if turned < 0.1:
        return Finding("holds", usual)
    return Finding(
        "holds with a caveat: at the usual start. Through an orthogonal matrix scaled by 1.5 the first word gets "
        f"{turned:.1f} times what the last one gets. (The share is a mean over seeds; their median is "
        f"{scientific(np.median(usual))})",
        usual,
    )


CLAIMS = (
    Claim(
        "G1",
        "In an LSTM the backward signal shrinks by a factor at every step.",
        f"the factor per step back over {LONG} steps, forget bias 1, before training",
        FLOW,
        shrinks,
        scope=f"one-layer LSTM, {FLOW.knobs['size'].default} units, four starts, untrained; {LONG} steps of noise",
    ),
    Claim(
        "G2",
        "With direct connections gradient strength does not depend on distance.",
        "attention's gradient 127 steps back, over that one step back",
        FLOW,
        does_not_depend_on_distance,
        scope=f"one layer of attention, no positions, no feed-forward part, size {FLOW.knobs['size'].default}, "
        f"untrained; {SHORT} to {LONG} steps of noise",
    ),
    Claim(
        "G3",
        "Better gating is not the answer, shorter paths are.",
        "accuracy of an LSTM started by chrono, 256 steps to remember",
        LENGTHS_REACHED,
        gates_do_not_help,
        scope=f"one-layer LSTMs and one layer of attention, no positions, no feed-forward part, {BUDGET:,} "
        f"parameters; keep one of 8 classes; {STEPS} training steps, best of five rates",
    ),
    Claim(
        "K2",
        "A forget gate of 0.99 keeps 37% after 100 steps, one of 0.95 keeps 0.6%, one of 0.9 or 0.8 next to nothing.",
        "share left after 100 steps at f = 0.99",
        DECAY,
        table_of_gates,
        scope="an LSTM whose forget gate is held at f; 100 steps, no training",
    ),
    Claim(
        "R2",
        "Over 50 words an RNN's gradient at word 1 is effectively zero.",
        "gradient at word 1 over that at word 50",
        SINGULAR,
        nothing_arrives,
        scope="one-layer RNN, 64 units, untrained; its usual start, or a scaled orthogonal matrix; 50 words of noise",
    ),
)
