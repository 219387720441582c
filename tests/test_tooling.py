"""The tools that stand between a fresh machine and the course: what they decide, and what they say when they stop."""

import os
import re
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
import yaml

import browser

ROOT = Path(__file__).resolve().parent.parent


def run(*command: object, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "PYTHON"))}
    return subprocess.run(
        [str(part) for part in command], env=clean | environment, cwd=ROOT, capture_output=True, text=True
    )


# Serving


@pytest.fixture
def taken_port():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


def test_a_taken_port_is_said_before_anything_is_set_up(taken_port):
    said = run("make", "serve", f"PORT={taken_port}", f"PYTHON={sys.executable}")
    assert said.returncode != 0 and said.stdout == ""
    assert re.match(rf"Port {taken_port} cannot be had \(.+\). Choose another one: make serve PORT=8000\n", said.stderr)


def test_an_impossible_port_is_said():
    said = run(sys.executable, "tools/serve.py", "--check", 70000)
    assert said.stderr == "Port 70000 is not from 0 to 65535. Choose another one: make serve PORT=8000\n"


def test_pages_are_served_at_the_address_that_is_printed(tmp_path):
    code = "import sys, pathlib, serve; serve.PAGES = pathlib.Path(sys.argv.pop(1)); serve.main()"
    (tmp_path / "index.html").write_text("the book")
    serving = subprocess.Popen(
        [sys.executable, "-c", code, tmp_path, "0"], cwd=ROOT / "tools", stdout=subprocess.PIPE, text=True
    )
    with serving:
        address = re.search(r"http://localhost:\d+/", serving.stdout.readline())[0]
        with urllib.request.urlopen(address.replace("localhost", "127.0.0.1")) as answer:
            assert answer.read() == b"the book"
        serving.terminate()


# A browser for the tests


@pytest.fixture
def no_browser(monkeypatch, tmp_path):
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(browser, "APPLICATIONS", ())
    monkeypatch.setattr(browser, "playwrights_own", lambda: None)


def test_a_missing_browser_fails_under_ci_and_skips_elsewhere(no_browser, monkeypatch):
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="sudo apt install chromium"):
        browser.browser_or_reason()
    monkeypatch.setenv("CI", "false")
    with pytest.raises(pytest.skip.Exception, match="sudo apt install chromium"):
        browser.browser_or_reason()


def test_without_a_browser_playwrights_is_downloaded_once(no_browser, monkeypatch):
    downloads = []
    monkeypatch.setattr(browser.subprocess, "call", downloads.append)
    with pytest.raises(browser.BrowserMissing):  # the download brought nothing: no second try, but the remedy
        browser.bring_browser()
    assert [command[1:] for command in downloads] == [["-m", "playwright", "install", "chromium"]]


def test_a_browser_that_was_named_and_is_not_there_is_said():
    said = run(sys.executable, "tools/browser.py", CHROMIUM="/nowhere/chromium", CI="true")
    assert said.returncode == 1
    assert said.stderr == "CHROMIUM names '/nowhere/chromium', which is not a program here. Correct or unset it.\n"
    assert run(sys.executable, "tools/browser.py", CHROMIUM="/nowhere/chromium", CI="").returncode == 0


# What the pages of the repository promise


def test_make_alone_lists_the_targets_that_the_readme_explains():
    listed = set(re.findall(r"^  make ([a-z-]+)", run("make").stdout, re.MULTILINE))
    explained = set(re.findall(r"make ([a-z-]+)", (ROOT / "README.md").read_text()))
    assert listed == explained | {"help"}


@pytest.mark.parametrize("workflow", sorted((ROOT / ".github/workflows").glob("*.yml")), ids=lambda path: path.stem)
def test_workflows_can_be_read_and_pin_their_actions_by_commit(workflow):
    assert yaml.safe_load(workflow.read_text())["jobs"]
    used = re.findall(r"uses: *(.*)", workflow.read_text())
    assert used and all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action) for action in used)


def test_the_linter_finds_nothing():
    said = run(sys.executable, "-m", "ruff", "check", "--quiet", ".")
    assert said.returncode == 0, said.stdout


def test_one_line_of_the_configuration_holds_the_address():
    address = re.findall(r"^  url: (.*)$", (ROOT / "_config.yml").read_text(), re.MULTILINE)
    assert len(address) == 1  # what deploy.yml replaces
    holders = run("git", "grep", "--untracked", "-lF", address[0]).stdout.split()
    assert holders == ["_config.yml"]
