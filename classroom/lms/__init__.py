"""Questions for a learning platform: `python -m classroom.lms` writes the question bank in the form that it imports."""

from .formats import FORMATS, Format
from .items import Chapter, Numerical, Variant
from .source import chapters

__all__ = ["FORMATS", "Chapter", "Format", "Numerical", "Variant", "chapters"]
