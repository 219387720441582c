"""Credit assignment: who is responsible for an answer?"""

from ...lens import Lens
from .copies import COPIES
from .doubts import DOUBTS
from .learning import LEARNING
from .watch import WATCH

LENS = Lens(
    name="credit",
    question="Who is responsible for an answer?",
    experiments={
        "learning": LEARNING,
        "watch": WATCH,
        "copies": COPIES,
        "doubts": DOUBTS,
    },
)
