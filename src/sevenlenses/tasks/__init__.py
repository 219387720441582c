"""One synthetic task per file. A new task is one file and one line here."""

from .adding import Adding
from .brackets import Brackets
from .flagged import Flagged
from .kin import Kin
from .latch import Latch
from .moments import Moments
from .ordered import Ordered
from .precedence import Precedence
from .recall import Recall
from .report import Report
from .sentences import Sentences
from .tracking import Tracking

TASKS = {
    "latch": Latch,
    "adding": Adding,
    "recall": Recall,
    "moments": Moments,
    "flagged": Flagged,
    "ordered": Ordered,
    "precedence": Precedence,
    "brackets": Brackets,
    "tracking": Tracking,
    "kin": Kin,
    "report": Report,
    "sentences": Sentences,
}
