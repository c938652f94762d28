"""Once a minute each terminal is looked at: is it there, in service, with its devices; how its screens are used."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Table, case, func, select
from sqlalchemy.dialects import postgresql, sqlite

from hub.fleet.live import Heard, TerminalKey
from hub.store import schema
from kiosk.clock import local_date

EVERY: Final = timedelta(minutes=1)
SILENT_AFTER: Final = timedelta(seconds=90)
_READY: Final = "ready"

Uses = dict[str, tuple[int, int, int, int]]
_NONE: Final = (0, 0, 0, 0)
_Row = dict[str, object]


def terminals(connection: Connection) -> set[TerminalKey]:
    """All that are in use: one whose certificates were all revoked is not missed any more."""
    table, certificate = schema.terminal, schema.certificate
    every = connection.execute(select(table.c.hall, table.c.terminal)).all()
    given = connection.execute(
        select(
            certificate.c.hall, certificate.c.terminal, func.min(case((certificate.c.replaced, 1), else_=0))
        ).group_by(certificate.c.hall, certificate.c.terminal)
    )
    gone = {(hall, terminal) for hall, terminal, all_replaced in given if all_replaced}
    return {TerminalKey(row.hall, row.terminal) for row in every if (row.hall, row.terminal) not in gone}


@dataclass
class Measure:
    """Remembers what the terminals counted before, so that only what is new is added."""

    _before: dict[TerminalKey, Uses] = field(default_factory=dict)

    def take(self, connection: Connection, heard: Mapping[TerminalKey, Heard], now: datetime) -> None:
        """Look at terminals.

        Args:
            connection: Inside a writing transaction.
            heard: The newest of each that is to be looked at.
            now: The time.
        """
        if not heard:
            return
        begins = now.replace(minute=0, second=0, microsecond=0)
        _add(
            connection,
            schema.service_hour,
            ("hall", "terminal", "begins"),
            [_look(key, newest, begins, now) for key, newest in heard.items()],
        )
        uses = [use for key, newest in heard.items() for use in self._screens(key, newest, now)]
        if uses:
            _add(connection, schema.screen_use, ("hall", "terminal", "day", "view"), uses, kept=("place",))

    def _screens(self, key: TerminalKey, heard: Heard, now: datetime) -> list[_Row]:
        told: Uses = {use.view[:64]: (use.shown, use.left, use.seconds, use.people) for use in heard.health.screens}
        before = self._before.get(key)
        self._before[key] = told
        if before is None:
            return []  # the hub has just started: what came before was counted then, or is not known
        anew = any(told.get(view, _NONE)[0] < uses[0] for view, uses in before.items())
        base = {} if anew else before  # the terminal began to count afresh
        rows: list[_Row] = []
        for place, (view, uses) in enumerate(told.items()):
            shown, left, seconds, people = (new - old for new, old in zip(uses, base.get(view, _NONE), strict=True))
            if shown or left or people or seconds > 0:
                rows.append(
                    {
                        "hall": key.hall,
                        "terminal": key.terminal,
                        "day": local_date(now),
                        "view": view,
                        "shown": shown,
                        "left": left,
                        "seconds": max(0, seconds),
                        "place": place,
                        "people": people,
                    }
                )
        return rows


def _look(key: TerminalKey, heard: Heard, begins: datetime, now: datetime) -> _Row:
    silent = now - heard.at > SILENT_AFTER
    devices = heard.health.devices
    return {
        "hall": key.hall,
        "terminal": key.terminal,
        "begins": begins,
        "looks": 1,
        "silent": int(silent),
        "in_service": int(not silent and heard.health.in_service),
        "devices": len(devices),
        "devices_ready": 0 if silent else sum(each.state == _READY for each in devices),
    }


def _add(
    connection: Connection, table: Table, names: tuple[str, ...], rows: list[_Row], kept: tuple[str, ...] = ()
) -> None:
    """Add counts to those that are there, all rows in one statement: a city's terminals are looked at in one go."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table)
    counts = [column for column in table.c if column.name not in (*names, *kept)]
    added = {column.name: column + statement.excluded[column.name] for column in counts}
    connection.execute(statement.on_conflict_do_update(index_elements=list(names), set_=added), rows)
