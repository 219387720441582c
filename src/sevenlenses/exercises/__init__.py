"""The nouns of the exercises: what each asks and takes, how an answer is collected, and how it is judged.

Each lens defines those of its chapter, in its `exercises.py`. They have two faces: `check`, where readers practise, and
the grader.
"""

from .exercise import Answers, Band, Exercise, Formula, Function, Judgement, Number, partly, right, wrong

__all__ = [
    "Answers",
    "Band",
    "Exercise",
    "Formula",
    "Function",
    "Judgement",
    "Number",
    "partly",
    "right",
    "wrong",
]
