"""Pixels as a PNG file (RFC 2083): eight bits RGB, no filter."""

import struct
import zlib


def png(width: int, height: int, pixels: bytes) -> bytes:
    """Encode a picture.

    Args:
        width: in pixels.
        height: in pixels.
        pixels: RGB, height x width x 3 bytes, first row on top.

    Raises:
        ValueError: the bytes are not as many as the size says.
    """
    if len(pixels) != width * height * 3:
        raise ValueError(f"{width} x {height} pixels need {width * height * 3} bytes, not {len(pixels)}")
    step = width * 3
    rows = b"".join(b"\0" + pixels[start : start + step] for start in range(0, len(pixels), step))
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
            _chunk(b"IDAT", zlib.compress(rows, 3)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
