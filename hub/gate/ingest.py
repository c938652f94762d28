"""What follows from the gate's events when they are taken in: records, cases, used appointments, notices.

All of it happens in the transaction that stores the event; nothing here asks anybody outside.
"""

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import Connection, insert, select, update

from hub.fleet.live import TerminalKey
from hub.gate.cases import acted_at_lane, open_case
from hub.gate.notices import NoticeKind, write_down
from hub.gate.retention import HEALTH_KEPT, has_health
from hub.people.appointments import mark_used
from hub.store import schema
from hub.submissions.plain import CAME_IN, code_of
from kiosk.wire.events import Crossed, Envelope, LaneAlarm, Passage, PassageEnded, StaffAct, StaffAction
from kiosk.wire.evidence import CodeChecked, CodeStatus, IdentityRead
from kiosk.wire.rules import Verdict


def add_passage(connection: Connection, key: TerminalKey, event: Passage, position: int, now: datetime) -> None:
    """Record a passage, and open its case where staff are needed."""
    identity = event.evidence.identity
    connection.execute(
        insert(schema.passage).values(
            hall=key.hall,
            terminal=key.terminal,
            id=str(event.id),
            position=position,
            lane=event.lane,
            began=event.began,
            decided=event.decided,
            verdict=event.decision.verdict.value,
            reasons=" ".join(dict.fromkeys(reason.value for reason in event.decision.reasons)),
            rules_version=event.decision.rules_version,
            person=identity.person if isinstance(identity, IdentityRead) else None,
            name_masked=event.name_masked,
            number_masked=event.number_masked,
            code_id=code_of(event),
            health_expires=now + HEALTH_KEPT if has_health(event) else None,
        )
    )
    open_case(connection, key, event, now)


def end_passage(connection: Connection, key: TerminalKey, event: PassageEnded, now: datetime) -> None:
    """Record what the barrier saw. Who came in has used their appointment.

    A referred person who was let in by staff has a second end; what the beams saw last is what counts.
    """
    table = schema.passage
    connection.execute(
        update(table)
        .where(table.c.hall == key.hall, table.c.terminal == key.terminal, table.c.id == str(event.passage))
        .values(crossed=event.crossed.value, people=event.people, ended=event.ended, fault=event.fault)
    )
    if event.crossed in CAME_IN or event.people:
        _use_appointment(connection, key, event.passage, event.ended, now)


def add_staff_action(
    connection: Connection, key: TerminalKey, event: StaffAction, position: int, now: datetime
) -> None:
    """Record what a member of staff did at a lane, and carry on the case it is about."""
    temperature = event.temperature_c
    connection.execute(
        insert(schema.staff_action).values(
            hall=key.hall,
            terminal=key.terminal,
            id=str(event.id),
            position=position,
            lane=event.lane,
            act=event.act.value,
            staff=event.staff,
            passage=None if event.passage is None else str(event.passage),
            reason=event.reason,
            temperature_centi=None if temperature is None else round(temperature * 100),
            count=event.count,
            at=event.at,
            health_expires=None if temperature is None else now + HEALTH_KEPT,
        )
    )
    acted_at_lane(connection, key, event, now)
    if event.act is StaffAct.ADMITTED and event.passage is not None and _came_in(connection, key, event.passage):
        _use_appointment(connection, key, event.passage, event.at, now)


def add_lane_alarm(connection: Connection, key: TerminalKey, event: LaneAlarm, position: int, now: datetime) -> None:
    """Record that a lane was forced, stands open, or was opened by the fire input, and tell others."""
    connection.execute(
        insert(schema.lane_alarm).values(
            hall=key.hall,
            terminal=key.terminal,
            id=str(event.id),
            position=position,
            lane=event.lane,
            trouble=event.trouble.value,
            at=event.at,
        )
    )
    write_down(
        connection, NoticeKind.LANE_ALARM, key, lane=event.lane, detail=event.trouble.value, at=event.at, now=now
    )


def impossible(event: StaffAction) -> str:
    """Why an act cannot be what it says; empty where it can."""
    if event.act is StaffAct.COUNT_SET and event.count is None:
        return "a corrected head count needs the count"
    if event.act is StaffAct.MEASURED_AGAIN and event.temperature_c is None:
        return "a second reading needs its temperature"
    if event.act in {StaffAct.ADMITTED, StaffAct.TURNED_AWAY, StaffAct.MEASURED_AGAIN} and event.passage is None:
        return f"{event.act.value} needs the passage it is about"
    return ""


def _came_in(connection: Connection, key: TerminalKey, passage: UUID) -> bool:
    table = schema.passage
    row = connection.execute(
        select(table.c.crossed, table.c.people).where(
            table.c.hall == key.hall, table.c.terminal == key.terminal, table.c.id == str(passage)
        )
    ).one_or_none()
    return row is not None and row.crossed is not None and (Crossed(row.crossed) in CAME_IN or row.people > 0)


def _admitted_by_staff(connection: Connection, key: TerminalKey, passage: UUID) -> bool:
    table = schema.staff_action
    return (
        connection.execute(
            select(table.c.id).where(
                table.c.hall == key.hall,
                table.c.terminal == key.terminal,
                table.c.passage == str(passage),
                table.c.act == StaffAct.ADMITTED.value,
            )
        ).first()
        is not None
    )


def _use_appointment(connection: Connection, key: TerminalKey, passage: UUID, at: datetime, now: datetime) -> None:
    """Mark the appointment of somebody who was admitted and came in."""
    table, event = schema.passage, schema.event
    row = connection.execute(
        select(table.c.verdict, table.c.code_id, event.c.body)
        .join_from(table, event, event.c.position == table.c.position)
        .where(table.c.hall == key.hall, table.c.terminal == key.terminal, table.c.id == str(passage))
    ).one()
    if not row.code_id:
        return
    if row.verdict != Verdict.ADMIT.value and not _admitted_by_staff(connection, key, passage):
        return
    stored = msgspec.json.decode(row.body, type=Envelope).event
    code = stored.evidence.code if isinstance(stored, Passage) else None
    if isinstance(code, CodeChecked) and code.status is CodeStatus.VALID:
        mark_used(connection, key.hall, code.code_id, terminal=key.terminal, passage=passage, at=at, now=now)
