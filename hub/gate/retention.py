"""Health data has a time of keeping. After it temperature and proof of health go; decision and reasons stay."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec
from sqlalchemy import Connection, delete, select, update

from hub.gate.case_states import Move
from hub.store import schema
from hub.submissions.rewriting import rewrite
from kiosk.wire.events import Event, Passage, StaffAction
from kiosk.wire.evidence import Evidence, NotMeasured, Why

HEALTH_KEPT: Final = timedelta(days=30)
"""From when the hub got it, unless `expire` is told otherwise."""
HEADS_KEPT: Final = timedelta(days=400)
APPOINTMENTS_KEPT: Final = timedelta(days=90)
"""After their end: who comes to which office when is nobody's business for ever."""
REMOVED: Final = "removed"
"""In the `code` of a `NotMeasured` that stands where health data was."""
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Removed:
    """What was removed."""

    passages: int
    staff_actions: int
    case_readings: int
    heads: int
    appointments: int
    answers: int = 0
    """What people answered staff about their health."""

    def __bool__(self) -> bool:
        """Whether anything was."""
        kinds = (self.passages, self.staff_actions, self.case_readings, self.heads, self.appointments, self.answers)
        return any(kinds)


def has_health(event: Event) -> bool:
    """Whether an event carries health data."""
    match event:
        case Passage(evidence=evidence):
            return _without(evidence) != evidence
        case StaffAction(temperature_c=temperature):
            return temperature is not None
        case _:
            return False


def without_health(event: Event) -> Event:
    """The event with its health data taken out; everything else as it was."""
    match event:
        case Passage(evidence=evidence):
            return msgspec.structs.replace(event, evidence=_without(evidence))
        case StaffAction():
            return msgspec.structs.replace(event, temperature_c=None)
        case _:
            return event


def _without(evidence: Evidence) -> Evidence:
    """Why a measurement is missing says nothing of somebody's health and stays."""
    removed = NotMeasured(why=Why.NOT_REACHED, code=REMOVED)
    changes: dict[str, NotMeasured] = {}
    if not isinstance(evidence.temperature, NotMeasured):
        changes["temperature"] = removed
    if not isinstance(evidence.health, NotMeasured):
        changes["health"] = removed
    return msgspec.structs.replace(evidence, **changes) if changes else evidence


def was_removed(evidence: Evidence) -> bool:
    """Whether health data was taken out of this evidence."""
    return any(
        isinstance(part, NotMeasured) and part.code == REMOVED for part in (evidence.temperature, evidence.health)
    )


def expire(
    connection: Connection,
    now: datetime,
    *,
    health_kept: timedelta | None = None,
    heads_kept: timedelta = HEADS_KEPT,
    appointments_kept: timedelta = APPOINTMENTS_KEPT,
) -> Removed:
    """Remove what is past its time.

    Args:
        connection: Inside a writing transaction.
        now: The time.
        health_kept: Remove all health data that came longer ago than this, whatever was meant when it came.
        heads_kept: Head counts go after this.
        appointments_kept: Appointments go this long after their end.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON")  # freed bytes are overwritten, not only forgotten
    due_by = now if health_kept is None else now - health_kept + HEALTH_KEPT
    heads, appointment = schema.heads, schema.appointment
    old_heads = connection.execute(delete(heads).where(heads.c.at < now - heads_kept))
    old_appointments = connection.execute(delete(appointment).where(appointment.c.ends < now - appointments_kept))
    reading = schema.case_reading
    readings = connection.execute(delete(reading).where(reading.c.expires <= due_by))
    step = schema.case_step
    answered = (step.c.what == Move.ASK.value, step.c.text != "", step.c.recorded <= due_by - HEALTH_KEPT)
    answers = connection.execute(update(step).where(*answered).values(text=""))
    return Removed(
        passages=_passages(connection, due_by, now),
        staff_actions=_staff_actions(connection, due_by, now),
        case_readings=readings.rowcount,
        heads=old_heads.rowcount,
        appointments=old_appointments.rowcount,
        answers=answers.rowcount,
    )


def _passages(connection: Connection, due_by: datetime, now: datetime) -> int:
    table = schema.passage
    removed = 0
    while rows := connection.execute(
        select(table.c.position).where(table.c.health_expires <= due_by).limit(_AT_ONCE)
    ).all():
        positions = [row.position for row in rows]
        rewrite(connection, positions, without_health)
        connection.execute(
            update(table).where(table.c.position.in_(positions)).values(health_expires=None, health_removed=now)
        )
        removed += len(positions)
    return removed


def _staff_actions(connection: Connection, due_by: datetime, now: datetime) -> int:
    table = schema.staff_action
    removed = 0
    while rows := connection.execute(
        select(table.c.position).where(table.c.health_expires <= due_by).limit(_AT_ONCE)
    ).all():
        positions = [row.position for row in rows]
        rewrite(connection, positions, without_health)
        connection.execute(
            update(table)
            .where(table.c.position.in_(positions))
            .values(health_expires=None, health_removed=now, temperature_centi=None)
        )
        removed += len(positions)
    return removed
