"""Chinese as text, drawn by the printer's own type: bytes of GB 18030. Pure functions.

The type in printers sold covers the double-byte zones 1 to 5 only (SP91 manual; Epson's notes on FS &), as GBK had
them. Four-byte characters, the private zones and what later editions moved are not in it: they are for the picture.
Chinese models power up in Chinese mode and may have `$` replaced by `¥`, so both modes are always chosen explicitly.
"""

from drivers.kinds import Align, Line, Row
from drivers.printer.raster import MARGIN, printable, wrap

CELL = 12
"""Dots across a half-width character of 24 dots; a Chinese one takes two."""

PLAIN_TYPE = b"\x1bR\x00\x1bt\x00\x1b2"
"""American characters, code page 437, the usual distance of lines."""

_ENTER, _LEAVE = b"\x1c&", b"\x1c."
_INDENT = MARGIN // CELL
_DOUBLE_FROM, _DOUBLE_TO = 36, 64  # sizes in dots that double type stands for


def in_rom(text: str) -> bool:
    """Whether the printer has type for all of `text`."""
    return all(_code(character) is not None for character in text)


def encode_text(text: str) -> bytes:
    """Encode text for Chinese mode: ASCII as it is, all else as two bytes.

    Raises:
        ValueError: a character is not in the printer's type.
    """
    codes = [_code(character) for character in text]
    if None in codes:
        raise ValueError("a character outside the double-byte zones")
    return b"".join(code for code in codes if code is not None)


def encode_block(block: Line | Row, width: int) -> bytes | None:
    """Encode a line or a row as text.

    Args:
        block: what to print.
        width: of the print head, in dots.

    Returns:
        Whole commands; None when it has to be drawn: a character or a size that the printer lacks.
    """
    scale = _scale(block.size)
    if scale is None:
        return None
    cells = (width - 2 * MARGIN) // CELL // scale
    if isinstance(block, Row):
        lines = _row(printable(block.caption).replace("\n", " "), printable(block.value), cells)
    else:
        lines = wrap(printable(block.text), cells, _cells)
    if not all(in_rom(line) for line in lines):
        return None
    bold = isinstance(block, Line) and block.bold
    centre = isinstance(block, Line) and block.align is Align.CENTRE
    before = b"\x1ba" + bytes((centre,)) + b"\x1bE" + bytes((bold,))
    before += b"\x1d!" + (b"\x11" if scale == 2 else b"\x00") + _ENTER + b"\x1c!" + (b"\x0c" if scale == 2 else b"\x00")
    indent = b"" if centre else b" " * (_INDENT // scale)
    return (
        before
        + b"".join(indent + encode_text(line) + b"\n" for line in lines)
        + _LEAVE
        + b"\x1d!\x00\x1ba\x00\x1bE\x00"
    )


def _code(character: str) -> bytes | None:
    if " " <= character <= "~":
        return character.encode("ascii")
    try:
        code = character.encode("gb18030")
        return code if len(code) == 2 and character.encode("gbk") == code else None
    except UnicodeEncodeError:
        return None


def _scale(size: int) -> int | None:
    if size < _DOUBLE_FROM:
        return 1
    return 2 if size <= _DOUBLE_TO else None


def _cells(text: str) -> int:
    """How many half-width cells a text takes."""
    return sum(1 if character.isascii() else 2 for character in text)


def _row(caption: str, value: str, cells: int) -> list[str]:
    """Put the caption at the left and the value at the right edge, or the value in lines of its own."""
    left = _cells(caption) + 2 if caption else 0
    room = cells - left
    if "\n" not in value and _cells(value) <= room:
        return [caption + " " * (cells - _cells(caption) - _cells(value)) + value]
    if room >= cells // 3:
        first, *more = wrap(value, room, _cells)
        return [caption + " " * (left - _cells(caption)) + first, *(" " * left + line for line in more)]
    return [*wrap(caption, cells, _cells), *("  " + line for line in wrap(value, cells - 2, _cells))]
