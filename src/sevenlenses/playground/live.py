"""The playground in a notebook: train the three networks here, then read sentences with them in the same view."""

from __future__ import annotations

import asyncio
import time
from html import escape

import ipywidgets as widgets

from .. import figures
from ..explorer import notebook, parts
from ..explorer.live import OWN_SEED, WORDY, WRAP
from ..explorer.turns import PAUSE, Redraws, Turns, paced
from ..lenses.rates import RATES
from ..lenses.reading.learning import BUDGET
from ..tasks.sentences import FIRST, Sentences
from .growing import Together, own, side_by_side
from .page import LABELS, asset, frame_html, still_html
from .training import recorded

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
        self.turns = Turns(self._rest, self._tell)
        self.run.on_click(lambda _: self.turns.here(self.turns.begin, self._train))
        self.cancel.on_click(
            lambda _: self.turns.here(self.turns.stop, "Cancelled. Below, the networks as they were before.")
        )
        self.frame.value = _frame(frame_html())
        self.status.value = f"three networks, {DEFAULT_STEPS} steps: some seconds"
        knobs = [self.longest, self.diet, self.budget, self.steps, *self.rates.values(), self.seed]
        buttons = widgets.HBox([self.run, self.cancel, self.bar, self.status], layout=WRAP)
        self.widget = notebook.box(
            widgets.HBox(knobs, layout=WRAP), buttons, self.error, self.curves, self.frame, overflow="visible"
        )
        self.turns.follow(self.widget)

    def bundle(self) -> tuple[dict, dict]:
        """What a cell shows, now."""
        said = "The playground: three networks read a sentence word by word."
        return notebook.bundle(self.widget, still_html() + self.curves.value, said, style=asset("playground.css"))

    def lessons(self) -> dict:
        """What the controls ask for.

        Raises:
            ValueError: values that no training can have.
        """
        longest = self.longest.value
        diet = Sentences(longest=longest, words=longest if self.diet.value == "exact" else None)
        rates = {name: one.value for name, one in self.rates.items()}
        return own(diet, self.budget.value, self.steps.value, rates)

    def _rest(self, why: str) -> None:
        self.status.value = escape(why)
        self.run.disabled, self.cancel.disabled = False, True

    def _tell(self, error: Exception) -> None:
        """An error reaches the reader as a line; the view stays."""
        self.error.value = f'<p class="sl-error" role="alert">{escape(str(error) or type(error).__name__)}</p>'
        self._rest("")

    async def _train(self) -> None:
        """Train all three, draw as they grow, then open the view with them."""
        self.error.value = ""
        self.run.disabled, self.cancel.disabled = True, False
        self.bar.value, self.status.value = 0.0, "starting"
        await asyncio.sleep(PAUSE)
        lessons, seed, steps = self.lessons(), self.seed.value, self.steps.value
        began, redraws = time.perf_counter(), Redraws()
        async for grown in paced(side_by_side(lessons, seed), lambda one: one.step == steps):
            self.bar.value = grown.step / steps
            self.status.value = f"step {grown.step} of {steps} · {time.perf_counter() - began:.1f} s"
            if redraws.due() or grown.step == steps:
                with redraws.drawing():
                    self.curves.value = curves_html(grown, steps)
        self.frame.value = _frame(frame_html(grown.kept, seed))
        sizes = ", ".join(f"{LABELS[name]} {one.untrained(0).n_hidden}" for name, one in lessons.items())
        self._rest(f"finished in {time.perf_counter() - began:.1f} s; hidden sizes: {sizes}")


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
