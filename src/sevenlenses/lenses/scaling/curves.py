"""Curves against length, and rows of one number each: what the pictures of this lens are put together from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from ... import figures
from .fits import growth
from .ways import LENGTHS

BELOW = 0.25  # a row's numbers stand so far below its label


def length_axis(axes: Axes, lengths: Sequence[int] = LENGTHS) -> None:
    """A logarithmic x axis with a little room at both ends."""
    figures.octave_axis(axes, lengths[-1])
    axes.set_xlim(0.86 * lengths[0], 1.16 * lengths[-1])


def power_axis(axes: Axes, low: int, high: int) -> None:
    """A logarithmic x axis from below 10**low to 10**high, with a tick at each power of ten."""
    axes.set_xscale("log")
    axes.set_xlim(0.3 * 10.0**low, 10.0**high)
    axes.xaxis.set_major_locator(FixedLocator([10.0**e for e in range(low, high + 1)]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: figures.power_of_ten(value)))


def lines(axes: Axes, lengths: Sequence[int], runs: np.ndarray, styles: Sequence[str], layer: str = "runs") -> None:
    """A band for each way: runs (seeds, ways, L). What was not measured leaves a gap."""
    for i, name in enumerate(styles):
        figures.band(axes, np.array(lengths), runs[:, i], figures.STYLES[name], layer=layer)


def own_lines(axes: Axes, lengths: Sequence[int], runs: np.ndarray, styles: Sequence[str]) -> None:
    """The reader's own run over the bands: each way's marker in the reader's colour, joined by a thin line."""
    for i, name in enumerate(styles):
        mine = {"color": figures.STYLES["own"].color, "marker": figures.STYLES[name].marker}
        axes.plot(lengths, runs[0, i], linewidth=0.9, markersize=6, gid=f"own/{name}", **mine)


def row(
    axes: Axes, at: float, values: np.ndarray, style: figures.Style, label: str, layer: str, middle=np.median
) -> None:
    """An entry of a list: a label, and below it the middle and the range of values (seeds,) on the x axis."""
    axes.text(0.02, at - 0.1, label, transform=axes.get_yaxis_transform(), fontsize=10, gid=f"{layer}/word{at:g}")
    if np.isfinite(values).all():
        look, below = {"color": style.color, "gid": f"{layer}/row{at:g}"}, at + BELOW
        axes.plot([values.min(), values.max()], [below, below], linewidth=2.4, alpha=0.6, **look)
        axes.plot([middle(values)], [below], marker=style.marker, linestyle="", **look)


def rows_axis(axes: Axes, count: int) -> None:
    """Room for `count` rows, the first on top; their labels stand inside, and no grid line crosses them.

    Comes last: the grid is that of the x axis as it is now.
    """
    axes.set_ylim(count - 0.4, -0.6)
    axes.set_yticks([])
    axes.grid(visible=False)
    low, high = axes.get_xlim()
    for tick in axes.get_xticks():
        if low <= tick <= high:
            level(axes, count, tick, None, color=figures.FAINT, linewidth=0.8, zorder=0.5)


def level(axes: Axes, count: int, value: float, gid: str | None, **look) -> None:
    """A value of the x axis behind each of `count` rows' numbers, but not behind their labels."""
    middle = np.arange(count) + BELOW
    axes.vlines(np.full(count, value), middle - 0.21, middle + 0.21, gid=gid, **look)


def milliseconds(value: float) -> str:
    """0.00123 seconds as "1.2 ms"."""
    if not np.isfinite(value):
        return "not measured"
    return (
        f"{value:.2g} s"
        if value >= 0.995
        else f"{1e3 * value:.{0 if value >= 0.00995 else 1 if value >= 0.00095 else 2}f} ms"
    )


def kilobytes(value: float) -> str:
    """Bytes as "0.5 kB" or "16 MB", with 1024 bytes in a kilobyte."""
    if not np.isfinite(value):
        return "not measured"
    size = value / 1024
    return f"{size / 1024:.{1 if size < 10240 else 0}f} MB" if size >= 1000 else f"{size:.{2 if size < 1 else 0}f} kB"


def said_exponent(values: np.ndarray) -> str:
    """Exponents (seeds,) as "T¹·⁶² (1.58 to 1.66), faster than linear": the mean; of one seed without an interval."""
    middle = values.mean()
    interval = f" ({values.min():.2f} to {values.max():.2f})" * (len(values) > 1)
    return f"{figures.power('T', middle)}{interval}, {growth(middle)}"
