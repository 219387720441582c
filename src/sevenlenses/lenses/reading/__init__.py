"""What is left of the first words when the sentence ends?"""

from ...lens import Lens
from .bags import BAGS
from .changes import CHANGES
from .claims import CLAIMS
from .exercises import EXERCISES
from .held import STEERED
from .learning import LEARNING
from .letters import SPELLING
from .longer import LONGER_RUN
from .places import PLACES
from .pronoun import PRONOUN
from .reading import READING
from .rehearsal import REHEARSAL
from .sentence import SENTENCE
from .strip import STRIP
from .watching import GATES_RUN
from .who import WHO

LENS = Lens(
    name="reading",
    question="What is left of the first words when the sentence ends?",
    experiments={
        "strip": STRIP,
        "reading": READING,
        "learning": LEARNING,
        "bags": BAGS,
        "who": WHO,
        "pronoun": PRONOUN,
        "places": PLACES,
        "letters": SPELLING,
        "changes": CHANGES,
        "longer": LONGER_RUN,
        "gates": GATES_RUN,
        "sentence": SENTENCE,
        "held": STEERED,
        "rehearsal": REHEARSAL,
    },
    exercises=EXERCISES,
    claims=CLAIMS,
)
