"""The first steps of runs under the code of a commit and under the code as it is."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

from ..files import write_whole
from .stamps import Look

ROOT = Path(__file__).parents[3]
PROBE = Path(__file__).with_name("first_steps.py")
FOLDER = ROOT / "_build/verify"
SEEN = FOLDER / "seen.jsonl"  # by this machine: a run under the same code is not looked at twice


def as_it_was(base: str) -> Path:
    """The code and the records of a commit, in a folder of their own."""
    folder = FOLDER / base
    if not (folder / "whole").exists():
        packed = subprocess.run(["git", "archive", base, "src", "records"], cwd=ROOT, capture_output=True, check=True)
        with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
            archive.extractall(folder, filter="data")
        (folder / "whole").touch()
    return folder


def observe(looks: dict[str, Look], root: Path, workers: int) -> dict[str, dict]:
    """What `first_steps` sees of runs, by a name of the run and its code, under the code in `root`."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    seen = seen_in(SEEN)
    left = [one._asdict() | {"id": name} for name, one in looks.items() if name not in seen]
    parts = [(FOLDER / f"{n}.jobs", FOLDER / f"{n}.part") for n in range(min(workers, len(left)))]
    running = []
    for n, (asked, answers) in enumerate(parts):
        asked.write_text("".join(json.dumps(one) + "\n" for one in left[n::workers]), encoding="utf-8")
        environment = os.environ | {"PYTHONPATH": str(root / "src"), "OMP_NUM_THREADS": "1"}
        running.append(subprocess.Popen([sys.executable, "-P", PROBE, asked, answers], env=environment, cwd=FOLDER))
    codes = [process.wait() for process in running]
    for asked, answers in parts:
        seen |= seen_in(answers)
        asked.unlink()
        answers.unlink(missing_ok=True)
    write_whole(SEEN, "".join(json.dumps(one) + "\n" for one in seen.values()))
    if any(codes):
        sys.exit(
            f"A run under {root / 'src'} died; what it said is above. What is done is kept: run this again. Where a "
            "module is missing, that code was committed without it: name a whole commit with --base."
        )
    return {name: seen[name] for name in looks}


def seen_in(path: Path) -> dict[str, dict]:
    """What a file of results holds; a line that was cut short does not count."""
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        try:
            one = json.loads(line)
        except ValueError:
            continue
        found[one["id"]] = one
    return found


def parted(then: dict, now: dict) -> str:
    """Where two looks at a run part, in words; "" where they do not."""
    if now["error"] or then["error"]:
        return f"it cannot be looked at: {now['error'] or 'in the code as it was, ' + then['error']}"
    if then["words"] != now["words"]:
        return f"it was {', '.join(then['words'])} and is {', '.join(now['words'])}"
    if then["plans"] != now["plans"]:
        return f"the plan was {' '.join(then['plans'])} and is {' '.join(now['plans'])}"
    for step, (one, other) in enumerate(zip(then["steps"], now["steps"], strict=False), 1):
        if one[0] != other[0]:
            return f"numbers part at step {step}, by {abs(one[1] - other[1]) / abs(one[1]):.0e} of the weights' sum"
    if len(then["steps"]) != len(now["steps"]):
        return f"training took {len(then['steps'])} steps and takes {len(now['steps'])}"
    unlike = [name for name in now["arrays"] if then["arrays"].get(name) != now["arrays"][name]]
    gone = [name for name in then["arrays"] if name not in now["arrays"]]
    return f"what is measured is other: {', '.join(unlike + gone)}" if unlike or gone else ""
