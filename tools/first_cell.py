"""A notebook's first cell: where the course is not installed, it brings the code that the notebook was made from."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "book/_ext"))
from launch import BadAddress as BadAddress
from launch import Repository, read

ROOT = Path(__file__).resolve().parent.parent

CODE = ("src", "records", "pyproject.toml")  # what the package is made of
BROUGHT = ("latex2mathml", "mdit-py-plugins")  # small packages that Colab may lack
INSTALL = """\
# On Colab this installs the course as it was when this notebook was made, and small packages that it needs.
# Where the course came in another way, as on Binder and on your own machine, this does nothing.{doubt}
from importlib.metadata import distributions

origins = [found.read_text("direct_url.json") or "" for found in distributions(name="sevenlenses")]
if all('"vcs_info"' in origin and "{commit}" not in origin for origin in origins[:1]):
    %pip install --quiet --no-deps --force-reinstall "sevenlenses @ git+{source}"
    %pip install --quiet --no-deps {brought}
"""
UNKNOWN = """\
from importlib.util import find_spec

if find_spec("sevenlenses") is None:
    raise ModuleNotFoundError(
        "The course is not installed here, and this notebook does not know where to get it: its address was not set in "
        "_config.yml when the notebook was made. Install the course, or ask whoever gave you the notebook for another."
    )
"""


@dataclass(frozen=True)
class FirstCell:
    """The cell's source, and what to tell whoever makes the notebooks."""

    source: str
    remarks: tuple[str, ...] = ()


def first_cell(root: Path = ROOT) -> FirstCell:
    """The cell for notebooks made from the checkout at `root`.

    Raises:
        BadAddress: `_config.yml` holds no address.
    """
    repository = read(root)
    if not repository.url:
        return FirstCell(UNKNOWN, (repository.remark,))
    commit = last_commit(root)
    if not commit:
        return install(repository, "", "No commit is known of this folder, so it installs the newest code.")
    if git(root, "status", "--porcelain", "--", *CODE):
        return install(repository, commit, "The code had changes that are in no commit: what it installs lacks them.")
    return install(repository, commit)


def install(repository: Repository, commit: str, doubt: str = "") -> FirstCell:
    """A cell that installs this commit, or without one whatever is newest."""
    source = f"{repository.url}@{commit}" if commit else repository.url
    comment = f"\n# {doubt}" if doubt else ""
    cell = INSTALL.format(doubt=comment, commit=commit, source=source, brought=" ".join(BROUGHT))
    return FirstCell(cell, (f"The notebooks' first cell: {doubt}",) if doubt else ())


def last_commit(root: Path) -> str:
    """The last commit that changed what the package is made of; nothing where git does not know.

    Not the newest of all: what changed nothing that runs leaves the notebooks as they are.
    """
    return git(root, "log", "-1", "--format=%H", "--", *CODE)


def git(root: Path, *arguments: str) -> str:
    """What git says; nothing where there is no git, no repository, or one that it does not trust."""
    try:
        said = subprocess.run(["git", "-C", root, *arguments], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return said.stdout.strip()
