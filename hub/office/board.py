"""What hangs on the wall of a hall: notices, and results that the law wants shown in public, with masked names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from hub.audit.chain import Who, append
from hub.office.items import published
from hub.store import schema
from kiosk.clock import local_date
from kiosk.wire.progress import Standing

WORDS_MOST: Final = 200
NOTICES_MOST: Final = 20
PUBLIC_DAYS: Final = 10
"""Working or not: results are shown for so many days."""
PUBLIC_MOST: Final = 12
_DECIDED: Final = (
    Standing.GRANTED,
    Standing.REFUSED,
    Standing.RESULT,
    Standing.SENT,
    Standing.DELIVERED,
    Standing.COLLECTED,
)


class BoardRefused(Exception):
    """What was asked cannot be done.

    Attributes:
        kind: `empty`, `too_long`, `bad_days`, `too_many`, `no_such`.
    """

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Notice:
    """A line on the wall."""

    number: int
    words: str
    from_day: date
    to_day: date
    made_by: str


@dataclass(frozen=True, slots=True)
class PublicResult:
    """A result that is shown in public."""

    number: str
    """Masked."""
    item: str
    name_masked: str
    granted: bool
    day: date


def notices(connection: Connection, hall: str, today: date, *, coming: bool = False) -> list[Notice]:
    """Notices of a day; with `coming` those of later days too."""
    table = schema.board_notice
    query = select(table).where(table.c.hall == hall, table.c.ended.is_(None), table.c.to_day >= today)
    if not coming:
        query = query.where(table.c.from_day <= today)
    rows = connection.execute(query.order_by(table.c.from_day, table.c.number))
    return [Notice(row.number, row.words, row.from_day, row.to_day, row.made_by) for row in rows]


def add_notice(
    connection: Connection, hall: str, words: str, days: tuple[date | None, date | None], who: Who, now: datetime
) -> None:
    """Hang up a notice.

    Args:
        connection: Inside a writing transaction.
        hall: Where.
        words: At most `WORDS_MOST` characters.
        days: The first and the last.
        who: Who hangs it up.
        now: The time.

    Raises:
        BoardRefused: It cannot be.
    """
    first, last = days
    if not words.strip():
        raise BoardRefused("empty")
    if len(words) > WORDS_MOST:
        raise BoardRefused("too_long")
    if first is None or last is None or last < first or last < local_date(now):
        raise BoardRefused("bad_days")
    if len(notices(connection, hall, local_date(now), coming=True)) >= NOTICES_MOST:
        raise BoardRefused("too_many")
    made = connection.execute(
        insert(schema.board_notice).values(
            hall=hall, words=words.strip(), from_day=first, to_day=last, made=now, made_by=who.name[:32]
        )
    )
    number = made.inserted_primary_key[0] if made.inserted_primary_key else 0
    append(connection, who, "notice", f"{hall}/{number}"[:64], now)


def take_down(connection: Connection, hall: str, number: int, who: Who, now: datetime) -> None:
    """Take a notice down.

    Raises:
        BoardRefused: `no_such`.
    """
    table = schema.board_notice
    which = (table.c.hall == hall, table.c.number == number, table.c.ended.is_(None))
    if not connection.execute(update(table).where(*which).values(ended=now)).rowcount:
        raise BoardRefused("no_such")
    append(connection, who, "notice_ended", f"{hall}/{number}"[:64], now)


def public_items(connection: Connection, hall: str) -> frozenset[str]:
    """Items whose results are shown."""
    table = schema.board_item
    return frozenset(connection.scalars(select(table.c.item).where(table.c.hall == hall)))


def set_public_items(connection: Connection, hall: str, items: Sequence[str], who: Who, now: datetime) -> None:
    """Show the results of these items in public, and of no others."""
    catalogue = published(connection, hall)
    known = set() if catalogue is None else {item.key for item in catalogue.items}
    wanted = sorted(set(items) & known)
    table = schema.board_item
    connection.execute(delete(table).where(table.c.hall == hall))
    for item in wanted:
        connection.execute(insert(table).values(hall=hall, item=item))
    append(connection, who, "public_items", hall[:64], now, detail={"items": " ".join(wanted)[:800]})


def public_results(connection: Connection, hall: str, now: datetime) -> list[PublicResult]:
    """Results of the last days, the newest first; only of items that were chosen for it."""
    items = public_items(connection, hall)
    if not items:
        return []
    table, submission, audit = schema.handling, schema.submission, schema.audit
    rows = connection.execute(
        select(table.c.number, table.c.item, submission.c.name_masked, audit.c.what, audit.c.at)
        .join(submission, submission.c.number == table.c.number)
        .join(audit, (audit.c.subject == table.c.number) & audit.c.what.in_(["grant", "refuse"]))
        .where(
            table.c.hall == hall,
            table.c.item.in_(sorted(items)),
            table.c.standing.in_([each.value for each in _DECIDED]),
            audit.c.at >= now - timedelta(days=PUBLIC_DAYS),
        )
        .order_by(audit.c.position.desc())
        .limit(PUBLIC_MOST)
    )
    return [
        PublicResult(
            f"{row.number[:6]}****{row.number[-4:]}", row.item, row.name_masked, row.what == "grant", local_date(row.at)
        )
        for row in rows
    ]
