"""An answer is collected here and judged in a process of its own: for graders that run their tests beside the student's
code, such as otter-grader and nbgrader. What that code does to this course's tables and functions the judge never sees.

It may still change what is told of the answer, or of the judgement: only a grader that takes values out of a sandbox,
as `make grade` does, believes neither.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from .exercises import Judgement, wrong
from .exercises.values import NotAnswered, Unusable, read, written


def judged(name: str, answer: Any, seed: int, **parameters: Any) -> Judgement:
    """What the exercise's judge says of an answer, on the cases of this seed.

    Args:
        name: the exercise's name.
        answer: as for `check`.
        seed: of the cases that a function is called with.
        parameters: what the exercise states.
    """
    from .lenses import exercise_of

    exercise = exercise_of(name)
    try:
        values = written(exercise.collect(answer, exercise.cases(seed)))
    except NotAnswered:
        return wrong("Not answered.")
    except Unusable as why:
        return wrong(str(why))
    except Exception as error:  # whatever a student's own function raises
        return wrong(f"Your answer could not be used: {type(error).__name__}: {error}")
    asked = json.dumps({"name": name, "values": values, "seed": seed, "parameters": parameters})
    told = subprocess.run(
        [sys.executable, "-I", "-m", __name__], input=asked, capture_output=True, text=True, check=True
    )
    return Judgement(**json.loads(told.stdout))


def main() -> None:
    """Judge what standard input holds."""
    from .lenses import exercise_of
    from .settings import fixed

    asked = json.loads(sys.stdin.read())
    exercise = exercise_of(asked["name"])
    with fixed():
        try:
            said = exercise.judged(read(asked["values"]), exercise.cases(asked["seed"]), asked["parameters"])
        except Unusable as why:
            said = wrong(str(why))
    json.dump({"share": said.share, "message": said.message}, sys.stdout)


if __name__ == "__main__":
    main()
