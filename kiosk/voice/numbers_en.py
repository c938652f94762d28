"""How numbers are read in English, as far as a synthesiser does not know. Pure functions."""

import re
from typing import Final

_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


def _apart(text: str) -> str:
    return ", ".join(" ".join(piece) for piece in text.split())


def _date(found: re.Match[str]) -> str:
    year, month, day = int(found[1]), int(found[2]), int(found[3])
    return f"{day} {_MONTHS[month - 1]} {year}" if 1 <= month <= 12 else _apart(found[0].replace("-", " "))


def _time(found: re.Match[str]) -> str:
    hour, minute = int(found[1]), int(found[2])
    if minute == 0:
        return f"{hour} o'clock"
    return f"{hour} {'oh ' if minute < 10 else ''}{minute}"


def _long(found: re.Match[str]) -> str:
    number = found[0]
    if number.endswith("000") and not number.startswith("0"):
        return number
    return " ".join(number)


def read(text: str) -> str:
    """An English text whose numbers are read right.

    Args:
        text: as it is written: `2026-12-03 09:41`, `10.00 yuan`, `138 0013 8000`, `12345`.

    Returns:
        `3 December 2026 9 41`, `10 yuan`, `1 3 8, 0 0 1 3, 8 0 0 0`, `1 2 3 4 5`.
    """
    text = re.sub(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)", _date, text)
    text = re.sub(r"(?<!\d)(\d{1,2}):(\d{2})(?!\d)", _time, text)
    text = re.sub(r"(\d+)\.00(?= yuan)", r"\1", text)
    text = re.sub(r"(?<=\d) ?℃", " degrees", text)
    text = re.sub(r"(?<![\dA-Za-z.])\d{2,8}(?: \d{3,8}[Xx]?)+(?![\dA-Za-z])", lambda m: _apart(m[0]), text)
    text = re.sub(r"(?<![\dA-Za-z.])(?:\d{5,}|0\d+)(?![\d.])", _long, text)
    return re.sub(r"\s*[·|]\s*", ", ", text)
