"""Drafts that go on at a window: kept sealed, opened with the code only, gone when they are over.

Nothing here knows a key. Who shows the code shows the key; it is used for one answer, and neither stored nor logged.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from hub.audit.chain import Who, append
from hub.fleet.live import TerminalKey
from hub.office.advance import OfficeRefused
from hub.store import schema
from hub.submissions.sealed import Refused
from kiosk.wire.events import DraftHandedOver

WINDOW: Final = "window"
"""The terminal in whose name staff hand in: it has a range of receipt numbers of its own."""


@dataclass(frozen=True, slots=True)
class WindowDraft:
    """A draft as the hub knows it.

    Attributes:
        opened, opened_by, openings: Before this time.
    """

    id: UUID
    hall: str
    item: str
    made: datetime
    expires: datetime
    sha256: str
    opened: datetime | None
    opened_by: str
    openings: int


def keep_draft(connection: Connection, key: TerminalKey, event: DraftHandedOver, position: int) -> None:
    """Note a draft whose sealed file is here.

    Raises:
        Refused: Another one has its name.
    """
    try:
        with connection.begin_nested():
            connection.execute(
                insert(schema.window_draft).values(
                    id=str(event.draft),
                    position=position,
                    hall=key.hall,
                    terminal=key.terminal,
                    item=event.item,
                    made=event.made,
                    expires=event.expires,
                    sha256=event.sha256,
                    bytes=event.bytes,
                )
            )
    except IntegrityError as error:
        raise Refused("another draft has this name") from error


def open_draft(connection: Connection, hall: str, draft: UUID, who: Who, now: datetime) -> WindowDraft:
    """Note that somebody opens a draft, and say what is known of it.

    Raises:
        OfficeRefused: `no_draft` (not here, or not yet), `draft_over`, `draft_used`.
    """
    found = look_at(connection, hall, draft, now)
    table = schema.window_draft
    connection.execute(
        update(table)
        .where(table.c.id == str(draft))
        .values(opened=now, opened_by=who.name[:32], openings=table.c.openings + 1)
    )
    append(connection, who, "open_draft", str(draft), now, detail={"item": found.item, "before": found.openings})
    return found


def look_at(connection: Connection, hall: str, draft: UUID, now: datetime) -> WindowDraft:
    """A draft that can be opened now.

    Raises:
        OfficeRefused: `no_draft`, `draft_over`, `draft_used`.
    """
    table = schema.window_draft
    row = connection.execute(select(table).where(table.c.id == str(draft), table.c.hall == hall)).one_or_none()
    if row is None:
        raise OfficeRefused("no_draft", "no draft of this code is here")
    if row.number is not None:
        raise OfficeRefused("draft_used", f"it was handed in: {row.number}")
    if row.gone is not None or now >= row.expires:
        raise OfficeRefused("draft_over", "it was kept until its day, and is gone")
    return WindowDraft(
        draft, row.hall, row.item, row.made, row.expires, row.sha256, row.opened, row.opened_by, row.openings
    )


def note_handed_in(connection: Connection, draft: UUID, number: str, who: Who, now: datetime) -> None:
    """Note what a draft became; nobody opens it again."""
    table = schema.window_draft
    connection.execute(update(table).where(table.c.id == str(draft)).values(number=number))
    append(connection, who, "hand_in_draft", number, now, detail={"draft": str(draft)})


def window_number(connection: Connection, hall: str, now: datetime) -> str:
    """The next receipt number of a hall's window: range, seven digits, check digit."""
    table, submission = schema.terminal, schema.submission
    which = (table.c.hall == hall, table.c.terminal == WINDOW)
    given = connection.scalar(select(table.c.receipt_range).where(*which))
    if given is None:
        given = (connection.scalar(select(func.max(table.c.receipt_range))) or 0) + 1
        connection.execute(insert(table).values(hall=hall, terminal=WINDOW, role=WINDOW, receipt_range=given, made=now))
    newest = connection.scalar(
        select(func.max(submission.c.number)).where(submission.c.number.startswith(f"{given:06d}"))
    )
    serial = 1 if newest is None else int(str(newest)[6:13]) + 1
    digits = f"{given:06d}{serial:07d}"
    return digits + _check_digit(digits)


def _check_digit(digits: str) -> str:
    """ISO/IEC 7812-1 annex B, as on the terminals."""
    total = 0
    for place, character in enumerate(reversed(digits)):
        digit = int(character) * (2 if place % 2 == 0 else 1)
        total += digit - 9 if digit > 9 else digit
    return str(-total % 10)


def sweep(connection: Connection, now: datetime) -> list[str]:
    """Mark drafts that are over or were handed in as gone; the names of their files, which are to be deleted."""
    table = schema.window_draft
    rows = connection.execute(
        select(table.c.id, table.c.sha256).where(
            table.c.gone.is_(None), (table.c.expires <= now) | table.c.number.is_not(None)
        )
    ).all()
    for row in rows:
        connection.execute(update(table).where(table.c.id == row.id).values(gone=now))
    return [row.sha256 for row in rows]
