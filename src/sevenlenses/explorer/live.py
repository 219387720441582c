"""The notebook's face: the same explorer as an ipywidget whose every move runs the experiment in the kernel."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from html import escape
from importlib.resources import files

import ipywidgets as widgets
import numpy as np

from .. import records
from ..figures import STYLES
from ..lens import Experiment, Knob, Result, Value
from . import parts

PAUSE = 0.004  # seconds in which the kernel takes further messages: a newer value, a cancel
BREATH = 0.05  # seconds of training between two such pauses
REST = 0.5  # seconds without a move after which the reader rests
REDRAW = 0.3  # seconds of training between two pictures
OWN_SEED = 100  # the reader's runs start here: the recordings hold the first few seeds
WRAP = widgets.Layout(flex_flow="row wrap", align_items="center")
WORDY = {"style": {"description_width": "11rem"}, "layout": widgets.Layout(width="26rem")}


class Live:
    """One explorer in a notebook; `widget` is what is shown.

    A probe runs on every move: on one seed at once, then on the others while nothing newer is asked. A training
    experiment shows what was recorded at the chosen settings; its Run button trains here, and the reader's own run is
    drawn over the recording. Only the newest wish counts: `turn` numbers the wishes, and work for an older one ends.
    """

    def __init__(self, experiment: Experiment, shown: list[str]):
        self.experiment = experiment
        between = experiment.gather is None  # what is gathered from records has no value between the recorded ones
        self.controls = {name: control(experiment.knobs[name], between) for name in shown}
        self.device = widgets.Dropdown(options=["auto", "cpu", "cuda", "mps"], description="Device", **WORDY)
        self.seed = widgets.BoundedIntText(OWN_SEED, min=0, max=10**6, description="Your seed", **WORDY)
        self.run = widgets.Button(description="Run", button_style="primary", icon="play", tooltip="Train here, once")
        self.cancel = widgets.Button(description="Cancel", icon="stop", disabled=True, tooltip="Stop this run")
        self.bar = widgets.FloatProgress(max=1.0, layout=widgets.Layout(width="14rem"))
        self.status, self.picture, self.error = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.turn = 0
        self.lock = threading.RLock()  # JupyterLab may deliver messages in a thread beside the kernel's main one
        self.own: Result | None = None
        trains = experiment.recorded and experiment.gather is None
        moved = self._settings_moved if experiment.recorded else self._probe_moved
        for one in [*self.controls.values(), self.device]:
            one.observe(moved, "value")
        self.run.on_click(lambda _: self._begin(self._train))
        self.cancel.on_click(lambda _: self._stop("Cancelled; what was trained so far is drawn."))

        if experiment.recorded:
            self._show_recorded()
        else:  # outside any Output: an error here must fail the cell, and with it the book's build
            self._show(experiment.measure(seeds=experiment.seeds[:1], **self._settings()))
        css = files(__package__).joinpath("explorer.css").read_text(encoding="utf-8")
        knobs = [
            *self.controls.values(),
            *([self.seed] if trains else []),
            *([] if experiment.gather else [self.device]),
        ]
        buttons = [widgets.HBox([self.run, self.cancel, self.bar, self.status], layout=WRAP)] if trains else []
        style = widgets.HTML(f"<style>{css}</style>")
        self.widget = widgets.VBox([style, widgets.HBox(knobs, layout=WRAP), *buttons, self.error, self.picture])
        if not experiment.recorded:
            self._begin(self._probe)
        elif trains and loop_runs():
            self._begin(self._warm_up)

    def _settings(self) -> dict[str, Value]:
        return self.experiment.settings(**{name: one.value for name, one in self.controls.items()})

    # Moves: each starts a new turn.

    def _probe_moved(self, _change) -> None:
        self._begin(self._probe)

    def _settings_moved(self, _change) -> None:
        was_running = self.run.disabled
        self._stop("")
        self.own = None
        self._guarded(self._show_recorded)
        if was_running:
            self.status.value = "Stopped, since the settings changed."

    def _begin(self, work: Callable[[int], Coroutine]) -> None:
        """Start `work` for a new turn: in the kernel's loop, or to its end where no loop runs (a plain script)."""
        with self.lock:
            self.turn += 1
        task = self._safely(work(self.turn))
        if loop_runs():
            self.task = asyncio.ensure_future(task)  # kept, or it may be collected before it is done
        else:
            asyncio.run(task)

    def _stop(self, why: str) -> None:
        with self.lock:
            self.turn += 1
            self._rest(why)

    async def _safely(self, work: Coroutine) -> None:
        try:
            await work
        except Exception as error:
            self._tell(error)

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:
            self._tell(error)

    def _tell(self, error: Exception) -> None:
        """An error reaches the reader as a line in the explorer; the last good picture stays."""
        self.error.value = f'<p class="sl-error" role="alert">{escape(str(error) or type(error).__name__)}</p>'
        self._rest("")

    # Work.

    async def _probe(self, turn: int) -> None:
        """One seed for an answer within a frame or two, the rest one by one, all of them in the last picture."""
        everyone = self.experiment.seeds
        for n in range(1, len(everyone) + 1):
            await asyncio.sleep(PAUSE)
            if turn != self.turn:
                return
            result = self.experiment.measure(seeds=everyone[:n], device=self.device.value, **self._settings())
            with self.lock:
                if turn == self.turn and n in (1, len(everyone)):
                    self._show(result)

    async def _warm_up(self, turn: int) -> None:
        """Take one step for nothing once the reader rests: the first that PyTorch takes loads modules for a second."""
        await asyncio.sleep(REST)
        if turn == self.turn:
            next(self.experiment.stream(seeds=(OWN_SEED,), device="cpu", **self._settings()))

    async def _train(self, turn: int) -> None:
        """Train once, draw as it grows."""
        self.error.value = ""
        self.run.disabled, self.cancel.disabled = True, False
        self.bar.value, self.status.value = 0.0, "starting"
        await asyncio.sleep(PAUSE)
        recorded = self._recorded()
        breathed = painted = time.perf_counter()
        growing = self.experiment.stream(seeds=(self.seed.value,), device=self.device.value, **self._settings())
        for own in growing:
            now = time.perf_counter()
            if now - breathed < BREATH and own.progress < 1.0:
                continue
            with self.lock:
                if turn != self.turn:  # cancelled, or the settings moved: say nothing over what was said then
                    return
                self.own = own
                self.bar.value = own.progress
                self.status.value = f"{own.setup['seconds']:.1f} s"
                if now - painted > REDRAW or own.progress == 1.0:
                    self._show(recorded, own)
                    painted = time.perf_counter()
                if own.progress == 1.0:
                    self._rest(f"finished in {own.setup['seconds']:.1f} s")
            await asyncio.sleep(PAUSE)
            breathed = time.perf_counter()

    def _rest(self, why: str) -> None:
        self.run.disabled, self.cancel.disabled = False, True
        if why:
            self.status.value = escape(why)

    def _recorded(self) -> Result | None:
        try:
            return records.load(self.experiment, self._settings())
        except records.Missing:
            return None

    def _show_recorded(self) -> None:
        recorded = self._recorded()
        if recorded is None:
            self.picture.value = (
                '<p class="sl-source">Nothing is recorded at these settings. Press Run to train here.</p>'
            )
            self.status.value = ""
            return
        self._show(recorded)
        each = recorded.setup["seconds"] / len(recorded.seeds)
        self.status.value = f"a run took about {each:.1f} s where it was recorded"

    def _show(self, result: Result | None, own: Result | None = None) -> None:
        shown = result or own
        drawn, spoken = parts.drawn(self.experiment, shown, own), parts.spoken(self.experiment, shown)
        names = self.experiment.models(shown) + (["own"] if own else [])
        sources = [parts.source_line(r, live=r is own or not self.experiment.recorded) for r in (result, own) if r]
        self.error.value = ""
        self.picture.value = (
            f'<div class="sl-explorer">{parts.legend(names)}'
            f'<div class="sl-picture" role="img" aria-label="{escape(spoken)}">{drawn.svg()}</div>'
            f'<p class="sl-said" aria-live="polite">{parts.description(self.experiment, shown)}</p>'
            + "".join(f'<p class="sl-source">{escape(line)}</p>' for line in sources)
            + "</div>"
        )


def loop_runs() -> bool:
    """Whether this code runs in a kernel's event loop, and not in a plain script."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def control(knob: Knob, between: bool = True) -> widgets.Widget:
    """The widget of a knob: a menu for a choice, a slider for a number, also `between` the stops of the page."""
    label = f"{STYLES[knob.group].label}: {knob.label.lower()}" if knob.group else knob.label
    if knob.is_choice:
        options = [(knob.say(value), value) for value in (*knob.stops, *knob.more)]
        return widgets.Dropdown(options=options, value=knob.default, description=label, tooltip=label, **WORDY)
    spread = (np.geomspace if knob.scale == "log" else np.linspace)(knob.low, knob.high, 25) if between else ()
    values = {*knob.stops, *(round(float(v)) if knob.whole else float(f"{v:.2g}") for v in spread)}
    options = [
        (knob.say(value), value)
        for value in sorted(v for v in values if knob.low <= v <= knob.high and not (knob.whole and v % knob.multiple))
    ]
    return widgets.SelectionSlider(options=options, value=knob.default, description=label, tooltip=label, **WORDY)
