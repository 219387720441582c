"""Credit assignment: who is responsible for an answer?"""

from ...lens import Lens
from .agree import AGREE
from .attractors import ATTRACTORS
from .claims import CLAIMS
from .compared import COMPARED_WAYS
from .copies import COPIES
from .doubts import DOUBTS
from .exercises import EXERCISES
from .fraction import FRACTION
from .learning import LEARNING
from .product import PRODUCT
from .steps import READ, STEPS
from .through import DISTANCE, THROUGH
from .watch import WATCH
from .weights import WEIGHTS_AGREE

LENS = Lens(
    name="credit",
    question="Who is responsible for an answer?",
    experiments={
        "steps": STEPS,
        "through": THROUGH,
        "watch": WATCH,
        "product": PRODUCT,
        "compared": COMPARED_WAYS,
        "fraction": FRACTION,
        "distance": DISTANCE,
        "doubts": DOUBTS,
        "read": READ,
        "weights": WEIGHTS_AGREE,
        "copies": COPIES,
        "learning": LEARNING,
        "agree": AGREE,
        "attractors": ATTRACTORS,
    },
    exercises=EXERCISES,
    claims=CLAIMS,
)
