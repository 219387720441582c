"""Tables as pictures: rows of models, columns of numbers, the better the fuller in colour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.patches import Rectangle

from ... import figures

LABELS = 2.1  # columns' worth of room for the rows' names
LINES = 1.45  # of two lines, which a narrow screen enlarges
MOVES = 0.1  # a smaller difference is no move


def frame(ax, rows: int, columns: Sequence[str]) -> None:
    """Empty axes for `rows` rows under the columns' names, with room for the larger words of a narrow screen."""
    head = 0.15 + 0.26 * max(name.count("\n") + 1 for name in columns)  # inches
    top = head * rows / (0.98 * ax.figure.get_figheight() - head)
    ax.set(xlim=(0, LABELS + len(columns)), ylim=(rows, -top), xticks=[], yticks=[])
    ax.set_position((0.01, 0.01, 0.98, 0.98))
    ax.grid(False)
    ax.spines[:].set_visible(False)
    look = {"ha": "center", "va": "bottom", "fontsize": 11, "linespacing": LINES}
    for j, name in enumerate(columns):
        ax.text(LABELS + j + 0.5, -0.14, name, gid=f"frame/column{j}", **look)


def label(ax, row: int, words: str, layer: str) -> None:
    """A row's name; what follows a comma stands on a second line if both do not fit."""
    words = words.replace(", ", ",\n") if len(words) > 17 else words
    ax.text(0.0, row + 0.5, words, va="center", fontsize=11, linespacing=LINES, gid=f"{layer}/label{row}")


def cell(ax, row: int, column: int, share: float, words: str, color: str, layer: str, moved: bool = False) -> None:
    """One number; `share` of the colour, from 0 to 1; a frame around what has moved."""
    if np.isfinite(share):
        box = Rectangle(
            (LABELS + column + 0.04, row + 0.06),
            0.92,
            0.88,
            facecolor=color,
            alpha=0.04 + 0.46 * float(np.clip(share, 0, 1)),
            linewidth=0,
            gid=f"{layer}/cell{row}-{column}",
        )
        ax.add_patch(box)
    if moved:
        outline = Rectangle(
            (LABELS + column + 0.04, row + 0.06),
            0.92,
            0.88,
            facecolor="none",
            edgecolor=figures.INK,
            linewidth=2.0,
            gid=f"{layer}/moved{row}-{column}",
        )
        ax.add_patch(outline)
    weight = "bold" if moved else "normal"
    ax.text(
        LABELS + column + 0.5,
        row + 0.52,
        words,
        ha="center",
        va="center",
        fontsize=11,
        fontweight=weight,
        gid=f"{layer}/number{row}-{column}",
    )


def change(now: float, before: float) -> str:
    """A sign for a number that went up or down by more than `MOVES`."""
    return "▲" if now > before + MOVES else "▼" if now < before - MOVES else ""
