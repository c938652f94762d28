"""Passports of people who do not exist, as a scanner with character recognition sends their zone (ICAO 9303-4)."""

from typing import Final

from kiosk.demo.people import Visitor
from kiosk.vision.mrz_forms import check_digit

_NOWHERE: Final = "UTO"
"""Utopia, the standard's own state for specimens."""
_WIDTH: Final = 44


def zone_of(visitor: Visitor) -> bytes:
    """The two lines of a visitor's passport."""
    person = visitor.person
    birth, sex, expiry = f"{person.birth:%y%m%d}", "M" if person.sex == "1" else "F", "351231"
    number = visitor.number.ljust(9, "<")
    head = f"{number}{check_digit(number)}{_NOWHERE}{birth}{check_digit(birth)}{sex}{expiry}{check_digit(expiry)}"
    tail = "<" * 15
    line = head + tail + check_digit(head[:10] + head[13:20] + head[21:] + tail)
    return f"P<{_NOWHERE}VISITOR<<DEMO".ljust(_WIDTH, "<").encode() + b"\n" + line.encode()
