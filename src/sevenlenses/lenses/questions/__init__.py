"""Twenty questions that readers ask about the LSTM."""

from ...lens import Lens
from .alive import ALIVE
from .answers import ANSWERS
from .arithmetic import ARITHMETIC
from .bounded import BOUNDED
from .claims_basics import BASICS
from .claims_flows import FLOWS
from .claims_gates import GATED
from .claims_states import STATES
from .exercises import EXERCISES
from .exposed import EXPOSED
from .exposure import EXPOSURE
from .gates import GATES_RUN
from .heads import HEADS
from .inorder import INORDER
from .joined import JOINED
from .layout import LAYOUT
from .mitigated import MITIGATED
from .noise import NOISE_RUN
from .noisy import NOISY
from .parts import PARTS
from .selective import SELECTIVE
from .shares import DEPTH, SHARES
from .sharing import SHARING
from .summary import SUMMARY
from .truncated import TRUNCATED
from .unbounded import UNBOUNDED_RUN
from .unrolled import UNROLLED
from .vanishing import VANISHING

LENS = Lens(
    name="questions",
    question="What do readers ask about the LSTM, and what do its models answer?",
    experiments={
        "exposure": EXPOSURE,
        "layout": LAYOUT,
        "joined": JOINED,
        "sharing": SHARING,
        "gates": GATES_RUN,
        "exposed": EXPOSED,
        "arithmetic": ARITHMETIC,
        "selective": SELECTIVE,
        "parts": PARTS,
        "unrolled": UNROLLED,
        "vanishing": VANISHING,
        "alive": ALIVE,
        "summary": SUMMARY,
        "depth": DEPTH,
        "mitigated": MITIGATED,
        "truncated": TRUNCATED,
        "bounded": BOUNDED,
        "unbounded": UNBOUNDED_RUN,
        "noisy": NOISY,
        "noise": NOISE_RUN,
        "shares": SHARES,
        "answers": ANSWERS,
        "inorder": INORDER,
        "heads": HEADS,
    },
    exercises=EXERCISES,
    claims=(*BASICS, *STATES, *GATED, *FLOWS),
)
