"""Where readers practise: `check("half-life", answer)` says whether an answer is right, and why not."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

from .settings import fixed


@dataclass(frozen=True)
class Verdict:
    """What a check says. `right` is None while there is no answer yet."""

    right: bool | None
    message: str

    @property
    def mark(self) -> str:
        return {True: "✓", False: "✗", None: "○"}[self.right]

    def __repr__(self) -> str:
        return f"{self.mark} {self.message}"

    def _repr_html_(self) -> str:
        kind = {True: "right", False: "wrong", None: "open"}[self.right]
        return f'<p class="sl-verdict sl-{kind}" role="status">{self.mark} {escape(self.message)}</p>'


@fixed()
def check(name: str, answer: Any = ..., **parameters: Any) -> Verdict:
    """Compare an answer with what a run gives.

    Args:
        name: the exercise's name.
        answer: a number, a function, ... as the exercise asks; `...` while it is open.
        parameters: what the exercise states, where it states something else than the chapter does.

    Raises:
        ValueError: there is no such exercise, or it has no such parameters.
    """
    from .exercises.values import NotAnswered, Unusable
    from .lenses import exercise_of  # the lenses load PyTorch, and `import sevenlenses` should not

    exercise = exercise_of(name)
    parameters = exercise.settled(parameters)
    if answer is ...:
        return Verdict(None, "Not answered yet: put your answer in place of the three dots and run the cell again.")
    cases = exercise.cases()
    try:
        judgement = exercise.judged(exercise.collect(answer, cases), cases, parameters)
    except NotAnswered:
        return Verdict(None, "Not answered yet: your function still returns the three dots.")
    except Unusable as why:
        return Verdict(False, str(why))
    except Exception as error:  # whatever a student's own function raises belongs in the verdict
        return Verdict(False, f"Your answer could not be used: {type(error).__name__}: {error}")
    return Verdict(judgement.share == 1, judgement.message)


def stated(*names: str) -> dict[str, str]:
    """What the text of these exercises says of their parameters, for `glue`."""
    from .lenses import exercise_of

    exercises = [exercise_of(name) for name in names]
    return {key: said for one in exercises for key, said in one.stated(one.practice).items()}
