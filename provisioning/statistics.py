"""What a terminal has done, in numbers: passages, submissions, devices, outbox. No person is in any of them."""

from collections.abc import Mapping

import msgspec
import pysqlite3.dbapi2 as sqlite

from kiosk.config import Role, Site
from provisioning.store_file import Depth, depth, opened, path_of, version


class DeviceLife(msgspec.Struct, frozen=True, kw_only=True):
    """What a device has done at this terminal."""

    name: str
    driver: str
    since: str
    good: int
    errors: int
    opened: int
    cycles: int
    ready_hours: float


class Statistics(msgspec.Struct, frozen=True, kw_only=True):
    """One role in numbers.

    Attributes:
        passages: by day (UTC) and verdict, e.g. `2026-11-22 ADMIT`.
        submissions: by day (UTC).
        waiting: kinds of events in the outbox, e.g. `passage waiting`.
    """

    role: str
    schema: int
    outbox: Depth
    waiting: Mapping[str, int]
    passages: Mapping[str, int]
    submissions: Mapping[str, int]
    devices: tuple[DeviceLife, ...]


def _counts(connection: sqlite.Connection, question: str) -> dict[str, int]:
    return {str(row[0]): int(row[1]) for row in connection.execute(question).fetchall()}


def _role(site: Site, role: Role) -> Statistics:
    with opened(path_of(site, role)) as connection:
        lives = connection.execute(
            "SELECT name, driver, since, good, errors, opened, cycles, ready_seconds FROM device ORDER BY name"
        ).fetchall()
        return Statistics(
            role=role,
            schema=version(connection),
            outbox=depth(connection),
            waiting=_counts(
                connection, "SELECT kind || ' ' || state, count(*) FROM outbox GROUP BY kind, state ORDER BY 1"
            ),
            passages=_counts(
                connection,
                "SELECT substr(decided, 1, 10) || ' ' || verdict, count(*) FROM passage GROUP BY 1 ORDER BY 1",
            ),
            submissions=_counts(
                connection, "SELECT substr(submitted, 1, 10), count(*) FROM submission GROUP BY 1 ORDER BY 1"
            ),
            devices=tuple(
                DeviceLife(
                    name=str(row[0]),
                    driver=str(row[1]),
                    since=str(row[2])[:19],
                    good=int(row[3]),
                    errors=int(row[4]),
                    opened=int(row[5]),
                    cycles=int(row[6]),
                    ready_hours=round(float(row[7]) / 3600, 2),
                )
                for row in lives
            ),
        )


def gather(site: Site) -> tuple[Statistics, ...]:
    """The numbers of every role that has run here.

    Raises:
        CannotDo: a store cannot be used.
    """
    return tuple(_role(site, role) for role in site.roles if path_of(site, role).exists())
