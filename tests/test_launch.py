"""Every notebook runs top to bottom where its buttons take a reader: on Binder, and on Colab from its own first cell.

Both are played with one fresh environment. Binder's is built from the `.binder/` files of the branch that it clones.
What is left when our package is removed from it is what Colab brings by itself.
"""

import json
import os
import re
import subprocess
import venv
from pathlib import Path

import nbclient
import nbformat
import pytest

from first_cell import BROUGHT, Repository, install, last_commit
from notebooks_branch import copy_contents, put_together

ROOT = Path(__file__).resolve().parent.parent
CHAPTERS = sorted(page.stem for page in (ROOT / "book").glob("*.md") if "kernelspec:" in page.read_text())
ADDRESS = "https://example.org/teachers/seven-lenses"
ON_COLAB = {"ipykernel", "ipywidgets", "markdown-it-py", "matplotlib", "numpy", "safetensors"}  # and torch

pytestmark = pytest.mark.timeout(1800)


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Path:
    """A git repository, as at the course's address, that holds the code of this checkout."""
    folder = tmp_path_factory.mktemp("published") / "seven-lenses"
    copy_contents(folder)
    git = ["git", "-C", folder, "-c", "user.name=test", "-c", "user.email=test@example.org"]
    subprocess.run([*git, "init", "--quiet", "--initial-branch=main"], check=True)
    subprocess.run([*git, "add", "--all", "--force"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message=all"], check=True)
    return folder


@pytest.fixture
def address(published) -> dict[str, str]:
    """Settings that make git take the course's address for that repository."""
    local = f"url.{published.as_uri()}.insteadOf"
    return {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": local, "GIT_CONFIG_VALUE_0": ADDRESS}


@pytest.fixture(scope="module")
def branch(published, tmp_path_factory) -> Path:
    """What the `notebooks` branch holds."""
    folder = tmp_path_factory.mktemp("branch")
    put_together(folder, install(Repository(ADDRESS), last_commit(published)).source)
    return folder


@pytest.fixture(scope="module")
def python(branch, tmp_path_factory) -> Path:
    """The Python of an environment made as Binder makes it."""
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder, with_pip=True)
    python = folder / "bin/python"
    pip(python, "install", "-c", "requirements.lock", "ipykernel", folder=branch)  # Binder's own image brings it
    pip(python, "install", "-r", ".binder/requirements.txt", folder=branch)
    path = os.pathsep.join((str(python.parent), os.environ["PATH"]))
    subprocess.run([branch / ".binder/postBuild"], cwd=branch, env=os.environ | {"PATH": path}, check=True)
    return python


def pip(python: Path, *arguments: str, folder: Path) -> None:
    subprocess.run([python, "-m", "pip", "-qq", "--disable-pip-version-check", *arguments], cwd=folder, check=True)


def execute(notebook: Path, python: Path, home: Path, monkeypatch, **environment: str) -> None:
    """Run all cells in `python`, whose kernel is started from outside, as a notebook server does it."""
    spec = {
        "argv": [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "fresh",
        "language": "python",
        "env": {"PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}", "IPYTHONDIR": str(home)} | environment,
    }
    (home / "kernels/fresh").mkdir(parents=True)
    (home / "kernels/fresh/kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(home))
    cells = nbformat.read(notebook, as_version=4)
    place = {"metadata": {"path": str(home)}}
    nbclient.NotebookClient(cells, kernel_name="fresh", resources=place, timeout=600).execute()


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_runs_on_binder(chapter, branch, python, tmp_path, monkeypatch):
    execute(branch / f"{chapter}.ipynb", python, tmp_path, monkeypatch)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_runs_on_colab_from_its_first_cell(chapter, branch, python, address, tmp_path, monkeypatch):
    pip(python, "uninstall", "--yes", "sevenlenses", *BROUGHT, folder=branch)
    execute(branch / f"{chapter}.ipynb", python, tmp_path, monkeypatch, **address)


def test_binder_installs_nothing_that_colab_lacks_and_the_first_cell_does_not_bring():
    wanted = re.findall(r"^[a-z][\w-]*", (ROOT / ".binder/requirements.txt").read_text(), re.MULTILINE)
    assert set(wanted) <= ON_COLAB | set(BROUGHT)


def test_every_page_with_a_button_has_its_notebook(branch):
    assert {page.stem for page in branch.glob("*.ipynb")} == set(CHAPTERS)


def test_binder_takes_a_python_that_the_course_supports():
    version = (ROOT / ".binder/runtime.txt").read_text().strip().removeprefix("python-")
    assert version in {"3.11", "3.12", "3.13"}
