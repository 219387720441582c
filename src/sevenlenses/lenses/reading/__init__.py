"""What is left of the first words when the sentence ends?"""

from ...lens import Lens
from .learning import LEARNING
from .reading import READING

LENS = Lens(
    name="reading",
    question="What is left of the first words when the sentence ends?",
    experiments={"reading": READING, "learning": LEARNING},
)
