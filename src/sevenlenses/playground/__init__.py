"""The playground: three networks read a sentence word by word, in the reader's browser or trained in a notebook."""

from __future__ import annotations

import os

from ..explorer import FACE


class Playground:
    """What a cell shows: the page's playground while the book is built, one that trains everywhere else."""

    def __init__(self):
        if os.environ.get(FACE) == "page":
            from .page import page_html

            made = {"text/html": page_html(), "text/plain": "The playground"}, {}
            self.bundle = lambda: made
        else:
            from .live import Live

            self.live = Live()
            self.bundle = self.live.bundle

    def _repr_mimebundle_(self, include=None, exclude=None) -> tuple[dict, dict]:
        return self.bundle()


def playground() -> Playground:
    """The playground."""
    return Playground()
