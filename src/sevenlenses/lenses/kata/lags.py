"""Over how many steps can a model learn to hold one token, and how long can it hold it once it has learned?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from ... import figures
from ...lens import Knob
from ...models.base import SequenceModel
from ...models.lstm import LSTM
from ...runtime import generator, one_thread
from ...tasks.cue import Cue
from ...training import Fit, evaluate
from ..learning import Learned, Lesson, draw_curves, trained
from ..rates import RATE, SEEDS, rate_of, trials

BUDGET = 6800  # parameters
STEPS, BATCH = 600, 16  # the training budget, the same for all
TESTED = (16, 64, 256, 1024, 4096)  # lags that a trained model is put to, whatever it was trained on
SEQUENCES, PAIRS = 64, 16  # for an accuracy; for a distance
SPARED = 256  # attention's rate at greater lags is the one chosen here: its trials there would take an hour
MIXED = "lstm-mixed"
LEARNERS = {  # knob: model
    "lstm-forget-1": "lstm-forget-1",
    "lstm-forget-3": "lstm-forget-3",
    "lstm-chrono": "lstm-chrono",
    MIXED: "lstm-forget-1",
    "attention": "attention",
}

KNOBS = {
    "learner": Knob(
        "Model and start",
        "lstm-forget-1",
        tuple(LEARNERS),
        names={
            "lstm-forget-1": "LSTM, forget bias 1",
            "lstm-forget-3": "LSTM, forget bias 3",
            "lstm-chrono": "LSTM, chrono",
            MIXED: "LSTM, forget bias 1, mixed lags",
            "attention": "attention",
        },
    ),
    "lag": Knob("Lag in training", 64, (16, 64, 256, 1024), 4, 1024, "log", "steps"),
    "rate": RATE,
}


@dataclass(frozen=True, kw_only=True)
class LagRun(Learned):
    """A learning curve, and what the trained model can hold.

    held: (seeds, TESTED), accuracy at each lag; the cue comes first.
    apart: (seeds, TESTED), distance between an LSTM's cells in two runs that differ in their cue alone, after so many
        steps, over that right after the cue; geometric mean over pairs. NaN for a model without cells.
    kept: (seeds, H), each unit's forget gate on noise, geometric mean over steps and sequences, from the lowest up;
        NaN for a model without one.
    """

    held: np.ndarray
    apart: np.ndarray
    kept: np.ndarray


def lesson(learner: str, lag: int, rate: str | float) -> Lesson:
    """The cue `lag` steps back; for the mixed learner anywhere from 1 to `lag` steps back."""
    stops = [one for one in KNOBS["lag"].stops if learner != "attention" or one <= SPARED]
    tried = min(stops, key=lambda stop: abs(np.log(stop / lag)))
    chosen = rate_of(LAG_RUN, {"learner": learner, "lag": tried, "rate": rate})
    task = Cue(lag + 1, None if learner == MIXED else lag)
    return Lesson(LEARNERS[learner], BUDGET, task, Fit(steps=STEPS, batch=BATCH, learning_rate=chosen))


def put_to(model: SequenceModel | None, seed: int) -> dict[str, np.ndarray]:
    """What the trained model holds at every tested lag; see `LagRun`."""
    nothing = np.full((1, len(TESTED)), np.nan)
    if model is None:
        return {"held": nothing, "apart": nothing, "kept": np.full((1, 1), np.nan)}
    device, source = next(model.parameters()).device, generator(seed, "lags")
    held = [evaluate(model, Cue(n + 1, n), batch=SEQUENCES, generator=source, device=device) for n in TESTED]
    apart, kept = inside(model, seed) if isinstance(model, LSTM) else (nothing[0], np.full(1, np.nan))
    return {"held": np.array([held]), "apart": apart[None], "kept": kept[None]}


@torch.no_grad()
@one_thread()
def inside(model: LSTM, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """How far apart cues stay (TESTED,), and what each forget gate keeps a step (H,)."""
    task = Cue(TESTED[-1], TESTED[-1] - 1)
    x = task.sample(PAIRS, generator(seed, "pairs")).x[:, :-1]  # (B, T, n_in): a cue, then noise
    other = x.clone()
    other[:, 0, : task.classes] = x[:, 0, : task.classes].roll(1, -1)  # the next cue, the same noise
    here, there = (model(one.to(next(model.parameters()).device), watch=True).inside for one in (x, other))
    distance = (here["cell"] - there["cell"]).double().norm(dim=-1)  # (B, T)
    steps = [0, *(min(lag, TESTED[-1] - 1) - 1 for lag in TESTED)]
    size = distance[:, steps].clamp(min=1e-30).log().mean(0).exp()  # (1 + TESTED,)
    kept = here["forget"][:, 1:].double().log().mean((0, 1)).exp()  # (H,)
    return (size[1:] / size[0]).cpu().numpy(), kept.sort().values.cpu().numpy()


def draw(result: LagRun, axes, own: LagRun | None = None) -> None:
    """Left: learning curves. Right: accuracy at each tested lag."""
    learning, holding = axes
    style = figures.STYLES[result.knobs["learner"]]
    draw_curves(learning, result, own, style, STEPS)
    for row in result.held:
        holding.plot(TESTED, row, color=style.color, linewidth=1.0, alpha=0.75, gid="runs/held")
    holding.plot(TESTED, np.median(result.held, 0), ls="", color=style.color, marker=style.marker, gid="runs/middle")
    if own is not None and np.isfinite(own.held).all():
        mine = figures.STYLES["own"]
        holding.plot(TESTED, own.held[0], color=mine.color, linewidth=2.4, gid="own/held")
    for ax in axes:
        figures.reference(ax, Cue().chance, "chance", "frame")
    figures.octave_axis(holding, TESTED[-1])
    holding.axvline(result.knobs["lag"], color=figures.INK, linewidth=1.0, linestyle=(0, (4, 2)), gid="trained/to")
    holding.set(xlim=(12, 5400), ylim=(0, 1.03), xlabel="lag in the test", title="accuracy once trained")


def describe(result: LagRun) -> dict[str, str]:
    """What was learned, and what is held."""
    held = np.median(result.held, 0)
    name = KNOBS["learner"].say(result.knobs["learner"])
    at = ", ".join(f"{one:.2f} at {lag:,}" for lag, one in zip(TESTED, held, strict=True))
    return {
        "frame": f"One of {Cue().classes} cues, then noise, then the question; chance is {Cue().chance:.3g}.",
        "trained": f"Lag in training: {result.knobs['lag']:,} steps (dashed line).",
        "runs": f"{name}: mean accuracy {result.final.mean():.2f} after at most {STEPS} training steps, as trained. "
        f"Put to other lags, median accuracy {at}.",
    }


LAG_RUN = trained(
    lesson,
    name="kata-lags",
    question="Over how many steps can one token be learned, and then be held?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    measure=lambda model, seed, knobs: put_to(None if seed in SEEDS else model, seed),  # not what chooses a rate
    layers={"frame": (), "trained": ("lag",), "runs": ("learner", "lag"), "own": ()},
    result=LagRun,
    models=lambda result: [result.knobs["learner"]],
    panels=2,
    trials=lambda: (
        *(one for one in trials(LAG_RUN) if one[0]["learner"] != "attention" or one[0]["lag"] <= SPARED),
        ({"learner": "attention", "lag": 1024, "rate": 0.003}, LAG_RUN.seeds),  # is it the rate that was chosen at 256?
    ),
)
