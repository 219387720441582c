"""The nouns of the course: a knob, a result, an experiment, a claim, a lens."""

from .claim import Claim, Finding
from .experiment import Experiment, Lens
from .knob import Knob, Value
from .result import Result

__all__ = ["Claim", "Experiment", "Finding", "Knob", "Lens", "Result", "Value"]
