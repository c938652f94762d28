"""Text that is not seen but can be selected and searched: a font without shapes, and lines set over their picture.

The font has three empty glyphs (none, wide, narrow). Every character of a document gets a code of its own, whose
meaning stands in the font's ToUnicode map, so that rare names outside the Basic Multilingual Plane come back as well.
"""

import struct
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

WIDE, NARROW = 1000, 500
"""Advances in thousandths of the font's size: Chinese characters are square, Latin ones about half."""
MOST_CHARACTERS = 65_000
_LONGEST = 1000
_DESCENT = 0.12
"""Where the foot of a line lies above its box's lower edge, in heights."""
_LEAST_POINTS = 0.5
_MADE = 3_029_529_600
"""2000-01-01 in seconds since 1904: a date must be there, and always the same."""


class LineOnPage(Protocol):
    """A line as the text engine gives it (`kiosk.vision.text.lines.TextLine`)."""

    @property
    def text(self) -> str:
        """What is written."""
        ...

    @property
    def quad(self) -> NDArray[np.float64]:
        """(4, 2): corners in the picture's pixels, clockwise from the start of the text's upper edge."""
        ...


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A line whose corners are shares of the page's width and height, clockwise from the start of its upper edge."""

    text: str
    corners: tuple[tuple[float, float], ...]


def placed(lines: Iterable[LineOnPage], width: int, height: int) -> tuple[PlacedLine, ...]:
    """Lines by shares of a page of `width` by `height` pixels. Empty and impossible ones are left out."""
    kept = []
    for line in lines:
        text = "".join(char for char in line.text[:_LONGEST] if _printable(char)).strip()
        quad = np.asarray(line.quad, np.float64)
        if not text or quad.shape != (4, 2) or not bool(np.isfinite(quad).all()):
            continue
        shares = quad / (width, height)
        if bool((np.abs(shares - 0.5) > 1.0).any()):
            continue
        kept.append(PlacedLine(text, tuple((round(float(x), 5), round(float(y), 5)) for x, y in shares)))
    return tuple(kept)


def _printable(char: str) -> bool:
    return unicodedata.category(char) not in {"Cc", "Cs", "Cn", "Co"}


def _wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in {"W", "F"}


class Codes:
    """The codes of a document's characters, in the order of their numbers, from 1."""

    def __init__(self, texts: Iterable[str]) -> None:
        characters = sorted({char for text in texts for char in text})[:MOST_CHARACTERS]
        self._codes = {char: code for code, char in enumerate(characters, start=1)}

    def __len__(self) -> int:
        return len(self._codes)

    def encoded(self, text: str) -> bytes:
        """Two bytes for each character; one that has no code is left out."""
        return b"".join(struct.pack(">H", self._codes[char]) for char in text if char in self._codes)

    def widths(self) -> list[int]:
        """For each code from 1 its advance."""
        return [WIDE if _wide(char) else NARROW for char in self._codes]

    def glyphs(self) -> bytes:
        """For each code from 0 its glyph, two bytes each (CIDToGIDMap)."""
        return struct.pack(">H", 0) + b"".join(struct.pack(">H", 1 if _wide(char) else 2) for char in self._codes)

    def to_unicode(self) -> bytes:
        """The CMap that says which character a code means (ISO 32000-1, 9.10.3)."""
        pairs = [f"<{code:04X}> <{char.encode('utf-16-be').hex().upper()}>" for char, code in self._codes.items()]
        blocks = [pairs[start : start + 100] for start in range(0, len(pairs), 100)]
        body = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
        return (
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
            "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
            "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
            f"{body}\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
        ).encode("ascii")


def content(lines: Sequence[PlacedLine], codes: Codes, width: float, height: float, font: str) -> bytes:
    """The drawing orders that set the lines unseen (mode 3) on a page of `width` by `height` points."""
    orders = ["q BT 3 Tr"]
    for line in lines:
        corners = np.array(line.corners) * (width, height)
        corners[:, 1] = height - corners[:, 1]
        head, tail = corners[3], corners[2]
        along = tail - head
        length = float(np.hypot(*along))
        size = float(np.hypot(*(corners[0] - corners[3])) + np.hypot(*(corners[1] - corners[2]))) / 2.0
        advance = sum(WIDE if _wide(char) else NARROW for char in line.text) / 1000.0 * size
        if length < _LEAST_POINTS or size < _LEAST_POINTS or advance <= 0.0:
            continue
        cos, sin = along / length
        foot = head + _DESCENT * size * np.array([-sin, cos])
        orders.append(
            f"{font} {size:.2f} Tf {100.0 * length / advance:.2f} Tz "
            f"{cos:.5f} {sin:.5f} {-sin:.5f} {cos:.5f} {foot[0]:.2f} {foot[1]:.2f} Tm "
            f"<{codes.encoded(line.text).hex()}> Tj"
        )
    return ("\n".join([*orders, "ET Q"]) + "\n").encode("ascii")


@cache
def empty_font() -> bytes:
    """A TrueType font of three glyphs without contours: none, wide, narrow. The same bytes every time."""
    advances = (WIDE, WIDE, NARROW)
    tables = {
        b"cmap": struct.pack(">HHHHI", 0, 1, 3, 1, 12)
        + struct.pack(">8H", 4, 24, 0, 2, 2, 0, 0, 0xFFFF)
        # One segment, the last, that is required; the codes go to glyphs by the CIDToGIDMap.
        + struct.pack(">4H", 0, 0xFFFF, 1, 0),
        b"glyf": bytes(4),
        b"head": struct.pack(
            ">4I2H2Q4h2H3h", 0x10000, 0x10000, 0, 0x5F0F3CF5, 0, WIDE, _MADE, _MADE, 0, 0, 0, 0, 0, 8, 2, 0, 0
        ),
        b"hhea": struct.pack(">I3hH11hH", 0x10000, 880, -120, 0, WIDE, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 3),
        b"hmtx": b"".join(struct.pack(">Hh", advance, 0) for advance in advances),
        b"loca": struct.pack(">4H", 0, 0, 0, 0),
        b"maxp": struct.pack(">IH13H", 0x10000, 3, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0),
        b"name": struct.pack(">HHH", 0, 0, 6),
        b"post": struct.pack(">IIhhIIIII", 0x30000, 0, 0, 0, 1, 0, 0, 0, 0),
    }
    count = len(tables)
    search = 16 * 2 ** (count.bit_length() - 1)
    start = struct.pack(">IHHHH", 0x10000, count, search, count.bit_length() - 1, 16 * count - search)
    place, directory, body = 12 + 16 * count, b"", b""
    for tag, data in sorted(tables.items()):
        directory += struct.pack(">4sIII", tag, _sum(data), place + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    font = start + directory + body
    # The sum over the whole file is part of it (OpenType, head.checkSumAdjustment).
    head = place + sum(len(tables[tag]) + -len(tables[tag]) % 4 for tag in (b"cmap", b"glyf"))
    return font[: head + 8] + struct.pack(">I", (0xB1B0AFBA - _sum(font)) & 0xFFFFFFFF) + font[head + 12 :]


def _sum(data: bytes) -> int:
    padded = data + bytes(-len(data) % 4)
    return int(np.frombuffer(padded, ">u4").sum(dtype=np.uint64)) & 0xFFFFFFFF
