"""How much fits into a state of fixed size?"""

from ...lens import Lens
from .address import ADDRESS
from .causes import CAUSES
from .claims import CLAIMS
from .echo import ECHO, KEPT
from .exercises import EXERCISES
from .length import LENGTH
from .limits import LIMITS
from .pairs import PAIRS_STORED
from .patience import PATIENCE
from .recall import RECALL
from .rooms import ROOMS
from .small import SMALL
from .state import STATES
from .text import TEXT
from .tokens import TOKENS

LENS = Lens(
    name="capacity",
    question="How much fits into a state of fixed size?",
    experiments={
        "echo": ECHO,
        "kept": KEPT,
        "recall": RECALL,
        "pairs": PAIRS_STORED,
        "state": STATES,
        "causes": CAUSES,
        "length": LENGTH,
        "limits": LIMITS,
        "small": SMALL,
        "patience": PATIENCE,
        "tokens": TOKENS,
        "text": TEXT,
        "rooms": ROOMS,
        "address": ADDRESS,
    },
    exercises=EXERCISES,
    claims=CLAIMS,
)
