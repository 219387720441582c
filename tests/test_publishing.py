"""What readers get when the course is published: a branch that they can pull, and notebooks that bring their own code.

Real git with real repositories, and the real nbgitpuller, as hubs run it.
"""

import os
import shlex
import shutil
import subprocess
import sys
import venv
from importlib.metadata import distribution
from pathlib import Path

import nbformat
import pytest

import courses
import push_branch
from courses import ADDRESS, CHAPTER, Course, git
from first_cell import first_cell
from notebooks import generate

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def own_git(tmp_path, monkeypatch):
    for name, value in courses.own_git(tmp_path / "gitconfig").items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def course(tmp_path):
    return Course(tmp_path)


def pull(with_what: str, course: Course, reader: Path) -> None:
    """Clone at first, pull afterwards."""
    commands = {
        "gitpuller": [Path(sys.executable).with_name("gitpuller"), course.server.as_uri(), "notebooks", reader],
        "git": ["git", "-C", reader, "pull", "--quiet"],
    }
    if with_what == "git" and not reader.exists():
        commands["git"] = ["git", "clone", "--quiet", "--branch=notebooks", course.server.as_uri(), reader]
    done = subprocess.run(commands[with_what], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


# A branch that readers can pull


@pytest.mark.parametrize("with_what", ["gitpuller", "git"])
def test_readers_can_pull_whatever_was_published_between(course, tmp_path, with_what):
    reader = tmp_path / "reader"
    course.deploy()
    pull(with_what, course, reader)
    for words in ("Second words.", "Third words."):
        course.write("book/chapter.md", CHAPTER.format(words=words))
        course.commit()
        course.deploy()
        pull(with_what, course, reader)
        assert words in (reader / "chapter.ipynb").read_text()
        assert git(reader, "rev-parse", "HEAD") == course.published()


def test_what_a_student_wrote_survives_the_next_publication(course, tmp_path):
    reader = tmp_path / "reader"
    course.deploy()
    pull("gitpuller", course, reader)
    notebook = nbformat.read(reader / "chapter.ipynb", as_version=4)
    mine = next(cell for cell in notebook.cells if cell.source.startswith("answer"))
    mine.update(source="answer = 42  # mine", execution_count=1)
    nbformat.write(notebook, reader / "chapter.ipynb")
    (reader / "notes.txt").write_text("my notes")
    course.write("book/chapter.md", CHAPTER.format(words="Second words."))
    course.commit()
    course.deploy()
    pull("gitpuller", course, reader)
    merged = nbformat.read(reader / "chapter.ipynb", as_version=4)
    nbformat.validate(merged)
    text = [cell.source for cell in merged.cells]
    assert "answer = 42  # mine" in text
    assert "Second words." in "".join(text)
    assert (reader / "notes.txt").read_text() == "my notes"


def test_where_nothing_changed_nothing_is_pushed(course):
    course.deploy()
    before = course.published()
    course.write("README.md", "what no notebook shows")
    course.commit()
    assert course.deploy() == ""
    assert course.published() == before


def test_a_workflows_shallow_clone_publishes_on_top_too(course, tmp_path):
    course.deploy()
    before = course.published()
    course.write("book/chapter.md", CHAPTER.format(words="Second words."))
    course.commit()
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "--quiet", "--depth=1", "--branch=main", course.server.as_uri(), shallow)
    course.deploy(shallow)
    assert git(course.server, "rev-parse", "notebooks^") == before


def test_the_teachers_checkout_is_left_as_it_was(course):
    course.write("staged", "x")
    git(course.clone, "add", "staged")
    before = git(course.clone, "status", "--porcelain=v2", "--branch")
    course.deploy()
    assert git(course.clone, "status", "--porcelain=v2", "--branch") == before


def test_what_somebody_pushed_meanwhile_is_not_overwritten(course, tmp_path):
    course.deploy()
    other = tmp_path / "other"
    git(tmp_path, "clone", "--quiet", "--branch=notebooks", course.server, other)
    (other / "more").write_text("by hand")
    git(other, "add", "more")
    git(other, "commit", "--quiet", "--message=by hand")
    course.write("book/chapter.md", CHAPTER.format(words="Second words."))
    generate(course.branch, course.clone)
    hook = course.clone / ".git/hooks/post-index-change"  # git runs it between our look at the branch and our push
    elsewhere = "unset GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE GIT_PREFIX"
    hook.write_text(f"#!/bin/sh\n{elsewhere}\ngit -C {shlex.quote(str(other))} push --quiet\n")
    hook.chmod(0o755)
    with pytest.raises(subprocess.CalledProcessError):
        push_branch.push(course.branch, "origin", "notebooks", course.clone)
    assert course.published() == git(other, "rev-parse", "HEAD")
    hook.unlink()
    course.deploy()  # run again, it comes on top
    assert git(course.server, "rev-parse", "notebooks^") == git(other, "rev-parse", "HEAD")


def test_an_empty_folder_is_never_published(tmp_path):
    said = subprocess.run(
        [sys.executable, ROOT / "tools/push_branch.py", tmp_path / "none", "origin", "notebooks"],
        capture_output=True,
        text=True,
    )
    assert said.returncode == 1
    assert "is empty or no folder. Fill it first." in said.stderr


# The code that a notebook was made from


def test_the_first_cell_names_the_last_commit_that_changed_the_code(course):
    made_from = git(course.clone, "rev-parse", "HEAD")
    cell = first_cell(course.clone)
    assert f'"sevenlenses @ git+{ADDRESS}@{made_from}"' in cell.source and not cell.remarks
    course.write("book/chapter.md", CHAPTER.format(words="Second words."))
    course.commit()
    assert first_cell(course.clone) == cell
    for place in ("src/sevenlenses/__init__.py", "records/run.json", "pyproject.toml"):
        course.write(place, f"# other {place}")
        dirty = first_cell(course.clone)
        assert "in no commit" in dirty.source and "in no commit" in dirty.remarks[0]
        assert f'{course.commit()}"' in first_cell(course.clone).source


def test_without_a_commit_the_first_cell_says_what_it_installs(course, tmp_path):
    archive = tmp_path / "archive"
    shutil.copytree(course.clone, archive, ignore=shutil.ignore_patterns(".git"))
    subprocess.run(["git", "init", "--quiet", tmp_path / "fresh"], check=True)
    for folder in (archive, shutil.copytree(archive, tmp_path / "fresh", dirs_exist_ok=True)):
        cell = first_cell(folder)
        assert f'"sevenlenses @ git+{ADDRESS}"' in cell.source
        assert "installs the newest code" in cell.source and "installs the newest code" in cell.remarks[0]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """A Python that has nothing but pip."""
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "pip").symlink_to(distribution("pip").locate_file("pip"))  # ensurepip takes seconds to unpack the same
    return folder / "bin/python"


def run_cell(source: str, python: Path, server: Path) -> str:
    """Run a first cell as IPython does, its %pip lines with pip, and return the number that the course then has."""
    lines = []
    for line in source.splitlines():
        code, magic, arguments = line.partition("%pip ")
        call = [str(python), "-m", "pip", "--disable-pip-version-check"]
        lines.append(f"{code}__import__('subprocess').check_call({call + shlex.split(arguments)})" if magic else line)
    public = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{server.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": ADDRESS,
    }
    done = subprocess.run([python, "-c", "\n".join(lines)], env=os.environ | public, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    show = [python, "-c", "import sevenlenses; print(sevenlenses.NUMBER)"]
    return subprocess.run(show, check=True, capture_output=True, text=True).stdout.strip()


def test_a_notebook_brings_the_code_that_it_was_made_from(course, fresh):
    older = first_cell(course.clone).source
    course.write("src/sevenlenses/__init__.py", "NUMBER = 2\n")
    course.commit()
    newer = first_cell(course.clone).source
    assert run_cell(older, fresh, course.server) == "1"  # though the course has gone on
    assert run_cell(newer, fresh, course.server) == "2"  # though another commit is installed, under the same version
    subprocess.run([fresh, "-m", "pip", "-q", "install", "--no-deps", "--force-reinstall", course.clone], check=True)
    assert run_cell(older, fresh, course.server) == "2"  # what the reader installed from a folder stays
