"""Alarms about terminals: raised and cleared by themselves, with hysteresis; acknowledged and silenced by people.

What is wrong is read from the newest health. Each kind has a limit at which it is raised and another at which it is
cleared, so that nothing flickers: a terminal that is silent for two minutes is away, and back after one report.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from sqlalchemy import Connection, insert, select, update

from hub.fleet.live import TerminalKey
from hub.fleet.seen import Seen
from hub.gate.notices import NoticeKind, write_down
from hub.gently import gently
from hub.store import schema
from kiosk.wire.fleet import Health

_table = schema.fleet_alarm


class AlarmKind(StrEnum):
    """What is wrong."""

    SILENT = "silent"
    """Nothing was heard of it."""
    OUT_OF_SERVICE = "out_of_service"
    DEVICE = "device"
    """A device does not work; `about` says which."""
    SUPPLY = "supply"
    """A device runs out of something."""
    OUTBOX = "outbox"
    """Its oldest event waits for long, though the line is there."""
    DEAD_LETTER = "dead_letter"
    """The hub, or the terminal, refused an event for good."""
    CLOCK = "clock"
    """Its clock is off."""
    CERTIFICATE = "certificate"
    """Its certificate ends soon, and was not renewed."""
    EXPIRED = "expired"
    """Its certificate has ended: it has to be enrolled again."""
    BEHIND = "behind"
    """It does not hold what is desired of it, for long; `about` is the kind of edition."""
    EDITION = "edition"
    """It cannot use an edition that came; `about` is its kind."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When an alarm is raised, and when it is cleared."""

    silent_after: timedelta = timedelta(seconds=120)
    outbox_raised: timedelta = timedelta(minutes=10)
    outbox_cleared: timedelta = timedelta(minutes=2)
    clock_raised: timedelta = timedelta(seconds=30)
    clock_cleared: timedelta = timedelta(seconds=5)
    certificate_raised: timedelta = timedelta(days=21)
    device_after: timedelta = timedelta(seconds=60)
    """A device that was unplugged and is back within a minute calls nobody."""
    supply_cleared: timedelta = timedelta(seconds=60)
    """There has been enough for so long: the sensor of a roll that turns says now this, now that."""
    behind_after: timedelta = timedelta(days=1)
    """Cleared as soon as it has caught up, and not by a still newer edition."""


_GOOD: Final = frozenset({"ready", "opening"})
_ENOUGH: Final = frozenset({"ok", "enough", "present", "full", "unknown", ""})
_OF_CERTIFICATES: Final = frozenset({AlarmKind.CERTIFICATE, AlarmKind.EXPIRED})
Wrong = dict[tuple[AlarmKind, str], str]
"""Kind and what it is about, with the detail."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm."""

    number: int
    key: TerminalKey
    kind: AlarmKind
    about: str
    detail: str
    raised: datetime
    cleared: datetime | None
    acknowledged: datetime | None
    by: str
    silent_until: datetime | None


def _span(seconds: float) -> str:
    return f"{int(seconds)} s" if seconds < 120 else f"{int(seconds // 60)} min"


def wrong_with(
    seen: Seen,
    certificate_ends: datetime | None,
    raised: frozenset[tuple[AlarmKind, str]],
    now: datetime,
    limits: Limits,
    behind: Mapping[str, datetime] = MappingProxyType({}),
) -> Wrong:
    """What is wrong with a terminal.

    Args:
        seen: What was heard of it last.
        certificate_ends: Of the certificate in force.
        raised: What is raised already: its other limit counts.
        now: The time.
        limits: When.
        behind: Since when it does not hold what is desired, by kind.
    """
    silence = now - seen.at
    if silence > limits.silent_after:
        # Of a terminal that says nothing nothing else is known; what was raised stays as it was.
        kept = {what: "" for what in raised if what[0] not in _OF_CERTIFICATES}
        silent: Wrong = {(AlarmKind.SILENT, ""): _span(silence.total_seconds()), **kept}
        return {**silent, **_certificate_trouble(certificate_ends, now, limits)}
    late: Wrong = {
        (AlarmKind.BEHIND, kind): since.date().isoformat()
        for kind, since in behind.items()
        if now - since > limits.behind_after or (AlarmKind.BEHIND, kind) in raised
    }
    return {**_machine_trouble(seen.health), **_data_trouble(seen, certificate_ends, raised, now, limits), **late}


def _machine_trouble(health: Health) -> Wrong:
    """What is wrong with its devices."""
    found: Wrong = {}
    if not health.in_service and not health.paused:
        found[AlarmKind.OUT_OF_SERVICE, ""] = health.view
    for device in health.devices:
        if device.state not in _GOOD:
            found[AlarmKind.DEVICE, device.name] = device.code or device.state
        for supply, level in device.supplies.items():
            if level not in _ENOUGH:
                found[AlarmKind.SUPPLY, device.name] = f"{supply} {level}"
    return found


def _data_trouble(
    seen: Seen,
    certificate_ends: datetime | None,
    raised: frozenset[tuple[AlarmKind, str]],
    now: datetime,
    limits: Limits,
) -> Wrong:
    """What is wrong with what it sends, its clock and its certificate."""
    found: Wrong = {}
    health = seen.health
    if health.outbox_dead:
        found[AlarmKind.DEAD_LETTER, ""] = str(health.outbox_dead)
    for kind, refused in health.refused.items():
        found[AlarmKind.EDITION, kind] = f"{refused.version}: {refused.why}"
    if health.oldest_waiting is not None:
        age = health.made - health.oldest_waiting  # both by the terminal's own clock
        limit = limits.outbox_cleared if (AlarmKind.OUTBOX, "") in raised else limits.outbox_raised
        if age > limit:
            found[AlarmKind.OUTBOX, ""] = f"{health.outbox_waiting}, {_span(age.total_seconds())}"
    limit = limits.clock_cleared if (AlarmKind.CLOCK, "") in raised else limits.clock_raised
    if abs(seen.clock_offset) > limit:
        found[AlarmKind.CLOCK, ""] = f"{seen.clock_offset.total_seconds():+.0f} s"
    return {**found, **_certificate_trouble(certificate_ends, now, limits)}


def _certificate_trouble(ends: datetime | None, now: datetime, limits: Limits) -> Wrong:
    """The hub knows itself when a certificate ends, also of a terminal that it does not hear."""
    if ends is None or ends - now >= limits.certificate_raised:
        return {}
    kind = AlarmKind.EXPIRED if ends <= now else AlarmKind.CERTIFICATE
    return {(kind, ""): ends.date().isoformat()}


@dataclass(frozen=True, slots=True)
class Change:
    """An alarm to be raised, or, with its number, cleared."""

    key: TerminalKey
    kind: AlarmKind
    about: str
    detail: str = ""
    number: int | None = None


class Watch:
    """Finds what is to be raised and cleared.

    Remembers since when something is wrong, for what has to last before anybody is called.

    Args:
        limits: When.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._since: dict[tuple[TerminalKey, AlarmKind, str], datetime] = {}
        self._enough: dict[tuple[TerminalKey, str], datetime] = {}
        """Since when supplies that are raised are not short any more."""

    def look(
        self,
        connection: Connection,
        seen: Mapping[TerminalKey, Seen],
        certificates: Mapping[TerminalKey, datetime],
        now: datetime,
        behind: Mapping[TerminalKey, Mapping[str, datetime]] = MappingProxyType({}),
        retired: frozenset[TerminalKey] = frozenset(),
    ) -> list[Change]:
        """Look at all terminals.

        Args:
            connection: For reading; in a thread of its own, for a city takes a while.
            seen: What was heard of each.
            certificates: When each one's certificate ends; those that end after `Limits.certificate_raised` may miss.
            now: The time.
            behind: Since when each does not hold what is desired of it.
            retired: Those without any certificate in force: nothing is expected of them, and their alarms end.

        Returns:
            What is to be raised or cleared, for `keep`.
        """
        changes: list[Change] = []
        open_ones: dict[TerminalKey, dict[tuple[AlarmKind, str], int]] = {}
        for alarm in gently(current(connection)):
            open_ones.setdefault(alarm.key, {})[alarm.kind, alarm.about] = alarm.number
        still: dict[tuple[TerminalKey, AlarmKind, str], datetime] = {}
        enough: dict[tuple[TerminalKey, str], datetime] = {}
        for key in retired & open_ones.keys():
            changes += [Change(key, *what, number=number) for what, number in open_ones[key].items()]
        for key, each in gently(seen.items()):
            if key in retired:
                continue
            raised = open_ones.get(key, {})
            late = behind.get(key, {})
            wrong = wrong_with(each, certificates.get(key), frozenset(raised), now, self.limits, late)
            for (kind, about), detail in wrong.items():
                mark = (key, kind, about)
                still[mark] = since = self._since.get(mark, now)
                lasting = kind in {AlarmKind.DEVICE, AlarmKind.OUT_OF_SERVICE}
                if (kind, about) in raised or (lasting and now - since < self.limits.device_after):
                    continue
                changes.append(Change(key, kind, about, detail))
            for what in raised.keys() - wrong.keys():
                if what[0] is AlarmKind.SUPPLY:
                    mark_of = (key, what[1])
                    enough[mark_of] = good_since = self._enough.get(mark_of, now)
                    if now - good_since < self.limits.supply_cleared:
                        continue
                changes.append(Change(key, *what, number=raised[what]))
        self._since, self._enough = still, enough
        return changes


def keep(connection: Connection, changes: Sequence[Change], now: datetime) -> None:
    """Raise and clear.

    Args:
        connection: Inside a writing transaction.
        changes: Of `Watch.look`, by the process that leads: nobody else raises or clears.
        now: The time.
    """
    for each in changes:
        if each.number is None:
            _raise(connection, each.key, each.kind, each.about, each.detail, now)
        else:
            _clear(connection, each.key, each.number, (each.kind, each.about), now)


def _raise(connection: Connection, key: TerminalKey, kind: AlarmKind, about: str, detail: str, now: datetime) -> None:
    silent = _silenced(connection, key, kind, about, now)
    connection.execute(
        insert(_table).values(
            hall=key.hall,
            terminal=key.terminal,
            kind=kind.value,
            about=about[:64],
            detail=detail[:200],
            raised=now,
            by="",
            silent_until=silent,
            told=silent is None,
        )
    )
    if silent is None:
        write_down(
            connection, NoticeKind.TERMINAL, key, lane=about[:64], detail=f"raised {kind.value}", at=now, now=now
        )


def _silenced(connection: Connection, key: TerminalKey, kind: AlarmKind, about: str, now: datetime) -> datetime | None:
    """Until when nobody wants to hear of it."""
    until = connection.scalar(
        select(_table.c.silent_until)
        .where(_table.c.hall == key.hall, _table.c.terminal == key.terminal, _table.c.kind == kind.value)
        .where(_table.c.about == about[:64], _table.c.silent_until > now)
        .order_by(_table.c.silent_until.desc())
        .limit(1)
    )
    return until if isinstance(until, datetime) else None


def _clear(connection: Connection, key: TerminalKey, number: int, what: tuple[AlarmKind, str], now: datetime) -> None:
    told = connection.scalar(select(_table.c.told).where(_table.c.number == number))
    connection.execute(update(_table).where(_table.c.number == number).values(cleared=now))
    if told:
        kind, about = what
        write_down(
            connection, NoticeKind.TERMINAL, key, lane=about[:64], detail=f"cleared {kind.value}", at=now, now=now
        )


def _read(connection: Connection, *conditions: object, most: int) -> Iterator[Alarm]:
    query = select(_table).where(*conditions).order_by(_table.c.number.desc()).limit(most)  # type: ignore[arg-type]  # columns of our own
    for row in connection.execute(query):
        yield Alarm(
            row.number,
            TerminalKey(row.hall, row.terminal),
            AlarmKind(row.kind),
            row.about,
            row.detail,
            row.raised,
            row.cleared,
            row.acknowledged,
            row.by,
            row.silent_until,
        )


def current(connection: Connection) -> Sequence[Alarm]:
    """Alarms that are raised, the newest first."""
    return list(_read(connection, _table.c.cleared.is_(None), most=100_000))


def of_terminal(connection: Connection, key: TerminalKey, most: int = 50) -> Sequence[Alarm]:
    """A terminal's alarms, those of the past too, the newest first."""
    mine = (_table.c.hall == key.hall, _table.c.terminal == key.terminal)
    return list(_read(connection, *mine, most=most))


def terminal_of(connection: Connection, number: int) -> TerminalKey | None:
    """Whose alarm it is; None where there is none of that number."""
    row = connection.execute(select(_table.c.hall, _table.c.terminal).where(_table.c.number == number)).one_or_none()
    return None if row is None else TerminalKey(row.hall, row.terminal)


def acknowledge(connection: Connection, number: int, by: str, now: datetime) -> bool:
    """Somebody sees to it; whether there is such an alarm. The first one counts."""
    done = connection.execute(
        update(_table)
        .where(_table.c.number == number, _table.c.acknowledged.is_(None))
        .values(acknowledged=now, by=by[:64])
    )
    return done.rowcount > 0 or connection.scalar(select(_table.c.number).where(_table.c.number == number)) is not None


def silence(connection: Connection, number: int, until: datetime) -> bool:
    """Nobody is told of it again until then, also when it clears and comes back; whether there is such an alarm."""
    done = connection.execute(update(_table).where(_table.c.number == number).values(silent_until=until))
    return done.rowcount > 0
