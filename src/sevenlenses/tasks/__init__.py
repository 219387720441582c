"""One synthetic task per file. A new task is one file and one line here."""

from .adding import Adding
from .agreement import Agreement
from .brackets import Brackets
from .compared import Compared
from .cue import Cue
from .flagged import Flagged
from .hops import Hops
from .kin import Kin
from .latch import Latch
from .letters import Letters
from .moments import Moments
from .moved import Moved
from .ordered import Ordered
from .precedence import Precedence
from .pronouns import Pronouns
from .recall import Recall
from .report import Report
from .sentences import Sentences
from .token_recall import TokenRecall
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
    "sentences": Sentences,
    "report": Report,
    "cue": Cue,
    "letters": Letters,
    "moved": Moved,
    "compared": Compared,
    "hops": Hops,
    "token-recall": TokenRecall,
    "agreement": Agreement,
    "pronouns": Pronouns,
}
