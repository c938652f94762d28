"""Appointments on their way to the terminals: each change once, in order, so that a day away costs one page or two."""

from enum import StrEnum
from typing import Annotated

import msgspec

from kiosk.wire.evidence import Digest, Moment, Name, Wire

MOST_CHANGES = 1000
"""In one answer."""


class AppointmentStatus(StrEnum):
    """Where an appointment stands."""

    BOOKED = "booked"
    CANCELLED = "cancelled"
    USED = "used"
    """Its party has come in, at this terminal or another."""
    REVOKED = "revoked"
    """Taken back by the hall, e.g. a visitor's code that was passed on."""


class Appointment(Wire, frozen=True, kw_only=True):
    """One appointment, as it stands after a change."""

    code_id: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    """As in the signed code, if one was made."""
    person: Digest | None = None
    """Who booked it (`person_digest`); None for whoever shows the code."""
    begins: Moment
    ends: Moment
    companions: Annotated[int, msgspec.Meta(ge=0, le=20)] = 0
    department: Name = ""
    visitor: bool = False
    status: AppointmentStatus = AppointmentStatus.BOOKED


class AppointmentChanges(Wire, frozen=True, kw_only=True):
    """What changed after `since`, the oldest change first; an appointment that changed twice appears once."""

    hall: Name
    since: Annotated[int, msgspec.Meta(ge=0)]
    upto: Annotated[int, msgspec.Meta(ge=0)]
    """Ask again from here."""
    complete: bool
    """False: there is more after `upto`."""
    made: Moment
    """When the hub answered: the list is as old as the last complete answer."""
    changes: Annotated[tuple[Appointment, ...], msgspec.Meta(max_length=MOST_CHANGES)]


class HallNow(Wire, frozen=True, kw_only=True):
    """The hub's answer to a terminal's health: how many are inside, over all lanes."""

    inside: Annotated[int, msgspec.Meta(ge=0)]
    made: Moment
