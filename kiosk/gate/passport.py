"""A passport at the scanner: its machine-readable zone, as a scanner with optical character recognition sends it.

Such scanners send the two or three lines of ICAO 9303 in one go or one by one, with or without characters between
them. A zone has no photo: whose passport it is, a member of staff sees, where the rules ask for the face.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from kiosk.clock import local_date
from kiosk.gate.evidence import Trust, Who
from kiosk.gate.lane import Arrival
from kiosk.vision.mrz import MrzResult, MrzStatus, parse
from kiosk.wire.digest import person_digest
from kiosk.wire.evidence import DocumentKind, IdentityRead
from kiosk.wire.masking import mask_name, mask_number

_LINES: Final = {44: 2, 36: 2, 30: 3}
"""How many lines a zone has, by the length of a line (ICAO 9303-3: TD3, TD2, TD1)."""
_LINE: Final = re.compile(r"[A-Z0-9<]+")
_LONGEST: Final = 200
_TOGETHER: Final = timedelta(seconds=3)
"""Lines of one zone follow each other within this time."""


@dataclass(slots=True)
class ZoneReader:
    """Puts zones together from what a scanner sends."""

    _lines: list[str] = field(default_factory=list)
    _last: datetime | None = None

    def take(self, payload: bytes, now: datetime) -> MrzResult | None:
        """One thing that was scanned.

        Args:
            payload: what the scanner sent.
            now: when, with its zone.

        Returns:
            The zone, when it is complete, whatever it is worth; None for everything else.
        """
        lines = _lines_of(payload)
        if not lines:
            self._lines = []
            return None
        if self._last is None or now - self._last > _TOGETHER or len(lines[0]) != len((self._lines or lines)[0]):
            self._lines = []
        self._last = now
        self._lines = [*self._lines, *lines]
        if len(self._lines) < _LINES[len(lines[0])]:
            return None
        found, self._lines = parse(self._lines, local_date(now)), []
        return None if found.status is MrzStatus.NOT_MRZ else found


def _lines_of(payload: bytes) -> Sequence[str]:
    """The lines of a zone, or one of them; none where it is something else."""
    if len(payload) > _LONGEST or not payload.isascii():
        return ()
    lines = payload.decode("ascii").split()
    if len(lines) == 1:
        lines = _cut(lines[0])
    same = len({len(line) for line in lines}) == 1 and len(lines[0]) in _LINES
    return lines if same and all(_LINE.fullmatch(line) for line in lines) else ()


def _cut(whole: str) -> list[str]:
    """The lines of a zone that came without anything between them; itself where it is none."""
    for length, count in _LINES.items():
        if len(whole) == length * count:
            return [whole[start : start + length] for start in range(0, len(whole), length)]
    return [whole]


def is_certain(zone: MrzResult) -> bool:
    """Whether every check digit is right as it was read, and it says until when the document is good."""
    untouched = not (zone.repaired or zone.doubtful or zone.failed)
    return zone.status is MrzStatus.VALID and untouched and zone.expiry is not None and bool(zone.number)


def arrival_of_zone(zone: MrzResult, trust: Trust, now: datetime, device: str) -> Arrival:
    """Who shows a passport.

    Args:
        zone: a certain one.
        device: that read it.
    """
    person = person_digest(zone.number, trust.hall_key)
    name = f"{zone.surname} {zone.given_names}".strip()
    read = IdentityRead(
        document=DocumentKind.PASSPORT,
        person=person,
        number_is_valid=True,
        valid_from=local_date(now),  # a zone says until when, not from when
        valid_to=zone.expiry,
        device=device,
        at=now,
    )
    who = Who(person, mask_name(name), name, zone.number, zone.birth)
    return Arrival(read, who, document=DocumentKind.PASSPORT.value, number_masked=mask_number(zone.number))
