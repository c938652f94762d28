"""A slip of paper as a picture: black or white dots, nothing between, because grey dither fades within years.

Pure: the same job, width and fonts give the same dots. Chinese text is drawn rather than sent as text, because the
ROM of most printers sold has the double-byte zones of GB 18030 only, and rare names are outside them.
"""

import math
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import segno
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

from drivers.kinds import Align, Block, Line, PrintJob, QrCode, Row, Rule, Space

DOTS_PER_MM = 8
"""203 dpi, as nearly all receipt printers have."""
MARGIN = 24
"""Empty dots at either side: 22 Han characters of 24 dots fit between them on 80 mm paper."""

_LEADING = 1.35
_QUIET_MODULES = 4
_LEAST_MODULE = 3  # dots; phones do not read smaller ones
_INK_FROM = 112  # of 255 ink; below one half, so that thin strokes survive
_MISSING = "〓"  # the printers' mark for a character they have no type for
_NOT_FIRST = frozenset("，。、；：！？）》」』】〉”’…—%‰℃,.;:!?)]}")
_NOT_LAST = frozenset("（《「『【〈“‘￥¥$([{#")
_LIMIT = 30_000  # dots; more than 3.7 m of paper is a fault of the caller


@dataclass(frozen=True, slots=True)
class Fonts:
    """Which font files draw the slip.

    Attributes:
        regular: for body text.
        bold: for bold lines.
        rare: asked in this order for characters that the others lack.
    """

    regular: Path
    bold: Path
    rare: tuple[Path, ...] = ()

    def check(self) -> None:
        """Open each font once.

        Raises:
            ValueError: one is missing or is no font; the message names it.
        """
        for path in (self.regular, self.bold, *self.rare):
            try:
                _face(path, 24)
            except OSError as error:
                raise ValueError(f"the font {path} cannot be used: {error}") from error


def render(job: PrintJob, width: int, fonts: Fonts) -> Image.Image:
    """Draw a slip.

    Args:
        job: what stands on it.
        width: of the print head, in dots.
        fonts: see `Fonts`.

    Returns:
        Mode "1" picture, `width` wide and as high as the job needs (at least one row); 0 is black.

    Raises:
        ValueError: a QR code does not fit the width, or the slip is longer than any sensible one.
        OSError: a font cannot be read.
    """
    strips = [_draw(block, width, fonts) for block in job.blocks]
    height = sum(strip.height for strip in strips)
    if height > _LIMIT:
        raise ValueError(f"a slip of {height} rows is longer than {_LIMIT}")
    ink = Image.new("L", (width, max(height, 1)), 0)
    top = 0
    for strip in strips:
        ink.paste(strip, (0, top))
        top += strip.height
    return _without_real_time_commands(ink.point(_dot, "1"))


def _dot(ink: int) -> int:
    return 0 if ink >= _INK_FROM else 255


def _draw(block: Block, width: int, fonts: Fonts) -> Image.Image:
    """Draw one block as ink (mode "L", 255 is black) over the whole width."""
    match block:
        case Line():
            return _draw_line(block, width, fonts)
        case Row():
            return _draw_row(block, width, fonts)
        case QrCode():
            return _draw_qr(block, width)
        case Rule():
            strip = Image.new("L", (width, 26), 0)
            ImageDraw.Draw(strip).rectangle((MARGIN, 12, width - MARGIN - 1, 13), fill=255)
            return strip
        case Space():
            return Image.new("L", (width, max(block.dots, 0)), 0)


# ---------------------------------------------------------------------------------------------------------------
# Text


@lru_cache(maxsize=64)
def _face(path: Path, size: int) -> ImageFont.FreeTypeFont:
    """Open a font file; of a collection, its simplified Chinese face."""
    index = 0
    if path.suffix.lower() in {".ttc", ".otc"}:
        for number in range(16):
            try:
                family = ImageFont.truetype(path, 8, index=number).getname()[0] or ""
            except OSError:
                break
            if family.endswith(" SC"):
                index = number
                break
    # The basic engine: no shaping is needed, and it places glyphs alike on every machine.
    return ImageFont.truetype(path, size, index=index, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=16)
def _covered(path: Path) -> frozenset[int]:
    font = TTFont(path, fontNumber=_face(path, 8).index, lazy=True)
    try:
        return frozenset(font.getBestCmap())
    finally:
        font.close()


@dataclass(frozen=True, slots=True)
class _Pen:
    """A size and weight to write with."""

    size: int
    files: tuple[Path, ...]

    @property
    def leading(self) -> int:
        return round(self.size * _LEADING)

    def runs(self, text: str) -> Iterator[tuple[ImageFont.FreeTypeFont, str]]:
        """Split into the longest pieces that one font can draw."""
        run, owner = "", self.files[0]
        for character in text:
            able = next((path for path in self.files if ord(character) in _covered(path)), None)
            drawn, path = (character, able) if able is not None else (_MISSING, self.files[0])
            if path != owner and run:
                yield _face(owner, self.size), run
                run = ""
            owner = path
            run += drawn
        if run:
            yield _face(owner, self.size), run

    def length(self, text: str) -> int:
        return math.ceil(sum(font.getlength(run) for font, run in self.runs(text)))

    def write(self, draw: ImageDraw.ImageDraw, x: float, baseline: int, text: str) -> None:
        for font, run in self.runs(text):
            draw.text((x, baseline), run, font=font, fill=255, anchor="ls")
            x += font.getlength(run)

    def wrap(self, text: str, room: int) -> list[str]:
        """Break into lines no longer than `room` dots."""
        return wrap(text, room, self.length)


def wrap(text: str, room: int, length: Callable[[str], int]) -> list[str]:
    """Break a text into lines; what stands on none of them is only white space.

    Args:
        text: what `printable` left.
        room: how long a line may be.
        length: measures a text, in the unit of `room`.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for piece in _pieces(paragraph):
            for part in _fitting(piece, room, length):
                if line and length(line + part.rstrip()) > room:
                    lines.append(line.rstrip())
                    line = part.lstrip()
                else:
                    line += part
        lines.append(line.rstrip())
    return lines


def _fitting(piece: str, room: int, length: Callable[[str], int]) -> Iterator[str]:
    """Cut a piece that is longer than a whole line; others pass unchanged."""
    part = ""
    for character in piece if length(piece) > room else (piece,):
        if part and length(part + character) > room:
            yield part
            part = ""
        part += character
    if part:
        yield part


def _pen(size: int, fonts: Fonts, *, bold: bool = False) -> _Pen:
    return _Pen(max(size, 8), (fonts.bold if bold else fonts.regular, *fonts.rare))


def printable(text: str) -> str:
    """Compose accents, make white space plain, and drop controls, which have no shape."""
    plain = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\t", " ")
    return "".join(
        character
        for character in plain
        if character == "\n" or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Mn"}
    )


def _pieces(text: str) -> list[str]:
    """Split where a line may break: around each Han character, after white space, never before a closing mark."""
    pieces: list[str] = []
    for character in text:
        if pieces and _sticks(pieces[-1][-1], character):
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


def _sticks(before: str, after: str) -> bool:
    if after == " " or after in _NOT_FIRST or before in _NOT_LAST:
        return True
    narrow = "Na", "N", "H", "A"
    return (
        before != " "
        and unicodedata.east_asian_width(before) in narrow
        and unicodedata.east_asian_width(after) in narrow
    )


def _draw_line(block: Line, width: int, fonts: Fonts) -> Image.Image:
    pen = _pen(block.size, fonts, bold=block.bold)
    room = width - 2 * MARGIN
    lines = pen.wrap(printable(block.text), room)
    strip = Image.new("L", (width, pen.leading * len(lines)), 0)
    draw = ImageDraw.Draw(strip)
    for number, line in enumerate(lines):
        indent = (room - pen.length(line)) // 2 if block.align is Align.CENTRE else 0
        pen.write(draw, MARGIN + max(indent, 0), _baseline(pen, number), line)
    return strip


def _draw_row(block: Row, width: int, fonts: Fonts) -> Image.Image:
    pen = _pen(block.size, fonts)
    caption, value = printable(block.caption).replace("\n", " "), printable(block.value)
    room = width - 2 * MARGIN
    gap = pen.size
    left = pen.length(caption) + gap if caption else 0
    if room - left >= room // 3 and "\n" not in value and pen.length(value) <= room - left:
        captions, values, start = [caption], [value], width - MARGIN - pen.length(value)
        first = 0
    elif room - left >= room // 3:
        captions, values, start = [caption], pen.wrap(value, room - left), MARGIN + left
        first = 0
    else:  # a caption as long as this has lines of its own
        captions = pen.wrap(caption, room)
        values, start = pen.wrap(value, room - gap), MARGIN + gap
        first = len(captions)
    strip = Image.new("L", (width, pen.leading * max(len(captions), first + len(values))), 0)
    draw = ImageDraw.Draw(strip)
    for number, line in enumerate(captions):
        pen.write(draw, MARGIN, _baseline(pen, number), line)
    for number, line in enumerate(values, start=first):
        pen.write(draw, start, _baseline(pen, number), line)
    return strip


def _baseline(pen: _Pen, number: int) -> int:
    # Han characters reach 0.88 of their size above the baseline and 0.12 below it.
    return number * pen.leading + (pen.leading - pen.size) // 2 + round(pen.size * 0.88)


# ---------------------------------------------------------------------------------------------------------------
# Codes


def _draw_qr(block: QrCode, width: int) -> Image.Image:
    code = segno.make_qr(block.payload, error="m", encoding="utf-8" if not block.payload.isascii() else None)
    modules = np.array([list(row) for row in code.matrix], dtype=np.uint8)
    count = len(modules)
    wanted = math.ceil(block.side_mm * DOTS_PER_MM / count)
    scale = min(max(wanted, _LEAST_MODULE), width // (count + 2 * _QUIET_MODULES))
    if scale < _LEAST_MODULE:
        raise ValueError(f"a QR code of {count} modules does not fit {width} dots")
    side = count * scale
    quiet = _QUIET_MODULES * scale
    picture = Image.fromarray(np.kron((modules & 1) * np.uint8(255), np.ones((scale, scale), dtype=np.uint8)))
    strip = Image.new("L", (width, side + 2 * quiet), 0)
    strip.paste(picture, ((width - side) // 2, quiet))
    return strip


# ---------------------------------------------------------------------------------------------------------------
# Dots


def _without_real_time_commands(picture: Image.Image) -> Image.Image:
    """Move one dot wherever the dots would spell a real-time command.

    A printer obeys DLE EOT, DLE ENQ and DLE DC4 the moment it receives them, even within a picture: it would answer
    what nobody asked, or open a cash drawer.
    """
    black = ~np.asarray(picture)
    rows = np.packbits(black, axis=1)
    stream = rows.tobytes()
    spoken: Sequence[bytes] = (b"\x10\x04", b"\x10\x05", b"\x10\x14")
    if not any(command in stream for command in spoken):
        return picture
    for command in spoken:
        stream = stream.replace(command, bytes((0x11, command[1])))
    mended = np.frombuffer(stream, dtype=np.uint8).reshape(rows.shape)
    return Image.fromarray(np.unpackbits(mended, axis=1, count=picture.width) == 0)
