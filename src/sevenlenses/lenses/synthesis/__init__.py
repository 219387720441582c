"""What do the seven limits ask for, taken together?"""

from ...lens import Lens
from .apart import APART
from .claims import CLAIMS
from .exercises import EXERCISES
from .induction import INDUCTION
from .ladder import LADDER_PICTURE
from .patterns import PATTERNS_PICTURE
from .practice import PRACTICE
from .rungs import RUNGS
from .sharp import SHARP
from .sides import LENSES_PICTURE, PRICES_PICTURE
from .sight import SIGHT

LENS = Lens(
    name="synthesis",
    question="What do the seven limits ask for, taken together?",
    experiments={
        "rungs": RUNGS,
        "practice": PRACTICE,
        "ladder": LADDER_PICTURE,
        "sight": SIGHT,
        "apart": APART,
        "lenses": LENSES_PICTURE,
        "prices": PRICES_PICTURE,
        "sharp": SHARP,
        "induction": INDUCTION,
        "patterns": PATTERNS_PICTURE,
    },
    exercises=EXERCISES,
    claims=CLAIMS,
)
