"""Put together what the `notebooks` branch holds: `python tools/notebooks_branch.py --out FOLDER`.

Binder builds its image from this branch and Colab opens notebooks from it. So it holds the notebooks, at its
top, and what they need to run; nothing of the book, the tests or the workflows.
"""

import argparse
import shutil
from pathlib import Path

from notebooks import MANIFEST, ROOT, generate

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


def put_together(folder: Path) -> None:
    """Fill `folder`, which must be new or empty."""
    for name in CONTENTS:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target)
    generate(folder)
    (folder / MANIFEST).unlink()  # it tells a reader's changes from ours; here are none


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--out", type=Path, required=True)
    put_together(arguments.parse_args().out)
