"""Bring .venv up to date with the requirements; do nothing when it is.

Run by the Makefile with a Python that tools/find_python.sh chose. `.venv/ready` is written last and holds a hash of
everything that decides what is installed, so that a set-up that was cut short is never taken as done.
"""

import sys

if not (3, 11) <= sys.version_info[:2] <= (3, 13):
    sys.exit(
        "Seven Lenses needs Python 3.11, 3.12 or 3.13; this is %d.%d. Use make, which looks for one."
        % sys.version_info[:2]
    )

import hashlib
import json
import subprocess
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
READY = VENV / "ready"
REQUIREMENTS = ("requirements.txt", "requirements-tools.txt", "requirements.lock")


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


def made_from() -> dict[str, str]:
    return json.loads(READY.read_text()) if READY.exists() else {}


def set_up() -> None:
    want, have = wanted(), made_from()
    if want == have:
        return
    print("Setting up .venv. The first time this takes some minutes.", flush=True)
    READY.unlink(missing_ok=True)
    if {**want, "requirements": None} != {**have, "requirements": None}:
        venv.create(VENV, clear=True, with_pip=True)
    python = next(path for path in (VENV / "bin/python", VENV / "Scripts/python.exe") if path.exists())
    pip = [python, "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    in_root = {"check": True, "cwd": ROOT}
    subprocess.run([python, "tools/install_torch.py"], **in_root)
    print("Installing the book and its tools.", flush=True)
    # The lock only constrains: what torch's CUDA build would need is listed in it and never asked for.
    subprocess.run([*pip, "-c", REQUIREMENTS[2], "-r", REQUIREMENTS[0], "-r", REQUIREMENTS[1]], **in_root)
    subprocess.run([*pip, "--no-deps", "--editable", "."], **in_root)
    READY.write_text(json.dumps(want))


if __name__ == "__main__":
    try:
        set_up()
    except subprocess.CalledProcessError as error:
        sys.exit(
            f"Set-up stopped: {' '.join(map(str, error.cmd[1:5]))} ... failed; its own message is above. "
            "Check the network connection and run the same command again."
        )
