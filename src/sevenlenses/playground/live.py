"""The playground in a notebook: train the three networks here, then read sentences with them in the same view."""

from __future__ import annotations

import asyncio
import time
from html import escape

import ipywidgets as widgets

from .. import figures
from ..explorer import parts
from ..explorer.live import BREATH, OWN_SEED, PAUSE, REDRAW, WORDY, WRAP, loop_runs
from ..lenses.rates import RATES
from ..lenses.reading.learning import BUDGET
from ..tasks.sentences import FIRST, Sentences
from .growing import Together, own, side_by_side
from .page import LABELS, frame_html
from .training import recorded, start

DEFAULT_STEPS = 300  # all three within ten seconds on two cores; the page's runs go on to 800
STYLES = {"rnn": "rnn", "lstm": "lstm", "attention": "attention-positions"}


class Live:
    """The playground with a kernel behind it; `widget` is what is shown.

    Before a run, and after a cancelled one, the frame shows what was recorded; afterwards the reader's own networks.
    """

    def __init__(self):
        self.longest = widgets.IntSlider(33, FIRST, 61, description="Longest sentence", **WORDY)
        self.diet = widgets.Dropdown(
            options=[("all lengths up to it", "mixed"), ("all exactly so long", "exact")],
            description="Sentences",
            **WORDY,
        )
        self.budget = widgets.Dropdown(
            options=[(f"at most {size:,}", size) for size in (1250, BUDGET, 5000)],
            value=BUDGET,
            description="Parameters",
            **WORDY,
        )
        self.steps = widgets.IntSlider(DEFAULT_STEPS, 25, 1600, 25, description="Training steps", **WORDY)
        self.rates = {
            name: widgets.Dropdown(
                options=[(f"{rate:g}", rate) for rate in RATES],
                value=recorded(name, "mixed").plan.learning_rate,
                description=f"{label}: learning rate",
                **WORDY,
            )
            for name, label in LABELS.items()
        }
        self.seed = widgets.BoundedIntText(OWN_SEED, min=0, max=10**6, description="Your seed", **WORDY)
        self.run = widgets.Button(description="Train", button_style="primary", icon="play", tooltip="Train all three")
        self.cancel = widgets.Button(description="Cancel", icon="stop", disabled=True, tooltip="Stop this run")
        self.bar = widgets.FloatProgress(max=1.0, layout=widgets.Layout(width="14rem"))
        self.status, self.error, self.curves, self.frame = (widgets.HTML() for _ in range(4))
        self.turn = 0
        self.run.on_click(lambda _: self._begin())
        self.cancel.on_click(lambda _: self._stop("Cancelled. Below, the networks as they were before."))
        self.frame.value = _frame(frame_html())
        self.status.value = f"three networks, {DEFAULT_STEPS} steps: some seconds"
        knobs = [self.longest, self.diet, self.budget, self.steps, *self.rates.values(), self.seed]
        buttons = widgets.HBox([self.run, self.cancel, self.bar, self.status], layout=WRAP)
        self.widget = widgets.VBox(
            [widgets.HBox(knobs, layout=WRAP), buttons, self.error, self.curves, self.frame],
            layout=widgets.Layout(overflow="visible"),
        )

    def lessons(self) -> dict:
        """What the controls ask for.

        Raises:
            ValueError: values that no training can have.
        """
        longest = self.longest.value
        diet = Sentences(longest=longest, words=longest if self.diet.value == "exact" else None)
        rates = {name: one.value for name, one in self.rates.items()}
        return own(diet, self.budget.value, self.steps.value, rates)

    def _begin(self) -> None:
        """Train in the kernel's loop, or to the end where no loop runs (a plain script)."""
        self.turn += 1
        work = self._train(self.turn)
        if loop_runs():
            self.task = asyncio.ensure_future(work)  # kept, or it may be collected before it is done
        else:
            asyncio.run(work)

    def _stop(self, why: str) -> None:
        self.turn += 1
        self.status.value = escape(why)
        self.run.disabled, self.cancel.disabled = False, True

    async def _train(self, turn: int) -> None:
        self.error.value = ""
        self.run.disabled, self.cancel.disabled = True, False
        self.bar.value, self.status.value = 0.0, "starting"
        await asyncio.sleep(PAUSE)
        try:
            await self._learn(turn)
        except Exception as error:
            why = escape(str(error) or type(error).__name__)
            self.error.value = f'<p class="pg-error" role="alert">{why}</p>'
            self._stop("")

    async def _learn(self, turn: int) -> None:
        lessons, seed = self.lessons(), self.seed.value
        steps = self.steps.value
        began = breathed = painted = time.perf_counter()
        for grown in side_by_side(lessons, seed):
            now = time.perf_counter()
            if now - breathed < BREATH and grown.step < steps:
                continue
            if turn != self.turn:  # cancelled, or begun anew: say nothing over what was said then
                return
            self.bar.value = grown.step / steps
            self.status.value = f"step {grown.step} of {steps} · {now - began:.1f} s"
            if now - painted > REDRAW or grown.step == steps:
                self.curves.value = curves_html(grown, steps)
                painted = time.perf_counter()
            await asyncio.sleep(PAUSE)
            breathed = time.perf_counter()
        self.frame.value = _frame(frame_html(grown.kept, seed))
        sizes = ", ".join(f"{LABELS[name]} {start(one).n_hidden}" for name, one in lessons.items())
        self._stop(f"finished in {time.perf_counter() - began:.1f} s; hidden sizes: {sizes}")


def curves_html(grown: Together, steps: int) -> str:
    """Accuracy against training steps, one line a network, with its description."""
    with figures.canvas(1, 2.6) as (ax,):
        for name, curve in grown.curves.items():
            style = figures.STYLES[STYLES[name]]
            points = figures.thin(len(curve), 60)
            scores = [curve[n] for n in points]
            ax.plot(points + 1, scores, color=style.color, linestyle=style.line, linewidth=2.0, gid="runs/curve")
        figures.reference(ax, Sentences().chance, "chance", "frame")
        ax.set(xlim=(0, steps), ylim=(0, 1.03), xlabel="training step", title="accuracy")
        svg = figures.picture([ax], ["frame", "runs"]).svg()
    scores = ", ".join(f"{LABELS[name]} {curve[-1]:.2f}" for name, curve in grown.curves.items())
    return (
        f'<div class="sl-explorer">{parts.legend(list(STYLES.values()))}'
        f'<div class="sl-picture" role="img" aria-label="Accuracy after {grown.step} steps: {scores}">{svg}</div></div>'
    )


def _frame(document: str) -> str:
    """A document in a frame of its own: its scripts run there, and its styles stay there."""
    style = "width: 100%; height: 62rem; border: 0; color-scheme: normal"
    return f'<iframe title="Playground" srcdoc="{escape(document)}" style="{style}"></iframe>'
