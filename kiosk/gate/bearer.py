"""Whose proof of health it is: the person's in front, another's, or not to be told. Pure.

Certainty is asked for both ways: SAME only where number, or name and date of birth agree; OTHER only where they
contradict each other. A Chinese name on the card and a Latin one in the certificate cannot be compared.
"""

import hashlib
import re
import unicodedata
from datetime import date
from itertools import permutations

from kiosk.certificates.answers import Holder as Stated
from kiosk.gate.evidence import Who
from kiosk.health_codes import HealthAnswer
from kiosk.wire.digest import person_digest
from kiosk.wire.evidence import Holder

_SPELT = str.maketrans(
    {"Ä": "AE", "Ö": "OE", "Ü": "UE", "ß": "SS", "Å": "AA", "Æ": "AE", "Ø": "OE", "Þ": "TH", "Ð": "D", "Ł": "L"}
)
"""As machine-readable zones spell them (ICAO 9303-3 section 6)."""
_MOST_WORDS = 5


def bearer_of_code(answer: HealthAnswer, who: Who, hall_key: bytes) -> Holder:
    """Whose the answer of a health-code service is.

    Args:
        hall_key: 32 bytes, the hall's, as in `person_digest`.
    """
    if answer.number:
        return Holder.SAME if who.person and person_digest(answer.number, hall_key) == who.person else Holder.OTHER
    if not who.number:
        return Holder.UNKNOWN
    number = who.number.strip().upper()
    if answer.number_sha256:
        same = hashlib.sha256(number.encode()).hexdigest() == answer.number_sha256
        return Holder.SAME if same else Holder.OTHER
    if answer.number_masked and _contradicts(answer.number_masked.upper(), number):
        return Holder.OTHER
    return Holder.UNKNOWN  # a few visible digits that agree are no proof: neighbours share most of them


def _contradicts(masked: str, number: str) -> bool:
    """Whether a masked number cannot be of this one; the stars may stand for any number of characters."""
    head, _, rest = masked.partition("*")
    tail = rest.rpartition("*")[2]
    return len(head) + len(tail) > len(number) or not (number.startswith(head) and number.endswith(tail))


def bearer_of_certificate(stated: Stated | None, who: Who) -> Holder:
    """Whose a certificate is. The date of birth decides against, name or number with it decide for."""
    if stated is None:
        return Holder.UNKNOWN
    born = _born(stated.born, who.birth)
    if born is Holder.OTHER:
        return Holder.OTHER
    if stated.document and who.number and stated.document.strip().upper() == who.number.strip().upper():
        return Holder.SAME
    names = max((_names(name, who.full_name) for name in (stated.name, stated.transliterated)), key=_CERTAINTY.index)
    return names if born is Holder.SAME or names is Holder.OTHER else Holder.UNKNOWN


_CERTAINTY = (Holder.UNKNOWN, Holder.OTHER, Holder.SAME)


def _born(stated: str, birth: date | None) -> Holder:
    if birth is None or not stated:
        return Holder.UNKNOWN
    known = birth.isoformat()
    if not known.startswith(stated):
        return Holder.OTHER
    return Holder.SAME if stated == known else Holder.UNKNOWN


def _names(stated: str, known: str) -> Holder:
    """Compare two names, in whatever order family and given names stand."""
    theirs, ours = _words(stated), _words(known)
    if not theirs or not ours or _is_latin(theirs) is not _is_latin(ours):
        return Holder.UNKNOWN
    if theirs == ours or _written(theirs) & _written(ours):
        return Holder.SAME
    common = theirs & ours
    if not common:
        return Holder.OTHER
    return Holder.SAME if len(common) > 1 and common in (theirs, ours) else Holder.UNKNOWN


def _written(words: frozenset[str]) -> frozenset[str]:
    """The words written together in any order: LI MING is LIMING, and 三 张 is 张三."""
    return frozenset("".join(order) for order in permutations(words)) if len(words) <= _MOST_WORDS else frozenset()


def _words(name: str) -> frozenset[str]:
    # Composed first, so that A with two dots is the one letter that the table knows.
    spelt = unicodedata.normalize("NFC", name).upper().translate(_SPELT)
    plain = "".join(c for c in unicodedata.normalize("NFKD", spelt) if not unicodedata.combining(c))
    return frozenset(re.findall(r"[^\W\d_]+", plain))


def _is_latin(words: frozenset[str]) -> bool:
    return all(word.isascii() for word in words)
