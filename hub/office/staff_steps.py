"""What staff do to a submission: accept, return with everything listed, route, decide, and the result's way out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, delete, func, insert, select, update

from hub.audit.chain import Who, append, content_digest
from hub.office.advance import OfficeRefused, advance, seen, words_checked
from hub.office.calendar import calendar_of
from hub.office.items import facts, halls
from hub.office.payments import give_back
from hub.office.records import Record
from hub.office.states import Need, Step
from hub.store import schema
from kiosk.clock import local_date
from kiosk.wire.catalogue import Delivery
from kiosk.wire.progress import Part

EXTENSION_DAYS: Final = 10
"""Working days, once (行政许可法 art. 42)."""
MOST_ASKED: Final = 60
MOST_RESULTS: Final = 20


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing to ask for."""

    part: Part
    key: str
    words: str


def accept(connection: Connection, number: str, version: int, who: Who, now: datetime) -> Record:
    """Accept a submission: from now on the days to decide are counted.

    Args:
        connection: Inside a writing transaction.
        number: Which.
        version: What `who` saw.
        who: Of the window.
        now: The time.

    Raises:
        OfficeRefused: See `advance`.
    """
    return begin_work(connection, seen(connection, number, version), Step.ACCEPT, who, now)


def begin_work(connection: Connection, record: Record, step: Step, who: Who, now: datetime) -> Record:
    """Accept, by staff or because nobody said anything in time: then it counts as accepted since it came (art. 32)."""
    since = record.counted_from if step is Step.DEEM_ACCEPTED else now
    due = calendar_of(connection, record.decides).after(local_date(since), record.working_days)
    return advance(
        connection,
        record,
        step,
        who,
        now,
        values={"accepted": since, "due": due.day, "provisional": due.provisional, "acceptance_due": None},
        detail={"due": due.day.isoformat()},
    )


def return_for_correction(
    connection: Connection, number: str, version: int, who: Who, now: datetime, asks: Sequence[Ask]
) -> Record:
    """Return a submission for correction, with everything that is wrong listed: it is the only time.

    Args:
        connection: Inside a writing transaction.
        number: Which.
        version: What `who` saw.
        who: Of the window.
        now: The time.
        asks: Everything; at least one, at most `MOST_ASKED`.

    Raises:
        OfficeRefused: See `advance`; `invalid` for an empty list, or a line without words.
    """
    record = seen(connection, number, version)
    if not 1 <= len(asks) <= MOST_ASKED:
        raise OfficeRefused("invalid", f"list everything that is wrong, 1 to {MOST_ASKED} lines: it is asked for once")
    lines = []
    for ask in asks:
        if len(ask.key) > 64 or (ask.part is not Part.OTHER and not ask.key):
            raise OfficeRefused("invalid", "say which paper or which answer it is about")
        lines.append((ask.part.value, ask.key, words_checked(ask.words, "each line", needed=True)))
    if len({(part, key) for part, key, _ in lines if key}) < sum(bool(key) for _, key, _ in lines):
        raise OfficeRefused("invalid", "the same paper or answer is listed twice: put it into one line")
    days = facts(connection, record.hall, record.item).correction_days
    due = calendar_of(connection, record.at_hall).after(local_date(now), days).day
    after = advance(
        connection,
        record,
        Step.RETURN,
        who,
        now,
        values={"corrections": record.corrections + 1, "asked_due": due, "acceptance_due": None},
        detail={"asked": content_digest(lines), "lines": len(lines), "due": due.isoformat()},
    )
    table = schema.asked
    first = (connection.scalar(select(func.max(table.c.place)).where(table.c.number == number)) or 0) + 1
    connection.execute(
        insert(table),
        [
            {
                "number": number,
                "place": first + place,
                "promised": False,
                "part": part,
                "key": key,
                "words": words,
                "due": due,
                "done": None,
            }
            for place, (part, key, words) in enumerate(lines)
        ],
    )
    return after


def reject(connection: Connection, number: str, version: int, who: Who, now: datetime, reason: str) -> Record:
    """Do not accept a submission, with the reason that the person reads; a fee goes back.

    Raises:
        OfficeRefused: See `advance`; `invalid` without a reason.
    """
    after = _with_reason(connection, number, version, Step.REJECT, who, now, reason)
    if after.payment is not None:
        give_back(connection, UUID(after.payment), now)
    return after


def grant(connection: Connection, number: str, version: int, who: Who, now: datetime, reason: str = "") -> Record:
    """Decide for it.

    Raises:
        OfficeRefused: See `advance`.
    """
    return _with_reason(connection, number, version, Step.GRANT, who, now, reason)


def refuse(connection: Connection, number: str, version: int, who: Who, now: datetime, reason: str) -> Record:
    """Decide against it, with the reason that the person reads.

    Raises:
        OfficeRefused: See `advance`; `invalid` without a reason.
    """
    return _with_reason(connection, number, version, Step.REFUSE, who, now, reason)


def _with_reason(
    connection: Connection, number: str, version: int, step: Step, who: Who, now: datetime, reason: str
) -> Record:
    reason = words_checked(reason, "the reason", needed=step is not Step.GRANT)
    return advance(
        connection,
        seen(connection, number, version),
        step,
        who,
        now,
        values={"reason": reason, "acceptance_due": None, "deferred_due": None},
        detail={"reason": content_digest(reason)},
    )


def route(connection: Connection, number: str, version: int, who: Who, now: datetime, to: str = "") -> Record:
    """Forward a submission to the hall that goes on with it.

    Args:
        connection: Inside a writing transaction.
        number: Which.
        version: What `who` saw.
        who: Staff of the hall where it is.
        now: The time.
        to: Another hall than planned, which then decides; empty: as planned.

    Raises:
        OfficeRefused: See `advance`; `no_such_hall`.
    """
    record = seen(connection, number, version)
    planned = record.decides if record.accepted is not None else record.accepts
    target = to or planned
    if to and to not in halls(connection):
        raise OfficeRefused("no_such_hall", f"there is no hall {to!r}")
    if to and to == record.at_hall:
        raise OfficeRefused("invalid", "it is there already")
    values: dict[str, object] = {"at_hall": target}
    if to:
        values["decides"] = to
        if record.accepted is None:
            values["accepts"] = to
    return advance(
        connection,
        record,
        Step.ROUTE,
        who,
        now,
        values=values,
        detail={"from": record.at_hall, "to": target},
        ignoring=frozenset({Need.ELSEWHERE}) if to else frozenset(),
    )


def extend(connection: Connection, number: str, version: int, who: Who, now: datetime, reason: str) -> Record:
    """Move the day of the decision, once, by `EXTENSION_DAYS` working days; the person reads why.

    Raises:
        OfficeRefused: See `advance`; `extended_before`; `too_late`; `invalid` without a reason.
    """
    reason = words_checked(reason, "an extension", needed=True)
    record = seen(connection, number, version)
    if record.due is not None and record.due < local_date(now):
        raise OfficeRefused("too_late", "its day is over: it is extended before, or decided late")
    due = calendar_of(connection, record.decides).after(record.due or local_date(now), EXTENSION_DAYS)
    return advance(
        connection,
        record,
        Step.EXTEND,
        who,
        now,
        values={"due": due.day, "provisional": due.provisional, "extended": True, "reason": reason},
        detail={"due": due.day.isoformat(), "reason": content_digest(reason)},
    )


def add_result(
    connection: Connection,
    number: str,
    version: int,
    who: Who,
    now: datetime,
    *,
    title: str,
    sha256: str,
    size: int,
) -> Record:
    """Add a document of the result, which is among the papers already, sealed.

    Args:
        connection: Inside a writing transaction.
        number: Which.
        version: What `who` saw.
        who: Of the deciding hall.
        now: The time.
        title: As the person sees it.
        sha256: Name of the sealed bytes.
        size: Bytes of the PDF.

    Raises:
        OfficeRefused: See `advance`; `invalid` for a title that is none, or more than `MOST_RESULTS`.
    """
    title = words_checked(title, "the title", needed=True, most=200)
    record = seen(connection, number, version)
    table = schema.result
    place = connection.scalar(select(func.count()).select_from(table).where(table.c.number == number)) or 0
    if place >= MOST_RESULTS:
        raise OfficeRefused("invalid", f"a result has at most {MOST_RESULTS} documents")
    # Who collects it does so where it was handed in.
    values = {"at_hall": record.hall} if record.way is Delivery.COLLECT else {}
    after = advance(
        connection,
        record,
        Step.UPLOAD,
        who,
        now,
        values=values,
        detail={"place": place, "sha256": sha256, "title": content_digest(title)},
    )
    connection.execute(
        insert(table).values(
            number=number, place=place, sha256=sha256, bytes=size, title=title, uploaded=now, who=who.name
        )
    )
    return after


def send(connection: Connection, number: str, version: int, who: Who, now: datetime, carrier: str) -> Record:
    """Give the result to the courier: a parcel is made, and the label asked for by the courier task.

    Raises:
        OfficeRefused: See `advance`; `no_address`.
    """
    record = seen(connection, number, version)
    after = advance(connection, record, Step.SEND, who, now, detail={"carrier": carrier})
    table, news = schema.parcel, schema.parcel_news
    connection.execute(delete(news).where(news.c.number == number))  # of a parcel that came back
    connection.execute(delete(table).where(table.c.number == number))
    connection.execute(
        insert(table).values(number=number, carrier=carrier, label="", state="ordered", made=now, next_look=now)
    )
    return after


def take_back(connection: Connection, number: str, version: int, who: Who, now: datetime) -> Record:
    """Take back a parcel of which the courier says nothing more: a wrong label, an address that is none, or lost.

    Raises:
        OfficeRefused: See `advance`.
    """
    after = advance(connection, seen(connection, number, version), Step.COME_BACK, who, now)
    table = schema.parcel
    connection.execute(update(table).where(table.c.number == number).values(state="returned", next_look=None))
    return after


def hand_out(connection: Connection, number: str, version: int, who: Who, now: datetime) -> Record:
    """Hand the result out at a window.

    Raises:
        OfficeRefused: See `advance`.
    """
    return advance(connection, seen(connection, number, version), Step.HAND_OUT, who, now)


def note(connection: Connection, number: str, version: int, who: Who, now: datetime, text: str) -> Record:
    """Leave a note for colleagues; the person does not see it.

    Raises:
        OfficeRefused: See `advance`; `invalid` without words.
    """
    text = words_checked(text, "a note", needed=True)
    table = schema.office_note
    record = seen(connection, number, version)
    place = connection.scalar(select(func.count()).select_from(table).where(table.c.number == number)) or 0
    after = advance(connection, record, Step.NOTE, who, now, detail={"note": place, "words": content_digest(text)})
    connection.execute(insert(table).values(number=number, place=place, at=now, who=who.name, words=text))
    return after


def opened(connection: Connection, record: Record, who: Who, now: datetime, what: str = "content") -> None:
    """Record that somebody has read what is personal; once an hour for the same person and thing.

    Args:
        connection: Inside a writing transaction.
        record: Of what.
        who: Who reads.
        now: The time.
        what: `content`, or a paper's name.
    """
    table = schema.audit
    before = connection.scalar(
        select(table.c.position)
        .where(
            table.c.subject == record.number,
            table.c.what == Step.OPEN.value,
            table.c.hall == who.hall,
            table.c.who == who.name,
            table.c.at > now - timedelta(hours=1),
            table.c.detail == f'{{"what":"{what}"}}',
        )
        .limit(1)
    )
    if before is None:
        append(
            connection,
            who,
            Step.OPEN.value,
            record.number,
            now,
            standing=record.standing.value,
            version=record.version,
            detail={"what": what},
        )
