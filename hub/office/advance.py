"""One step of a submission: checked against the table, written with its row of the audit, told to whom it concerns.

Two people who work on one submission do not overwrite each other: a step names the version it was made on, and is
refused when another came first.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, update

from hub.audit.chain import Actor, Detail, Who, append
from hub.fleet.live import TerminalKey
from hub.gate.notices import NoticeKind, write_down
from hub.office.records import Record, find, wanted
from hub.office.states import CLOSED, TABLE, Need, Place, Rule, Step
from hub.store import schema
from hub.texts.outbox import tell_step
from kiosk.wire.catalogue import Delivery
from kiosk.wire.progress import Standing

REASON_MOST: Final = 500
STAFF: Final = frozenset({Actor.WINDOW, Actor.BACK_OFFICE, Actor.SUPERVISOR})
_TOLD: Final = frozenset(
    {Step.RECEIVE, Step.CORRECT, Step.SUPPLY, Step.ROUTE, Step.WITHDRAW, Step.LAPSE, Step.DEEM_ACCEPTED, Step.COME_BACK}
)
"""What an office wants to be told: somebody else has done it."""


class OfficeRefused(Exception):
    """What was asked cannot be done; `str()` says why. Nothing was changed.

    Attributes:
        kind: Stable: `no_such_submission`, `changed`, `not_possible`, `not_yours`, `invalid`, `returned_before`,
            `extended_before`, `too_late`, `had_more_time`, `no_address`, `no_such_hall`, `decided`.
    """

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind


def open_promises(connection: Connection, record: Record) -> bool:
    """Whether a paper that was to follow has not come."""
    return any(each.promised and each.done is None for each in wanted(connection, record.number))


def _next_hall(record: Record) -> str:
    return record.decides if record.accepted is not None else record.accepts


def _lacks(connection: Connection, record: Record, need: Need) -> OfficeRefused | None:  # noqa: PLR0911  one answer a need
    match need:
        case Need.ACCEPTED if record.accepted is None:
            return OfficeRefused("not_possible", "it is not accepted yet")
        case Need.NOT_ACCEPTED if record.accepted is not None:
            return OfficeRefused("not_possible", "it is accepted already")
        case Need.ELSEWHERE if _next_hall(record) == record.at_hall:
            return OfficeRefused("not_possible", "no other hall goes on with it; name one to send it elsewhere")
        case Need.FIRST_RETURN if record.corrections:
            return OfficeRefused("returned_before", "it was returned once, with everything listed; decide on what came")
        case Need.FIRST_EXTENSION if record.extended:
            return OfficeRefused("extended_before", "the day was moved once; it is not moved again")
        case Need.OPEN_PROMISE if not open_promises(connection, record):
            return OfficeRefused("not_possible", "nothing that was promised is missing")
        case Need.AT_ONCE if record.working_days:
            return OfficeRefused("not_possible", "it is not done at once: staff decide")
        case Need.ADDRESS if record.way is not Delivery.COURIER or record.address_event is None:
            return OfficeRefused("no_address", "the person collects it, or gave no address")
        case _:
            return None


def _not_yours(record: Record, rule: Rule, who: Who) -> OfficeRefused | None:
    if who.actor not in STAFF:
        return None
    here = who.hall in record.halls if rule.place is Place.ANY else who.hall == record.at_hall
    if here and rule.place is Place.ACCEPTS:
        here = who.hall == record.accepts
    if here and rule.place is Place.DECIDES:
        here = who.hall == record.decides
    if here:
        return None
    return OfficeRefused("not_yours", f"it is at {record.at_hall}; {record.accepts} accepts, {record.decides} decides")


def rule_for(
    connection: Connection, record: Record, step: Step, who: Who, ignoring: frozenset[Need] = frozenset()
) -> Rule | OfficeRefused:
    """The row of the table by which somebody may do something now, or why not.

    Args:
        connection: For reading.
        record: As it is.
        step: What.
        who: Who wants to.
        ignoring: Needs that the caller has met otherwise.
    """
    refusal = OfficeRefused("not_possible", f"{step.value} is not possible while it is {record.standing.value}")
    for rule in TABLE.get(step, ()):
        if record.standing not in rule.sources:
            continue
        if who.actor not in rule.actors:
            refusal = OfficeRefused("not_yours", f"{step.value} is for {', '.join(each.value for each in rule.actors)}")
            continue
        lacking = (_lacks(connection, record, need) for need in rule.needs if need not in ignoring)
        problem = next((each for each in lacking if each is not None), None) or _not_yours(record, rule, who)
        if problem is None:
            return rule
        refusal = problem
    return refusal


def possible(connection: Connection, record: Record, who: Who) -> tuple[Step, ...]:
    """What somebody may do now, for buttons."""
    return tuple(
        step
        for step in Step
        if isinstance(
            rule_for(connection, record, step, who, frozenset({Need.ELSEWHERE}) if step is Step.ROUTE else frozenset()),
            Rule,
        )
    )


def seen(connection: Connection, number: str, version: int | None) -> Record:
    """A submission as somebody saw it.

    Args:
        connection: Inside a writing transaction.
        number: Which.
        version: What they saw; None where it makes no difference.

    Raises:
        OfficeRefused: There is none, or somebody else came first.
    """
    record = find(connection, number)
    if record is None:
        raise OfficeRefused("no_such_submission", f"there is no submission {number}")
    if version is not None and record.version != version:
        raise OfficeRefused("changed", f"somebody else was first: it is {record.standing.value} now")
    return record


def advance(
    connection: Connection,
    record: Record,
    step: Step,
    who: Who,
    now: datetime,
    *,
    values: Mapping[str, object] | None = None,
    detail: Detail | None = None,
    target: Standing | None = None,
    ignoring: frozenset[Need] = frozenset(),
) -> Record:
    """Make one step.

    Args:
        connection: Inside a writing transaction.
        record: As it was seen.
        step: What.
        who: Who does it.
        now: The time.
        values: Columns of `handling` that change with it.
        detail: For the audit; nothing personal.
        target: Where it leads, if elsewhere than the table says (only from a step that stays).
        ignoring: Needs that the caller has met otherwise.

    Returns:
        The submission after it.

    Raises:
        OfficeRefused: Not possible now, not for them, or somebody else came first.
    """
    rule = rule_for(connection, record, step, who, ignoring)
    if isinstance(rule, OfficeRefused):
        raise rule
    after = target or rule.target or record.standing
    changes: dict[str, object] = {**(values or {}), "standing": after.value, "version": record.version + 1}
    if after is not record.standing:
        changes["since"] = now
        changes["closed"] = now if after in CLOSED else None
    table = schema.handling
    changed = connection.execute(
        update(table).where(table.c.number == record.number, table.c.version == record.version).values(changes)
    )
    if changed.rowcount != 1:
        raise OfficeRefused("changed", "somebody else was first")
    append(
        connection,
        who,
        step.value,
        record.number,
        now,
        standing=after.value,
        version=record.version + 1,
        detail=detail,
    )
    result = seen(connection, record.number, None)
    if step in _TOLD:
        tell(connection, result, step, now)
    tell_step(connection, result, step, who, now, detail)
    return result


def tell(connection: Connection, record: Record, step: Step, now: datetime) -> None:
    """Write down that others want to know."""
    write_down(
        connection,
        NoticeKind.SUBMISSION,
        TerminalKey(record.at_hall, ""),
        lane=record.number,
        detail=f"{step.value} {record.standing.value}",
        at=now,
        now=now,
    )


def words_checked(text: str, what: str, *, needed: bool, most: int = REASON_MOST) -> str:
    """A text of a member of staff, without spaces around it.

    Raises:
        OfficeRefused: Missing, or too long.
    """
    text = text.strip()
    if needed and not text:
        raise OfficeRefused("invalid", f"{what} needs words: the person will read them")
    if len(text) > most:
        raise OfficeRefused("invalid", f"{what} has at most {most} characters, this one {len(text)}")
    return text
