"""Recall as it is in a text, where a key comes first and its value one token later: who learns it?"""

from __future__ import annotations

from ... import figures
from ...lens import Knob
from ...models.variants import EVERY
from ...tasks.token_recall import TokenRecall
from ...training import Fit
from ..learning import Learned, Lesson, draw_curves, of_models, trained
from ..rates import RATE, rate_of, trials

STEPS = 1500  # the training budget, the same for all
BATCH = 32
SETTINGS = {"few": (4, 40_000), "many": (16, 8_000)}  # pairs, and parameters
COMPARED = (
    "lstm-forget-1",
    "lstm-chrono",
    "gru",
    "attention",
    "attention-positions",
    "short-attention",
    "deep-attention",
    "deep-positions",
    "linear-attention",
    "short-linear",
)

KNOBS = {
    "variant": of_models("deep-positions", COMPARED),
    "setting": Knob(
        "Task",
        "few",
        tuple(SETTINGS),
        names={name: f"{pairs} pairs, {size:,} parameters" for name, (pairs, size) in SETTINGS.items()},
    ),
    "rate": RATE,
}


def lesson(variant: str, setting: str, rate: str | float) -> Lesson:
    """A model of about so many parameters on pairs of two tokens each, in a sequence of 64."""
    pairs, size = SETTINGS[setting]
    chosen = rate_of(TEXT, {"variant": variant, "setting": setting, "rate": rate})
    return Lesson(variant, size, TokenRecall(pairs), Fit(steps=STEPS, batch=BATCH, learning_rate=chosen))


def task_of(settings) -> TokenRecall:
    """The task at some settings of the knobs."""
    return TokenRecall(SETTINGS[settings["setting"]][0])


def levels(ax, task: TokenRecall, layer: str) -> None:
    """What guessing is worth, and what knowing the values is; where the two are too close for two names, one name."""
    close = task.unbound - task.chance < 0.1
    figures.reference(ax, task.chance, "" if close else "chance", layer)
    figures.reference(ax, task.unbound, "knows the values, not the keys", layer, (0, (4, 2)))


def draw(result: Learned, axes, own: Learned | None = None) -> None:
    """Learning curves, one line a seed."""
    (ax,) = axes
    task = task_of(result.knobs)
    draw_curves(ax, result, own, figures.STYLES[result.knobs["variant"]], STEPS)
    levels(ax, task, "frame")


def describe(result: Learned) -> dict[str, str]:
    """Where the seeds end."""
    task, final = task_of(result.knobs), result.final
    return {
        "frame": f"{task.pairs} pairs of two tokens in a sequence of {task.length}; chance is {task.chance:.2g}, and "
        f"knowing only which values were stored is worth {task.unbound:.2g}.",
        "runs": f"{EVERY[result.knobs['variant']].label}, at most {SETTINGS[result.knobs['setting']][1]:,} parameters: "
        f"mean accuracy {final.mean():.2f} after at most {STEPS} steps, from {final.min():.2f} to {final.max():.2f}.",
    }


TEXT = trained(
    lesson,
    name="capacity-text",
    question="Who recalls a value that comes one token after its key?",
    knobs=KNOBS,
    draw=draw,
    describe=describe,
    layers={"frame": ("setting",), "runs": ("variant", "setting"), "own": ()},
    trials=lambda: trials(TEXT),
)
