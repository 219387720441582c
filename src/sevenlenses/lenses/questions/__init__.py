"""Twenty questions about the LSTM, each answered by something that one can see."""

from ...lens import Lens
from .gates import GATES_RUN
from .noise import NOISE_RUN
from .unbounded import UNBOUNDED_RUN

LENS = Lens(
    name="questions",
    question="What do people ask about the LSTM, and what do its models answer?",
    experiments={
        "gates": GATES_RUN,
        "noise": NOISE_RUN,
        "unbounded": UNBOUNDED_RUN,
    },
)
