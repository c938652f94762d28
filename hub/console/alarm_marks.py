"""What alarms in each hall, in as few words as show a change: one look for all browsers that have the alarms open.

Nearly always nothing has changed, and then none of them asks for more.
"""

import math
from collections import defaultdict
from collections.abc import Awaitable, Callable

import anyio
from sqlalchemy import Connection, func, select

from hub.gate.case_records import is_alarming, is_loud
from hub.store import schema

Marks = dict[str, tuple[object, ...]]
"""By hall; halls where nothing has alarmed since the hub began, and nothing does, are not in it."""


class AlarmMarks:
    """Looks, and remembers up to which case."""

    def __init__(self) -> None:
        self._looking = anyio.Lock()
        self._began = -math.inf
        self._found: Marks = {}
        self._upto: int | None = None
        self._newest: dict[str, int] = {}
        """The newest loud case of each hall, of those since the first look."""

    async def now(self, ask: Callable[[Callable[[Connection], Marks]], Awaitable[Marks]]) -> Marks:
        """What alarms; a look that began after one came is theirs too.

        Args:
            ask: Reads from the database.
        """
        came = anyio.current_time()
        async with self._looking:
            if self._began <= came:
                began = anyio.current_time()
                self._found = await ask(self.read)
                self._began = began
            return self._found

    def read(self, connection: Connection) -> Marks:
        """What alarms now.

        Args:
            connection: For reading.
        """
        case, alarm = schema.case, schema.lane_alarm
        found: defaultdict[str, list[object]] = defaultdict(list)
        cases = select(case.c.hall, case.c.number, case.c.version).where(is_alarming()).order_by(case.c.number)
        for hall, number, version in connection.execute(cases):
            found[hall].append((number, version))
        alarms = select(alarm.c.hall, alarm.c.position).where(alarm.c.acknowledged.is_(None)).order_by(alarm.c.position)
        for hall, position in connection.execute(alarms):
            found[hall].append(position)
        self._look_on(connection)
        for hall, number in self._newest.items():
            found[hall].append(f"newest {number}")  # also one that somebody has answered already
        return {hall: tuple(each) for hall, each in found.items()}

    def _look_on(self, connection: Connection) -> None:
        number = schema.case.c.number
        if self._upto is None:
            self._upto = connection.scalar(select(func.max(number))) or 0
            return
        since = select(schema.case.c.hall, func.max(number).label("newest")).where(number > self._upto, is_loud())
        for row in connection.execute(since.group_by(schema.case.c.hall)):
            self._newest[row.hall] = max(self._newest.get(row.hall, 0), row.newest)
            self._upto = max(self._upto, row.newest)
