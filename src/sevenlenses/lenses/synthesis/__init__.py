"""What do the seven limits ask for, taken together?"""

from ...lens import Lens
from .practice import PRACTICE
from .rungs import RUNGS

LENS = Lens(
    name="synthesis",
    question="What do the seven limits ask for, taken together?",
    experiments={"rungs": RUNGS, "practice": PRACTICE},
)
