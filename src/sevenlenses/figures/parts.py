"""What pictures are put together from: bands, spreads, levels, axes; and numbers as a reader says them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from .styles import INK, Style

SPACE = "\N{NO-BREAK SPACE}"
SUPERSCRIPT = str.maketrans("-.0123456789", "⁻·⁰¹²³⁴⁵⁶⁷⁸⁹")


def minus(value: float, form: str = ".2f") -> str:
    """A number in this format, with a minus sign where Python has a hyphen: −0.88."""
    return f"{value:{form}}".replace("-", "−")


def power(base: str, exponent: float) -> str:
    """A base and its exponent, T¹·¹³: plain text, too."""
    return base + f"{exponent:.2f}".translate(SUPERSCRIPT)


def power_of_ten(value: float) -> str:
    """1e-40 as "10⁻⁴⁰": plain text, so that a small screen can enlarge it."""
    exponent = round(float(np.log10(value)))
    return "1" if exponent == 0 else f"10{str(exponent).translate(SUPERSCRIPT)}"


def scientific(value: float) -> str:
    """A number as a reader says it: 0.031, or 4.1 × 10⁻³⁰."""
    if value != 0 and np.isfinite(value) and not 1e-3 <= abs(value) < 1e4:
        return spelled(f"{value:.1e}")
    return minus(value, ".0f" if 99.5 <= abs(value) < 1e4 else ".2g")


def spelled(number: str) -> str:
    """A number as a program writes it, "1.74e-16", as a reader does: 1.74 × 10⁻¹⁶, on one line."""
    mantissa, e, exponent = number.partition("e")
    mantissa = mantissa.replace("-", "−")
    return f"{mantissa}{SPACE}×{SPACE}10{str(int(exponent)).translate(SUPERSCRIPT)}" if e else mantissa


def log_axis(axes: Axes, low: int, high: int, every: int, *, floor: bool = False) -> None:
    """A logarithmic y axis from 10**low to 10**high, ticks `every` so many powers of ten.

    With `floor`, what is smaller was drawn at the lowest tick, and that tick says so.
    """
    axes.set_yscale("log")
    axes.set_ylim(10.0**low, 10.0**high)
    axes.yaxis.set_major_locator(FixedLocator([10.0**e for e in range(low - low % every, high + 1, every)]))
    axes.yaxis.set_minor_locator(NullLocator())
    lowest = 10.0**low if floor else 0.0
    axes.yaxis.set_major_formatter(FuncFormatter(lambda at, _: ("≤" if at <= lowest else "") + power_of_ten(at)))


def room(axes: Axes) -> None:
    """A little more of the x axis at both ends, so that markers there are whole."""
    scale = axes.xaxis.get_transform()
    low, high = scale.transform(np.array(axes.get_xlim()))
    more = 0.015 * (high - low)
    axes.set_xlim(*scale.inverted().transform(np.array([low - more, high + more])))


def reference(axes: Axes, value: float, word: str, layer: str, line: str | tuple = ":") -> None:
    """A level to compare with, such as chance: a thin line with its name at the right end."""
    axes.axhline(value, color=INK, linewidth=1.0, linestyle=line, gid=f"{layer}/reference")
    axes.annotate(
        word,
        (1, value),
        xycoords=("axes fraction", "data"),
        xytext=(0, 3),
        ha="right",
        textcoords="offset points",
        fontsize=10,
        gid=f"{layer}/reference-word",
    )


def upright(axes: Axes, x: float, y: float, word: str, gid: str) -> None:
    """A word read from below, its end at (x, y): it stays there when a small screen enlarges it."""
    axes.text(x, y, word, rotation=90, rotation_mode="anchor", ha="right", va="center_baseline", fontsize=10, gid=gid)


def octaves(last: int) -> np.ndarray:
    """1 … last, evenly spread on a scale of doublings."""
    return np.unique(np.geomspace(1, last, 25).round().astype(int))


def octave_axis(axes: Axes, last: int) -> None:
    """A logarithmic x axis from 1 to `last` with a tick at every doubling, or at every second."""
    axes.set_xscale("log", base=2)
    axes.set_xlim(1, last)
    every = 1 if last <= 128 else 2
    axes.xaxis.set_major_locator(FixedLocator([2**e for e in range(0, int(np.log2(last)) + 1, every)]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def spread(axes: Axes, x: np.ndarray, runs: np.ndarray, style: Style, *, layer: str) -> None:
    """Mean over runs (seeds, points) as a line with markers, least to greatest as bars."""
    axes.vlines(x, runs.min(0), runs.max(0), color=style.color, linewidth=1.2, alpha=0.6, gid=f"{layer}/bars")
    axes.plot(x, runs.mean(0), color=style.color, linestyle=style.line, marker=style.marker, gid=f"{layer}/means")


def beside(axes: Axes, labels: Sequence[str], rows: Sequence[tuple[Style, np.ndarray]], width: float = 0.6) -> None:
    """Kinds of things along x, `labels`; for each of them every row (style, runs (seeds, kinds)) beside the others: a
    marker for the mean, a bar from least to greatest."""
    for shift, (style, runs) in zip(np.linspace(-width / 2, width / 2, len(rows)), rows, strict=True):
        x = np.arange(len(labels)) + shift
        axes.vlines(x, runs.min(0), runs.max(0), color=style.color, linewidth=1.6, alpha=0.6, gid="runs/bars")
        axes.plot(x, runs.mean(0), color=style.color, ls="", marker=style.marker, markersize=8, gid="runs/means")
    axes.set_xticks(range(len(labels)), labels)
    axes.tick_params(axis="x", length=0)
    axes.grid(False, axis="x")
    axes.set_xlim(-0.5, len(labels) - 0.5)


def thin(length: int, points: int = 18) -> np.ndarray:
    """Which of `length` samples a curve needs for the eye: the first few, then evenly spread to the end."""
    return np.unique(np.r_[: min(4, length), np.linspace(0, length - 1, min(points, length)).round().astype(int)])


def band(
    axes: Axes, x: np.ndarray, runs: np.ndarray, style: Style, *, layer: str, label: str | None = None, floor=None
):
    """Median over runs (seeds, points) as a line, least to greatest as a band; grouped under `layer` in the SVG.

    With `floor`, values below it are drawn at it: a log axis has no place for zero.
    """
    runs = runs if floor is None else np.maximum(runs, floor)
    line = np.median(runs, 0)
    if len(runs) > 1:
        axes.fill_between(x, runs.min(0), runs.max(0), color=style.color, alpha=0.18, linewidth=0, gid=f"{layer}/band")
    return axes.plot(
        x,
        line,
        color=style.color,
        linestyle=style.line,
        marker=style.marker,
        markevery=max(1, len(x) // 6),
        label=label or style.label,
        gid=f"{layer}/line",
        solid_capstyle="round",
    )
