"""Unpacking of hostile bytes: every size has a bound, every error is one of a few."""

import base64
import binascii
import json
import zlib
from typing import Final

from kiosk.certificates.answers import CertificateAnswer as Answer
from kiosk.certificates.answers import Reason, Refused

MAX_DEPTH: Final = 24
"""Of nested objects and lists; the deepest real certificate has 9."""
MAX_YEAR_9999: Final = 253_402_300_800
"""First second after the year 9999: a number of seconds beyond is none (mostly milliseconds)."""

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def inflate(packed: bytes, most: int, *, raw: bool = False) -> bytes:
    """Decompress (RFC 1950, or RFC 1951 where `raw`).

    Args:
        packed: exactly one stream, nothing after it.
        most: bytes that it may unpack to.
        raw: without zlib's head and check sum.

    Raises:
        Refused: TOO_LARGE, or MALFORMED.
    """
    stream = zlib.decompressobj(-zlib.MAX_WBITS if raw else zlib.MAX_WBITS)
    try:
        unpacked = stream.decompress(packed, most)
        # At the very bound the end mark may not have been read yet.
        if not stream.eof and len(unpacked) == most and stream.decompress(stream.unconsumed_tail, 1):
            raise Refused(Answer.TOO_LARGE, Reason.UNPACKED_SIZE, f"more than {most} bytes")
    except zlib.error as error:
        raise Refused(Answer.MALFORMED, Reason.DAMAGED, "not compressed, or damaged") from error
    if not stream.eof or stream.unused_data:
        raise Refused(Answer.MALFORMED, Reason.DAMAGED, "the compressed stream is cut short or followed by more")
    return unpacked


def base64url(text: str) -> bytes:
    """Decode base64url (RFC 4648 section 5), padded or not.

    Raises:
        Refused: MALFORMED: another alphabet, a length that cannot be, or bits left over that are not zero.
    """
    bare = text.rstrip("=")
    if len(text) - len(bare) > 2:
        raise Refused(Answer.MALFORMED, Reason.DAMAGED, "base64url")
    try:
        value = base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused(Answer.MALFORMED, Reason.DAMAGED, "base64url") from error
    # Python takes `+` and `/` too here, and left-over bits: one value could be written in several ways.
    if base64.urlsafe_b64encode(value).decode().rstrip("=") != bare:
        raise Refused(Answer.MALFORMED, Reason.DAMAGED, "base64url")
    return value


def json_object(text: bytes) -> dict[str, Json]:
    """Parse a JSON object strictly: UTF-8, no key twice, no NaN, bounded depth (RFC 8259, RFC 7493).

    Raises:
        Refused: MALFORMED.
    """
    try:
        value: Json = json.loads(
            text.decode(), object_pairs_hook=_without_duplicates, parse_constant=_no_constant, parse_float=_finite
        )
        if b"\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError) as error:
        raise Refused(Answer.MALFORMED, Reason.DAMAGED, "JSON") from error
    if not isinstance(value, dict):
        raise Refused(Answer.MALFORMED, Reason.DAMAGED, "JSON, but no object")
    if _deeper_than(value, MAX_DEPTH):
        raise Refused(Answer.TOO_LARGE, Reason.SIZE, "nested too deeply")
    return value


def _without_duplicates(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    unique = dict(pairs)
    if len(unique) != len(pairs):
        raise ValueError("a key stands twice")
    return unique


def _no_constant(name: str) -> Json:
    raise ValueError(f"{name} is no JSON")


def _finite(text: str) -> float:
    value = float(text)
    if value in {float("inf"), float("-inf")}:
        raise ValueError("too large a number")
    return value


def _deeper_than(value: Json, levels: int) -> bool:
    if levels < 0:
        return True
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_deeper_than(one, levels - 1) for one in inner)
