"""What the first steps of runs compute, bit by bit: `python first_steps.py JOBS RESULTS`.

`make verify` starts this file under the code as it was and under the code as it is, on one machine, and compares. So it
is a script that holds on to little of the package: the experiments and their `stream`, the plan's steps, and PyTorch's
own hook after each step of an optimiser. JOBS has a line of JSON a run; RESULTS gets one for each.
"""

import dataclasses
import hashlib
import json
import sys
import time
from collections import Counter

import numpy as np
import torch
from torch.optim.optimizer import register_optimizer_step_post_hook

CUT = 25  # training steps, after which a run ends and measures what it measures at the end


class Watcher:
    """Notes all weights after every step, and what the plan was; ends the training after CUT steps."""

    def __init__(self, kind: type):
        self.kind = kind
        self.steps: list[list] = []
        self.plans: list[str] = []
        self.counts: Counter[int] = Counter()
        self.cut: list[tuple[object, int]] = []

    def __call__(self, optimiser, args, kwargs) -> None:
        weights = [p.detach().cpu() for group in optimiser.param_groups for p in group["params"]]
        digest = hashlib.sha256(b"".join(w.contiguous().numpy().tobytes() for w in weights)).hexdigest()[:16]
        self.steps.append([digest, sum(w.abs().sum(dtype=torch.float64).item() for w in weights)])
        self.counts[id(optimiser)] += 1
        plan = self.plan()
        if plan is not None and self.counts[id(optimiser)] == 1:
            self.plans.append(repr(plan))
        if plan is not None and self.counts[id(optimiser)] == CUT < plan.steps:
            self.cut.append((plan, plan.steps))
            object.__setattr__(plan, "steps", CUT)  # frozen; the loop compares its step with this one

    def plan(self):
        """The plan of the loop that took this step."""
        frame = sys._getframe(2)
        while frame is not None:
            for value in frame.f_locals.values():
                if isinstance(value, self.kind):
                    return value
            frame = frame.f_back
        return None

    def mend(self) -> None:
        """Give the plans their steps back: experiments share them."""
        for plan, steps in self.cut:
            object.__setattr__(plan, "steps", steps)


def observe(job: dict) -> dict:
    """One run's first steps and last measurements. An error is noted too: two codes may agree in it."""
    from sevenlenses.training import Fit

    watcher, start = Watcher(Fit), time.perf_counter()
    hook = register_optimizer_step_post_hook(watcher)
    seen = {"id": job["id"], "version": 1, "words": [], "arrays": {}, "error": ""}
    try:
        seen |= of_playground(job) if job["label"].startswith("playground/") else of_experiment(job)
    except Exception as error:
        seen["error"] = f"{type(error).__name__}: {error}"
    finally:
        hook.remove()
        watcher.mend()
    return seen | {"plans": watcher.plans, "steps": watcher.steps, "seconds": time.perf_counter() - start}


def of_experiment(job: dict) -> dict:
    """A run of an experiment: what it is, and what it measured, less what a clock read."""
    from sevenlenses.lenses import EXPERIMENTS

    experiment = EXPERIMENTS[job["label"].split("/")[0]]
    *_, result = experiment.stream(seeds=(job["seed"],), device="cpu", **job["settings"])
    arrays = {
        field.name: digest_of(getattr(result, field.name))
        for field in dataclasses.fields(result)
        if isinstance(getattr(result, field.name), np.ndarray) and field.name not in experiment.timed
    }
    words = words_of(experiment, experiment.settings(**job["settings"]))
    return {"version": getattr(experiment, "version", 1), "words": words, "arrays": arrays}


def of_playground(job: dict) -> dict:
    """A run whose weights the page carries."""
    from sevenlenses.playground import training

    lesson = training.recorded(**job["settings"])
    kept = training.checkpoints(lesson, job["seed"], steps=(0, 3))
    flat = {step: np.concatenate([one.numpy().ravel() for one in kept[step].values()]) for step in kept}
    arrays = {f"step {step}": digest_of(weights) for step, weights in flat.items()}
    return {"version": getattr(training, "VERSION", 1), "words": words_of(lesson), "arrays": arrays}


def words_of(holder, *settings) -> list[str]:
    """What a run is, in words, of an experiment or a lesson; once modules stood among them."""
    words = holder.words(*settings) if hasattr(holder, "words") else holder.depends(*settings)
    return [word for word in words if not word.startswith("sevenlenses.")]


def digest_of(array: np.ndarray) -> str:
    """Of shape and bits; all that is not a number counts as the same."""
    values = np.where(np.isnan(array), np.nan, array) if array.dtype.kind == "f" else array
    return hashlib.sha256(str(values.shape).encode() + np.ascontiguousarray(values).tobytes()).hexdigest()[:16]


if __name__ == "__main__":
    torch.set_num_threads(1)
    with open(sys.argv[1], encoding="utf-8") as jobs, open(sys.argv[2], "a", encoding="utf-8") as results:
        for line in jobs:
            results.write(json.dumps(observe(json.loads(line))) + "\n")
            results.flush()
