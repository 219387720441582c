"""Seven Lenses: small sequence models, and the experiments that show what each can and cannot remember."""

from .checks import check
from .explorer import explore, show
from .explorer.page import glue

__version__ = "0.1.0"
__all__ = ["check", "explore", "glue", "show"]
