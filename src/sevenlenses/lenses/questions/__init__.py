"""Twenty questions about the LSTM, each answered by something that one can see."""

from ...lens import Lens
from .alive import ALIVE
from .bounded import BOUNDED
from .exposed import EXPOSED
from .gates import GATES_RUN
from .inorder import INORDER
from .mitigated import MITIGATED
from .noise import NOISE_RUN
from .noisy import NOISY
from .selective import SELECTIVE
from .sharing import SHARING
from .unbounded import UNBOUNDED_RUN
from .vanishing import VANISHING

LENS = Lens(
    name="questions",
    question="What do people ask about the LSTM, and what do its models answer?",
    experiments={
        "sharing": SHARING,
        "gates": GATES_RUN,
        "exposed": EXPOSED,
        "selective": SELECTIVE,
        "vanishing": VANISHING,
        "alive": ALIVE,
        "mitigated": MITIGATED,
        "bounded": BOUNDED,
        "unbounded": UNBOUNDED_RUN,
        "noisy": NOISY,
        "noise": NOISE_RUN,
        "inorder": INORDER,
    },
)
