"""What must wait for what?"""

from ...lens import Lens
from .claims import CLAIMS
from .crossing import CROSSING
from .decode import DECODE
from .depth import CHAIN, DEPTH
from .exercises import EXERCISES
from .memory import MEMORY
from .race import RACE, WAIT
from .timing import TIME

LENS = Lens(
    name="scaling",
    question="What must wait for what?",
    experiments={
        "wait": WAIT,
        "chain": CHAIN,
        "race": RACE,
        "time": TIME,
        "crossing": CROSSING,
        "depth": DEPTH,
        "memory": MEMORY,
        "decode": DECODE,
    },
    exercises=EXERCISES,
    claims=CLAIMS,
)
