"""The playground: three networks read a sentence word by word, in the reader's browser or trained in a notebook."""

from __future__ import annotations

import os

from ..explorer import FACE


class Playground:
    """What a cell shows: the page's playground while the book is built, one that trains everywhere else."""

    def __init__(self):
        if os.environ.get(FACE) == "page":
            from .page import page_html

            self.bundle = {"text/html": page_html(), "text/plain": "The playground"}, {}
        else:
            from .live import Live

            self.live = Live()
            self.bundle = None

    def _repr_mimebundle_(self, include=None, exclude=None) -> tuple[dict, dict]:
        if self.bundle is not None:
            return self.bundle
        made = self.live.widget._repr_mimebundle_()
        return made if isinstance(made, tuple) else (made, {})  # Colab needs the widget's metadata too


def playground() -> Playground:
    """The playground."""
    return Playground()
