"""What the gate's pages read: lanes as they are now, the day's figures, alarms, and what a search finds."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, func, select

from hub.console.pages import state_of
from hub.fleet.live import Fleet, Heard, TerminalKey
from hub.gate import cases
from hub.gate.case_records import is_loud
from hub.gate.cases import Case
from hub.gate.registers import Trouble, troubles
from hub.people import entries
from hub.people.entries import Entry
from hub.rules.publish import RULES
from hub.rules.stages import EVERYBODY, reached, stages
from hub.store import schema
from kiosk.clock import CHINA, local_date
from kiosk.wire.digest import person_digest
from kiosk.wire.masking import mask_name

FOUND_MOST: Final = 100
SEARCHED: Final = timedelta(days=31)
"""So far back passages are searched; appointments as far ahead too."""
_BEFORE_IT_FOR: Final = timedelta(seconds=60)
"""So long after a decision somebody is still before the lane, unless the beams saw the end."""
_CODE_ID = re.compile(r"[A-Z2-7]{8}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_NUMBER = re.compile(r"(?=.*[0-9])[0-9A-Za-z]{6,18}")


@dataclass(frozen=True, slots=True)
class Lane:
    """A gate terminal as it is now."""

    terminal: str
    state: str
    """`in_service`, `paused`, `out_of_service`, `silent` or `never`."""
    heard: Heard | None
    newest: Row[Any] | None
    """Its newest passage."""
    at_the_gate: bool
    """Whether that person is still before it."""
    wanted_version: int | None
    """Of the rules that it should run; None where none are published."""
    open_cases: int

    @property
    def behind(self) -> bool:
        """Whether it runs other rules than it should."""
        return (
            self.heard is not None
            and self.wanted_version is not None
            and self.heard.health.rules_version != self.wanted_version
        )


@dataclass(frozen=True, slots=True)
class Today:
    """The day's passages so far."""

    verdicts: dict[str, int]
    """By verdict: how many passages."""
    reasons: list[tuple[str, str, int]]
    """Verdict, reason, how many; without admissions in order; the most frequent first."""


@dataclass(frozen=True, slots=True)
class Alarms:
    """What is to be seen and heard until somebody acknowledges it."""

    isolation: list[Case]
    """And those whom the watch list had sent."""
    troubles: list[Trouble]
    newest: int
    """Number of the newest isolation case there is: what a browser that reconnects has seen."""
    answered: list[Case]
    """Isolation alarms that came and were answered while a browser was away."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found."""

    by: str
    """`number`, `code` or `name`: what the words were taken for."""
    passages: Sequence[Row[Any]]
    appointments: list[Entry]
    cases: list[Case]


def wanted_versions(connection: Connection, hall: str) -> dict[str, int]:
    """The version of the rules that each terminal of a hall should run, by terminal."""
    table = schema.terminal
    left = set(connection.scalars(select(table.c.terminal).where(table.c.hall == hall)))
    wanted: dict[str, int] = {}
    for stage in stages(connection, RULES, hall):
        got = left if stage.share >= EVERYBODY else left.intersection(reached(connection, stage))
        wanted |= dict.fromkeys(got, stage.version)
        left = left - got
        if not left:
            break
    return wanted


def lanes(connection: Connection, fleet: Fleet, hall: str, now: datetime) -> list[Lane]:
    """All gate terminals of a hall, by name."""
    terminal, passage, case = schema.terminal, schema.passage, schema.case
    wanted = wanted_versions(connection, hall)
    waiting: dict[str, int] = {
        row.terminal: row.open_cases
        for row in connection.execute(
            select(case.c.terminal, func.count().label("open_cases"))
            .where(case.c.hall == hall, case.c.closed.is_(None))
            .group_by(case.c.terminal)
        )
    }
    found = []
    for name in connection.scalars(
        select(terminal.c.terminal)
        .where(terminal.c.hall == hall, terminal.c.role == "gate")
        .order_by(terminal.c.terminal)
    ).all():
        newest = connection.execute(
            select(passage)
            .where(passage.c.hall == hall, passage.c.terminal == name)
            .order_by(passage.c.id.desc())  # made in order of time (UUIDv7), and the primary key
            .limit(1)
        ).one_or_none()
        heard = fleet.heard.get(TerminalKey(hall, name))
        found.append(
            Lane(
                terminal=name,
                state=state_of(heard, now),
                heard=heard,
                newest=newest,
                at_the_gate=newest is not None and newest.ended is None and now - newest.decided < _BEFORE_IT_FOR,
                wanted_version=wanted.get(name),
                open_cases=waiting.get(name, 0),
            )
        )
    return found


def today(connection: Connection, hall: str, now: datetime) -> Today:
    """The figures since midnight in China."""
    table = schema.passage
    midnight = datetime.combine(local_date(now), time(), CHINA)
    verdicts: Counter[str] = Counter()
    reasons: Counter[tuple[str, str]] = Counter()
    for row in connection.execute(
        select(table.c.verdict, table.c.reasons, func.count().label("passages"))
        .where(table.c.hall == hall, table.c.decided >= midnight)
        .group_by(table.c.verdict, table.c.reasons)
    ):
        verdicts[row.verdict] += row.passages
        if row.verdict != "admit":
            for reason in row.reasons.split():
                reasons[row.verdict, reason] += row.passages
    return Today(dict(verdicts), [(verdict, reason, number) for (verdict, reason), number in reasons.most_common()])


def alarms(connection: Connection, hall: str | None, seen: int | None = None) -> Alarms:
    """All that alarms now, and what was answered meanwhile.

    Args:
        connection: For reading.
        hall: Only of this hall.
        seen: Number of the newest isolation case that the browser has seen; None for one that begins.
    """
    table = schema.case
    isolation: list[ColumnElement[bool]] = [is_loud()]
    if hall is not None:
        isolation.append(table.c.hall == hall)
    newest = connection.scalar(select(func.max(table.c.number)).where(*isolation)) or 0
    missed: Sequence[int] = []
    if seen is not None and seen < newest:
        missed = connection.scalars(
            select(table.c.number)
            .where(*isolation, table.c.number > seen, table.c.acknowledged.is_not(None))
            .order_by(table.c.number)
            .limit(20)
        ).all()
    answered = [case for number in missed if (case := cases.find(connection, number)) is not None]
    return Alarms(cases.alarms(connection, hall), troubles(connection, hall), newest, answered)


def search(connection: Connection, hall: str, words: str, hall_key: bytes, now: datetime) -> Found:
    """What is known of somebody: by their number, an appointment's identifier, or their name.

    Numbers are not kept: the digest of what is typed is looked for. Names are kept masked: who has the same first and
    last character is found too.

    Args:
        connection: For reading.
        hall: Where.
        words: A document's number or its digest, an appointment's identifier, or a name, masked or not.
        hall_key: For the digest.
        now: The time.
    """
    passage, entry = schema.passage, schema.appointment
    by, wanted = _taken_for(connection, hall, words.strip(), hall_key)
    which, booked = {
        "code": (passage.c.code_id == wanted, entry.c.code_id == wanted),
        "number": (passage.c.person == wanted, entry.c.person == wanted),
        "name": (passage.c.name_masked == wanted, entry.c.name_masked == wanted),
    }[by]
    passages = connection.execute(
        select(passage)
        .where(passage.c.hall == hall, passage.c.decided >= now - SEARCHED, which)
        .order_by(passage.c.decided.desc())
        .limit(FOUND_MOST)
    ).all()
    ids = connection.scalars(
        select(entry.c.code_id)
        .where(entry.c.hall == hall, booked, entry.c.begins.between(now - SEARCHED, now + 12 * SEARCHED))
        .order_by(entry.c.begins.desc())
        .limit(FOUND_MOST)
    ).all()
    appointments = [each for one in ids if (each := entries.find(connection, hall, one)) is not None]
    return Found(by, passages, appointments, _cases_of(connection, hall, passages))


def _taken_for(connection: Connection, hall: str, text: str, hall_key: bytes) -> tuple[str, str]:
    """What the words of a search are, and what is to be looked for."""
    passage, entry = schema.passage, schema.appointment
    if _CODE_ID.fullmatch(text.upper()):
        code_id = text.upper()
        known = (
            select(entry.c.code_id).where(entry.c.hall == hall, entry.c.code_id == code_id),
            select(passage.c.code_id).where(passage.c.hall == hall, passage.c.code_id == code_id).limit(1),
        )
        if any(connection.scalar(query) is not None for query in known):
            return "code", code_id
    if _DIGEST.fullmatch(text.lower()):
        return "number", text.lower()
    compact = re.sub(r"[\s-]", "", text)
    if _NUMBER.fullmatch(compact):
        return "number", person_digest(compact, hall_key)
    return "name", text if "*" in text else mask_name(text)


def _cases_of(connection: Connection, hall: str, passages: Sequence[Row[Any]]) -> list[Case]:
    table = schema.case
    numbers = connection.scalars(
        select(table.c.number)
        .where(table.c.hall == hall, table.c.passage.in_([row.id for row in passages]))
        .order_by(table.c.number.desc())
    ).all()
    return [case for number in numbers if (case := cases.find(connection, number)) is not None]
