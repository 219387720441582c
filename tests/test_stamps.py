"""What tools remember, and what they do where they may not write."""

import os
import resource
import shutil
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import pytest

import make_book
import setup_env
import stamps

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent

# Written whole or not at all


@pytest.mark.parametrize("held", [b"", b"{", b"\x00\xff", b"[1]", b"null"])
def test_a_stamp_that_cannot_be_read_says_nothing(tmp_path, held):
    (tmp_path / "stamp").write_bytes(held)
    assert stamps.known(tmp_path / "stamp") == {}
    assert stamps.known(tmp_path / "none") == {} and stamps.known(tmp_path) == {}
    stamps.remember(tmp_path / "stamp", {"a": 1})
    assert stamps.known(tmp_path / "stamp") == {"a": 1}


def test_on_a_full_disk_the_old_file_stays_whole_and_nothing_is_left_over(tmp_path):
    """The system itself refuses: a process may write files of a thousand bytes at most."""
    (file := tmp_path / "file").write_text("old")
    code = "import sys, stamps, pathlib; stamps.write_whole(pathlib.Path(sys.argv[1]), 'n' * 5000)"
    failed = subprocess.run(
        [sys.executable, "-c", code, file],
        cwd=ROOT / "tools",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)),
        capture_output=True,
        text=True,
    )
    assert "File too large" in failed.stderr
    assert file.read_text() == "old" and [*tmp_path.iterdir()] == [file]


def test_writers_at_once_leave_one_of_the_texts(tmp_path):
    texts = [letter * 100_000 for letter in "abcd"]
    writers = [threading.Thread(target=stamps.write_whole, args=(tmp_path / "file", text)) for text in texts]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert (tmp_path / "file").read_text() in texts and len([*tmp_path.iterdir()]) == 1


# One at a time

HOLDER = """import os, pathlib, sys, time, stamps
with stamps.alone(pathlib.Path(sys.argv[1]), "waiting"):
    if os.fork():
        print("held", flush=True)
    time.sleep(600)  # holder and child alike
"""


def test_a_lock_is_free_once_its_holder_was_killed_though_a_child_lives_on(tmp_path):
    """As after a build that was killed: the processes that it started for its chapters may outlive it."""
    command = [sys.executable, "-c", HOLDER, tmp_path / "lock"]
    with subprocess.Popen(
        command, cwd=ROOT / "tools", stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as holder:
        assert holder.stdout.readline() == "held\n"
        assert asked(tmp_path / "lock") == "taken"
        holder.kill()
        holder.wait()
        assert asked(tmp_path / "lock") == "free"
        os.killpg(holder.pid, 9)


def asked(lock: Path) -> str:
    code = "import sys, stamps; print('free' if stamps._lock(open(sys.argv[1], 'a'), wait=False) else 'taken')"
    said = subprocess.run([sys.executable, "-c", code, lock], cwd=ROOT / "tools", capture_output=True, text=True)
    return said.stdout.strip()


# A checkout that is not ours to change


@pytest.fixture
def ready(tmp_path):
    """A small checkout in which all is set up and built, and nobody may write."""
    root = tmp_path / "course"
    for folder in ("tools", "book/_ext"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    header = "---\nfile_format: mystnb\nkernelspec: {name: python3, display_name: Python 3}\n---\n"
    (root / "book/chapter.md").write_text(f"{header}# A chapter\n\n```{{code-cell}} python\n1 + 1\n```\n")
    (root / "book/references.bib").touch()
    (root / "_toc.yml").write_text("root: book/chapter\n")
    for name in ("Makefile", "_config.yml", "pyproject.toml", *setup_env.REQUIREMENTS, "src/sevenlenses/files.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    (root / ".venv/bin").mkdir(parents=True)
    for name in ("python", "jupyter"):
        (program := root / ".venv/bin" / name).write_text(
            f'#!/bin/sh\nexec "{Path(sys.executable).parent}/{name}" "$@"\n'
        )
        program.chmod(0o755)
    stamps.remember(root / ".venv/ready", setup_env.wanted(root))
    (root / "_build/html").mkdir(parents=True)
    (root / "_build/html/index.html").write_text("the book")
    state = stamps.snapshot(root)
    stamps.remember(root / make_book.STAMP, {"pages": stamps.fingerprint(state, make_book.PLACES)})
    subprocess.run(["make", "notebooks"], cwd=root, check=True, capture_output=True)
    close(root)
    yield root
    subprocess.run(["chmod", "-R", "u+w", root], check=True)


def close(root: Path) -> None:
    subprocess.run(["chmod", "-R", "a-w", root], check=True)


def unprivileged() -> list[str]:
    """What makes of root somebody whom permissions bind."""
    if os.geteuid() != 0:
        return []
    if not shutil.which("setpriv"):
        pytest.skip("root may write anywhere, and there is no setpriv here to change that")
    return ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]


def make(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run([*unprivileged(), "make", *words], cwd=root, env=clean, capture_output=True, text=True)


def test_where_all_is_ready_nobody_needs_leave_to_write(ready):
    said = make(ready, "book")
    assert (said.returncode, said.stdout) == (0, "The book is in _build/html.\n"), said.stderr
    said = make(ready, "lab", "LAB_FLAGS=--version")
    assert said.returncode == 0 and "The notebooks are in notebooks.\n" in said.stdout, said.stderr
    command = [*unprivileged(), "make", "serve", "PORT=0"]
    with subprocess.Popen(command, cwd=ready, stdout=subprocess.PIPE, text=True, start_new_session=True) as serving:
        address = next(word for line in serving.stdout for word in line.split() if word.startswith("http://"))
        with urllib.request.urlopen(address.replace("localhost", "127.0.0.1")) as answer:
            assert answer.read() == b"the book"
        os.killpg(serving.pid, 15)


def test_a_list_of_notebooks_that_cannot_be_read_only_means_that_none_is_known(ready):
    subprocess.run(["chmod", "-R", "u+w", ready / "notebooks"], check=True)
    (ready / "notebooks/.generated.json").write_bytes(b"")
    said = make(ready, "notebooks")
    assert said.returncode == 0, said.stderr
    assert list(stamps.known(ready / "notebooks/.generated.json")) == ["chapter.ipynb"]


@pytest.mark.parametrize(("target", "change"), [("book", "_config.yml"), ("book", "requirements.txt")])
def test_where_something_is_to_do_and_nobody_may_write_that_is_said(ready, target, change):
    (ready / change).chmod(0o644)
    with (ready / change).open("a") as file:
        file.write("# other\n")
    close(ready)
    said = make(ready, target)
    assert said.returncode != 0 and "Traceback" not in said.stderr
    assert "Permission denied. There is something to do here, and this checkout is not yours to change" in said.stderr
