"""The numeric form of SMART Health Cards, whole or in parts (SMART Health Cards 1.4.0, encoding as QR codes)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from kiosk.certificates.answers import CertificateAnswer as Answer
from kiosk.certificates.answers import Reason, Refused

PREFIX: Final = "shc:/"
MAX_WHOLE: Final = 1195
"""Characters of a JWS in a single code (version 22)."""
MAX_PART: Final = 1191
"""Characters of one part."""
MAX_PARTS: Final = 32
_PART = re.compile(r"shc:/([1-9][0-9]{0,2})/([1-9][0-9]{0,2})/([0-9]+)", re.ASCII)
_WHOLE = re.compile(r"shc:/([0-9]+)", re.ASCII)
_OFFSET, _MOST = 45, ord("z") - 45


@dataclass(frozen=True, slots=True)
class Part:
    """One code of a card.

    Attributes:
        number: from 1.
        of: how many there are; 1 for a whole card.
        characters: its piece of the JWS.
    """

    number: int
    of: int
    characters: str


def part(text: str) -> Part:
    """Read one code.

    Raises:
        Refused: MALFORMED, or TOO_LARGE.
    """
    whole, piece = _WHOLE.fullmatch(text), _PART.fullmatch(text)
    if whole:
        read = Part(1, 1, _characters(whole[1]))
        if len(read.characters) > MAX_WHOLE:
            raise Refused(Answer.TOO_LARGE, Reason.SIZE, f"{len(read.characters)} characters in one code")
        return read
    if not piece:
        headed = text.startswith(PREFIX) and text.count("/") in {1, 3}
        reason = Reason.DAMAGED if headed else Reason.PART_HEADER
        raise Refused(Answer.MALFORMED, reason, "neither a card nor a part of one")
    number, of = int(piece[1]), int(piece[2])
    if number > of or of < 2:
        raise Refused(Answer.MALFORMED, Reason.PART_HEADER, f"part {number} of {of}")
    if of > MAX_PARTS:
        raise Refused(Answer.TOO_LARGE, Reason.SIZE, f"{of} parts")
    read = Part(number, of, _characters(piece[3]))
    if len(read.characters) > MAX_PART:
        raise Refused(Answer.TOO_LARGE, Reason.SIZE, f"{len(read.characters)} characters in a part")
    return read


def _characters(digits: str) -> str:
    if len(digits) % 2:
        raise Refused(Answer.MALFORMED, Reason.DAMAGED, "an odd number of digits")
    numbers = [int(digits[at : at + 2]) for at in range(0, len(digits), 2)]
    if max(numbers) > _MOST:
        raise Refused(Answer.MALFORMED, Reason.DAMAGED, "a pair of digits out of range")
    return "".join(chr(number + _OFFSET) for number in numbers)


def assembled(parts: Iterable[Part]) -> tuple[str, tuple[int, ...], int]:
    """Put parts together, in any order, each as often as it was shown.

    Returns:
        The JWS, the numbers of the parts that are missing, and how many there are. While some are missing the JWS is
        empty.

    Raises:
        Refused: MALFORMED: parts of different cards, or a card that was cut without need.
    """
    pieces: dict[int, str] = {}
    counts: set[int] = set()
    for piece in parts:
        counts.add(piece.of)
        if pieces.setdefault(piece.number, piece.characters) != piece.characters or len(counts) > 1:
            raise Refused(Answer.MALFORMED, Reason.PARTS_DISAGREE, "parts of different cards")
    of = counts.pop()
    missing = tuple(number for number in range(1, of + 1) if number not in pieces)
    if missing:
        return "", missing, of
    jws = "".join(pieces[number] for number in range(1, of + 1))
    if of > 1 and len(jws) <= MAX_WHOLE:
        raise Refused(Answer.MALFORMED, Reason.PARTS_NOT_NEEDED, f"{of} parts of {len(jws)} characters together")
    return jws, (), of
