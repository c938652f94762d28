"""All that is known of one terminal, for whoever looks after it: desired, reported and last seen kept apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, func, select

from hub.fleet import alarms, behind, orders
from hub.fleet.alarms import Alarm
from hub.fleet.live import TerminalKey
from hub.fleet.orders import Given
from hub.fleet.releases import wanted_of
from hub.rules.stages import stage_for
from hub.store import schema
from kiosk.clock import CHINA, local_date
from kiosk.wire.release import KIND as RELEASE

EDITIONS = (
    "rules",
    "catalogue",
    "staff",
    "questions",
    "watch",
    "holidays",
    "trust_eu_dcc",
    "trust_smart_health_card",
    "trust_vds_nc",
    "site",
)
"""Kinds of signed editions that are told of a terminal."""
DAYS = 14


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Its record."""

    key: TerminalKey
    role: str
    group: str
    receipt_range: int
    made: datetime


@dataclass(frozen=True, slots=True)
class Desired:
    """What the hub wants of it.

    Attributes:
        editions: Kind and version of what is signed for it, of those that are.
        release: Which it is to run; empty for none.
        release_halted: Whether nobody begins with it any more.
        locked: Whether it is to serve nobody.
    """

    editions: tuple[tuple[str, int], ...]
    release: str
    release_halted: bool
    locked: bool

    def version(self, kind: str) -> int:
        """Of a kind; 0 for none."""
        return dict(self.editions).get(kind, 0)


@dataclass(frozen=True, slots=True)
class Certificate:
    """One that was issued to it."""

    fingerprint: str
    issued: datetime
    expires: datetime
    replaced: bool


@dataclass(frozen=True, slots=True)
class DayDone:
    """What it did on one day in China."""

    day: date
    admit: int = 0
    refer: int = 0
    refuse: int = 0
    submissions: int = 0

    @property
    def passages(self) -> int:
        """All of them."""
        return self.admit + self.refer + self.refuse


@dataclass(frozen=True, slots=True)
class TerminalRecord:
    """The whole record."""

    enrolled: Enrolled
    desired: Desired
    alarms: Sequence[Alarm]
    orders: Sequence[Given]
    certificates: Sequence[Certificate]
    behind: Mapping[str, datetime]
    """Since when it does not hold what is desired, by kind."""

    @property
    def certificate_ends(self) -> datetime | None:
        """Of the certificate in force; None where there is none."""
        return max((each.expires for each in self.certificates if not each.replaced), default=None)


def desired(connection: Connection, key: TerminalKey) -> Desired:
    """What the hub wants of a terminal."""
    found = ((kind, stage_for(connection, kind, key)) for kind in EDITIONS)
    release = stage_for(connection, RELEASE, key)
    wanted = None if release is None else wanted_of(connection, release)
    return Desired(
        tuple((kind, stage.version) for kind, stage in found if stage is not None),
        "" if wanted is None else wanted.release,
        wanted is not None and wanted.halted,
        orders.wanted_locked(connection, key),
    )


def days(connection: Connection, key: TerminalKey, now: datetime) -> list[DayDone]:
    """What a terminal did in the last two weeks, the newest day first."""
    today = local_date(now)
    found: list[DayDone] = []
    passage, submission = schema.passage, schema.submission
    for back in range(DAYS):
        day = today - timedelta(days=back)
        begins = datetime(day.year, day.month, day.day, tzinfo=CHINA)
        within = (begins, begins + timedelta(days=1))
        verdicts: dict[str, int] = {
            row.verdict: row.number
            for row in connection.execute(
                select(passage.c.verdict, func.count().label("number"))
                .where(passage.c.hall == key.hall, passage.c.terminal == key.terminal)
                .where(passage.c.decided >= within[0], passage.c.decided < within[1])
                .group_by(passage.c.verdict)
            )
        }
        handed_in = connection.scalar(
            select(func.count())
            .select_from(submission)
            .where(submission.c.hall == key.hall, submission.c.terminal == key.terminal)
            .where(submission.c.submitted >= within[0], submission.c.submitted < within[1])
        )
        counted = {name: verdicts.get(name, 0) for name in ("admit", "refer", "refuse")}
        found.append(DayDone(day, **counted, submissions=int(handed_in or 0)))
    return found


def _certificates(connection: Connection, key: TerminalKey) -> list[Certificate]:
    table = schema.certificate
    mine = (table.c.hall == key.hall, table.c.terminal == key.terminal)
    return [
        Certificate(row.fingerprint, row.issued, row.expires, row.replaced)
        for row in connection.execute(select(table).where(*mine).order_by(table.c.issued.desc()).limit(20))
    ]


def enrolled(connection: Connection, key: TerminalKey) -> Enrolled | None:
    """A terminal's own record; None where there is no such terminal."""
    table = schema.terminal
    mine = (table.c.hall == key.hall, table.c.terminal == key.terminal)
    row = connection.execute(select(table).where(*mine)).one_or_none()
    return None if row is None else Enrolled(key, row.role, row.group_name, row.receipt_range, row.made)


def record_of(connection: Connection, key: TerminalKey) -> TerminalRecord | None:
    """All that is known of a terminal.

    Args:
        connection: For reading.
        key: Which.

    Returns:
        None where there is no such terminal.
    """
    found = enrolled(connection, key)
    if found is None:
        return None
    return TerminalRecord(
        enrolled=found,
        desired=desired(connection, key),
        alarms=alarms.of_terminal(connection, key),
        orders=orders.history(connection, key, most=30),
        certificates=_certificates(connection, key),
        behind=behind.since(connection, key).get(key, {}),
    )
