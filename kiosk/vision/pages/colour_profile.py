"""The ICC profile of sRGB, written by us: PDF/A wants one inside the file, and the same bytes every time."""

import struct
from functools import cache

_WHITE = (0.9642, 1.0, 0.8249)
_PRIMARIES = ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410))
"""Red, green and blue of IEC 61966-2-1, adapted to D50 by Bradford's method."""
_SAMPLES = 1024
_HEADER, _ENTRY = 128, 12
NAME = "sRGB IEC61966-2.1"


@cache
def srgb() -> bytes:
    """A display profile of version 2.1 (ICC.1:1998-09): three primaries, one curve. About 2.6 kB."""
    curve = b"curv\0\0\0\0" + struct.pack(">I", _SAMPLES)
    curve += b"".join(struct.pack(">H", round(65535 * _linear(i / (_SAMPLES - 1)))) for i in range(_SAMPLES))
    name = NAME.encode("ascii") + b"\0"
    description = b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + bytes(4 + 4 + 2 + 1 + 67)
    tags = {
        b"desc": description,
        b"cprt": b"text\0\0\0\0No rights reserved\0",
        b"wtpt": _point(_WHITE),
        b"rXYZ": _point(_PRIMARIES[0]),
        b"gXYZ": _point(_PRIMARIES[1]),
        b"bXYZ": _point(_PRIMARIES[2]),
        b"rTRC": curve,
    }
    same = (b"gTRC", b"bTRC")
    table, body = b"", b""
    start = _HEADER + 4 + _ENTRY * (len(tags) + len(same))
    for tag, content in tags.items():
        table += struct.pack(">4sII", tag, start + len(body), len(content))
        if tag == b"rTRC":
            table += b"".join(struct.pack(">4sII", other, start + len(body), len(content)) for other in same)
        body += content + bytes(-len(content) % 4)
    size = start + len(body)
    header = struct.pack(">I4sI4s4s4s", size, b"\0\0\0\0", 0x02100000, b"mntr", b"RGB ", b"XYZ ")
    header += struct.pack(">6H", 2000, 1, 1, 0, 0, 0) + b"acsp" + bytes(28)
    header += b"".join(struct.pack(">i", _fixed(value)) for value in _WHITE)
    return header + bytes(_HEADER - len(header)) + struct.pack(">I", len(tags) + len(same)) + table + body


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _fixed(value: float) -> int:
    return round(value * 65536)


def _point(values: tuple[float, float, float]) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", _fixed(value)) for value in values)
