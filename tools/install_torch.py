"""Install PyTorch into the running Python: on Linux the CPU build where that can be had.

pip's default there is the CUDA build, several gigabytes that this course does not need. uv knows where PyTorch
keeps its CPU build; where that place is out of reach, pip's build serves as well. UV_TORCH_BACKEND=auto takes
the build that fits this machine's graphics card instead.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ["-c", str(ROOT / "requirements.lock")]
PIP = [sys.executable, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-user"]
# A place out of reach must cost seconds: one try, and ten seconds for a sign of life.
BRIEF = {"UV_TORCH_BACKEND": "cpu", "UV_HTTP_TIMEOUT": "10", "UV_HTTP_RETRIES": "0"}


def pinned() -> str:
    """The requirement as requirements.txt has it: "torch==x.y.z"."""
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    return next(line.split("#")[0].strip() for line in lines if line.startswith("torch=="))


def install_torch() -> None:
    torch = pinned()
    if sys.platform == "linux":
        subprocess.run([*PIP, *LOCK, "uv"], check=True)
        uv = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", sys.executable]
        if subprocess.run([*uv, *LOCK, torch], env=BRIEF | os.environ, capture_output=True).returncode == 0:
            return
        print("PyTorch's own server of CPU builds is out of reach; taking the build that pip finds.", flush=True)
    subprocess.run([*PIP, *LOCK, torch], check=True)


if __name__ == "__main__":
    install_torch()
