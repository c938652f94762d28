"""Appointments at the door: by the code that is shown, or by the person in the terminal's own list. Offline.

The list knows what a signed code cannot: that an appointment was cancelled, taken back, or used. Without a list the
code alone is believed, and the evidence says that there was none.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from kiosk.gate.codes import check as check_code
from kiosk.wire.appointments import Appointment, AppointmentStatus
from kiosk.wire.evidence import CodeChecked, CodeStatus, NotMeasured
from kiosk.wire.rules import Rules

_STATUS = {
    AppointmentStatus.CANCELLED: CodeStatus.CANCELLED,
    AppointmentStatus.USED: CodeStatus.USED,
    AppointmentStatus.REVOKED: CodeStatus.REVOKED,
}
_HELPFUL = (
    CodeStatus.VALID,
    CodeStatus.USED,
    CodeStatus.NOT_YET,
    CodeStatus.EXPIRED,
    CodeStatus.CANCELLED,
    CodeStatus.REVOKED,
)
"""Of several appointments of one day, which one is the person told about."""


class AppointmentBook(Protocol):
    """The terminal's own list."""

    async def by_code(self, code_id: str) -> Appointment | None:
        """The appointment of a code."""
        ...

    async def by_person(self, person: str, begins_after: datetime, begins_before: datetime) -> Sequence[Appointment]:
        """Somebody's appointments that begin in a span of time."""
        ...

    async def used(self, code_id: str) -> bool:
        """Whether a party came in here with it, as far as this terminal knows."""
        ...

    async def made(self) -> datetime | None:
        """When the hub made the list; None when there is none."""
        ...


def _in_time(begins: datetime, ends: datetime, rules: Rules, now: datetime) -> CodeStatus:
    if now < begins - timedelta(minutes=rules.early_minutes):
        return CodeStatus.NOT_YET
    if now >= ends + timedelta(minutes=rules.late_minutes):
        return CodeStatus.EXPIRED
    return CodeStatus.VALID


def _known_age(made: datetime | None, now: datetime) -> datetime | None:
    """A list from the future is of a clock that jumped: its age is not known."""
    return made if made is not None and made <= now + timedelta(minutes=5) else None


def _as_listed(found: Appointment, rules: Rules, now: datetime) -> CodeStatus:
    return _STATUS.get(found.status, _in_time(found.begins, found.ends, rules, now))


async def shown(
    payload: bytes,
    book: AppointmentBook,
    rules: Rules,
    *,
    public_key: bytes,
    hall: str,
    person: str,
    now: datetime,
    device: str,
) -> CodeChecked | NotMeasured:
    """Check a code that was shown, and look it up in the list.

    Args:
        payload: what the scanner gave.
        public_key: the hub's signing key, 32 raw bytes.
        person: digest of the person in front; empty when nobody was identified.
    """
    checked = check_code(
        payload,
        public_key=public_key,
        hall=hall,
        person=person,
        now=now,
        device=device,
        early=timedelta(minutes=rules.early_minutes),
        late=timedelta(minutes=rules.late_minutes),
    )
    if not isinstance(checked, CodeChecked) or not checked.code_id:
        return checked
    checked = msgspec.structs.replace(checked, list_made=_known_age(await book.made(), now))
    if checked.status in {CodeStatus.WRONG_HALL, CodeStatus.OTHER_PERSON}:
        return checked
    found = await book.by_code(checked.code_id)
    if found is None:  # booked since the list was made, or a visitor's code that never is in one
        used = checked.status is CodeStatus.VALID and await book.used(checked.code_id)
        return msgspec.structs.replace(checked, status=CodeStatus.USED) if used else checked
    return msgspec.structs.replace(
        checked,
        status=_as_listed(found, rules, now),  # it may have been moved to another hour
        companions=found.companions,
        visitor=found.visitor,
    )


async def listed(person: str, book: AppointmentBook, rules: Rules, *, now: datetime) -> CodeChecked | None:
    """Look for somebody's appointment of today without a code: who has no telephone needs none.

    Returns:
        The one that is good now, or else the one that the person has to be told about; None where there is none.
    """
    early, late = timedelta(minutes=rules.early_minutes), timedelta(minutes=rules.late_minutes)
    day = timedelta(hours=14)
    found = await book.by_person(person, now - day - late, now + day + early)
    made = _known_age(await book.made(), now)
    best: CodeChecked | None = None
    for each in found:
        status = _as_listed(each, rules, now)
        if best is None or _HELPFUL.index(status) < _HELPFUL.index(best.status):
            best = CodeChecked(
                status=status,
                code_id=each.code_id,
                companions=each.companions,
                listed=True,
                list_made=made,
                visitor=each.visitor,
                device="appointment_list",
                at=now,
            )
    return best
