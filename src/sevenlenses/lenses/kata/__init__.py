"""How long does a memory last?"""

from ...lens import Lens
from .lags import LAG_RUN
from .mends import MENDS_RUN

LENS = Lens(
    name="kata",
    question="How long does a memory last?",
    experiments={
        "lags": LAG_RUN,
        "mends": MENDS_RUN,
    },
)
