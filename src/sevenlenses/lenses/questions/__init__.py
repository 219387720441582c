"""Twenty questions that readers ask about the LSTM."""

from ...lens import Lens
from .answers import ANSWERS
from .arithmetic import ARITHMETIC
from .claims_basics import BASICS
from .claims_states import STATES
from .exercises import CHECKS
from .exposure import EXPOSURE
from .heads import HEADS
from .joined import JOINED
from .layout import LAYOUT
from .parts import PARTS
from .shares import DEPTH, SHARES
from .summary import SUMMARY
from .truncated import TRUNCATED
from .unrolled import UNROLLED

LENS = Lens(
    name="questions",
    question="What do readers ask about the LSTM, and what do its models answer?",
    experiments={
        "exposure": EXPOSURE,
        "layout": LAYOUT,
        "joined": JOINED,
        "arithmetic": ARITHMETIC,
        "parts": PARTS,
        "unrolled": UNROLLED,
        "summary": SUMMARY,
        "depth": DEPTH,
        "truncated": TRUNCATED,
        "shares": SHARES,
        "answers": ANSWERS,
        "heads": HEADS,
    },
    checks=CHECKS,
    claims=(*BASICS, *STATES),
)
