"""Set-up on machines and in shells that are not like ours: from a clone's line ends to a .venv that is ready."""

import ast
import json
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import setup_env

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent


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


def test_a_python_whose_path_has_a_space_is_one_python(only_tools):
    (folder := only_tools / "my pythons").mkdir()
    script(folder / "python 3", "echo 3.12")
    assert find_python(only_tools, PYTHON=str(folder / "python 3")).stdout == f"{folder}/python 3\n"
    assert "Found: no Python called my python;" in find_python(only_tools, PYTHON="my python").stderr


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
    for name in ("pyproject.toml", *setup_env.REQUIREMENTS, "tools/install_torch.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
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

    monkeypatch.setattr(setup_env, "lacking", lambda _: [])
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


@pytest.mark.parametrize("held", [b"", b"{", b"\x00\xff", b"[]", b"null"])
def test_a_stamp_that_cannot_be_read_only_means_work_done_again(elsewhere, held):
    """As a full disk or a kill leaves it."""
    setup_env.set_up()
    setup_env.READY.write_bytes(held)
    setup_env.set_up()
    assert elsewhere.count("venv") == 2
    setup_env.set_up()
    assert elsewhere.count("venv") == 2


def test_what_pip_put_elsewhere_is_said_with_the_remedy(elsewhere, monkeypatch):
    monkeypatch.setattr(setup_env, "lacking", lambda _: ["torch", "jupyterlab"])
    with pytest.raises(SystemExit, match=r"\.venv lacks torch, jupyterlab: .* pip config list, take out any target"):
        setup_env.set_up()
    assert not setup_env.READY.exists()


def test_the_lock_pins_every_requirement_and_names_no_server():
    lock = (ROOT / "requirements.lock").read_text()
    assert not re.search(r"://|index-url|find-links", lock)
    for name in {*setup_env.REQUIREMENTS} - {"requirements.lock"}:
        for line in (ROOT / name).read_text().splitlines():
            if package := re.match(r"\w[\w-]*", line):
                assert re.search(rf"^{package[0]}==", lock, re.MULTILINE), f"{package[0]}: run make lock"


# All of it, with real make, venv and pip, in a checkout whose packages are empty

BACKEND = """import zipfile
def build_editable(folder, config_settings=None, metadata_directory=None):
    return wheel(folder, "sevenlenses", "0.1.0")
def wheel(folder, name, version, code=""):
    about = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(f"{folder}/{name}-{version}-py3-none-any.whl", "w") as made:
        made.writestr(f"{name}/__init__.py", "")
        made.writestr(f"{name}/__main__.py", code)
        made.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n")
        made.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        made.writestr(f"{about}/RECORD", "")
    return f"{name}-{version}-py3-none-any.whl"
"""


@pytest.fixture
def bare(tmp_path) -> Path:
    """A checkout, in a folder with a space, that installs empty packages from the folder `wheels` beside it."""
    root, wheels, made = tmp_path / "my course", tmp_path / "wheels", {}
    shutil.copytree(ROOT / "tools", root / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("Makefile", "src/sevenlenses/files.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    exec(BACKEND, made)
    wheels.mkdir()
    for name in ("torch", "jupyter_book", "jupyterlab"):
        made["wheel"](wheels, name, "1.0")
    made["wheel"](wheels, "uv", "1.0", "raise SystemExit('no network')")
    (root / "backend.py").write_text(BACKEND)
    (root / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        '[project]\nname = "sevenlenses"\nversion = "0.1.0"\n[tool.hatch]\n'
    )
    (root / "requirements.txt").write_text("jupyter-book==1.0\ntorch==1.0\n")
    (root / "requirements-tools.txt").write_text("jupyterlab\nuv\n")
    (root / "requirements.lock").write_text("uv==1.0\n")
    (root / "deploy/hub").mkdir(parents=True)
    (root / "deploy/hub/requirements.txt").touch()
    return root


def make(root: Path, *words: str, **environment: str) -> subprocess.Popen[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "PYTHON"))}
    clean |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(root.parent / "wheels")}
    return subprocess.Popen(
        ["make", *words], cwd=root, env=clean | environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def test_what_a_shell_says_for_other_projects_does_not_reach_set_up_but_its_indexes_do(bare, tmp_path):
    (poison := tmp_path / "poison").mkdir()
    for name in ("json", "venv", "torch"):
        (poison / f"{name}.py").write_text("raise SystemExit('the wrong module')")
    (tmp_path / "pip.conf").write_text("[install]\nuser = true\n")
    script(python := tmp_path / "my python", f'exec "{sys.executable}" "$@"')
    elsewhere = {"PIP_USER": "1", "PIP_TARGET": str(tmp_path / "there"), "PIP_ROOT": "/nowhere", "PIP_NO_DEPS": "1"}
    elsewhere |= {"PYTHONPATH": str(poison), "PYTHONHOME": "/nowhere", "PYTHONSAFEPATH": "1", "PYTHONWARNINGS": "error"}
    done = make(bare, ".venv", f"PYTHON={python}", PIP_CONFIG_FILE=str(tmp_path / "pip.conf"), **elsewhere)
    said, _ = done.communicate()
    assert done.returncode == 0, said
    assert json.loads((bare / ".venv/ready").read_text())["place"] == str(bare)
    assert not (tmp_path / "there").exists()


def test_two_commands_at_once_set_up_one_environment(bare):
    """`make serve` and `make lab` in two terminals, the first time."""
    both = [make(bare, ".venv", f"PYTHON={sys.executable}") for _ in range(2)]
    said = sorted(command.communicate()[0] for command in both)
    assert [command.returncode for command in both] == [0, 0], said
    assert said[0] == "Another command is setting up .venv; waiting for it.\n"
    assert said[1].startswith("Setting up .venv.")


# A clone


def git(*words: object, folder: Path) -> str:
    who = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    return subprocess.run(
        ["git", *who, *map(str, words)], cwd=folder, check=True, capture_output=True, text=True
    ).stdout


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Path:
    """This commit, cloned as git for Windows is set up to do it."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout")
    folder = tmp_path_factory.mktemp("clone") / "seven lenses"
    git("clone", "--quiet", "--depth=1", "-c", "core.autocrlf=true", ROOT.as_uri(), folder, folder=folder.parent)
    return folder


def test_line_ends_are_the_same_in_every_clone(clone):
    """Of all files: shells, make, and the hashes that tell what was made from what."""
    ends = [line.split("\t") for line in git("ls-files", "--eol", folder=clone).splitlines()]
    assert ends and [name for how, name in ends if re.search(r"[iw]/(crlf|mixed)", how)] == []
    assert [name for how, name in ends if name.endswith(".safetensors") and "i/-text w/-text" not in how] == []


def test_commands_run_in_a_clone_made_for_windows(clone):
    listed = subprocess.run(["make"], cwd=clone, capture_output=True, text=True, check=True).stdout
    assert "  make serve " in listed
    told = subprocess.run(["make", "serve", "PYTHON=false"], cwd=clone, capture_output=True, text=True)
    assert "Seven Lenses needs Python" in told.stderr
    for shell in (".ci/run", ".binder/postBuild", "tools/find_python.sh"):
        subprocess.run(["bash", "-n", shell], cwd=clone, check=True)
    assert setup_env.wanted(clone)["requirements"] == setup_env.wanted(ROOT)["requirements"]


def test_records_of_two_branches_are_put_together_by_git(tmp_path):
    git("init", "--quiet", "--initial-branch=main", folder=tmp_path)
    shutil.copy(ROOT / ".gitattributes", tmp_path)
    runs = tmp_path / "records/runs.jsonl"
    runs.parent.mkdir()
    for branch, lines in {"main": "0\n", "one": "0\n1\n", "two": "0\n2\n"}.items():
        git("checkout", "--quiet", "-B", branch, *(["main"] if branch != "main" else []), folder=tmp_path)
        runs.write_text(lines)
        git("add", "--all", folder=tmp_path)
        git("commit", "--quiet", "--message", branch, folder=tmp_path)
    git("merge", "--quiet", "one", folder=tmp_path)
    assert sorted(runs.read_text().split()) == ["0", "1", "2"]
