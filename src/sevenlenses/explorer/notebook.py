"""What a view in a notebook is made of, and what stands in for it where no kernel runs."""

from __future__ import annotations

from functools import cache
from html import escape
from importlib.resources import files

import ipywidgets as widgets

WIDGET = "application/vnd.jupyter.widget-view+json"
STILL = "A picture of what was here: open the notebook and run this cell for its controls."


@cache
def asset(name: str) -> str:
    """The text of a file beside this one."""
    return (files(__package__) / name).read_text("utf-8")


def box(*children: widgets.Widget, **layout: str) -> widgets.VBox:
    """A view that brings its own style and script."""
    style = widgets.HTML(f"<style>{asset('explorer.css')}</style>")
    run = {"output_type": "display_data", "data": {"application/javascript": asset("notebook.js")}, "metadata": {}}
    script = widgets.Output(outputs=(run,), layout=widgets.Layout(display="none"))
    made = widgets.VBox([style, *children, script], layout=widgets.Layout(**layout))
    made.add_class("sl-live")
    return made


def bundle(widget: widgets.DOMWidget, picture: str, said: str, style: str = "") -> tuple[dict, dict]:
    """What a cell shows: the widget; where no kernel runs (an export, a viewer), its picture, or else a sentence.

    Made here, as ipywidgets 7 (Colab) has no `_repr_mimebundle_`.

    Args:
        picture: as HTML.
        said: the picture in words.
        style: that the picture needs beside the explorer's.
    """
    view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
    still = f'<style>{asset("explorer.css")}{style}</style>{picture}<p class="sl-source">{escape(STILL)}</p>'
    return {WIDGET: view, "text/html": still, "text/plain": f"{said} {STILL}"}, {}
