"""Measure a class on a hub: `make bench-hub USERS=10`.

On a real JupyterHub on this machine so many readers follow the link to a chapter, run it from its top, move a slider,
train, and save; all at once, or spread over `--over` seconds. What a reader's browser does, draw, it does elsewhere.
The numbers are printed, and kept in `_build/bench-hub.json`.
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

from first_cell import UNKNOWN
from hub import ROOT, Reader, pictured, running
from notebooks_branch import put_together
from push_branch import push

KEPT = ROOT / "_build/bench-hub.json"


def publish(home: Path) -> str:
    """The course, published to a repository on this machine. Returns its address."""
    server, clone = home / "server/course", home / "clone"
    for command in (["git", "init", "--quiet", "--bare", server], ["git", "clone", "--quiet", server, clone]):
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    who = ["-c", "user.name=bench", "-c", "user.email=bench@example.org"]
    subprocess.run(["git", "-C", clone, *who, "commit", "--quiet", "--allow-empty", "--message=course"], check=True)
    put_together(home / "branch", UNKNOWN)
    os.environ |= {f"GIT_{one}_{what}": "bench" for one in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    push(home / "branch", "origin", "notebooks", clone)
    return server.as_uri()


class Visit:
    """What one reader does, a step at a time, and how long each took."""

    def __init__(self, reader: Reader, link: str):
        self.reader, self.link = reader, link
        self.seconds: dict[str, list[float]] = {}

    def timed(self, what: str, act: Callable, *arguments: object):
        start = time.perf_counter()
        made = act(*arguments)
        self.seconds.setdefault(what, []).append(time.perf_counter() - start)
        return made

    def arrive(self) -> None:
        self.timed("from the link to the notebook", self.reader.follow, self.link)

    def work_through(self) -> None:
        start = time.perf_counter()
        cells = [cell for cell in self.reader.open().cells if cell.cell_type == "code"]
        self.explorers = []
        for cell in cells:
            made = self.reader.run(cell)
            if any(self.reader.models[one].get("_model_name") == "SelectionSliderModel" for one in made):
                self.reader.find(made, pictured)
                if not self.explorers:
                    self.seconds["from the notebook to its first picture"] = [time.perf_counter() - start]
                self.explorers.append(made)
        self.seconds["the whole chapter"] = [time.perf_counter() - start]

    def move(self) -> None:
        for _ in range(5):
            self.timed("a slider's picture", self.reader.move, self.explorers[0])

    def train(self) -> None:
        trains = next(widgets for widgets in self.explorers if self.reader.says(widgets, "a run took about"))
        self.timed("a training", self.reader.train, trains)
        self.timed("saving", self.reader.save)


STEPS = {"arrived": Visit.arrive, "chapter": Visit.work_through, "slider": Visit.move, "trained": Visit.train}


def measure(users: int, chapter: str, over: float) -> dict:
    """A visit of each, step by step: the next step begins when all have ended the last."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        repository = publish(home)
        with running(home / "hub") as hub, ThreadPoolExecutor(users) as everyone, ExitStack() as held:
            link = hub.link(repository, f"{chapter}.ipynb")
            readers = [held.enter_context(closing(Reader(hub, f"reader{n}"))) for n in range(users)]
            visits = [Visit(reader, link) for reader in readers]
            taken = {"before": hub.taken()}
            for name, step in STEPS.items():

                def take(n: int, step=step) -> None:
                    time.sleep(n * over / users)
                    step(visits[n])

                list(everyone.map(take, range(users)))
                taken[name] = hub.taken()
    seconds = {what: [one for visit in visits for one in visit.seconds[what]] for what in visits[0].seconds}
    return {"seconds": seconds, "taken": taken}


def report(users: int, measured: dict) -> None:
    taken = measured["taken"]
    for what, all in measured["seconds"].items():
        say(what, f"{statistics.median(all):.1f} s", f"slowest {max(all):.1f} s")
    earlier = {name: 0.0 for name in taken["arrived"]}
    for step in STEPS:
        readers = {name: one for name, one in taken[step].items() if name}
        memory = [one.memory for one in readers.values()]
        work = [one.work - earlier[name] for name, one in readers.items()]
        earlier = {name: one.work for name, one in readers.items()}
        say(f"memory of a reader, {step}", f"{statistics.mean(memory):.0f} MB", f"most {max(memory):.0f} MB")
        say(f"work for a reader, {step}", f"{statistics.mean(work):.1f} s", "of one core")
    for step in ("before", "trained"):
        hub = taken[step][""]
        say(f"the hub itself, {step}", f"{hub.memory:.0f} MB", f"{hub.work:.1f} s of one core so far")


def say(what: str, value: str, beside: str) -> None:
    print(f"{what:45s} {value:>10s}   {beside}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=10)
    parser.add_argument("--chapter", default="gradient")
    parser.add_argument("--over", type=float, default=0, help="seconds over which they come; 0: all at once")
    asked = parser.parse_args()
    load = os.getloadavg()[0]
    say("readers", str(asked.users), f"{os.cpu_count()} cores, other work at the start: {load:.1f} processes")
    result = measure(asked.users, asked.chapter, asked.over)
    report(asked.users, result)
    KEPT.parent.mkdir(exist_ok=True)
    KEPT.write_text(json.dumps({**vars(asked), "cores": os.cpu_count(), "load": load, **result}, indent=1))
