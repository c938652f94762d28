"""The one set of tokens: colour, type, space and radius, in design units of a 1080 x 1920 panel.

A surface scales them to the window (`ui.surface`), and says which colours they are in high contrast. Contrast of every
text with its ground is at least 4.5:1, and 7:1 in high contrast: a test walks all screens and computes it.
"""

from typing import Final

Colour = tuple[float, float, float, float]
"""Red, green, blue and opacity, 0 to 1."""


class Tone(tuple[float, float, float, float]):  # noqa: SLOT001  a tuple takes no slot with a value
    """A colour that knows what it is in high contrast.

    Attributes:
        high: the colour in its place there.
    """

    high: Colour

    def faded(self, opacity: float) -> "Tone":
        """The same, thinner."""
        return _tone((*self[:3], opacity), (*self.high[:3], opacity))


def _tone(colour: Colour, high: Colour) -> Tone:
    made = Tone(colour)
    made.high = high
    return made


def _parts(text: str) -> Colour:
    red, green, blue = (int(text[place : place + 2], 16) / 255 for place in (0, 2, 4))
    return red, green, blue, 1.0


def _rgb(text: str, high: str) -> Tone:
    return _tone(_parts(text), _parts(high))


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
CAPITAL: Final = 0.733
"""Height of a capital letter in sizes of the letters (Noto Sans SC, OS/2 table)."""
CAPITAL_MM: Final = 7.3
"""The least height of a capital letter on the glass: 0.7 degrees at 600 mm (EN 301 549, 5.1.4)."""
TARGET_MM: Final = 20.0
GAP_MM: Final = 3.0
"""The least side of what is touched, and between two of them."""
REACH_MM: Final = 1220.0
"""How high somebody who sits reaches (EN 301 549, 8.3)."""
STROKE: Final = 3.0
"""Weight of a pictogram's line on its 48 unit grid."""

PAPER: Final = _rgb("FAF7F1", "000000")
SURFACE: Final = _rgb("FFFFFF", "000000")
INK: Final = _rgb("1B2632", "FFFFFF")
INK_SOFT: Final = _rgb("525E6B", "E6E6E6")
HAIRLINE: Final = _rgb("DCD6CA", "8C8C8C")
EDGE: Final = _rgb("8E97A1", "FFFFFF")
BLUE: Final = _rgb("123F7C", "FFE14D")
BLUE_PRESSED: Final = _rgb("0B2A55", "FFF6C2")
BLUE_TINT: Final = _rgb("E6EDF6", "262626")
BLUE_TINT_PRESSED: Final = _rgb("C6D5E9", "404040")
SAND: Final = _rgb("EFEAE0", "333333")
"""A pressed white surface."""
HELP: Final = _rgb("8F3F08", "FFB877")
HELP_TINT: Final = _rgb("FBEBDD", "261300")
HELP_TINT_PRESSED: Final = _rgb("F3D4B8", "452600")
WHITE: Final = _rgb("FFFFFF", "000000")
GREEN: Final = _rgb("16663B", "7FE3A5")
AMBER: Final = _rgb("F3B83A", "4A3300")
AMBER_TINT: Final = _rgb("FDF1D3", "332400")
AMBER_INK: Final = _rgb("6B4300", "FFD166")
RED: Final = _rgb("9C1F1F", "FF9A92")
CODE_LIGHT: Final = _rgb("FFFFFF", "FFFFFF")
CODE_DARK: Final = _rgb("000000", "000000")
"""What a scanner or a pen needs is dark on light in every mode."""
VEIL: Final[Colour] = (0.05, 0.08, 0.12, 0.6)
"""Over a screen on which something is asked."""
CLEAR: Final = _tone((0.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 0.0))
MOTION: Final = 0.0
"""Seconds that anything moves by itself: nothing does. Bars and rings follow what is measured."""


def seen(colour: Colour, *, contrast: bool) -> Colour:
    """A colour as it is drawn: its counterpart in high contrast, where it has one."""
    return colour.high if contrast and isinstance(colour, Tone) else colour


def contrast(one: Colour, other: Colour) -> float:
    """Contrast of two opaque colours, 1 to 21 (WCAG 2.1, 1.4.3)."""

    def light(colour: Colour) -> float:
        parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour[:3]]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    dark, bright = sorted((light(one), light(other)))
    return (bright + 0.05) / (dark + 0.05)
