"""How long does a memory last?"""

from ...lens import Lens
from .apart import APART
from .claims import CLAIMS
from .counts import COUNTS
from .exercises import EXERCISES
from .lags import LAG_RUN
from .mended import MENDED
from .mends import MENDS_RUN
from .pace import PACE
from .pipe import PIPE
from .reach import REACH
from .retention import RETENTION
from .shares import SHARES
from .size import SIZE
from .turning import TURNING

LENS = Lens(
    name="kata",
    question="How long does a memory last?",
    experiments={
        "retention": RETENTION,
        "size": SIZE,
        "turning": TURNING,
        "apart": APART,
        "shares": SHARES,
        "counts": COUNTS,
        "pace": PACE,
        "reach": REACH,
        "lags": LAG_RUN,
        "pipe": PIPE,
        "mended": MENDED,
        "mends": MENDS_RUN,
    },
    exercises=EXERCISES,
    claims=CLAIMS,
)
