"""Gradient flow: how far back can the error be felt?"""

from ...lens import Lens
from .claims import CLAIMS
from .clipping import CLIPPING
from .decay import DECAY
from .exercises import EXERCISES
from .flow import CHAIN, FLOW
from .gates import GATES
from .latch import LATCH
from .lengths import LENGTHS_REACHED
from .singular import SINGULAR
from .strip import STRIP

LENS = Lens(
    name="gradient",
    question="How far back can the error be felt?",
    experiments={
        "strip": STRIP,
        "chain": CHAIN,
        "flow": FLOW,
        "singular": SINGULAR,
        "decay": DECAY,
        "gates": GATES,
        "latch": LATCH,
        "lengths": LENGTHS_REACHED,
        "clipping": CLIPPING,
    },
    exercises=EXERCISES,
    claims=CLAIMS,
)
