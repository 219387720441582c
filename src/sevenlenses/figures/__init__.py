"""How the course draws: one colour, marker and line style for each model, and pictures that follow the page's theme.

Pictures are SVG whose colours are CSS variables, so one drawing serves light and dark. They are drawn here in stand-in
colours, which `picture` replaces.
"""

from .parts import (
    band,
    beside,
    log_axis,
    minus,
    octave_axis,
    octaves,
    power,
    power_of_ten,
    reference,
    room,
    scientific,
    spelled,
    spread,
    thin,
    upright,
)
from .styles import DASH_DOTTED, DASHED, DOTTED, FAINT, INK, STYLES, VARIABLES, Style
from .svg import RC, WIDTH, Picture, canvas, picture

__all__ = [
    "DASHED",
    "DASH_DOTTED",
    "DOTTED",
    "FAINT",
    "INK",
    "RC",
    "STYLES",
    "VARIABLES",
    "WIDTH",
    "Picture",
    "Style",
    "band",
    "beside",
    "canvas",
    "log_axis",
    "minus",
    "octave_axis",
    "octaves",
    "picture",
    "power",
    "power_of_ten",
    "reference",
    "room",
    "scientific",
    "spelled",
    "spread",
    "thin",
    "upright",
]
