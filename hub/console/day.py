"""The figures of the day by hall: counted once, and then on from the last position, so that a city's cost no more."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import datetime, time, timedelta
from typing import Final

from sqlalchemy import Connection, Table, func, select

from hub.store import schema
from kiosk.clock import CHINA, local_date

_EARLY: Final = timedelta(hours=1)
"""So much before midnight an event of the day may have come, from a clock that is ahead."""
_BACK: Final = timedelta(days=1)
"""What was refused stays on the page for so long."""


@dataclass(frozen=True)
class Figures:
    """What happened since midnight in China, and what was refused in the last day."""

    admit: int = 0
    refuse: int = 0
    refer: int = 0
    submissions: int = 0
    refused_events: int = 0

    @classmethod
    def together(cls, some: Iterable["Figures"]) -> "Figures":
        """Of several halls."""
        return cls(*(sum(each) for each in zip(*(astuple(one) for one in some), strict=True)))


class Day:
    """Counts on. One thread at a time."""

    def __init__(self) -> None:
        self._midnight: datetime | None = None
        self._upto = 0
        self._counted: Counter[tuple[str, str]] = Counter()
        """By hall and verdict; submissions as `submissions`."""
        self._refused: dict[str, int] = {}

    def look(self, connection: Connection, now: datetime, *, refused: bool = True) -> dict[str, Figures]:
        """The figures of each hall that has any.

        Args:
            connection: For reading.
            now: At midnight the day begins anew.
            refused: Look for refused events too; they are few, and counted anew.
        """
        midnight = datetime.combine(local_date(now), time(), CHINA)
        newest = int(connection.scalar(select(func.max(schema.event.c.position))) or 0)
        counted, after = self._counted, self._upto
        if midnight != self._midnight:
            counted, after = Counter(), _received_before(connection, schema.event, midnight - _EARLY, newest)
        if after < newest:
            counted = counted + _counted(connection, after, newest, midnight)
        self._counted, self._midnight, self._upto = counted, midnight, newest
        if refused:
            self._refused = _refused(connection, now - _BACK)
        return {
            hall: Figures(
                **{kind: counted[hall, kind] for kind in ("admit", "refuse", "refer", "submissions")},
                refused_events=self._refused.get(hall, 0),
            )
            for hall in {hall for hall, _ in counted} | self._refused.keys()
        }


def _counted(connection: Connection, after: int, newest: int, midnight: datetime) -> Counter[tuple[str, str]]:
    """What came between two positions, by hall and verdict; submissions as `submissions`."""
    passage, submission = schema.passage.c, schema.submission.c
    verdicts = (
        select(passage.hall, passage.verdict, func.count().label("many"))
        .where(passage.position > after, passage.position <= newest, passage.decided >= midnight)
        .group_by(passage.hall, passage.verdict)
    )
    handed_in = (
        select(submission.hall, func.count().label("many"))
        .where(submission.position > after, submission.position <= newest, submission.submitted >= midnight)
        .group_by(submission.hall)
    )
    found = Counter({(row.hall, row.verdict): row.many for row in connection.execute(verdicts)})
    found.update({(row.hall, "submissions"): row.many for row in connection.execute(handed_in)})
    return found


def _refused(connection: Connection, since: datetime) -> dict[str, int]:
    """How many events of each hall were refused since."""
    table = schema.refused
    newest = int(connection.scalar(select(func.max(table.c.position))) or 0)
    after = _received_before(connection, table, since, newest)
    query = (
        select(table.c.hall, func.count().label("many"))
        .where(table.c.position > after, table.c.received >= since)
        .group_by(table.c.hall)
    )
    return {row.hall: row.many for row in connection.execute(query)}


def _received_before(connection: Connection, table: Table, moment: datetime, newest: int) -> int:
    """A position before which nothing came at that moment or later: halving, as positions grow with time."""
    low, high = 0, newest
    while low < high:
        middle = (low + high + 1) // 2
        received = connection.scalar(
            select(table.c.received).where(table.c.position <= middle).order_by(table.c.position.desc()).limit(1)
        )
        if received is None or received < moment:
            low = middle
        else:
            high = middle - 1
    return low
