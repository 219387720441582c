"""Bring .venv up to date with the requirements; do nothing when it is.

Run by the Makefile with a Python that tools/find_python.sh chose. `.venv/ready` is written last and holds a hash of
everything that decides what is installed, so that a set-up that was cut short is never taken as done.

pip, and no `uv sync --frozen`: that needs a second lock beside the one that Binder and Colab read, a uv before there is
one, and for machines that cannot reach PyTorch's own server all of what follows as well.
"""

import sys

if not (3, 11) <= sys.version_info[:2] <= (3, 13):
    sys.exit(
        "Seven Lenses needs Python 3.11, 3.12 or 3.13; this is %d.%d. Use make, which looks for one."
        % sys.version_info[:2]
    )

import hashlib
import json
import os
import subprocess
import tomllib
import venv
from pathlib import Path

from stamps import alone, in_words, known, remember

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
READY = VENV / "ready"
REQUIREMENTS = ("requirements.txt", "requirements-tools.txt", "requirements.lock", "deploy/hub/requirements.txt")


def wanted(root: Path = ROOT) -> dict[str, str]:
    """What the environment must have been made from; settings of tests and linters are no part of that."""
    package = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    parts = [json.dumps([package["build-system"], package["project"], package["tool"]["hatch"]], sort_keys=True)]
    parts += [(root / name).read_text(encoding="utf-8") for name in (*REQUIREMENTS, "tools/install_torch.py")]
    return {
        "python": "%d.%d" % sys.version_info[:2],
        "place": str(root),  # an environment that was moved has dead paths in its scripts
        "requirements": hashlib.sha256("\0".join(parts).encode()).hexdigest(),
    }


def set_up() -> None:
    want = wanted()
    if known(READY) == want:
        return  # before anything is opened for writing: the checkout may be somebody else's
    with alone(ROOT / ".venv.lock", "Another command is setting up .venv; waiting for it.") as waited:
        have = known(READY)
        if waited and not os.environ.get("PYTHON"):
            want["python"] = have.get("python", want["python"])  # what it took is as good, and in use by now
        if have != want:
            install(want, have)


def install(want: dict[str, str], have: dict[str, str]) -> None:
    """Make the environment, or bring it up to date."""
    print("Setting up .venv. The first time this takes some minutes.", flush=True)
    READY.unlink(missing_ok=True)
    if {**want, "requirements": None} != {**have, "requirements": None}:
        venv.create(VENV, clear=True, with_pip=True)
    python = next(path for path in (VENV / "bin/python", VENV / "Scripts/python.exe") if path.exists())
    # --no-user: somebody's pip.conf may ask for it. What the shell says of other places the Makefile takes away.
    pip = [python, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-user"]
    in_root = {"check": True, "cwd": ROOT}
    subprocess.run([python, "tools/install_torch.py"], **in_root)
    print("Installing the book and its tools.", flush=True)
    # The lock only constrains: what torch's CUDA build would need is listed in it and never asked for.
    subprocess.run([*pip, "-c", REQUIREMENTS[2], "-r", REQUIREMENTS[0], "-r", REQUIREMENTS[1]], **in_root)
    subprocess.run([*pip, "--no-deps", "--editable", "."], **in_root)
    if lacks := lacking(python):
        sys.exit(
            f"pip ended well, but .venv lacks {', '.join(lacks)}: a setting sends packages elsewhere. List them "
            f"with {python.relative_to(ROOT)} -m pip config list, take out any target, prefix or root, and try again."
        )
    remember(READY, want)


def lacking(python: Path) -> list[str]:
    """What .venv lacks although pip said that all is well: it can be told in many ways to install elsewhere."""
    code = "from importlib.util import find_spec; print(*(name for name in {!r} if find_spec(name) is None))"
    needed = ("torch", "jupyter_book", "jupyterlab", "sevenlenses")
    found = subprocess.run([python, "-c", code.format(needed)], check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    return found.stdout.split()


if __name__ == "__main__":
    try:
        set_up()
    except subprocess.CalledProcessError as error:
        sys.exit(
            f"Set-up stopped: {' '.join(map(str, error.cmd[1:5]))} ... failed; its message is above. "
            "If that is about the network, check the connection; then run the same command again."
        )
    except OSError as error:
        sys.exit(in_words(error))
