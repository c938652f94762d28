"""Alarms about terminals: raised and cleared by themselves, with hysteresis; acknowledged and silenced by people.

What is wrong is read from the newest health. Each kind has a limit at which it is raised and another at which it is
cleared, so that nothing flickers: a terminal that is silent for two minutes is away, and back after one report.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import Connection, insert, select, update

from hub.fleet.live import TerminalKey
from hub.fleet.seen import Seen
from hub.fleet.trouble import AlarmKind, Limits, wrong_with
from hub.gate.notices import NoticeKind, write_down
from hub.gently import gently
from hub.store import schema

__all__ = ("Alarm", "AlarmKind", "Change", "Limits", "Watch", "wrong_with")
_table = schema.fleet_alarm


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
