"""One colour, marker and line style for each model, the same everywhere."""

from __future__ import annotations

import zlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Style:
    """How one thing looks everywhere: told apart by colour, by marker and by line."""

    label: str
    color: str
    marker: str
    line: str | tuple


VERMILLION, BLUE, GREEN, PINK = "#d55e00", "#0072b2", "#009e73", "#c2185b"
PURPLE, SKY, GOLD = "#7b4fc9", "#4a90a4", "#9a7200"
INK, FAINT = "#010203", "#040506"  # stand-ins for text and for grid lines
DASHED, DOTTED, DASH_DOTTED = (0, (5, 2)), (0, (1, 1.6)), (0, (7, 2, 1.5, 2))
TWICE_DOTTED = (0, (7, 1.5, 1.5, 1.5, 1.5, 1.5))
SPARE = [(marker, TWICE_DOTTED) for marker in "xH+1"]  # in gold


class Styles(dict):
    """Styles by name. A model that has none of its own gets a spare one, by its name: the same wherever it appears."""

    def __missing__(self, name: str) -> Style:
        marker, line = SPARE[zlib.crc32(name.encode()) % len(SPARE)]
        return self.setdefault(
            name, Style(name.upper() if len(name) < 5 else name.replace("-", " "), GOLD, marker, line)
        )


STYLES = Styles(
    {
        "rnn": Style("RNN", VERMILLION, "o", DASHED),
        "rnn-orthogonal": Style("RNN, orthogonal", VERMILLION, "P", DOTTED),
        "lstm": Style("LSTM", BLUE, "s", "-"),
        "lstm-forget-0": Style("LSTM, forget bias 0", BLUE, "X", DOTTED),
        "lstm-forget-1": Style("LSTM, forget bias 1", BLUE, "s", "-"),
        "lstm-forget-3": Style("LSTM, forget bias 3", BLUE, "D", DASHED),
        "lstm-chrono": Style("LSTM, chrono", BLUE, "*", DASH_DOTTED),
        "lstm-larger": Style("LSTM, larger", BLUE, "D", DASHED),
        "lstm-longer": Style("LSTM, trained longer", BLUE, "P", DASH_DOTTED),
        "lstm-few-keys": Style("LSTM, few keys", BLUE, "X", DOTTED),
        "attention": Style("attention", GREEN, "^", DASH_DOTTED),
        "attention-positions": Style("attention, positions", GREEN, "v", DASH_DOTTED),
        "deep-attention": Style("attention, two layers", GREEN, "D", DASHED),
        "deep-positions": Style("attention, two layers, positions", GREEN, "X", DOTTED),
        "attend-1": Style("attention, one layer", GREEN, "^", DASH_DOTTED),
        "attend-2": Style("attention, two layers", GREEN, "D", DASHED),
        "block-1": Style("one transformer block", PURPLE, "s", DASH_DOTTED),
        "block-2": Style("two transformer blocks", PURPLE, "h", DASHED),
        "linear-attention": Style("linear attention", PURPLE, "p", DOTTED),
        "short-attention": Style("attention, short convolution", GREEN, "P", "-"),
        "short-linear": Style("linear attention, short convolution", PURPLE, "h", DASH_DOTTED),
        "vector": Style("vector, gates", BLUE, "X", DOTTED),
        "matrix": Style("matrix, added to", PURPLE, "o", "-"),
        "matrix-gated": Style("matrix, gates", PURPLE, "s", DASHED),
        "matrix-reading": Style("matrix, gates that see the last read", PURPLE, "D", DOTTED),
        "matrix-delta": Style("matrix, delta rule", PURPLE, "^", DASH_DOTTED),
        "head-right": Style("accuracy", INK, "o", "-"),
        "head-tied": Style("first layer, from a value to its key", GOLD, "D", DASHED),
        "head-found": Style("second layer, from a key to its value", GREEN, "^", DOTTED),
        "min-lstm": Style("minLSTM", PURPLE, "8", DASHED),
        "bidirectional": Style("bidirectional LSTM", SKY, "<", DASHED),
        "deep-bidirectional": Style("bidirectional LSTM, two layers", SKY, ">", DOTTED),
        "rung-mean": Style("1: keep, average", BLUE, "P", DASHED),
        "rung-asked": Style("2: ask", BLUE, "X", DOTTED),
        "rung-selective": Style("3: choose", BLUE, "D", DASH_DOTTED),
        "rung-unchained": Style("4: no chain", GREEN, "<", DASHED),
        "rung-roles": Style("5: three roles", GREEN, "^", DASH_DOTTED),
        "chained-roles": Style("three roles, with the chain", BLUE, "v", DOTTED),
        "no-growth": Style("only the last 8 kept", GOLD, "h", DASHED),
        "no-asking": Style("relevance fixed", GOLD, "H", DASHED),
        "no-softmax": Style("no softmax", GOLD, "8", DASHED),
        "no-content": Style("by distance", GOLD, "h", DOTTED),
        "no-scale": Style("no scale", GOLD, "H", DOTTED),
        "tied-heads": Style("one role, four heads", GREEN, "P", DOTTED),
        "lstm-coupled": Style("i = 1 − f", SKY, "D", DASHED),
        "lstm-equal": Style("i = f", SKY, "P", DOTTED),
        "lstm-shared": Style("i = f = o", PURPLE, "X", DASHED),
        "lstm-single": Style("one matrix for all four", PURPLE, "p", DOTTED),
        "lstm-exposed": Style("no output gate", GREEN, "^", DASH_DOTTED),
        "lstm-noisy": Style("LSTM, noise in training", BLUE, "D", DASHED),
        "lstm-shared-noisy": Style("i = f = o, noise in training", PURPLE, "P", DOTTED),
        "irnn": Style("ReLU, identity start", GREEN, "^", DASH_DOTTED),
        "deep-head": Style("LSTM, two-layer head", BLUE, "D", DASHED),
        "head-alone": Style("only the head trained", GOLD, "o", DOTTED),
        "deep-head-alone": Style("only a two-layer head trained", GOLD, "D", DASHED),
        "body-alone": Style("all but the head trained", SKY, "<", DASH_DOTTED),
        "loud-body-alone": Style("all but a louder head trained", SKY, ">", DASHED),
        "bag": Style("bag of words", INK, "x", DOTTED),
        "window": Style("window of places", SKY, "D", DASH_DOTTED),
        "direct": Style("direct paths", GREEN, "^", DASH_DOTTED),
        "kept": Style("a vector per step", GREEN, "^", DASH_DOTTED),
        "kept-positions": Style("a vector per step, with positions", GREEN, "v", DASH_DOTTED),
        "rnn-fused": Style("RNN, fused", VERMILLION, "o", DASHED),
        "lstm-fused": Style("LSTM, fused", BLUE, "s", "-"),
        "lstm-loop": Style("LSTM, step by step", BLUE, "X", DOTTED),
        "lstm-step": Style("LSTM", BLUE, "s", "-"),
        "attention-fused": Style("attention, fused", GREEN, "^", DASH_DOTTED),
        "attention-written": Style("attention, written out", GREEN, "D", DASHED),
        "attention-step": Style("attention", GREEN, "^", DASH_DOTTED),
        "kept-fused": Style("a vector per step, fused", GREEN, "^", DASH_DOTTED),
        "kept-written": Style("a vector per step, written out", GREEN, "D", DASHED),
        "min-scan": Style("minLSTM, scan", PURPLE, "8", DASHED),
        "min-loop": Style("minLSTM, step by step", PURPLE, "*", DOTTED),
        "min-step": Style("minLSTM", PURPLE, "8", DASHED),
        "batch-1": Style("batch 1", INK, "o", "-"),
        "batch-4": Style("batch 4", INK, "s", DASHED),
        "batch-16": Style("batch 16", INK, "^", DOTTED),
        "reads-seen": Style("earlier reads in sight", GREEN, "^", DASH_DOTTED),
        "reads-hidden": Style("earlier reads hidden", GREEN, "P", "-"),
        "in-cells": Style("in the cells", BLUE, "s", "-"),
        "in-writes": Style("in what is written", GOLD, "D", DASHED),
        "by-reading": Style("after reads", INK, "o", "-"),
        "by-waiting": Style("after blank steps", INK, "X", DOTTED),
        "scores-trained": Style("scores as trained", GREEN, "^", DASH_DOTTED),
        "scores-scaled": Style("scores that grow with log T", GOLD, "D", DASHED),
        "by-gradient": Style("by gradient", INK, "o", "-"),
        "by-swap": Style("by occlusion", INK, "X", DASHED),
        "by-whole": Style("by gradient, flag too", SKY, "o", DOTTED),
        "by-product": Style("by gradient × input", SKY, "P", DASHED),
        "by-odds": Style("by occlusion, in log odds", GOLD, "X", DOTTED),
        "by-out": Style("left out", GOLD, "D", DASH_DOTTED),
        "by-weights": Style("by weights", GREEN, "^", DASH_DOTTED),
        "rnn-straight": Style("RNN without tanh", VERMILLION, "P", DOTTED),
        "product-whole": Style("gates × ∂L/∂c(T)", INK, ".", DASHED),
        "product-bare": Style("gates alone", GOLD, "x", DOTTED),
        "shown": Style("what is shown, h", SKY, "^", DASH_DOTTED),
        "read-state": Style("from h", BLUE, "s", "-"),
        "read-cell": Style("from c", GOLD, "o", DASHED),
        "read-both": Style("from both", SKY, "<", DOTTED),
        "matrix-joined": Style("one matrix, joined", BLUE, "s", "-"),
        "matrix-apart": Style("two matrices", GOLD, "o", DOTTED),
        "matrix-moved": Style("moved since the start", INK, "D", DASHED),
        "matrix-between": Style("between the two", INK, ".", "-"),
        "apart-states": Style("between the states", INK, "o", "-"),
        "apart-gradients": Style("between the gradients", INK, "X", DASHED),
        "bytes-stored": Style("unrolled: stored", INK, "o", "-"),
        "bytes-carried": Style("forward mode: carried", INK, "X", DASHED),
        "told-trained": Style("trained", BLUE, "s", "-"),
        "told-before": Style("before training", GOLD, "o", DOTTED),
        "kata-cell": Style("LSTM's cell", BLUE, "s", "-"),
        "kata-hidden": Style("LSTM's hidden state", SKY, ">", DASHED),
        "kata-matrix": Style("one matrix, again and again", INK, "", DASHED),
        "gate-0.99": Style("gate 0.99", INK, "o", "-"),
        "gate-0.95": Style("gate 0.95", BLUE, "s", DASHED),
        "gate-0.90": Style("gate 0.90", PURPLE, "D", DASH_DOTTED),
        "gate-0.80": Style("gate 0.80", VERMILLION, "X", DOTTED),
        "lstm-formula": Style("LSTM, formula", BLUE, "", DASHED),
        "lstm-counted": Style("LSTM, counted", BLUE, "s", DOTTED),
        "attention-formula": Style("attention, formula", GREEN, "", DASHED),
        "attention-counted": Style("attention, counted", GREEN, "^", "-"),
        "attention-pairs": Style("attention, pairs alone", GREEN, "v", DOTTED),
        "lstm-mixed": Style("LSTM, forget bias 1, mixed lags", SKY, "P", "-"),
        "lstm-plain": Style("LSTM", BLUE, "s", "-"),
        "lstm-plain-middle": Style("LSTM, cue in the middle", BLUE, "s", DOTTED),
        "lstm-largest": Style("LSTM, largest", BLUE, "P", DOTTED),
        "lstm-two-layers": Style("LSTM, two layers", PURPLE, "D", DASHED),
        "lstm-three-layers": Style("LSTM, three layers", PURPLE, "p", DOTTED),
        "lstm-two-ways": Style("LSTM, two directions", SKY, "<", DASHED),
        "lstm-two-ways-middle": Style("LSTM, two directions, cue in the middle", SKY, ">", DOTTED),
        "product": Style("product of forget gates", INK, ".", DASHED),
        "formula": Style("formula", INK, "", DASHED),
        "formula-told": Style("by the formula", GREEN, "", (0, (2, 1.5))),
        "names-known": Style("who knows the names alone", INK, "", DASHED),
        "own": Style("your run", PINK, "d", "-"),
    }
)

VARIABLES = {
    INK: "currentColor",
    FAINT: "var(--sl-faint)",
    VERMILLION: "var(--sl-rnn)",
    BLUE: "var(--sl-lstm)",
    GREEN: "var(--sl-attention)",
    PINK: "var(--sl-own)",
    PURPLE: "var(--sl-linear)",
    SKY: "var(--sl-both)",
    GOLD: "var(--sl-spare)",
}
