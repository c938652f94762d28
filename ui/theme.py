"""The one set of tokens: colour, type, space and radius, in design units of a 1080 x 1920 panel.

A surface scales them to the window (`ui.surface`). Contrast of every pair that is used for text is at least 4.5:1, a
test computes it.
"""

from typing import Final

Colour = tuple[float, float, float, float]
"""Red, green, blue and opacity, 0 to 1."""


def _rgb(text: str) -> Colour:
    red, green, blue = (int(text[place : place + 2], 16) / 255 for place in (0, 2, 4))
    return red, green, blue, 1.0


WIDTH: Final = 1080
HEIGHT: Final = 1920
MARGIN: Final = 64
INNER: Final = WIDTH - 2 * MARGIN
GRID: Final = 8
GAP: Final = 24
RADIUS: Final = 16
TARGET: Final = 96
"""The least height and width of anything that is touched."""

HERO: Final = 128
TITLE: Final = 64
QUESTION: Final = 52
BODY: Final = 40
CAPTION: Final = 32
SMALLEST: Final = CAPTION
LARGE: Final = 1.25
"""What large type multiplies every text size with, except the hero word that is large already."""
STROKE: Final = 3.0
"""Weight of a pictogram's line on its 48 unit grid."""

PAPER: Final = _rgb("FAF7F1")
SURFACE: Final = _rgb("FFFFFF")
INK: Final = _rgb("1B2632")
INK_SOFT: Final = _rgb("525E6B")
HAIRLINE: Final = _rgb("DCD6CA")
EDGE: Final = _rgb("8E97A1")
BLUE: Final = _rgb("123F7C")
BLUE_PRESSED: Final = _rgb("0B2A55")
BLUE_TINT: Final = _rgb("E6EDF6")
BLUE_TINT_PRESSED: Final = _rgb("C6D5E9")
SAND: Final = _rgb("EFEAE0")
"""A pressed white surface."""
HELP: Final = _rgb("8F3F08")
HELP_TINT: Final = _rgb("FBEBDD")
HELP_TINT_PRESSED: Final = _rgb("F3D4B8")
WHITE: Final = _rgb("FFFFFF")
GREEN: Final = _rgb("16663B")
AMBER: Final = _rgb("F3B83A")
AMBER_TINT: Final = _rgb("FDF1D3")
AMBER_INK: Final = _rgb("6B4300")
RED: Final = _rgb("9C1F1F")
CLEAR: Final[Colour] = (0.0, 0.0, 0.0, 0.0)


def contrast(one: Colour, other: Colour) -> float:
    """Contrast of two opaque colours, 1 to 21 (WCAG 2.1, 1.4.3)."""

    def light(colour: Colour) -> float:
        parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour[:3]]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    dark, bright = sorted((light(one), light(other)))
    return (bright + 0.05) / (dark + 0.05)
