"""What does a model take for the structure of a sequence: its order, or its relations?"""

from ...lens import Lens
from .first import FIRST
from .longer import LONGER
from .mixed import MIXED
from .nested import NESTED
from .relation import RELATION
from .tracking import TRACKING

LENS = Lens(
    name="structure",
    question="What does a model take for the structure of a sequence: its order, or its relations?",
    experiments={
        "relation": RELATION,
        "mixed": MIXED,
        "first": FIRST,
        "nested": NESTED,
        "tracking": TRACKING,
        "longer": LONGER,
    },
)
