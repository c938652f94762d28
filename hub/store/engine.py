"""Opening the database: which SQLite we trust, how durable, and the migrations."""

from pathlib import Path
from typing import Any

import pysqlite3.dbapi2
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, make_url

OLDEST_SQLITE = (3, 51, 3)
"""Before it, two connections writing and checkpointing at once can lose committed rows (the WAL-reset bug)."""
BUSY_MS = 15_000
_WIDE = ("wal_autocheckpoint=2000",)
"""8 MB of log before it is moved into the database: pages that every commit changes are moved once, not each time."""
_COMPILED = 512
"""Statements that a connection keeps compiled: those of the writer come in many sizes (`hub.submissions.on_sqlite`)."""
_MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATING = 0x6D6967726174
"""The advisory lock under which PostgreSQL's schema is brought up to date, whatever folders the processes have."""


class UnsafeDatabase(Exception):
    """The database library has a bug that loses data."""


class UnfitDatabase(Exception):
    """The database is of a newer release, or cannot hold our texts."""


def check_sqlite(version: tuple[int, ...]) -> None:
    """Refuse an SQLite with the WAL-reset bug.

    Raises:
        UnsafeDatabase: It is older than 3.51.3.
    """
    if version < OLDEST_SQLITE:
        found, need = (".".join(map(str, each)) for each in (version, OLDEST_SQLITE))
        raise UnsafeDatabase(f"SQLite {found} can lose committed rows; at least {need} is needed")


def open_engine(url: str) -> Engine:
    """Connect to the database.

    Args:
        url: As SQLAlchemy writes it: `sqlite:///…/hub.db`, `postgresql+psycopg://…`.

    Raises:
        UnsafeDatabase: SQLite is older than 3.51.3.
    """
    if make_url(url).get_backend_name() != "sqlite":
        # A server that was restarted costs at most the request in hand; the next finds a connection that works.
        wanted = {"client_encoding": "utf8"}
        return create_engine(
            url, pool_pre_ping=True, hide_parameters=True, pool_size=8, max_overflow=8, connect_args=wanted
        )
    check_sqlite(pysqlite3.dbapi2.sqlite_version_info)
    given = {"timeout": BUSY_MS / 1000, "cached_statements": _COMPILED}
    engine = create_engine(url, module=pysqlite3.dbapi2, connect_args=given, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # SQLAlchemy's BEGIN below, not the driver's guess
        for pragma in (f"busy_timeout={BUSY_MS}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", *_WIDE):
            connection.execute(f"PRAGMA {pragma}").fetchall()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        # Writers take the lock at once: a reader that turns writer half-way can fail with SQLITE_BUSY.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def migrate(engine: Engine) -> None:
    """Bring the schema up to date. Call under the data folder's lock.

    Raises:
        UnfitDatabase: A newer release has been here, or the database is not in UTF-8.
    """
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with engine.execution_options(writes=True).begin() as connection:
        if connection.dialect.name == "postgresql":
            _check_encoding(connection)
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (_MIGRATING,))
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise UnfitDatabase(
                "a newer release of the hub has been at this database: start that one, or restore a backup from before"
            ) from error


def open_migrated(url: str) -> Engine:
    """Connect to the database, and bring its schema up to date.

    Args:
        url: As for `open_engine`.

    Raises:
        UnsafeDatabase: See `open_engine`.
        UnfitDatabase: See `migrate`.
    """
    engine = open_engine(url)
    try:
        migrate(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _check_encoding(connection: Connection) -> None:
    """In SQL_ASCII texts come back as bytes, and in LATIN1 Chinese does not go in."""
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
    if encoding != "UTF8":
        raise UnfitDatabase(
            f"this database is in {encoding}, and Chinese needs UTF8:"
            " CREATE DATABASE kiosk ENCODING 'UTF8' TEMPLATE template0"
        )
