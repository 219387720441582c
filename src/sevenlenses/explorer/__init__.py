"""The explorer: one description of an experiment's knobs, two faces. `page` needs no kernel, `live` is one."""

from __future__ import annotations

import os

from ..lens import Experiment

FACE = "SEVENLENSES_FACE"  # "page" while the book is built: then explorers render for readers without a kernel


class Explorer:
    """What a cell shows: the page's face while the book is built, the notebook's face everywhere else."""

    def __init__(self, experiment: Experiment, shown: list[str], play: str | None):
        self.experiment = experiment
        if os.environ.get(FACE) == "page":
            from .page import explorer_html

            made = {"text/html": explorer_html(experiment, shown, play), "text/plain": experiment.question}, {}
            self.bundle = lambda: made
        else:
            from .live import Live

            self.live = Live(experiment, shown)
            self.bundle = self.live.bundle

    def _repr_mimebundle_(self, include=None, exclude=None) -> tuple[dict, dict]:
        return self.bundle()


class Still:
    """One picture without controls."""

    def __init__(self, html: str, text: str):
        self.html, self.text = html, text

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        return {"text/html": self.html, "text/plain": self.text}


def explore(experiment: Experiment, *knobs: str, play: str | None = None) -> Explorer:
    """An explorer of `experiment` with controls for the named knobs, or for all of them.

    Args:
        play: a numeric knob that a Play button on the page moves through its stops.

    Raises:
        TypeError: a knob that does not exist.
    """
    shown = list(knobs or experiment.knobs)
    for name in [*shown, *([play] if play else [])]:
        if name not in experiment.knobs:
            raise TypeError(f"{experiment.name} has no knob {name!r}; its knobs are {', '.join(experiment.knobs)}.")
    return Explorer(experiment, shown, play)


def show(experiment: Experiment, **knobs) -> Still:
    """One picture at the given knobs: recorded, where the experiment trains; measured now, where it is a probe."""
    from .. import records
    from .page import figure_html

    settings = experiment.settings(**knobs)
    result = records.load(experiment, settings) if experiment.recorded else experiment.measure(**settings)
    return Still(figure_html(experiment, result), experiment.question)
