"""Axes that are drawn quickly: of Matplotlib's time for a picture, most goes into making a tick for each place."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Tick, XAxis, YAxis
from matplotlib.backend_bases import RendererBase
from matplotlib.ticker import NullLocator


class OneTick:
    """An axis with a single tick, drawn at one place after the other.

    Where its label is must have been said with `set_label_coords`: it does not shift for the words of the ticks.
    """

    def reset_ticks(self) -> None:
        super().reset_ticks()
        self.minorTicks = []  # else one is made for each axis, though few have any

    def get_major_ticks(self, numticks: int | None = None) -> list[Tick]:
        return self.majorTicks * (len(self.get_majorticklocs()) if numticks is None else numticks)

    def draw(self, renderer: RendererBase) -> None:
        if not self.get_visible():
            return
        renderer.open_group("matplotlib.axis", gid=self.get_gid())
        for tick in self._at_each_place():
            tick.draw(renderer)
        if self.label.get_text():
            self._update_label_position(renderer)
            self.label.draw(renderer)
        self.offsetText.set_text(self.major.formatter.get_offset())
        if self.offsetText.get_text():
            self._update_offset_text_position(*self._get_ticklabel_bboxes(self.get_major_ticks(1), renderer))
            self.offsetText.draw(renderer)
        renderer.close_group("matplotlib.axis")
        self.stale = False

    def _at_each_place(self) -> Iterator[Tick]:
        low, high = np.sort(self.get_transform().transform(self.get_view_interval()))
        near = 1e-10 * (high - low)
        major = self.major, self.get_majorticklocs, self.get_major_ticks
        minor = self.minor, self.get_minorticklocs, self.get_minor_ticks
        for ticker, places, ticks in (major, minor):
            if isinstance(ticker.locator, NullLocator):
                continue
            at = places()
            for place, word in zip(at, ticker.formatter.format_ticks(at), strict=True):
                if low - near <= self.get_transform().transform(place) <= high + near:
                    (tick,) = ticks(1)
                    tick.update_position(place)
                    tick.label1.set_text(word)
                    yield tick


class QuickX(OneTick, XAxis):
    """A horizontal one."""


class QuickY(OneTick, YAxis):
    """A vertical one."""


class QuickAxes(Axes):
    """Axes with such an axis on each side."""

    def _init_axis(self) -> None:
        self.xaxis, self.yaxis = QuickX(self, clear=False), QuickY(self, clear=False)
        for side in ("bottom", "top"):
            self.spines[side].register_axis(self.xaxis)
        for side in ("left", "right"):
            self.spines[side].register_axis(self.yaxis)
