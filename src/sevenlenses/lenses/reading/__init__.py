"""What is left of the first words when the sentence ends?"""

from ...lens import Lens
from .learning import LEARNING
from .letters import SPELLING
from .longer import LONGER_RUN
from .places import PLACES
from .reading import READING

LENS = Lens(
    name="reading",
    question="What is left of the first words when the sentence ends?",
    experiments={
        "reading": READING,
        "learning": LEARNING,
        "places": PLACES,
        "letters": SPELLING,
        "longer": LONGER_RUN,
    },
)
