"""Twenty questions that readers ask about the LSTM."""

from ...lens import Lens
from .heads import HEADS

LENS = Lens(
    name="questions",
    question="What do readers ask about the LSTM, and what do its models answer?",
    experiments={
        "heads": HEADS,
    },
)
