"""The notebook's face: the same explorer as an ipywidget whose every move runs the experiment in the kernel."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from html import escape

import ipywidgets as widgets
import numpy as np

from .. import records
from ..figures import STYLES
from ..lens import Experiment, Knob, Result, Value
from . import notebook, parts
from .turns import PAUSE, REST, Redraws, Turns, paced

OWN_SEED = 100  # the reader's runs start here: the recordings hold the first few seeds
WRAP = widgets.Layout(flex_flow="row wrap", align_items="center")
WORDY = {"style": {"description_width": "11rem"}, "layout": widgets.Layout(width="26rem")}
TIPPED = "tooltip" in widgets.Dropdown.class_trait_names()  # in ipywidgets 7 a label shows itself in full


class Live:
    """One explorer in a notebook; `widget` is what is shown.

    A probe runs on every move: on one seed at once, then on the others while nothing newer is asked. A training
    experiment shows what was recorded at the chosen settings; its Run button trains here, and the reader's own run is
    drawn over the recording. Only the newest wish counts, and whose it is says `turns`.
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
        self.turns = Turns(self._rest, self._tell)
        self.own: Result | None = None
        trains = experiment.recorded and experiment.gather is None
        moved = self._settings_moved if experiment.recorded else self._probe_moved
        for one in [*self.controls.values(), self.device]:
            one.observe(lambda _: self.turns.here(moved), "value")
        self.run.on_click(lambda _: self.turns.here(self.turns.begin, self._train))
        self.cancel.on_click(lambda _: self.turns.here(self.turns.stop, "Cancelled; what was trained so far is drawn."))

        if experiment.recorded:
            self._show_recorded()
        else:  # outside any Output: an error here must fail the cell, and with it the book's build
            self._show(experiment.measure(seeds=experiment.seeds[:1], **self._settings()))
        knobs = [
            *self.controls.values(),
            *([self.seed] if trains else []),
            *([] if experiment.gather else [self.device]),
        ]
        buttons = [widgets.HBox([self.run, self.cancel, self.bar, self.status], layout=WRAP)] if trains else []
        self.widget = notebook.box(widgets.HBox(knobs, layout=WRAP), *buttons, self.error, self.picture)
        self.turns.follow(self.widget)
        if not experiment.recorded:
            self.turns.begin(self._probe)
        elif trains and self.turns.loop:
            self.turns.begin(self._warm_up)

    def bundle(self) -> tuple[dict, dict]:
        """What a cell shows, now."""
        return notebook.bundle(self.widget, self.picture.value, f"{self.experiment.question} {self.said}".strip())

    def _settings(self) -> dict[str, Value]:
        return self.experiment.settings(**{name: one.value for name, one in self.controls.items()})

    # Moves: each ends what went on before.

    def _probe_moved(self) -> None:
        self.turns.begin(self._probe)

    def _settings_moved(self) -> None:
        was_running = self.run.disabled
        self.turns.stop("")
        self.own = None
        self._guarded(self._show_recorded)
        if was_running:
            self.status.value = "Stopped, since the settings changed."

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

    async def _probe(self) -> None:
        """One seed for an answer within a frame or two, the rest one by one, all of them in the last picture."""
        everyone = self.experiment.seeds
        for n in range(1, len(everyone) + 1):
            await asyncio.sleep(PAUSE)
            result = self.experiment.measure(seeds=everyone[:n], device=self.device.value, **self._settings())
            if n in (1, len(everyone)):
                self._show(result)

    async def _warm_up(self) -> None:
        """Take one step for nothing once the reader rests: the first that PyTorch takes loads modules for a second."""
        await asyncio.sleep(REST)
        next(self.experiment.stream(seeds=(OWN_SEED,), device="cpu", **self._settings()))

    async def _train(self) -> None:
        """Train once, draw as it grows."""
        self.error.value = ""
        self.run.disabled, self.cancel.disabled = True, False
        self.bar.value, self.status.value = 0.0, "starting"
        await asyncio.sleep(PAUSE)
        recorded = self._recorded()
        redraws = Redraws()
        growing = self.experiment.stream(seeds=(self.seed.value,), device=self.device.value, **self._settings())
        async for own in paced(growing, lambda one: one.progress == 1.0):
            self.own = own
            self.bar.value = own.progress
            self.status.value = f"{own.setup['seconds']:.1f} s"
            if redraws.due() or own.progress == 1.0:
                with redraws.drawing():
                    self._show(recorded, own)
        self._rest(f"finished in {self.own.setup['seconds']:.1f} s")

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
            self.status.value = self.said = ""
            return
        self._show(recorded)
        each = recorded.setup["seconds"] / len(recorded.seeds)
        self.status.value = f"a run took about {each:.1f} s where it was recorded"

    def _show(self, result: Result | None, own: Result | None = None) -> None:
        shown = result or own
        drawn, self.said = parts.drawn(self.experiment, shown, own), parts.spoken(self.experiment, shown)
        names = self.experiment.models(shown) + (["own"] if own else [])
        sources = [parts.source_line(r, live=r is own or not self.experiment.recorded) for r in (result, own) if r]
        self.error.value = ""
        self.picture.value = (
            f'<div class="sl-explorer">{parts.legend(names)}'
            f'<div class="sl-picture" role="img" aria-label="{escape(self.said)}">{drawn.svg()}</div>'
            f'<p class="sl-said" aria-live="polite">{parts.description(self.experiment, shown)}</p>'
            + "".join(f'<p class="sl-source">{escape(line)}</p>' for line in sources)
            + "</div>"
        )


def control(knob: Knob, between: bool = True) -> widgets.Widget:
    """The widget of a knob: a menu for a choice, a slider for a number, also `between` the stops of the page."""
    label = f"{STYLES[knob.group].label}: {knob.label.lower()}" if knob.group else knob.label
    tip = {"tooltip": label} if TIPPED else {}
    if knob.is_choice:
        options = [(knob.say(value), value) for value in (*knob.stops, *knob.more)]
        return widgets.Dropdown(options=options, value=knob.default, description=label, **tip, **WORDY)
    spread = (np.geomspace if knob.scale == "log" else np.linspace)(knob.low, knob.high, 25) if between else ()
    values = {*knob.stops, *(round(float(v)) if knob.whole else float(f"{v:.2g}") for v in spread)}
    options = [
        (knob.say(value), value)
        for value in sorted(v for v in values if knob.low <= v <= knob.high and not (knob.whole and v % knob.multiple))
    ]
    return widgets.SelectionSlider(options=options, value=knob.default, description=label, **tip, **WORDY)
