"""Put together what the `notebooks` branch holds: `python tools/notebooks_branch.py --out FOLDER`.

Binder builds its image from this branch, Colab opens notebooks from it, and nbgitpuller pulls it into a hub. So it
holds the notebooks, at its top, and what they need to run; nothing of the book, the tests or the workflows. Nothing
in it depends on when it was made, so that it changes only where the course does. push_branch.py publishes it.
"""

import argparse
import shutil
import sys
from pathlib import Path

from first_cell import ROOT, BadAddress, first_cell
from glued import NumbersFailed
from notebooks import MANIFEST, generate
from plain_inline import CannotConvert

CONTENTS = (
    ".binder",
    "CITATION.cff",
    "LICENSE",
    "LICENSE-text",
    "README.md",
    "pyproject.toml",
    "records",
    "requirements.lock",
    "requirements.txt",
    "src",
    "tools/install_torch.py",
)


def put_together(folder: Path, first: str) -> None:
    """Fill `folder`, which must be new or empty. `first` is the notebooks' first cell."""
    copy_contents(folder)
    generate(folder, first=first)
    (folder / MANIFEST).unlink()  # it tells a reader's changes from ours; here are none


def copy_contents(folder: Path) -> None:
    """What notebooks need to run."""
    for name in CONTENTS:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        else:
            shutil.copy2(source, target)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--out", type=Path, required=True)
    out = arguments.parse_args().out
    try:
        cell = first_cell()
        if cell.remarks:
            sys.exit(" ".join((*cell.remarks, "Mend that before notebooks are published.")))
        put_together(out, cell.source)
    except (BadAddress, CannotConvert, NumbersFailed) as error:
        sys.exit(str(error))
