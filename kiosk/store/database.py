"""The terminal's SQLite: one writer, WAL, `synchronous=FULL`, migrations by numbered SQL files.

`NORMAL` lost acknowledged rows in 169 of 300 simulated power cuts, `FULL` in none. Versions before 3.51.3 have the
WAL-reset bug (sqlite.org/wal.html#walresetbug), so they are refused: Debian's own is one of them.
"""

from collections.abc import Callable
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Self, TypeVar

import anyio
import anyio.to_thread
import pysqlite3.dbapi2 as sqlite

LEAST_VERSION = (3, 51, 3)
T = TypeVar("T")


class StoreError(Exception):
    """The store cannot be used; the message says what to do."""


def _open(path: Path) -> sqlite.Connection:
    if sqlite.sqlite_version_info < LEAST_VERSION:
        least = ".".join(map(str, LEAST_VERSION))
        raise StoreError(f"SQLite {sqlite.sqlite_version} can lose data; {least} or newer is needed: run make setup")
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite.connect(str(path), isolation_level=None, check_same_thread=False, timeout=10.0)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    # What is deleted is overwritten: a deleted draft is not to be found in the file.
    connection.execute("PRAGMA secure_delete=ON")
    return connection


def runs_with(connection: sqlite.Connection) -> int:
    """How many steps a release has to know at least to run on this store; 0 where nothing says so."""
    try:
        rows = connection.execute("SELECT value FROM meta WHERE key='runs_with'").fetchall()
    except sqlite.DatabaseError:
        return 0
    return int(rows[0][0]) if rows and str(rows[0][0]).isdecimal() else 0


def step_of(number: int, text: str) -> str:
    """One step of the schema as a transaction.

    A step adds only (expand), and any release since the first runs on it; one that takes something away (contract)
    says in its first line which release it needs at least: `-- needs: 8`, the number of steps that one knows.

    Args:
        number: of the step.
        text: of its file.
    """
    first = text.split("\n", 1)[0]
    said = first.removeprefix("-- needs: ").strip() if first.startswith("-- needs: ") else "1"
    if not said.isdecimal() or not 1 <= int(said) <= number:
        raise StoreError(f"step {number} of the schema needs {said!r}: a number of steps, at most {number}")
    note = (
        f"INSERT INTO meta (key, value) VALUES ('runs_with', '{int(said)}') ON CONFLICT (key) DO UPDATE SET"  # noqa: S608  a number
        f" value = max(CAST(value AS INTEGER), {int(said)});"
    )
    return f"BEGIN IMMEDIATE;\n{text}\n{note}\nPRAGMA user_version={number};\nCOMMIT;"


def _migrate(connection: sqlite.Connection) -> None:
    """Bring the schema up to date; `user_version` counts the files that were applied.

    A store that a newer release has brought further is used as it is where its steps only added: this release runs
    again after a newer one was taken back. See `runs_with`.
    """
    have = int(connection.execute("PRAGMA user_version").fetchone()[0])
    folder = files("kiosk.store").joinpath("schema")
    scripts = sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)
    if have > len(scripts) and not 0 < runs_with(connection) <= len(scripts):
        raise StoreError(f"the store was written by a newer release (schema {have}, this one knows {len(scripts)})")
    for number, script in enumerate(scripts[have:], start=have + 1):
        connection.executescript(step_of(number, script.read_text(encoding="utf-8")))


class Database:
    """One connection, used by one thread at a time. A call that was begun is finished, even when it is cancelled."""

    def __init__(self, connection: sqlite.Connection) -> None:
        self._connection = connection
        self._one = anyio.CapacityLimiter(1)

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open or make a store, and bring it up to date.

        Raises:
            StoreError: the SQLite library or the file is not one that can be trusted.
        """

        def begin() -> sqlite.Connection:
            try:
                connection = _open(path)
                _migrate(connection)
            except sqlite.DatabaseError as error:
                raise StoreError(f"{path} is not a usable store: {error}") from error
            return connection

        return cls(await anyio.to_thread.run_sync(begin))

    async def write(self, work: Callable[[sqlite.Connection], T]) -> T:
        """Do `work` in one transaction. It is durable when this returns, and has left no trace when it raises."""

        def transaction() -> T:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                done = work(self._connection)
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")
            return done

        return await self._finish(transaction)

    async def read(self, work: Callable[[sqlite.Connection], T]) -> T:
        """Do `work`, which only reads."""
        return await self._finish(partial(work, self._connection))

    async def scrub(self) -> None:
        """Have what was deleted overwritten in the file, too, and the log emptied: no old page stays on the disk."""
        await self._finish(lambda: self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())

    async def close(self) -> None:
        """Close the connection."""
        await self._finish(self._connection.close)

    async def _finish(self, work: Callable[[], T]) -> T:
        with anyio.CancelScope(shield=True):
            return await anyio.to_thread.run_sync(work, limiter=self._one)
        raise AssertionError("a shielded scope is not cancelled")
