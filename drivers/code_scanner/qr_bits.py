"""The modules of a QR code, taken apart: its segments, their modes, and its place among linked codes.

Decoders hand over bytes and forget how each was written. Kanji and Hanzi segments have a charset of their own, and a
code that is one part of several must not be taken for the whole: both are in the bits only. ISO/IEC 18004:2015,
chapters 7 and 12; Hanzi mode: GB/T 18284-2000.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from drivers.code_scanner.reed_solomon import TooManyErrors, corrected

Modules = NDArray[np.bool_]
"""(n, n): True is dark; n = 17 + 4 × version; the finder patterns at top left, top right and bottom left."""

# Error correction codewords a block, and blocks, for versions 1 to 40 (ISO/IEC 18004 table 9).
_CORRECTION: Final = {
    "L": "7 10 15 20 26 18 20 24 30 18 20 24 26 30 22 24 28 30 28 28"
    " 28 28 30 30 26 28 30 30 30 30 30 30 30 30 30 30 30 30 30 30",
    "M": "10 16 26 18 24 16 18 22 22 26 30 22 22 24 24 28 28 26 26 26"
    " 26 28 28 28 28 28 28 28 28 28 28 28 28 28 28 28 28 28 28 28",
    "Q": "13 22 18 26 18 24 18 22 20 24 28 26 24 20 30 24 28 28 26 30"
    " 28 30 30 30 30 28 30 30 30 30 30 30 30 30 30 30 30 30 30 30",
    "H": "17 28 22 16 22 28 26 26 24 28 24 28 22 24 24 30 28 28 26 28"
    " 30 24 30 30 30 30 30 30 30 30 30 30 30 30 30 30 30 30 30 30",
}
_BLOCKS: Final = {
    "L": "1 1 1 1 1 2 2 2 2 4 4 4 4 4 6 6 6 6 7 8 8 9 9 10 12 12 12 13 14 15 16 17 18 19 19 20 21 22 24 25",
    "M": "1 1 1 2 2 4 4 4 5 5 5 8 9 9 10 10 11 13 14 16 17 17 18 20 21 23 25 26 28 29 31 33 35 37 38 40 43 45 47 49",
    "Q": "1 1 2 2 4 4 6 6 8 8 8 10 12 16 12 17 16 18 21 20 23 23 25 27 29 34 34 35 38 40 43 45 48 51 53 56 59 62 65 68",
    "H": "1 1 2 4 4 4 5 6 8 8 11 11 16 16 18 16 19 21 25 25 25 34 30 32 35 37 40 42 45 48 51 54 57 60 63 66 70 74 77"
    " 81",
}
_SPARED: Final = {("L", 1): 3, ("M", 1): 2, ("Q", 1): 1, ("H", 1): 1, ("L", 2): 2, ("L", 3): 1}
"""Codewords that only detect (table 9, p): small codes would else be corrected into something wrong."""
_ALPHANUMERIC: Final = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_LEVELS: Final = "MLHQ"
_MOST_FORMAT_ERRORS: Final = 3


class Mode(StrEnum):
    """How a segment was written."""

    NUMERIC = "numeric"
    ALPHANUMERIC = "alphanumeric"
    BYTE = "byte"
    KANJI = "kanji"
    """Two bytes a character, Shift-JIS."""
    HANZI = "hanzi"
    """Two bytes a character, GB 2312."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of characters in one mode.

    Attributes:
        eci: the charset that the code itself announced for it; None without an announcement.
    """

    mode: Mode
    content: bytes
    eci: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Which of several linked codes one is (structured append).

    Attributes:
        index: 0 to 15.
        total: 1 to 16.
        parity: of the whole message: all its bytes in exclusive or.
    """

    index: int
    total: int
    parity: int


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a code.

    Attributes:
        errors: codewords that were corrected, as a share of those that could have been.
    """

    segments: tuple[Segment, ...]
    part: Part | None
    errors: float

    @property
    def payload(self) -> bytes:
        """Its bytes, as decoders hand them over."""
        return b"".join(segment.content for segment in self.segments)


class Unreadable(ValueError):
    """These modules are no QR code, or too damaged."""


def contents(modules: Modules) -> Contents:
    """Decode a code.

    Raises:
        Unreadable: it is none (micro codes are not known here), or more is damaged than can be corrected.
    """
    size = modules.shape[0]
    if modules.ndim != 2 or modules.shape != (size, size) or size % 4 != 1 or not 21 <= size <= 177:
        raise Unreadable("no size of a QR code")
    version = (size - 17) // 4
    level, mask = _format(modules)
    codewords = _codewords(modules, version, mask)
    bits, errors = _data(codewords, version, level)
    segments, part = _segments(_Bits(bits), version)
    return Contents(segments, part, errors)


def alignment_centres(version: int) -> list[int]:
    """Where alignment patterns have their middles, in modules along either axis (annex E)."""
    if version == 1:
        return []
    count = version // 7 + 2
    step = 26 if version == 32 else (version * 4 + count * 2 + 1) // (count * 2 - 2) * 2
    last = version * 4 + 10
    return [6, *(last - step * back for back in reversed(range(count - 1)))]


def function_modules(version: int) -> Modules:
    """True where a module carries no data: finders, timing, alignment, format and version."""
    size = 17 + 4 * version
    taken = np.zeros((size, size), np.bool_)
    taken[6, :] = taken[:, 6] = True
    taken[:9, :9] = taken[:9, -8:] = taken[-8:, :9] = True
    centres = alignment_centres(version)
    for row in centres:
        for column in centres:
            if (row, column) not in {(6, 6), (6, size - 7), (size - 7, 6)}:
                taken[row - 2 : row + 3, column - 2 : column + 3] = True
    if version >= 7:
        taken[:6, -11:-8] = taken[-11:-8, :6] = True
    return taken


# Format and codewords -----------------------------------------------------------------------------------------------


def _format_word(data: int) -> int:
    rest = data << 10
    for bit in range(14, 9, -1):
        if rest >> bit & 1:
            rest ^= 0x537 << (bit - 10)
    return (data << 10 | rest) ^ 0x5412


_FORMATS: Final = tuple(_format_word(data) for data in range(32))


def _format(modules: Modules) -> tuple[str, int]:
    """Correction level and mask: of the two copies, the one that is nearer to a format that exists."""
    rows = [8, 8, 8, 8, 8, 8, 8, 8, 7, 5, 4, 3, 2, 1, 0]
    columns = [0, 1, 2, 3, 4, 5, 7, 8, 8, 8, 8, 8, 8, 8, 8]
    first = modules[rows, columns]
    second = np.concatenate([modules[-1:-8:-1, 8], modules[8, -8:]])
    best = (99, 0)
    for copy in (first, second):
        word = int("".join("1" if bit else "0" for bit in copy), 2)
        best = min(best, *(((word ^ known).bit_count(), data) for data, known in enumerate(_FORMATS)))
    if best[0] > _MOST_FORMAT_ERRORS:
        raise Unreadable("no format")
    return _LEVELS[best[1] >> 3], best[1] & 7


def _masked(size: int, mask: int) -> Modules:
    i, j = np.indices((size, size))
    rules = (
        (i + j) % 2,
        i % 2,
        j % 3,
        (i + j) % 3,
        (i // 2 + j // 3) % 2,
        i * j % 2 + i * j % 3,
        (i * j % 2 + i * j % 3) % 2,
        ((i + j) % 2 + i * j % 3) % 2,
    )
    return np.asarray(rules[mask] == 0, np.bool_)


def _codewords(modules: Modules, version: int, mask: int) -> NDArray[np.uint8]:
    """Up and down in columns two modules wide, from the right, past the vertical timing pattern."""
    size = modules.shape[0]
    plain = modules ^ _masked(size, mask)
    free = ~function_modules(version)
    bits: list[NDArray[np.bool_]] = []
    upward = True
    for right in [*range(size - 1, 6, -2), *range(5, 0, -2)]:
        pair = [right, right - 1]
        rows = slice(None, None, -1) if upward else slice(None)
        bits.append(plain[rows][:, pair][free[rows][:, pair]])
        upward = not upward
    stream = np.concatenate(bits)
    return np.packbits(stream[: len(stream) // 8 * 8])


def _data(codewords: NDArray[np.uint8], version: int, level: str) -> tuple[bytes, float]:
    """Undo the interleaving and correct each block."""
    blocks = int(_BLOCKS[level].split()[version - 1])
    checks = int(_CORRECTION[level].split()[version - 1])
    shorter, longer_ones = divmod(len(codewords), blocks)
    lengths = [shorter - checks + (n >= blocks - longer_ones) for n in range(blocks)]
    rows = [bytearray() for _ in lengths]
    source = iter(codewords.tolist())
    for position in range(max(lengths)):
        for row, length in zip(rows, lengths, strict=True):
            if position < length:
                row.append(next(source))
    for _ in range(checks):
        for row in rows:
            row.append(next(source))
    most = (checks - _SPARED.get((level, version), 0)) // 2
    worst = 0
    try:
        for n, row in enumerate(rows):
            fixed, errors = corrected(bytes(row), checks, most)
            rows[n] = bytearray(fixed)
            worst = max(worst, errors)
    except TooManyErrors as error:
        raise Unreadable("too damaged") from error
    return b"".join(bytes(row[:length]) for row, length in zip(rows, lengths, strict=True)), worst / most


# Segments -----------------------------------------------------------------------------------------------------------


class _Bits:
    def __init__(self, source: bytes) -> None:
        self._number = int.from_bytes(source, "big")
        self.left = len(source) * 8

    def take(self, count: int) -> int:
        if count > self.left:
            raise Unreadable("ends in the middle of a segment")
        self.left -= count
        return self._number >> self.left & ((1 << count) - 1)


_COUNT_BITS: Final = {1: (10, 12, 14), 2: (9, 11, 13), 4: (8, 16, 16), 8: (8, 10, 12), 13: (8, 10, 12)}
_FNC1_FIRST, _FNC1_SECOND, _ECI, _APPEND = 5, 9, 7, 3


def _segments(bits: _Bits, version: int) -> tuple[tuple[Segment, ...], Part | None]:
    found: list[Segment] = []
    part: Part | None = None
    eci: int | None = None
    while bits.left >= 4 and (mode := bits.take(4)):
        if mode == _APPEND:
            part = Part(bits.take(4), bits.take(4) + 1, bits.take(8))
        elif mode == _ECI:
            eci = _eci(bits)
        elif mode == _FNC1_SECOND:
            bits.take(8)
        elif mode in _COUNT_BITS:
            if mode == 13:
                bits.take(4)  # the subset: 1 is GB 2312, and no other is defined
            count = bits.take(_COUNT_BITS[mode][(version >= 10) + (version >= 27)])
            found.append(_segment(bits, mode, count, eci))
        elif mode != _FNC1_FIRST:
            raise Unreadable(f"mode {mode} is not defined")
    if part is not None and part.index >= part.total:
        raise Unreadable("a part beyond the last")
    return tuple(found), part


def _eci(bits: _Bits) -> int:
    first = bits.take(8)
    if first < 0x80:
        return first
    if first < 0xC0:
        return (first & 0x3F) << 8 | bits.take(8)
    if first < 0xE0:
        return (first & 0x1F) << 16 | bits.take(16)
    raise Unreadable("no number of a charset")


def _segment(bits: _Bits, mode: int, count: int, eci: int | None) -> Segment:
    if mode == 1:
        groups = [3] * (count // 3) + ([count % 3] if count % 3 else [])
        return Segment(Mode.NUMERIC, b"".join(_digits(bits.take(3 * n + 1), n) for n in groups))
    if mode == 2:
        return Segment(Mode.ALPHANUMERIC, _alphanumeric(bits, count))
    if mode == 4:
        return Segment(Mode.BYTE, bytes(bits.take(8) for _ in range(count)), eci)
    pairs = [divmod(bits.take(13), 0xC0 if mode == 8 else 0x60) for _ in range(count)]
    if mode == 8:
        words = [high << 8 | low for high, low in pairs]
        words = [word + (0x8140 if word < 0x1F00 else 0xC140) for word in words]
        return Segment(Mode.KANJI, b"".join(word.to_bytes(2, "big") for word in words))
    return Segment(
        Mode.HANZI, bytes(byte for high, low in pairs for byte in (high + (0xA1 if high < 0x0A else 0xA6), low + 0xA1))
    )


def _digits(value: int, count: int) -> bytes:
    if value >= 10**count:
        raise Unreadable("no digits")
    return b"%0*d" % (count, value)


def _alphanumeric(bits: _Bits, count: int) -> bytes:
    out = bytearray()
    for _ in range(count // 2):
        value = bits.take(11)
        if value >= 45 * 45:
            raise Unreadable("no characters")
        out += bytes((_ALPHANUMERIC[value // 45], _ALPHANUMERIC[value % 45]))
    if count % 2:
        value = bits.take(6)
        if value >= 45:
            raise Unreadable("no character")
        out.append(_ALPHANUMERIC[value])
    return bytes(out)
