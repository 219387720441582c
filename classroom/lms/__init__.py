"""Questions for a learning platform: `python -m classroom.lms` writes the bank and the exercises as it imports them."""

from .exercises import numerical
from .formats import FORMATS, Format
from .items import Chapter, Numerical, Variant
from .source import chapters

__all__ = ["FORMATS", "Chapter", "Format", "Numerical", "Variant", "chapters", "numerical"]
