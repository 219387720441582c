"""One synthetic task per file. A new task is one file and one line here."""

from .adding import Adding
from .latch import Latch

TASKS = {
    "latch": Latch,
    "adding": Adding,
}
