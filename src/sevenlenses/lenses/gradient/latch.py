"""Can a model learn to remember one token over T steps, and what does training do to the signal's path?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from ... import figures
from ...lens import Knob, Value
from ...models.base import SequenceModel, state_gradients
from ...models.variants import BUDGET, VARIANTS
from ...runtime import generator, one_thread
from ...tasks.latch import Latch
from ...training import Fit
from ..learning import Learned, Lesson, Training, draw_curves, trained
from ..probes import by_distance

STEPS = 600  # the training budget, the same for all
STRIDE = 5  # steps between two points of a learning curve
DURING = 30  # the step at which the profile "during training" is taken

KNOBS = {
    "variant": Knob(
        "Model and start", "lstm-forget-3", tuple(VARIANTS), names={n: v.label for n, v in VARIANTS.items()}
    ),
    "length": Knob("Steps to remember", 64, (16, 32, 64, 128, 256), 8, 256, "log", "steps"),
    "rate": Knob("Learning rate", 0.003, (0.0003, 0.001, 0.003, 0.01, 0.03), 1e-4, 0.1, "log"),
}


@dataclass(frozen=True, kw_only=True)
class LatchRun(Learned):
    """A learning curve, and gradient profiles.

    distance: (seeds, D), steps back from the answer.
    profile: (seeds, 3, D), ‖∂(logit of the right answer)/∂x(T-1-k)‖ before, during and after training; NaN where
        not yet measured.
    """

    distance: np.ndarray
    profile: np.ndarray


def lesson(variant: str, length: int, rate: float) -> Lesson:
    """Keep the first token."""
    return Lesson(variant, BUDGET, Latch(length), Fit(steps=STEPS, learning_rate=rate))


def watch(lesson: Lesson, knobs: dict[str, Value], seed: int, device: str) -> Iterator[LatchRun]:
    """One training run, with profiles on its way."""
    task, training = lesson.task, Training(lesson, seed, device, STRIDE)
    length = task.length
    far = np.unique(np.linspace(0, length - 1, min(length, 40)).round().astype(int))  # (D,)
    profiles = np.full((1, 3, len(far)), np.nan)
    profiles[0, 0] = profile(training.model, task, seed)[far]
    for now in training:
        if now.step == DURING:
            profiles[0, 1] = profile(training.model, task, seed)[far]
        if now.done:
            profiles[0, 2] = profile(training.model, task, seed)[far]
        yield LatchRun(knobs=knobs, **training.learned(), distance=far[None].astype(float), profile=profiles.copy())


@one_thread()
def profile(model: SequenceModel, task: Latch, seed: int) -> np.ndarray:
    """(T,): how strongly the right answer's logit hangs on the input k steps back; geometric mean over 16 sequences.

    In float64 on the CPU, since float32 reads small sizes as exact zeros. The logit, not the loss: a trained model's
    loss has almost no gradient left anywhere.
    """
    twin = copy_on_cpu(model).double()
    batch = task.sample(16, generator(seed, "profile"))
    right = batch.y[:, -1:]
    _, at_inputs, _ = state_gradients(twin, batch.x.double(), lambda y: y[:, -1].gather(1, right).sum())
    return by_distance(at_inputs)


def copy_on_cpu(model: SequenceModel) -> SequenceModel:
    """A copy on the CPU, so that probing leaves the trained model alone."""
    twin = type(model)(model.n_in, model.n_hidden, model.n_out, generator=torch.Generator())
    twin.load_state_dict({name: value.cpu() for name, value in model.state_dict().items()})
    return twin


def draw(result: LatchRun, axes, own: LatchRun | None = None) -> None:
    """Left: learning curves. Right: the signal's profile, three times."""
    learning, signal = axes
    style, mine = figures.STYLES[VARIANTS[result.knobs["variant"]].model], figures.STYLES["own"]
    draw_curves(learning, result, own, style, STEPS)
    figures.reference(learning, Latch().chance, "chance", "frame")

    k = result.distance[0]
    looks = (("before", 0.45, 1.2, (0, (1, 1.5))), (f"step {DURING}", 0.7, 1.5, (0, (4, 2))), ("after", 1.0, 2.4, "-"))
    for i, (word, alpha, width, line) in enumerate(looks):
        middle = np.maximum(np.nanmedian(drawn_rows(result.profile[:, i]), 0), 1e-21)
        signal.plot(k, middle, color=style.color, alpha=alpha, linewidth=width, linestyle=line, gid=f"runs/{word}")
    if own is not None and np.isfinite(own.profile[0, 2]).any():
        signal.plot(
            own.distance[0],
            np.maximum(own.profile[0, 2], 1e-21),
            color=mine.color,
            linewidth=2.4,
            linestyle=mine.line,
            gid="own/after",
        )
    for i, (word, alpha, width, line) in enumerate(looks):  # a legend of our own: the theme's ink, and the same dashes
        signal.plot(
            [0.06, 0.2],
            [0.3 - 0.1 * i] * 2,
            transform=signal.transAxes,
            color=figures.INK,
            alpha=alpha,
            linewidth=width,
            linestyle=line,
            gid=f"frame/line{i}",
        )
        signal.text(
            0.23, 0.3 - 0.1 * i, word, transform=signal.transAxes, va="center", fontsize=10, gid=f"frame/word{i}"
        )
    figures.log_axis(signal, -20, 4, 4)
    signal.set(xlim=(0, result.knobs["length"] - 1), xlabel="steps back from the answer, k")
    signal.set_title("effect of input T−k on the answer")


def drawn_rows(profile: np.ndarray) -> np.ndarray:
    """Profiles with unmeasured seeds dropped; if none was measured, one row of NaN."""
    rows = profile[np.isfinite(profile).all(1)]
    return rows if len(rows) else np.full((1, profile.shape[1]), np.nan)


def describe(result: LatchRun) -> dict[str, str]:
    """What was learned, and what became of the signal from the first token."""
    name = KNOBS["variant"].say(result.knobs["variant"])
    length = result.knobs["length"]
    first = {
        word: np.median(drawn_rows(result.profile[:, i])[:, -1]) for i, word in enumerate(("before", "during", "after"))
    }
    solved = int((result.final >= 0.95).sum())
    chance = Latch().chance
    return {
        "frame": f"Remember the first of {length} tokens; chance is {chance:.3g}.",
        "runs": f"{name}: mean accuracy {np.mean(result.final):.2f} after at most {STEPS} steps, from "
        f"{np.min(result.final):.2f} to {np.max(result.final):.2f}; {solved} of {len(result.seeds)} seeds solve it. "
        f"Effect of the first token on the answer: {figures.scientific(first['before'])} before training, "
        f"{figures.scientific(first['after'])} after.",
    }


LATCH = trained(
    lesson,
    name="gradient-latch",
    question="Can the model learn to remember the first token, and what does training do to the signal's path?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": ("length",), "runs": ("variant", "length", "rate"), "own": ()},
    result=LatchRun,
    follow=watch,
    models=lambda result: [VARIANTS[result.knobs["variant"]].model],
    words=lambda settings: VARIANTS[settings["variant"]].words(Latch().n_in, Latch().n_out),
    panels=2,
)
