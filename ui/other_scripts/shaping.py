"""Lines of a text that has to be shaped: runs in the order they stand on the paper, each in a font that has it.

Pillow's wheel brings Raqm and HarfBuzz, which join Arabic letters and stack Tibetan ones; FriBiDi is the system's. What
a whole bidi algorithm would do beyond one embedding is not needed for the texts of these screens. Without Kivy.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Final

from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont, features

from ui import text

NOTO: Final = Path("/usr/share/fonts/truetype/noto")
"""Where Debian's fonts-noto-core keeps its fonts."""
_LEFT: Final = frozenset({"L", "EN", "AN"})
_RIGHT: Final = frozenset({"R", "AL"})
LEADING: Final = 1.6
_TSHEG: Final = "་།"
"""Behind these a Tibetan line may end."""


class ShapingMissingError(RuntimeError):
    """Pillow cannot shape here, or a font is not installed. The message says what to install."""


class Writing(StrEnum):
    """A script that has to be shaped."""

    ARABIC = "arabic"
    """Uyghur, Kazakh: joined, from right to left."""
    TIBETAN = "tibetan"
    """Stacked, from left to right."""

    @property
    def rightwards(self) -> bool:
        """Whether a line begins at the left."""
        return self is Writing.TIBETAN

    @property
    def font(self) -> Path:
        """Its font."""
        return (
            NOTO
            / {
                Writing.ARABIC: "NotoNaskhArabic-Regular.ttf",
                Writing.TIBETAN: "NotoSerifTibetan-Regular.ttf",
            }[self]
        )


@dataclass(frozen=True, slots=True)
class Run:
    """Letters of one font and one direction."""

    words: str
    font: Path
    rightwards: bool


def check(writing: Writing) -> None:
    """Whether texts of a script can be drawn here.

    Raises:
        ShapingMissingError: they cannot.
    """
    if not (features.check("raqm") and features.check("fribidi")):
        raise ShapingMissingError("letters cannot be joined here: install libfribidi0")
    if not writing.font.is_file():
        raise ShapingMissingError(f"the font {writing.font.name} is missing: install fonts-noto-core")


@lru_cache(maxsize=8)
def _covered(font: Path) -> frozenset[int]:
    file = TTFont(font, lazy=True)
    try:
        return frozenset(file.getBestCmap())
    finally:
        file.close()


@lru_cache(maxsize=32)
def _face(font: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(font, size, layout_engine=ImageFont.Layout.RAQM)


def runs(words: str, writing: Writing) -> list[Run]:
    """A line's runs, from left to right as they stand on the paper.

    Args:
        words: in the order they are read.
        writing: the script of the line; it says where the line begins.
    """
    directions = _directions(words, writing)
    logical: list[Run] = []
    for sign, rightwards in zip(words, directions, strict=True):
        font = _font_of(sign, writing)
        if logical and logical[-1].rightwards is rightwards and (logical[-1].font == font or sign == " "):
            last = logical[-1]
            logical[-1] = Run(last.words + sign, last.font, rightwards)
        else:
            logical.append(Run(sign, font, rightwards))
    if writing.rightwards:
        return logical
    # From right to left, but what runs rightwards keeps its own order within each stretch.
    placed: list[Run] = []
    stretch: list[Run] = []
    for run in logical:
        if run.rightwards:
            stretch.append(run)
        else:
            placed[:0] = stretch
            stretch = []
            placed.insert(0, run)
    placed[:0] = stretch
    return placed


def _directions(words: str, writing: Writing) -> list[bool]:
    """Of each sign whether it runs rightwards (UAX #9, W and N rules of one embedding)."""
    strong: list[bool | None] = []
    for sign in words:
        kind = unicodedata.bidirectional(sign)
        strong.append(True if kind in _LEFT else False if kind in _RIGHT else None)
    found: list[bool] = []
    for place, known in enumerate(strong):
        if known is not None:
            found.append(known)
            continue
        before = next((one for one in reversed(strong[:place]) if one is not None), writing.rightwards)
        after = next((one for one in strong[place + 1 :] if one is not None), writing.rightwards)
        found.append(before if before is after else writing.rightwards)
    return found


def _font_of(sign: str, writing: Writing) -> Path:
    if ord(sign) in _covered(writing.font):
        return writing.font
    face = text.face_of(sign) or text.REGULAR
    return text.FONTS / face.file


def width(words: str, writing: Writing, size: int) -> float:
    """Width of a line in pixels."""
    return sum(_length(run, size) for run in runs(words, writing))


def _length(run: Run, size: int) -> float:
    return _face(run.font, size).getlength(run.words, direction="ltr" if run.rightwards else "rtl")


def broken(words: str, writing: Writing, size: int, room: float) -> list[str]:
    """Break a text into lines.

    Args:
        words: the text.
        writing: its script: Arabic lines end at spaces, Tibetan ones behind a tsheg or shad, too.
        size: of the letters, in pixels.
        room: width of a line, in pixels.
    """
    lines, line = [], ""
    for piece in _pieces(words, writing):
        if line and width((line + piece).rstrip(), writing, size) > room:
            lines.append(line.rstrip())
            line = ""
        line += piece
    if line.strip():
        lines.append(line.rstrip())
    return lines


def _pieces(words: str, writing: Writing) -> Iterator[str]:
    piece = ""
    for sign in words:
        piece += sign
        if sign == " " or (writing is Writing.TIBETAN and sign in _TSHEG):
            yield piece
            piece = ""
    if piece:
        yield piece


def drawn(lines: list[str], writing: Writing, size: int, wide: int, align: str) -> Image.Image:
    """Draw lines.

    Args:
        lines: see `broken`.
        writing: their script.
        size: of the letters, in pixels.
        wide: of the picture, in pixels.
        align: `start` of a line, or `center`.

    Returns:
        Mode "L": 255 is ink.
    """
    high = round(size * LEADING)
    picture = Image.new("L", (max(1, wide), max(1, high * len(lines))), 0)
    pen = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        long = width(line, writing, size)
        start = 0.0 if writing.rightwards else wide - long
        x = (wide - long) / 2 if align == "center" else start
        base = number * high + round(size * 1.15)
        for run in runs(line, writing):
            direction = "ltr" if run.rightwards else "rtl"
            pen.text((x, base), run.words, font=_face(run.font, size), fill=255, anchor="ls", direction=direction)
            x += _length(run, size)
    return picture
