"""One synthetic task per file. A new task is one file and one line here."""

from .adding import Adding
from .kin import Kin
from .latch import Latch
from .moments import Moments
from .recall import Recall

TASKS = {
    "latch": Latch,
    "adding": Adding,
    "recall": Recall,
    "moments": Moments,
    "kin": Kin,
}
