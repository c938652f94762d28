"""A terminal's database for the technician's tools: read beside the running program, and brought up to date.

Counts and states only: nothing in here opens what is sealed, and no text of a person leaves it.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.resources import files
from pathlib import Path
from typing import Final

import msgspec
import pysqlite3.dbapi2 as sqlite

from kiosk.config import Role, Site
from provisioning.talk import CannotDo, Exit

NAME: Final = "terminal.db"
LEAST_VERSION: Final = (3, 51, 3)
"""As in `kiosk.store.database`: versions before can lose data in WAL mode."""


def path_of(site: Site, role: Role) -> Path:
    """Where a role's database is."""
    return site.data / role / NAME


def scripts() -> list[str]:
    """The schema's steps, the first first."""
    folder = files("kiosk").joinpath("store", "schema")
    found = sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)
    return [script.read_text(encoding="utf-8") for script in found]


@contextmanager
def opened(path: Path, *, write: bool = False) -> Iterator[sqlite.Connection]:
    """Open a database that is there.

    Raises:
        CannotDo: it is not there, or is none.
    """
    if not path.exists():
        raise CannotDo(Exit.NOT_NOW, f"{path} does not exist yet: the terminal has never run here")
    if sqlite.sqlite_version_info < LEAST_VERSION:
        raise CannotDo(Exit.NOT_NOW, f"SQLite {sqlite.sqlite_version} can lose data: install the release again")
    connection: sqlite.Connection | None = None
    try:
        connection = sqlite.connect(str(path), isolation_level=None, timeout=10.0)
        connection.execute("PRAGMA synchronous=FULL")
        if not write:
            connection.execute("PRAGMA query_only=ON")
        yield connection
    except sqlite.DatabaseError as error:
        raise CannotDo(
            Exit.NOT_NOW,
            f"{path} is not a usable store ({error}): keep the file, it may hold what the hub has not; call us",
        ) from error
    finally:
        if connection is not None:
            connection.close()


def version(connection: sqlite.Connection) -> int:
    """How many steps of the schema were taken."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def runs_with(connection: sqlite.Connection) -> int:
    """As `kiosk.store.database.runs_with`: how many steps a release has to know to run on it; 0 where nothing says."""
    try:
        rows = connection.execute("SELECT value FROM meta WHERE key='runs_with'").fetchall()
    except sqlite.DatabaseError:
        return 0
    return int(rows[0][0]) if rows and str(rows[0][0]).isdecimal() else 0


def _step(number: int, text: str) -> str:
    """As `kiosk.store.database.step_of`; a test compares."""
    first = text.split("\n", 1)[0]
    said = int(first.removeprefix("-- needs: ")) if first.startswith("-- needs: ") else 1
    note = (
        f"INSERT INTO meta (key, value) VALUES ('runs_with', '{said}') ON CONFLICT (key) DO UPDATE SET"  # noqa: S608
        f" value = max(CAST(value AS INTEGER), {said});"
    )
    return f"BEGIN IMMEDIATE;\n{text}\n{note}\nPRAGMA user_version={number};\nCOMMIT;"


class Migrated(msgspec.Struct, frozen=True, kw_only=True):
    """What bringing a database up to date did."""

    path: str
    before: int
    after: int
    copy: str = ""
    intact: bool = True


def migrate(path: Path, *, dry_run: bool = False) -> Migrated:
    """Bring a database up to date. A copy of the old one stays beside it; a step that fails leaves it as it was.

    Raises:
        CannotDo: it is damaged, newer than this release, or a step failed.
    """
    steps = scripts()
    with opened(path, write=not dry_run) as connection:
        have = version(connection)
        if have > len(steps) and 0 < runs_with(connection) <= len(steps):
            return Migrated(path=str(path), before=have, after=have)  # a newer release only added to it
        if have > len(steps):
            raise CannotDo(
                Exit.NOT_NOW,
                f"{path} was written by a newer release (schema {have}, this one knows {len(steps)}): update",
            )
        said = str(connection.execute("PRAGMA quick_check").fetchone()[0])
        if said != "ok":
            raise CannotDo(Exit.NOT_NOW, f"{path} is damaged ({said}): keep the file, and call us before anything else")
        if have == len(steps) or dry_run:
            return Migrated(path=str(path), before=have, after=len(steps))
        copy = path.with_name(f"{path.name}.schema-{have}")
        _copy(connection, copy)
        for number, script in enumerate(steps[have:], start=have + 1):
            try:
                connection.executescript(_step(number, script))
            except sqlite.DatabaseError as error:
                with suppress(sqlite.DatabaseError):  # it may have ended the transaction itself
                    connection.execute("ROLLBACK")
                raise CannotDo(
                    Exit.NOT_NOW,
                    f"step {number} of the schema failed ({error}): the store is as it was at step {number - 1}; "
                    f"a copy of the old one is {copy}",
                ) from error
        return Migrated(path=str(path), before=have, after=version(connection), copy=str(copy))


def _copy(connection: sqlite.Connection, copy: Path) -> None:
    """A whole copy, durable before it has its name."""
    fresh = copy.with_name(f".{copy.name}.new")
    fresh.unlink(missing_ok=True)
    connection.execute("VACUUM INTO ?", (str(fresh),))
    fresh.chmod(0o600)
    handle = os.open(fresh, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    fresh.replace(copy)


class Depth(msgspec.Struct, frozen=True, kw_only=True):
    """The outbox: how much waits, how much the hub refused for good, since when the oldest waits."""

    waiting: int
    dead: int
    oldest: str = ""


def depth(connection: sqlite.Connection) -> Depth:
    """How full the outbox is."""
    row = connection.execute(
        "SELECT count(*) FILTER (WHERE state = 'waiting'), count(*) FILTER (WHERE state = 'dead'),"
        " min(made) FILTER (WHERE state = 'waiting') FROM outbox"
    ).fetchone()
    return Depth(waiting=int(row[0]), dead=int(row[1]), oldest=str(row[2] or ""))
