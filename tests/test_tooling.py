"""The tools that stand between a fresh machine and the course: what they decide, and what they say when they stop."""

import ast
import os
import re
import socket
import stat
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
import yaml

import browser
import make_book
import setup_env
from execute import execute

ROOT = Path(__file__).resolve().parent.parent


def run(*command: object, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "PYTHON"))}
    return subprocess.run(
        [str(part) for part in command], env=clean | environment, cwd=ROOT, capture_output=True, text=True
    )


def script(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IEXEC)


@pytest.fixture
def only_tools(tmp_path: Path) -> Path:
    """A folder to stand for the PATH of a machine without any Python."""
    (tmp_path / "cat").symlink_to("/bin/cat")
    return tmp_path


# The Python that everything starts from


def find_python(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """tools/find_python.sh in a checkout without .venv."""
    return subprocess.run(
        ["/bin/sh", ROOT / "tools/find_python.sh", "book"],
        env={"PATH": str(folder)} | environment,
        cwd=folder,
        capture_output=True,
        text=True,
    )


def test_an_old_python_is_named_with_the_remedy(only_tools):
    script(only_tools / "python3", "echo 3.8")
    found = find_python(only_tools)
    assert found.returncode == 1 and found.stdout == ""
    assert "needs Python 3.11, 3.12 or 3.13" in found.stderr
    assert "Found: python3 is 3.8;" in found.stderr
    assert "make book PYTHON=/path/to/python3.12" in found.stderr


def test_no_python_at_all_is_said(only_tools):
    assert "Found: no Python;" in find_python(only_tools).stderr


def test_a_missing_venv_module_is_named_with_the_remedy(only_tools):
    script(only_tools / "python3", 'case "$2" in *version*) echo 3.12 ;; *) exit 1 ;; esac')
    found = find_python(only_tools)
    assert found.returncode == 1
    assert "python3 is 3.12 but lacks the venv module" in found.stderr
    assert "apt install python3.12 python3.12-venv" in found.stderr


def test_a_fit_python_behind_an_old_one_is_found(only_tools):
    script(only_tools / "python3", "echo 3.8")
    script(only_tools / "python3.12", "echo 3.12")
    assert find_python(only_tools).stdout == "python3.12\n"


def test_the_python_that_was_named_overrules_the_search(only_tools):
    script(only_tools / "python3", "echo 3.12")
    script(only_tools / "mine", "echo 3.7")
    assert "Found: mine is 3.7;" in find_python(only_tools, PYTHON="mine").stderr


@pytest.mark.parametrize("early", ["tools/setup_env.py", "tools/browser.py"])
def test_what_an_old_python_may_meet_can_be_parsed_by_it(early):
    ast.parse((ROOT / early).read_text(), feature_version=(3, 8))


# The environment


def checkout(folder: Path) -> Path:
    """A folder with copies of the files that decide what is installed."""
    (folder / "tools").mkdir(parents=True)
    for name in ("pyproject.toml", *setup_env.REQUIREMENTS, "tools/install_torch.py"):
        (folder / name).write_bytes((ROOT / name).read_bytes())
    return folder


def test_the_environment_follows_requirements_but_not_the_settings_of_tools(tmp_path):
    root = checkout(tmp_path)
    before = setup_env.wanted(root)
    project = root / "pyproject.toml"
    project.write_text(project.read_text().replace("[tool.pytest.ini_options]", "[tool.pytest.ini_options]\n# other"))
    assert setup_env.wanted(root) == before
    with (root / "requirements.txt").open("a") as requirements:
        requirements.write("another\n")
    assert setup_env.wanted(root) != before


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """setup_env working on a copy, with the slow parts replaced: a list of the commands that it would run."""
    root, commands = checkout(tmp_path), []
    monkeypatch.setattr(setup_env, "ROOT", root)
    monkeypatch.setattr(setup_env, "VENV", root / ".venv")
    monkeypatch.setattr(setup_env, "READY", root / ".venv/ready")
    monkeypatch.setattr(setup_env, "wanted", lambda wanted=setup_env.wanted: wanted(root))

    def create(folder: Path, **_: object) -> None:
        commands.append("venv")
        (folder / "bin").mkdir(parents=True, exist_ok=True)
        (folder / "bin/python").touch()

    monkeypatch.setattr(setup_env.venv, "create", create)
    monkeypatch.setattr(setup_env.subprocess, "run", lambda command, **_: commands.append(str(command[-1])))
    return commands


def test_setting_up_twice_does_it_once(elsewhere):
    setup_env.set_up()
    assert elsewhere == ["venv", "tools/install_torch.py", "requirements-tools.txt", "."]
    setup_env.set_up()
    assert len(elsewhere) == 4


def test_a_new_requirement_updates_the_environment_in_place(elsewhere):
    setup_env.set_up()
    (setup_env.ROOT / "requirements-tools.txt").write_text("another\n")
    setup_env.set_up()
    assert elsewhere.count("venv") == 1 and elsewhere[4:] == elsewhere[1:4]


def test_a_set_up_cut_short_is_never_taken_as_done(elsewhere, monkeypatch):
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as interrupted, pytest.raises(KeyboardInterrupt):
        interrupted.setattr(setup_env.subprocess, "run", killed)
        setup_env.set_up()
    setup_env.set_up()
    assert elsewhere == ["venv", "venv", "tools/install_torch.py", "requirements-tools.txt", "."]


def test_the_lock_pins_every_requirement_and_names_no_server():
    lock = (ROOT / "requirements.lock").read_text()
    assert not re.search(r"://|index-url|find-links", lock)
    for name in setup_env.REQUIREMENTS[:2]:
        for line in (ROOT / name).read_text().splitlines():
            if package := re.match(r"[\w-]+", line):
                assert re.search(rf"^{package[0]}==", lock, re.MULTILINE), f"{package[0]}: run make lock"


# The book's cache


@pytest.fixture
def small_book(tmp_path):
    """A root with one chapter and one module, as after a build that succeeded."""
    for name in ("src/lens.py", "book/chapter.md", "_config.yml", "_toc.yml", "records/run.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    stamp = make_book.prepare(tmp_path)
    built(tmp_path)
    (tmp_path / make_book.STAMP).write_text(stamp)
    return tmp_path


def built(root: Path) -> None:
    for name in ("html/index.html", ".jupyter_cache/outputs"):
        (root / "_build" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "_build" / name).touch()


def test_nothing_changed_means_nothing_to_build(small_book):
    (small_book / "src/__pycache__").mkdir()
    (small_book / "src/__pycache__/lens.pyc").touch()
    assert not make_book.prepare(small_book)


@pytest.mark.parametrize("place", ["src/lens.py", "records/run.json", "_config.yml", "src/new.py", "book/_ext/new.py"])
def test_what_chapters_compute_with_voids_their_outputs(small_book, place):
    (small_book / place).parent.mkdir(exist_ok=True)
    (small_book / place).write_text("other")
    assert make_book.prepare(small_book)
    assert not (small_book / "_build/.jupyter_cache").exists()


def test_a_changed_chapter_keeps_the_outputs_of_the_others(small_book):
    (small_book / "book/chapter.md").write_text("other")
    assert make_book.prepare(small_book)
    assert (small_book / "_build/.jupyter_cache/outputs").exists()


def test_a_failed_build_is_never_taken_as_done(small_book):
    (small_book / "book/chapter.md").write_text("other")
    assert make_book.prepare(small_book)
    built(small_book)  # pages were written, then a warning failed the build
    assert make_book.prepare(small_book)


CELL = """---
kernelspec:
  name: python3
---

```{{code-cell}} ipython3
open({log!r}, "a").write({name!r})
{more}
```
"""


def test_chapters_are_executed_once_into_the_cache_that_the_build_reads(tmp_path):
    """A chapter that fails is left to the build, which executes it again and says why."""
    log, chapters = tmp_path / "log", []
    for name, more in {"a": "", "b": "", "f": "1 / 0"}.items():
        chapters.append(tmp_path / f"{name}.md")
        chapters[-1].write_text(CELL.format(log=str(log), name=name, more=more))
    (plain := tmp_path / "plain.md").write_text("# No code\n")
    execute([*chapters, plain], tmp_path / "cache")
    assert sorted(log.read_text()) == ["a", "b", "f"]
    execute([*chapters, plain], tmp_path / "cache")
    assert sorted(log.read_text()) == ["a", "b", "f", "f"]
    chapters[0].write_text(chapters[0].read_text() + "Other words.\n")
    execute(chapters[:2], tmp_path / "cache")
    assert len(log.read_text()) == 4


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
    listed = set(re.findall(r"^  make (\w+)", run("make").stdout, re.MULTILINE))
    explained = set(re.findall(r"make ([a-z]+)", (ROOT / "README.md").read_text()))
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
