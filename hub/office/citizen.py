"""What the person themselves do to a submission at a desk: withdraw it, have a day moved, fetch the result."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, update

from hub.audit.chain import Actor, Who
from hub.fleet.live import TerminalKey
from hub.office.advance import OfficeRefused, advance
from hub.office.calendar import calendar_of
from hub.office.payments import give_back
from hub.office.received import Digests, whose
from hub.office.records import Record, results_of, wanted
from hub.office.states import Step
from hub.store import schema
from kiosk.wire.progress import Standing

MORE_DAYS: Final = 10
"""Working days, once."""


def _who(key: TerminalKey) -> Who:
    return Who(Actor.CITIZEN, key.hall, key.terminal)


def withdraw(connection: Connection, key: TerminalKey, number: str, digests: Digests, now: datetime) -> Record:
    """Take a submission back before it is decided; a fee goes back as long as it was not accepted. Twice is the same.

    Args:
        connection: Inside a writing transaction.
        key: The terminal.
        number: Which.
        digests: Of the person.
        now: The time.

    Raises:
        OfficeRefused: `no_such_submission`, or `decided`.
    """
    record = whose(connection, number, digests)
    if record.standing is Standing.WITHDRAWN:
        return record
    try:
        after = advance(connection, record, Step.WITHDRAW, _who(key), now, values={"acceptance_due": None})
    except OfficeRefused as error:
        raise OfficeRefused("decided", f"it is {record.standing.value}, and cannot be taken back") from error
    if after.accepted is None and after.payment is not None:
        give_back(connection, UUID(after.payment), now)
    return after


def have_more_time(
    connection: Connection, key: TerminalKey, number: str, digests: Digests, now: datetime
) -> tuple[Record, date]:
    """Move the day by which what was asked for, or promised, has to come; once.

    Args:
        connection: Inside a writing transaction.
        key: The terminal.
        number: Which.
        digests: Of the person.
        now: The time.

    Returns:
        The submission, and the new day.

    Raises:
        OfficeRefused: `no_such_submission`, `had_more_time`, `not_possible`.
    """
    record = whose(connection, number, digests)
    if record.more_time:
        raise OfficeRefused("had_more_time", "the day was moved once; it is not moved again")
    correcting = record.standing is Standing.CORRECTING
    before = record.asked_due if correcting else record.deferred_due
    if before is None:
        raise OfficeRefused("not_possible", "nothing is expected of the person")
    day = calendar_of(connection, record.at_hall).after(before, MORE_DAYS).day
    after = advance(
        connection,
        record,
        Step.MORE_TIME,
        _who(key),
        now,
        values={"more_time": True, ("asked_due" if correcting else "deferred_due"): day},
        detail={"due": day.isoformat()},
    )
    table = schema.asked
    for each in wanted(connection, number):
        if each.done is None and each.promised is not correcting:
            connection.execute(
                update(table)
                .where(table.c.number == number, table.c.place == each.place)
                .values(due=max(day, each.due))
            )
    return after, day


def fetch_result(
    connection: Connection, key: TerminalKey, number: str, place: int, digests: Digests, now: datetime
) -> str:
    """The name of a result's sealed bytes, and a row of the audit that the person has it.

    Raises:
        OfficeRefused: `no_such_submission`, `no_result`.
    """
    record = whose(connection, number, digests)
    row = next((each for each in results_of(connection, number) if each.place == place), None)
    if row is None:
        raise OfficeRefused("no_result", "there is no such document yet")
    advance(connection, record, Step.FETCH, _who(key), now, detail={"place": place})
    return str(row.sha256)
