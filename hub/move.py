"""Moving a hub's data to another database, e.g. a hall's that grows from `hub.db` to PostgreSQL; and back.

All or nothing: everything is written in one transaction, read back and compared row by row before it is committed. Only
then does the folder say where its hub is, and an old `hub.db` is laid aside. Whatever goes wrong before, the hub goes
on where it was.
"""

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import typer
from sqlalchemy import Connection, Engine, Row, Table, func, insert, inspect, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError

from hub.app import CannotOpen, prepare
from hub.audit.verify import ANCHORS, verify
from hub.data import AlreadyServed, DataFolder
from hub.files import sync_folder
from hub.options import DATA, AsJson, Data, Database, fail, where_it_served
from hub.store.engine import UnfitDatabase, UnsafeDatabase, open_migrated
from hub.store.schema import metadata
from kiosk.clock import Clock, WallClock

_AT_ONCE: Final = 1000
_NOT_OURS: Final = frozenset({"alembic_version", "sqlite_sequence"})
_SQLITE: Final = "sqlite"
LAID_ASIDE: Final = "hub.db.moved-"
"""Begins the name of a database that was moved away from."""


class CannotMove(Exception):
    """Nothing was moved; says why."""


class Moved(msgspec.Struct, frozen=True):
    """What is in the new database now."""

    tables: int
    rows: int
    audit_rows: int
    before: bool
    """It was all there already: an earlier move had come so far."""


@dataclass(frozen=True, slots=True)
class _Sum:
    """Of a table, whatever order its rows come in: databases sort texts differently."""

    rows: int = 0
    digests: int = 0

    def plus(self, row: Row[Any]) -> "_Sum":
        digest = hashlib.sha256(repr(tuple(row)).encode()).digest()
        return _Sum(self.rows + 1, (self.digests + int.from_bytes(digest)) % (1 << 256))


def _url(data: DataFolder, given: str | None) -> str:
    """A database's URL; None is `hub.db` in the folder."""
    return given or f"sqlite:///{data.database.resolve()}"


def _is_sqlite(url: str) -> bool:
    try:
        return make_url(url).get_backend_name() == _SQLITE
    except ArgumentError as error:
        raise CannotMove(f"{error}: a database has a URL, e.g. postgresql+psycopg://kiosk@db/kiosk") from error


def move(data: DataFolder, source: str | None, target: str | None, clock: Clock) -> Moved:
    """Move a hub to another database.

    Args:
        data: The hub's folder, which nobody serves.
        source: Where it is; None for the folder's `hub.db`.
        target: Where it is to be, an empty database; None for the folder's `hub.db`.
        clock: The time.

    Raises:
        CannotMove: Says why; the hub is where it was.
        AlreadyServed: A process serves the folder.
        hub.app.CannotOpen: A database does not answer.
    """
    here, there = _url(data, source), _url(data, target)
    if _is_sqlite(here) == _is_sqlite(there) and make_url(here) == make_url(there):
        raise CannotMove("the hub is there already")
    if source is None and not data.database.exists():
        raise CannotMove(f"there is no hub in {data.path}")
    with ExitStack() as stack:
        stack.enter_context(data.serving())
        old, _ = prepare(data, source, clock)
        stack.callback(old.dispose)
        aside = _fresh(data.database.with_name("hub.db.moving")) if target is None else None
        new = _opened(f"sqlite:///{aside.resolve()}" if aside is not None else there)
        stack.callback(new.dispose)
        with old.connect() as reading, new.execution_options(writes=True).begin() as writing:
            _alone(reading, "here")
            done = _carry(data, reading, writing)
    if data.database.exists():  # the old one, or one from before it: nobody is to serve it by mistake
        data.database.replace(data.database.with_name(f"{LAID_ASIDE}{clock.now():%Y%m%dT%H%M%SZ}"))
    if aside is not None:
        aside.replace(data.database)
    sync_folder(data.path)
    data.note_database(_SQLITE if _is_sqlite(there) else make_url(there).get_backend_name())
    return done


def _fresh(file: Path) -> Path:
    """A file of ours, without what an earlier try has left there."""
    for end in ("", "-wal", "-shm"):
        file.with_name(file.name + end).unlink(missing_ok=True)
    return file


def _opened(url: str) -> Engine:
    try:
        return open_migrated(url)
    except (ArgumentError, ImportError, DBAPIError, UnfitDatabase) as error:
        raise CannotMove(f"{str(error).splitlines()[0]}: see that it runs, and that --to names it") from error


def _alone(connection: Connection, where: str) -> None:
    """No process of the hub may be at work on PostgreSQL, also from another machine."""
    if connection.dialect.name != "postgresql":
        return
    others = connection.exec_driver_sql(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND backend_type = 'client backend'"
    ).scalar_one()
    if others:
        raise CannotMove(f"{others} others are connected to the database {where}: stop every process of the hub first")


def _carry(data: DataFolder, reading: Connection, writing: Connection) -> Moved:
    """Copy all, or see that all is there; inside the new database's transaction."""
    known = set(metadata.tables) | _NOT_OURS
    if strange := sorted(set(inspect(reading).get_table_names()) - known):
        raise CannotMove(f"this release knows nothing of {', '.join(strange)}")
    filled = [name for name, table in metadata.tables.items() if _count(writing, table)]
    sums: dict[str, _Sum] = {}
    for table in metadata.sorted_tables:
        sums[table.name] = _copied(reading, writing, table) if not filled else _summed(reading, table)
    for table in metadata.sorted_tables:
        if _summed(writing, table) != sums[table.name]:
            raise CannotMove(
                f"the database it is to move to holds something else already (in {table.name}): name an empty one"
                if filled
                else f"what was written to {table.name} does not read as it was: nothing was moved"
            )
    _count_on(reading, writing)
    file = data.path / ANCHORS
    found = verify(writing, file if file.exists() else None, data.signing_public())
    if found.problems and verify(reading, file if file.exists() else None, data.signing_public()).problems == ():
        raise CannotMove(f"the audit does not verify there: {found.problems[0]}")
    return Moved(len(sums), sum(each.rows for each in sums.values()), found.rows, before=bool(filled))


def _count(connection: Connection, table: Table) -> int:
    return int(connection.scalar(select(func.count()).select_from(table)) or 0)


def _read(connection: Connection, table: Table) -> Iterator[Row[Any]]:
    with connection.execute(select(table).execution_options(yield_per=_AT_ONCE)) as rows:
        yield from rows


def _summed(connection: Connection, table: Table) -> _Sum:
    found = _Sum()
    for row in _read(connection, table):
        found = found.plus(row)
    return found


def _copied(reading: Connection, writing: Connection, table: Table) -> _Sum:
    found = _Sum()
    part: list[dict[str, Any]] = []
    names = [column.name for column in table.columns]

    def write() -> None:
        if part:
            try:
                writing.execute(insert(table), part)
            except DBAPIError as error:
                # Its message repeats what is stored; its kind says what is wrong.
                keys = [column.name for column in table.primary_key]
                first, last = ([row[key] for key in keys] for row in (part[0], part[-1]))
                raise CannotMove(
                    f"{table.name}: {type(error.orig).__name__} in a row between {first} and {last}"
                ) from error
            part.clear()

    for row in _read(reading, table):
        found = found.plus(row)
        part.append(dict(zip(names, row, strict=True)))
        if len(part) >= _AT_ONCE:
            write()
    write()
    return found


def _counters() -> Iterator[tuple[Table, str]]:
    """Tables that number their rows, with the column."""
    for table in metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None and table.dialect_options[_SQLITE]["autoincrement"]:
            yield table, column.name


def _count_on(reading: Connection, writing: Connection) -> None:
    """Numbers go on where they were, also behind rows that were deleted: who follows a position misses nothing."""
    for table, column in _counters():
        last = max(_last(reading, table, column), _last(writing, table, column))
        if writing.dialect.name == _SQLITE:
            writing.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = ?", (table.name,))
            writing.exec_driver_sql("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table.name, last))
        elif last:
            sequence = func.pg_get_serial_sequence(table.name, column)
            writing.execute(select(func.setval(sequence, last)))


def _last(connection: Connection, table: Table, column: str) -> int:
    highest = connection.scalar(select(func.max(table.c[column]))) or 0
    if connection.dialect.name == _SQLITE:
        given = connection.exec_driver_sql("SELECT seq FROM sqlite_sequence WHERE name = ?", (table.name,)).scalar()
    else:
        name = connection.scalar(select(func.pg_get_serial_sequence(table.name, column)))
        row = connection.exec_driver_sql(f"SELECT last_value, is_called FROM {name}").one()  # noqa: S608  its own word
        given = row.last_value if row.is_called else 0
    return max(int(highest), int(given or 0))


def move_command(
    to: Annotated[
        str,
        typer.Option(envvar="KIOSK_HUB_MOVE_TO", help="URL of an empty database; or sqlite, for DATA/hub.db."),
    ],
    *,
    data: Data = DATA,
    database: Database = None,
    json: AsJson = False,
) -> None:
    """Move the hub to another database: everything or nothing, compared row by row. Stop its processes first.

    --database says where it is now, if that is not DATA/hub.db. Papers and keys stay where they are.
    """
    folder, target = DataFolder(data), None if to == _SQLITE else to
    where_it_served(folder, database)
    try:
        done = move(folder, database, target, WallClock())
    except (CannotMove, CannotOpen, UnsafeDatabase, AlreadyServed, OSError) as error:
        fail(error)
    if json:
        typer.echo(msgspec.json.encode(done).decode())
        return
    typer.echo(f"{done.rows} rows of {done.tables} tables, {done.audit_rows} of the audit verified")
    served = f" --database {make_url(target).render_as_string()}" if target else ""
    typer.echo(f"From now on: python -m hub serve --data {data}{served}", err=True)
    if any(data.glob(f"{LAID_ASIDE}*")):
        typer.echo(f"{data}/{LAID_ASIDE}* is what was there before. It holds personal data: delete it soon.", err=True)
