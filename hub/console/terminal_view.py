"""How a terminal stands, as its pages show it, and which orders a role may give."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select

from hub.audit.chain import Actor as Role
from hub.console.pages import state_of
from hub.fleet import alarms, seen
from hub.fleet.alarms import Alarm
from hub.fleet.live import Fleet, Heard, TerminalKey
from hub.store import schema
from kiosk.wire.orders import OrderKind

MOST_ROWS: Final = 300
MACHINES: Final = frozenset({Role.TECHNICIAN, Role.ADMINISTRATOR})
ORDERS_OF: Final[Mapping[OrderKind, frozenset[Role]]] = {
    OrderKind.MESSAGE: MACHINES | {Role.SUPERVISOR},
    OrderKind.LOCK: MACHINES | {Role.SUPERVISOR},
    OrderKind.UNLOCK: MACHINES | {Role.SUPERVISOR},
    OrderKind.RELOAD: MACHINES,
    OrderKind.RESTART: MACHINES,
    OrderKind.BUNDLE: MACHINES,
}
"""Whether the hall is served is for whoever runs it to say; the machine itself is the technician's."""
_WORST_FIRST: Final = ("silent", "out_of_service", "never", "locked", "paused", "in_service")


@dataclass(frozen=True, slots=True)
class Row:
    """A terminal in the list."""

    key: TerminalKey
    role: str
    group: str
    state: str
    heard: Heard | None
    alarms: Sequence[Alarm]
    certificate_ends: datetime | None

    @property
    def offset(self) -> timedelta | None:
        """The terminal's clock less the hub's."""
        return None if self.heard is None else self.heard.health.made - self.heard.at


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which terminals are to be shown."""

    hall: str = ""
    group: str = ""
    trouble: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """The list, the worst first."""

    rows: Sequence[Row]
    """At most `MOST_ROWS`."""
    number: int
    """How many there are."""
    alarms: Sequence[Alarm]
    groups: Sequence[str]
    halls: Sequence[str]


def listed(connection: Connection, fleet: Fleet, halls: frozenset[str] | None, wanted: Wanted, now: datetime) -> Listed:
    """The terminals that somebody may see.

    Args:
        connection: For reading.
        fleet: What was heard.
        halls: Whose; None for all.
        wanted: Which of them.
        now: The time.
    """
    raised: dict[TerminalKey, list[Alarm]] = {}
    for alarm in alarms.current(connection):
        if halls is None or alarm.key.hall in halls:
            raised.setdefault(alarm.key, []).append(alarm)
    ends = seen.certificate_ends(connection)
    table = schema.terminal
    query = select(table) if halls is None else select(table).where(table.c.hall.in_(sorted(halls)))
    every = connection.execute(query.order_by(table.c.hall, table.c.terminal)).all()
    rows = []
    for row in every:
        if (wanted.hall and row.hall != wanted.hall) or (wanted.group and row.group_name != wanted.group):
            continue
        key = TerminalKey(row.hall, row.terminal)
        heard = fleet.heard.get(key)
        found = Row(key, row.role, row.group_name, state_of(heard, now), heard, raised.get(key, ()), ends.get(key))
        if not wanted.trouble or found.alarms:
            rows.append(found)
    rows.sort(key=lambda each: (not each.alarms, _WORST_FIRST.index(each.state), each.key.hall, each.key.terminal))
    shown = {row.key for row in rows}
    return Listed(
        rows[:MOST_ROWS],
        len(rows),
        sorted((each for key, some in raised.items() if key in shown for each in some), key=_loudest),
        sorted({row.group_name for row in every if row.group_name}),
        sorted({row.hall for row in every}),
    )


def _loudest(alarm: Alarm) -> tuple[bool, float]:
    """Those that nobody sees to first, the newest of them first."""
    return alarm.acknowledged is not None, -alarm.raised.timestamp()


def orders_of(roles: frozenset[Role]) -> list[OrderKind]:
    """What may be ordered in these roles, in the order of the form."""
    return [kind for kind, wanted in ORDERS_OF.items() if wanted & roles]
