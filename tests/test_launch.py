"""Every notebook runs top to bottom where its buttons take a reader: on Binder, and on Colab from its own first cell.

Binder's environment is built from the `.binder/` files of the branch that it clones; Colab's from `data/colab.txt`,
with its old ipywidgets. There each chapter's first explorer, and the playground, is moved as a front end does it.

On each host one kernel runs the chapters one after the other, and forgets names and the course between them: the book's
build gives each a kernel of its own. All have the same first cell, and the first to run installs the course by it.
"""

import contextlib
import hashlib
import json
import os
import re
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator
from pathlib import Path

import nbclient
import nbformat
import platformdirs
import pytest
from filelock import FileLock
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync

from first_cell import BROUGHT, Repository, install, last_commit
from notebooks_branch import copy_contents, put_together

ROOT = Path(__file__).resolve().parent.parent
CHAPTERS = sorted(page.stem for page in (ROOT / "book").glob("*.md") if "kernelspec:" in page.read_text())
ON_BINDER = ["gradient", "playground"]  # its packages are the lock's, with which the book is built
ADDRESS = "https://example.org/teachers/seven-lenses"
COLAB = Path(__file__).parent / "data/colab.txt"
PINS = re.findall(r"^([\w-]+)==([\d.]+)(?:; (.*?))?(?:  #.*)?$", COLAB.read_text(), re.MULTILINE)
VIEW = "application/vnd.jupyter.widget-view+json"
FORGET = """
import sys
for name in [name for name in sys.modules if name.split(".")[0] == "sevenlenses"]:
    del sys.modules[name]
%reset -f
"""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


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


@pytest.fixture(scope="module")
def address(published) -> dict[str, str]:
    """Settings that make git take the course's address for that repository."""
    local = f"url.{published.as_uri()}.insteadOf"
    return {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": local, "GIT_CONFIG_VALUE_0": ADDRESS}


@pytest.fixture(scope="module")
def branch(published, notebooks, tmp_path_factory) -> Path:
    """What the `notebooks` branch holds. (With the other notebooks its numbers were made.)"""
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
    subprocess.run([branch / ".binder/postBuild"], cwd=branch, env=os.environ | LAZY | {"PATH": path}, check=True)
    return python


def bring_colab(folder: Path) -> None:
    """Install what Colab has into a new environment."""
    venv.create(folder, clear=True, with_pip=True)
    python = folder / "bin/python"
    listed = COLAB.read_text().splitlines()
    torch = next(line for line in listed if line.startswith("torch=="))
    (folder / "colab.txt").write_text("\n".join(line for line in listed if line != torch))
    pip(python, "install", "-r", str(folder / "colab.txt"), folder=ROOT)
    brief = {"UV_HTTP_TIMEOUT": "10", "UV_HTTP_RETRIES": "0"}
    uv = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--torch-backend=cpu", "--python", python, torch]
    if subprocess.run(uv, env=os.environ | brief, capture_output=True).returncode:  # its CPU builds are out of reach
        pinned = re.search(r"^torch==\S+", (ROOT / "requirements.txt").read_text(), re.MULTILINE)[0]
        pip(python, "install", "--upgrade-strategy=only-if-needed", pinned, folder=ROOT)
    (folder / "ready").touch()


@pytest.fixture(scope="module")
def colab(tmp_path_factory) -> Path:
    """The Python of an environment with what Colab has. It takes minutes to make, so it is kept; each run has its own
    above it, into which the notebooks install the course."""
    made_of = hashlib.sha256(COLAB.read_bytes() + sys.version.encode()).hexdigest()[:12]
    kept = platformdirs.user_cache_path("sevenlenses-tests") / f"colab-{made_of}"
    kept.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{kept}.lock"):
        if not (kept / "ready").exists():
            bring_colab(kept)
    folder = tmp_path_factory.mktemp("colab")
    venv.create(folder)
    below, above = (next(home.glob("lib/python*/site-packages")) for home in (kept, folder))
    (above / "below.pth").write_text(f"{below}\n")
    return folder / "bin/python"


LAZY = {"PIP_COMPILE": "0"}  # a thousand modules of PyTorch that no chapter imports


def pip(python: Path, *arguments: str, folder: Path) -> None:
    command = [python, "-m", "pip", "-qq", "--disable-pip-version-check", *arguments]
    subprocess.run(command, cwd=folder, env=os.environ | LAZY, check=True)


@contextlib.contextmanager
def chapters_in(python: Path, branch: Path, home: Path, **environment: str) -> Iterator[Callable]:
    """A function that opens a chapter in the kernel of `python`, started from outside, as a notebook server does it."""
    spec = {
        "argv": [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "fresh",
        "language": "python",
        "env": {"PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}", "IPYTHONDIR": str(home)} | environment,
    }
    (home / "kernels/fresh").mkdir(parents=True)
    (home / "kernels/fresh/kernel.json").write_text(json.dumps(spec))
    specs = KernelSpecManager(kernel_dirs=[str(home / "kernels")])
    kernel = AsyncKernelManager(kernel_name="fresh", kernel_spec_manager=specs)

    @contextlib.contextmanager
    def opened(chapter: str) -> Iterator[nbclient.NotebookClient]:
        cells = nbformat.read(branch / f"{chapter}.ipynb", as_version=4)
        cells.cells.insert(0, nbformat.v4.new_code_cell(FORGET))
        place = {"metadata": {"path": str(home)}}
        client = nbclient.NotebookClient(cells, km=kernel, resources=place, timeout=600)
        with client.setup_kernel():
            yield client
        client.kc.stop_channels()

    yield opened
    if kernel.has_kernel:
        run_sync(kernel.shutdown_kernel)(now=True)


@pytest.fixture(scope="module")
def on_binder(python, branch, tmp_path_factory):
    with chapters_in(python, branch, tmp_path_factory.mktemp("on_binder")) as opened:
        yield opened


@pytest.fixture(scope="module")
def on_colab(colab, branch, address, tmp_path_factory):
    with chapters_in(colab, branch, tmp_path_factory.mktemp("on_colab"), **address) as opened:
        yield opened


def run(client: nbclient.NotebookClient) -> None:
    for index, cell in enumerate(client.nb.cells):
        client.execute_cell(cell, index)  # raises what the cell raises; what a display raises is an output
        assert all(output.output_type != "error" for output in cell.get("outputs", ())), cell.outputs


class Shown:
    """The first view in a notebook whose kernel still runs: its widgets, moved as a front end does it."""

    def __init__(self, client: nbclient.NotebookClient):
        self.client = client
        outputs = [output for cell in client.nb.cells for output in cell.get("outputs", ())]
        self.bundles = [output.data for output in outputs if VIEW in output.get("data", {})]
        self.within = list(self._below(self.bundles[0][VIEW]["model_id"]))

    def _below(self, model: str) -> Iterator[str]:
        yield model
        for child in self.client.widget_state[model].get("children", ()):
            yield from self._below(child.removeprefix("IPY_MODEL_"))

    def find(self, is_it: Callable[[dict], bool]) -> str:
        return next(model for model in self.within if is_it(self.client.widget_state[model]))

    def send(self, model: str, **data: object) -> None:
        kernel = self.client.kc
        kernel.shell_channel.send(kernel.session.msg("comm_msg", {"comm_id": model, "data": data}))

    def set(self, model: str, **state: object) -> None:
        self.send(model, method="update", state=state, buffer_paths=[])

    def wait_for(self, model: str, is_there: Callable[[str], bool]) -> None:
        """Until the kernel gives this widget such a value."""
        while True:
            said = run_sync(self.client.kc.get_iopub_msg)(timeout=300)["content"]
            value = said.get("data", {}).get("state", {}).get("value") if said.get("comm_id") == model else None
            if isinstance(value, str) and is_there(value):
                return


def move_an_explorer(shown: Shown) -> None:
    picture = shown.find(lambda state: '<div class="sl-picture"' in str(state.get("value")))
    control = shown.find(lambda state: len(state.get("_options_labels", ())) > 1)
    before, state = shown.client.widget_state[picture]["value"], shown.client.widget_state[control]
    shown.set(control, index=0 if state["index"] else 1)
    shown.wait_for(picture, lambda value: value != before and "sl-" in value)


def train_in_the_playground(shown: Shown) -> None:
    steps = shown.find(lambda state: state.get("description") == "Training steps")
    train = shown.find(lambda state: state.get("description") == "Train")
    *_, curves, _frame = (
        model for model in shown.within if shown.client.widget_state[model]["_model_name"] == "HTMLModel"
    )
    shown.set(steps, value=25)
    shown.send(train, method="custom", content={"event": "click"})
    shown.wait_for(curves, lambda value: "Accuracy after 25 steps" in value)


@pytest.mark.parametrize("chapter", ON_BINDER)
def test_runs_on_binder(chapter, on_binder):
    with on_binder(chapter) as client:
        run(client)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_runs_on_colab_from_its_first_cell_and_moves(chapter, on_colab):
    with on_colab(chapter) as client:
        run(client)
        if not any("explore(" in cell.source or "playground()" in cell.source for cell in client.nb.cells):
            return
        shown = Shown(client)
        for bundle in shown.bundles:
            assert bundle[VIEW]["model_id"] in client.widget_state
            assert "<svg" in bundle["text/html"] or "<table" in bundle["text/html"]
            assert bundle["text/plain"].endswith("controls.")
        (train_in_the_playground if chapter == "playground" else move_an_explorer)(shown)


def run_in(python: Path, program: str) -> str:
    return subprocess.run([python, "-c", program], capture_output=True, text=True, check=True).stdout


def test_what_plays_colab_has_its_versions(colab):
    """All but PyTorch's, where its CPU build is out of reach, and that of setuptools, which PyTorch brings itself."""
    program = "import importlib.metadata as m, json; print(json.dumps({d.name: d.version for d in m.distributions()}))"
    there = {name.replace("_", "-").lower(): version for name, version in json.loads(run_in(colab, program)).items()}
    for name, version, only in PINS:
        if name not in {"torch", "setuptools"} and (not only or ("<" in only) == (sys.version_info < (3, 13))):
            assert there[name.replace("_", "-").lower()] == version, name


def test_binder_installs_nothing_that_colab_lacks_and_the_first_cell_does_not_bring():
    wanted = re.findall(r"^[a-z][\w-]*", (ROOT / ".binder/requirements.txt").read_text(), re.MULTILINE)
    assert set(wanted) <= {name for name, *_ in PINS} | set(BROUGHT)


def test_every_page_with_a_button_has_its_notebook_and_all_have_one_first_cell(branch):
    notebooks = {page.stem: nbformat.read(page, as_version=4) for page in branch.glob("*.ipynb")}
    assert set(notebooks) == set(CHAPTERS)
    assert len({notebook.cells[0].source for notebook in notebooks.values()}) == 1


def test_binder_takes_a_python_that_the_course_supports():
    version = (ROOT / ".binder/runtime.txt").read_text().strip().removeprefix("python-")
    assert version in {"3.11", "3.12", "3.13"}
