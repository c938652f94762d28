"""The JSON Canonicalization Scheme (RFC 8785): one sequence of bytes for what one JSON value means."""

import json
import math

from kiosk.certificates.bounded import Json

MOST_EXACT = 2**53
"""Integers beyond are no I-JSON (RFC 7493): their digits are not kept by every reader."""


def canonical(value: Json) -> bytes:
    """Serialise.

    Raises:
        ValueError: A number that JSON or a double cannot hold, or a lone surrogate.
    """
    return _text(value).encode()


def _text(value: Json) -> str:
    if isinstance(value, dict):
        # Keys are sorted by UTF-16 code units, not by code points.
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(f"{_string(key)}:{_text(value[key])}" for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_text(one) for one in value) + "]"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, int):
        if abs(value) > MOST_EXACT:
            raise ValueError("an integer that a double cannot hold")
        return str(value)
    return number(value)


def _string(value: str) -> str:
    value.encode()  # a lone surrogate is refused here
    return json.dumps(value, ensure_ascii=False)


def number(value: float) -> str:
    """A double as ECMAScript writes it: the shortest digits that read back, exponents from 1e21 and below 1e-6.

    Raises:
        ValueError: Not finite.
    """
    if not math.isfinite(value):
        raise ValueError("not a finite number")
    if value == 0:
        return "0"  # minus zero too
    mantissa, _, exponent = f"{value!r}e0".partition("e")  # a second exponent is cut off below
    power = int(exponent.split("e")[0])
    sign = "-" if mantissa.startswith("-") else ""
    whole, _, broken = mantissa.lstrip("-").partition(".")
    digits = (whole + broken).lstrip("0")
    point = len(whole) + power - (len(whole + broken) - len(digits))
    digits = digits.rstrip("0")
    count = len(digits)
    if count <= point <= 21:
        return sign + digits + "0" * (point - count)
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    tail = f"e{point - 1:+d}"
    return sign + (digits if count == 1 else f"{digits[0]}.{digits[1:]}") + tail
