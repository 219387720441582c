"""Write the chapters as notebooks without outputs: `python tools/notebooks.py --out FOLDER`.

The same chapter always gives the identical file. A notebook that a reader has changed is kept.
"""

import argparse
import contextlib
import hashlib
import io
import json
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import yaml
from jupytext.myst import myst_to_notebook
from pybtex.database import BibliographyData, parse_file

from plain_inline import CannotConvert, Page, read_page
from plain_markdown import Converter
from stamps import known, remember, write_whole

ROOT = Path(__file__).resolve().parent.parent
MANIFEST = ".generated.json"
BROUGHT = ("latex2mathml", "mdit-py-plugins")  # small packages that Colab may lack
SETUP = """\
# On Colab this installs the course and small packages that it needs. Where it is installed already, this does nothing.
from importlib.util import find_spec

if find_spec("sevenlenses") is None:
    %pip install --quiet --no-deps "sevenlenses @ git+{address}" {brought}
"""
HIDDEN_SOURCE = {"hide-input", "remove-input", "hide-cell", "remove-cell"}
HIDDEN_OUTPUT = {"hide-output", "remove-output", "hide-cell", "remove-cell"}


def pages_of_book(root: Path) -> list[Path]:
    """The Markdown files that `_toc.yml` lists, in its order."""

    def files(node: object) -> Iterator[str]:
        if isinstance(node, dict):
            yield from (node[key] for key in ("root", "file") if key in node)
            for value in node.values():
                yield from files(value)
        elif isinstance(node, list):
            for value in node:
                yield from files(value)

    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    return [root / f"{name}.md" for name in files(toc)]


def glued_numbers(path: Path, cells: list) -> dict[str, object]:
    """What the cells tagged `numbers` glue. They read recorded runs only, so they run alone, here."""
    sources = [cell.source for cell in cells if "numbers" in cell.metadata.get("tags", ())]
    if not sources:
        return {}
    from sevenlenses.explorer.page import NUMBERS  # late: it brings torch, which chapters without numbers do not need

    NUMBERS.clear()
    names: dict[str, object] = {"__name__": path.stem}
    with contextlib.redirect_stdout(io.StringIO()):  # outside IPython, glue's display prints
        for source in sources:
            exec(compile(source, str(path), "exec"), names)
    return dict(NUMBERS)


def to_notebook(path: Path, pages: dict[str, Page], papers: BibliographyData, address: str) -> str:
    """The chapter at `path` as the text of an .ipynb file.

    Raises:
        CannotConvert: it holds markup that a notebook cannot show.
    """
    text = path.read_text(encoding="utf-8")
    chapter = myst_to_notebook(text, add_source_map=True)
    lines = text.split("\n")
    converter = Converter(path, pages, papers, glued_numbers(path, chapter.cells))
    cells = [("code", SETUP.format(address=address, brought=" ".join(BROUGHT)), {})]
    for cell, start in zip(chapter.cells, chapter.metadata["source_map"], strict=True):
        if cell.cell_type == "code":
            cells.append(("code", cell.source, code_metadata(cell.metadata.get("tags", []))))
        else:
            first = next(number for number, line in enumerate(lines[start:], start + 1) if line.strip())
            cells.append(("markdown", converter.convert(cell.source, first), {}))
    cells.append(("markdown", converter.references(), {}))
    notebook = {
        "cells": with_ids([cell for cell in cells if cell[1]]),
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def code_metadata(tags: list[str]) -> dict[str, object]:
    """A cell's tags, and what JupyterLab needs to fold what the page hides."""
    folded = {
        "source_hidden": bool(HIDDEN_SOURCE.intersection(tags)),
        "outputs_hidden": bool(HIDDEN_OUTPUT.intersection(tags)),
    }
    folded = {key: True for key, value in folded.items() if value}
    return ({"jupyter": folded} if folded else {}) | ({"tags": list(tags)} if tags else {})


def with_ids(cells: list[tuple[str, str, dict]]) -> list[dict]:
    """Cells as nbformat wants them. An id follows from a cell's text, so that an edit elsewhere leaves it as it is."""
    seen: Counter[str] = Counter()
    out = []
    for kind, source, metadata in cells:
        seen[source] += 1
        identity = hashlib.sha256(f"{kind} {seen[source]} {source}".encode()).hexdigest()[:12]
        cell = {"cell_type": kind, "id": identity, "metadata": metadata, "source": source.rstrip().splitlines(True)}
        out.append(cell | ({"execution_count": None, "outputs": []} if kind == "code" else {}))
    return out


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def generate(out: Path, root: Path = ROOT) -> list[str]:
    """Write every chapter that holds code into `out`. Returns the names of those kept because a reader changed them."""
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    papers = parse_file(root / "book/references.bib")
    paths = pages_of_book(root)
    pages = {path.stem: read_page(path) for path in paths}
    made = {
        f"{path.stem}.ipynb": to_notebook(path, pages, papers, config["repository"]["url"])
        for path in paths
        if pages[path.stem].has_code
    }
    out.mkdir(parents=True, exist_ok=True)
    manifest = out / MANIFEST
    written = known(manifest)
    kept = []
    for name, text in made.items():
        there = (out / name).read_text(encoding="utf-8") if (out / name).exists() else None
        if there is not None and there != text and digest(there) != written.get(name):
            kept.append(name)
        else:
            write_whole(out / name, text)
            written[name] = digest(text)
    remember(manifest, written)
    return kept


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=textwrap.dedent(__doc__))
    parser.add_argument("--out", type=Path, required=True, help="the folder to write to")
    folder = parser.parse_args().out
    try:
        kept = generate(folder)
    except CannotConvert as error:
        sys.exit(str(error))
    for name in kept:
        print(f"{folder / name} was changed since it was written, so it is kept. Delete it to get a fresh one.")
    print(f"The notebooks are in {folder}.")
