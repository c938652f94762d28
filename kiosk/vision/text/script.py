"""Traditional and simplified characters.

The recogniser knows both and takes one for the other in some typefaces (強 for 强). What mainland authorities print is
simplified by law, so there the simplified character wins where the network held it possible at all. It is not forced:
names may have characters that conversion tables would change (昇, 喆).
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kiosk.vision.text.characters import simplified_character
from kiosk.vision.text.lines import Glyph, TextLine

if TYPE_CHECKING:
    from kiosk.vision.text.layout import Mark

LEAST_SIMPLIFIED = 0.01
"""The probability from which on the network held the simplified character possible."""


def _printed(glyph: Glyph) -> str:
    if glyph.char.isascii():
        return glyph.char
    plain = simplified_character(glyph.char)
    return plain if dict(glyph.others).get(plain, 0.0) >= LEAST_SIMPLIFIED else glyph.char


def printed_line(line: TextLine) -> TextLine:
    """A line as a mainland document prints it."""
    return replace(line, text="".join(_printed(glyph) for glyph in line.glyphs))


def printed(lines: Sequence[TextLine], marks: "Sequence[Mark]") -> str:
    """Glyphs as a mainland document prints them, with a space only between words of Latin letters."""
    text = ""
    for mark in marks:
        char = _printed(lines[mark.line].glyphs[mark.index])
        latin = char.isascii() and char.isalpha() and text[-1:].isascii() and text[-1:].isalpha()
        text += f" {char}" if latin and mark.apart > _WORD else char
    return text


_WORD = 0.95
"""Latin letters whose middles are that many line heights apart belong to two words."""
