"""What does a model take for the structure of a sequence: its order, or its relations?"""

from ...lens import Lens
from .beyond import BEYOND
from .block import BLOCK
from .claims import CLAIMS
from .example import EXAMPLE
from .exercises import EXERCISES
from .first import FIRST
from .longer import LONGER
from .mixed import MIXED
from .nested import NESTED
from .places import PLACES
from .relation import RELATION
from .rules import FOLLOWED, RIVALS
from .shuffle import SHUFFLE
from .steps import STEPS_PICTURE
from .tracking import TRACKING

LENS = Lens(
    name="structure",
    question="What does a model take for the structure of a sequence: its order, or its relations?",
    experiments={
        "example": EXAMPLE,
        "rules": FOLLOWED,
        "relation": RELATION,
        "rivals": RIVALS,
        "mixed": MIXED,
        "shuffle": SHUFFLE,
        "first": FIRST,
        "beyond": BEYOND,
        "nested": NESTED,
        "steps": STEPS_PICTURE,
        "tracking": TRACKING,
        "longer": LONGER,
        "places": PLACES,
        "block": BLOCK,
    },
    exercises=EXERCISES,
    claims=CLAIMS,
)
