"""Write the chapters as notebooks without outputs: `python tools/notebooks.py --out FOLDER`.

The same chapter always gives the identical file. A notebook that a reader has changed is kept.
"""

import argparse
import hashlib
import json
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import yaml
from jupytext.myst import myst_to_notebook
from pybtex.database import parse_file

from first_cell import ROOT, BadAddress, first_cell
from glued import NumbersFailed, numbers_of
from plain_inline import CannotConvert, read_page
from plain_markdown import Converter
from stamps import known, remember, write_whole

MANIFEST = ".generated.json"
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


def to_notebook(path: Path, converter: Converter, first_cell: str) -> str:
    """The chapter at `path` as the text of an .ipynb file.

    Raises:
        CannotConvert: it holds markup that a notebook cannot show.
    """
    text = path.read_text(encoding="utf-8")
    chapter = myst_to_notebook(text, add_source_map=True)
    lines = text.split("\n")
    cells = [("code", first_cell, {})]
    for cell, start in zip(chapter.cells, chapter.metadata["source_map"], strict=True):
        tags = cell.metadata.get("tags", [])
        if cell.cell_type != "code":
            first = next(number for number, line in enumerate(lines[start:], start + 1) if line.strip())
            cells.append(("markdown", converter.convert(cell.source, first), {}))
        elif "numbers" not in tags:  # what they glue is in the text by now
            cells.append(("code", cell.source, code_metadata(tags) | exercise_mark(cell.source, tags)))
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


def exercise_mark(source: str, tags: list[str]) -> dict[str, object]:
    """For the cell where an exercise is answered: which one it is, its points and its version."""
    if "check(" not in source or HIDDEN_SOURCE.intersection(tags):
        return {}
    from sevenlenses.exercises.cells import checked  # late: chapters without exercises do not need the package
    from sevenlenses.lenses import exercise_of

    marks = [exercise_of(name).mark for name in checked(source)]
    return {"sevenlenses": marks[0]} if marks else {}


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


def generate(out: Path, root: Path = ROOT, first: str | None = None) -> list[str]:
    """Write every chapter that holds code into `out`. Returns the names of those kept because a reader changed them.

    Args:
        first: the first cell, in place of the one that installs the course as this checkout has it.
    """
    first = first_cell(root).source if first is None else first
    papers = parse_file(root / "book/references.bib")
    paths = pages_of_book(root)
    pages = {path.stem: read_page(path) for path in paths}
    chapters = [path for path in paths if pages[path.stem].has_code]
    numbers = numbers_of(chapters, root)
    made = {
        f"{path.stem}.ipynb": to_notebook(path, Converter(path, pages, papers, numbers.get(path.stem, {})), first)
        for path in chapters
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
        first = first_cell()
        kept = generate(folder, first=first.source)
    except (BadAddress, CannotConvert, NumbersFailed) as error:
        sys.exit(str(error))
    for name in kept:
        print(f"{folder / name} was changed since it was written, so it is kept. Delete it to get a fresh one.")
    for remark in first.remarks:
        print(remark)
    print(f"The notebooks are in {folder}.")
