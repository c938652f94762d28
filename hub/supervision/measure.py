"""Once a minute each terminal is looked at: is it there, in service, with its devices; how its screens are used."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, insert, select, update

from hub.fleet.live import Heard, TerminalKey
from hub.store import schema
from kiosk.clock import local_date

EVERY: Final = timedelta(minutes=1)
SILENT_AFTER: Final = timedelta(seconds=90)
_READY: Final = "ready"

Uses = dict[str, tuple[int, int, int]]


@dataclass
class Measure:
    """Remembers what the terminals counted before, so that only what is new is added."""

    _before: dict[TerminalKey, Uses] = field(default_factory=dict)

    def take(self, connection: Connection, heard: Mapping[TerminalKey, Heard], now: datetime) -> None:
        """Look at every terminal.

        Args:
            connection: Inside a writing transaction.
            heard: The newest of each.
            now: The time.
        """
        table = schema.terminal
        for row in connection.execute(select(table.c.hall, table.c.terminal)).all():
            key = TerminalKey(row.hall, row.terminal)
            newest = heard.get(key)
            if newest is None:
                continue  # never heard since the hub started: nothing is known, so nothing is said
            _look(connection, key, newest, now)
            self._screens(connection, key, newest, now)

    def _screens(self, connection: Connection, key: TerminalKey, heard: Heard, now: datetime) -> None:
        told: Uses = {use.view: (use.shown, use.left, use.seconds) for use in heard.health.screens}
        before = self._before.get(key)
        self._before[key] = told
        if before is None:
            return  # the hub has just started: what came before was counted then, or is not known
        anew = any(told.get(view, (0, 0, 0))[0] < uses[0] for view, uses in before.items())
        base = {} if anew else before  # the terminal began to count afresh
        table, day = schema.screen_use, local_date(now)
        for place, (view, uses) in enumerate(told.items()):
            shown, left, seconds = (new - old for new, old in zip(uses, base.get(view, (0, 0, 0)), strict=True))
            if not (shown or left or seconds > 0):
                continue
            mine = (table.c.hall == key.hall, table.c.terminal == key.terminal)
            which = (*mine, table.c.day == day, table.c.view == view)
            added = {
                "shown": table.c.shown + shown,
                "left": table.c.left + left,
                "seconds": table.c.seconds + max(0, seconds),
            }
            if not connection.execute(update(table).where(*which).values(added)).rowcount:
                connection.execute(
                    insert(table).values(
                        hall=key.hall,
                        terminal=key.terminal,
                        day=day,
                        view=view[:64],
                        shown=shown,
                        left=left,
                        seconds=max(0, seconds),
                        place=place,
                    )
                )


def _look(connection: Connection, key: TerminalKey, heard: Heard, now: datetime) -> None:
    table = schema.service_hour
    begins = now.replace(minute=0, second=0, microsecond=0)
    silent = now - heard.at > SILENT_AFTER
    devices = heard.health.devices
    seen = {
        "looks": 1,
        "silent": int(silent),
        "in_service": int(not silent and heard.health.in_service),
        "devices": len(devices),
        "devices_ready": 0 if silent else sum(each.state == _READY for each in devices),
    }
    which = (table.c.hall == key.hall, table.c.terminal == key.terminal, table.c.begins == begins)
    added = {name: table.c[name] + number for name, number in seen.items()}
    if not connection.execute(update(table).where(*which).values(added)).rowcount:
        connection.execute(insert(table).values(hall=key.hall, terminal=key.terminal, begins=begins, **seen))
