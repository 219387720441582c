"""What tests share, each made when first asked for: a browser, the built book, the notebooks, a JupyterLab."""

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from browser import browser_or_reason, flags
from make_book import ROOT, make_book

# Workers share the cores: one thread each, also in the kernels that they start. Set before anything imports torch.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs one of these fixtures is slow."""
    for item in items:
        if {"browser", "book", "notebooks", "jupyterlab"} & set(item.fixturenames):
            item.add_marker("slow")


@pytest.fixture(autouse=True)
def warnings_are_errors(monkeypatch: pytest.MonkeyPatch):
    """Also inside of what a reader's warnings are kept from: our own code warns of nothing."""
    monkeypatch.setattr("sevenlenses.settings.calm", contextlib.nullcontext)


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium (Playwright's synchronous interface)."""
    path = browser_or_reason()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=flags())
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def book() -> Path:
    """The folder of the built pages, as `make book` makes them; built first when stale."""
    return make_book()


@contextlib.contextmanager
def visiting(browser, book: Path):
    """A function that opens a page, by its name in the book or its path.

    At the end no page that it opened may have complained, or asked for anything but files.
    """
    contexts, complaints = [], []

    def refuse(dialog) -> None:
        complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def open_page(page: str | Path, *, width: int = 1280, **options):
        context = browser.new_context(offline=True, viewport={"width": width, "height": 800}, **options)
        contexts.append(context)
        runs = options.get("java_script_enabled", True)  # else Chromium counts every script as failed
        tab = context.new_page()
        tab.set_default_timeout(30_000)
        tab.on("console", lambda said: said.type in ("error", "warning") and complaints.append(said.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("request", lambda asked: asked.url.startswith(("file:", "data:")) or complaints.append(asked.url))
        tab.on("requestfailed", lambda asked: runs and complaints.append(f"failed: {asked.url}"))
        tab.on("dialog", refuse)
        tab.goto((page if isinstance(page, Path) else book / f"{page}.html").as_uri())
        if runs:
            tab.evaluate("() => new Promise((done) => setTimeout(done))")  # what scripts do at once is done
        return tab

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints


@pytest.fixture
def visit(browser, book: Path):
    """`visiting`, for one test."""
    with visiting(browser, book) as open_page:
        yield open_page


@pytest.fixture(scope="module")
def leaf(browser, book: Path):
    """A function that gives a page, with scripts or without, for several tests in a row that leave it as it was."""
    with contextlib.ExitStack() as now:
        at, tabs = "", {}

        def turn_to(page: str, scripts: bool = True):
            nonlocal at
            if page != at:
                now.close()
                tabs.clear()
                at = page
            if scripts not in tabs:
                tabs[scripts] = now.enter_context(visiting(browser, book))(page, java_script_enabled=scripts)
            return tabs[scripts]

        yield turn_to


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A temporary folder that all workers of this run have in common."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def notebooks(shared: Path, book: Path) -> Path:
    """A folder with the notebooks, as `make notebooks` writes them: with the book's numbers. Do not change them."""
    folder = shared / "notebooks"
    with FileLock(shared / "notebooks.lock"):
        if not folder.exists():
            subprocess.run([sys.executable, ROOT / "tools/notebooks.py", "--out", folder], check=True)
    return folder


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]


def wait_until_up(url: str, server: subprocess.Popen, log: Path, seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5):
            return
        time.sleep(0.1)
    pytest.fail(f"JupyterLab did not start within {seconds} s:\n{log.read_text()}")


@contextlib.contextmanager
def serving(root: Path, home: Path) -> Iterator[str]:
    """A real JupyterLab over `root`: http://127.0.0.1:PORT/lab?token=...; its server has Notebook 7 at /notebooks."""
    settings = home / "settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings"
    settings.parent.mkdir(parents=True)
    settings.write_text('{"fetchNews": "false", "checkForUpdates": false}')  # else it asks the network, and the reader
    port, token, log = free_port(), secrets.token_hex(16), home / "log.txt"
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--expose-app-in-browser"]
    command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={root}"]
    command += [f"--IdentityProvider.token={token}", "--ServerApp.ip=127.0.0.1"]
    command += ["--JupyterNotebookApp.expose_app_in_browser=True"]
    own = {
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
    }
    with log.open("w") as output:
        server = subprocess.Popen(command, env=os.environ | own, stdout=output, stderr=subprocess.STDOUT)
    try:
        wait_until_up(f"http://127.0.0.1:{port}/api?token={token}", server, log)
        yield f"http://127.0.0.1:{port}/lab?token={token}"
    finally:
        server.terminate()  # its kernels end with it
        server.wait(timeout=30)


@pytest.fixture(scope="session")
def jupyterlab(notebooks: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real JupyterLab over a copy of the notebooks, whose far cells are on the page too."""
    home = tmp_path_factory.mktemp("jupyterlab")
    settings = home / "settings/@jupyterlab/notebook-extension/tracker.jupyterlab-settings"
    settings.parent.mkdir(parents=True)
    settings.write_text('{"windowingMode": "none"}')  # else a page as high as a notebook would have to be drawn
    with serving(shutil.copytree(notebooks, home / "notebooks"), home) as address:
        yield address
