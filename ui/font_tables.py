"""Which characters a font has and how wide they are, read from its own tables (OpenType 1.9: cmap, head, hhea, hmtx).

A library that knows all of OpenType takes half a second a font for it, which is most of a cold start.
"""

import struct
import sys
from array import array
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

_BEST: Final = ((3, 10), (0, 6), (0, 4), (3, 1), (0, 3))
"""Platform and encoding of a character map, the widest first."""


class FontBrokenError(ValueError):
    """The file is no font with the tables that are needed."""


class Advances(NamedTuple):
    """What a font says of its characters.

    Attributes:
        glyphs: number of the glyph, by code point.
        widths: of each glyph in ems, by its number; glyphs after the last are as wide as it.
    """

    glyphs: Mapping[int, int]
    widths: tuple[float, ...]

    def width(self, code: int) -> float:
        """Of a character that it has, in ems."""
        glyph = self.glyphs[code]
        return self.widths[min(glyph, len(self.widths) - 1)]


def read(path: Path) -> Advances:
    """Read a TrueType or OpenType font; of a collection the first face.

    Raises:
        FontBrokenError: it is none.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        try:
            tables = dict(_directory(file))
            (em,) = struct.unpack(">H", _part(file, tables["head"], 18, 2))
            (count,) = struct.unpack(">H", _part(file, tables["hhea"], 34, 2))
            pairs = array("H", _part(file, tables["hmtx"], 0, 4 * count))
            if sys.byteorder == "little":
                pairs.byteswap()
            glyphs = dict(_characters(_part(file, tables["cmap"], 0, tables["cmap"][1])))
        except (struct.error, KeyError, IndexError) as error:
            raise FontBrokenError(f"{path.name} is no font with cmap and hmtx") from error
    if not em or not count:
        raise FontBrokenError(f"{path.name} has no widths")
    return Advances(glyphs, tuple(width / em for width in pairs[::2]))


def _directory(file: BinaryIO) -> Iterator[tuple[str, tuple[int, int]]]:
    """Offset and length of each table."""
    start = 0
    if file.read(4) == b"ttcf":
        file.seek(12)
        (start,) = struct.unpack(">L", file.read(4))
    file.seek(start + 4)
    (count,) = struct.unpack(">H", file.read(2))
    file.seek(start + 12)
    for _ in range(count):
        tag, _sum, offset, length = struct.unpack(">4sLLL", file.read(16))
        yield tag.decode("latin-1"), (offset, length)


def _part(file: BinaryIO, table: tuple[int, int], start: int, length: int) -> bytes:
    file.seek(table[0] + start)
    part = file.read(length)
    if len(part) != length:
        raise struct.error("the file ends too soon")
    return part


def _characters(cmap: bytes) -> Iterator[tuple[int, int]]:
    """Code point and glyph of every character."""
    (count,) = struct.unpack_from(">H", cmap, 2)
    maps = {}
    for place in range(count):
        platform, encoding, offset = struct.unpack_from(">HHL", cmap, 4 + 8 * place)
        maps[platform, encoding] = offset
    offset = next(maps[key] for key in _BEST if key in maps) if maps.keys() & set(_BEST) else -1
    if offset < 0:
        raise KeyError("no Unicode map")
    (kind,) = struct.unpack_from(">H", cmap, offset)
    if kind == 12:
        yield from _segmented(cmap, offset)
    elif kind == 4:
        yield from _in_bmp(cmap, offset)
    else:
        raise KeyError(f"cmap format {kind}")


def _segmented(cmap: bytes, offset: int) -> Iterator[tuple[int, int]]:
    """Format 12: runs of code points with runs of glyphs."""
    (count,) = struct.unpack_from(">L", cmap, offset + 12)
    for first, last, glyph in struct.iter_unpack(">LLL", cmap[offset + 16 : offset + 16 + 12 * count]):
        for code in range(first, last + 1):
            if found := glyph + code - first:
                yield code, found


def _in_bmp(cmap: bytes, offset: int) -> Iterator[tuple[int, int]]:
    """Format 4: segments of the basic plane, with a difference or a list of glyphs each."""
    (twice,) = struct.unpack_from(">H", cmap, offset + 6)
    count = twice // 2
    ends = struct.unpack_from(f">{count}H", cmap, offset + 14)
    starts = struct.unpack_from(f">{count}H", cmap, offset + 16 + twice)
    deltas = struct.unpack_from(f">{count}h", cmap, offset + 16 + 2 * twice)
    base = offset + 16 + 3 * twice
    ranges = struct.unpack_from(f">{count}H", cmap, base)
    for place, (first, last, delta, at) in enumerate(zip(starts, ends, deltas, ranges, strict=True)):
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = code
            if at:
                (glyph,) = struct.unpack_from(">H", cmap, base + 2 * place + at + 2 * (code - first))
                if not glyph:
                    continue
            if found := (glyph + delta) & 0xFFFF:
                yield code, found
