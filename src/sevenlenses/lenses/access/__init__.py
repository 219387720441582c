"""What does reading do to what is stored?"""

from ...lens import Lens
from .again import AGAIN, RIVALS
from .claims import CLAIMS
from .combine import COMBINE
from .dilution import DILUTION
from .drift import DRIFT
from .exercises import EXERCISES
from .hidden import HIDDEN
from .reads import READS_RUN
from .together import TOGETHER

LENS = Lens(
    name="access",
    question="What does reading do to what is stored?",
    experiments={
        "reads": READS_RUN,
        "drift": DRIFT,
        "again": AGAIN,
        "rivals": RIVALS,
        "dilution": DILUTION,
        "hidden": HIDDEN,
        "together": TOGETHER,
        "combine": COMBINE,
    },
    exercises=EXERCISES,
    claims=CLAIMS,
)
