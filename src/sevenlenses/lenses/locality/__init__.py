"""Who decides what matters, and when?"""

from ...lens import Lens
from .claims import CLAIMS
from .decision import LOOKED, TAKEN
from .exercises import EXERCISES
from .moments import MOMENTS_RUN
from .practice import PRACTICE
from .when import RIVALS, WHEN
from .writing import WRITING

LENS = Lens(
    name="locality",
    question="Who decides what matters, and when?",
    experiments={
        "moments": MOMENTS_RUN,
        "when": WHEN,
        "rivals": RIVALS,
        "taken": TAKEN,
        "looked": LOOKED,
        "practice": PRACTICE,
        "writing": WRITING,
    },
    exercises=EXERCISES,
    claims=CLAIMS,
)
