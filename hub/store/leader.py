"""Who runs the timers where several processes serve one database: one of them, and another soon after it is gone.

On PostgreSQL the leader holds an advisory lock on a connection of its own: it is free the moment the process or its
connection dies. SQLite has no such lock, so there the leader keeps renewing a row; another takes it when it ran out.
"""

from datetime import timedelta
from typing import Final, Protocol
from uuid import uuid4

import anyio
import structlog
from anyio.to_thread import run_sync
from sqlalchemy import Connection, Engine, select, update

from hub.store.schema import lease
from kiosk.clock import Clock

_log = structlog.get_logger()
NAME: Final = "timers"
LEASE: Final = timedelta(seconds=20)
LOOK_SECONDS: Final = 5.0
_LOCK: Final = 0x74696D6572


class _Holding(Protocol):
    def hold(self) -> bool:
        """Try to be, or to stay, the leader; whether it is."""
        ...

    def let_go(self) -> None:
        """Be it no longer."""
        ...


class LeaseRow:
    """Leading by a row.

    Args:
        engine: The database.
        clock: The time; processes on one machine share it.
    """

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine.execution_options(writes=True)
        self._clock = clock
        self._me = uuid4().hex

    def hold(self) -> bool:
        """Take the row when it is free, or mine."""
        now = self._clock.now()
        with self._engine.begin() as connection:
            row = connection.execute(select(lease).where(lease.c.name == NAME)).one_or_none()
            until = now + LEASE
            if row is None:
                connection.execute(lease.insert().values(name=NAME, holder=self._me, until=until))
                return True
            # A row from further ahead than any lease lasts was written by a clock that was wrong.
            if row.holder != self._me and now < row.until <= now + 2 * LEASE:
                return False
            connection.execute(update(lease).where(lease.c.name == NAME).values(holder=self._me, until=until))
            return True

    def let_go(self) -> None:
        """Free the row, if it is mine."""
        with self._engine.begin() as connection:
            connection.execute(lease.delete().where(lease.c.name == NAME, lease.c.holder == self._me))


class AdvisoryLock:
    """Leading by PostgreSQL's advisory lock.

    Args:
        engine: The database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None

    def hold(self) -> bool:
        """Take the lock; where it is held, see that its connection lives."""
        if self._connection is not None:
            try:
                self._connection.exec_driver_sql("SELECT 1")
                self._connection.commit()
            except Exception:
                self._drop()  # the server has let go of the lock with the connection
                raise
            return True
        connection = self._engine.connect()
        try:
            held = bool(connection.exec_driver_sql("SELECT pg_try_advisory_lock(%s)", (_LOCK,)).scalar_one())
            connection.commit()
        except BaseException:
            connection.invalidate()
            connection.close()
            raise
        if held:
            self._connection = connection
        else:
            connection.close()
        return held

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None

    def let_go(self) -> None:
        """Close the connection, and with it free the lock."""
        self._drop()


class Leader:
    """Whether this process leads; kept up to date by `run`.

    Args:
        engine: The database.
        clock: The time.
    """

    def __init__(self, engine: Engine, clock: Clock) -> None:
        postgresql = engine.dialect.name == "postgresql"
        self._holding: _Holding = AdvisoryLock(engine) if postgresql else LeaseRow(engine, clock)
        self._leads = anyio.Event()
        self.leads = False
        """Whether it does."""

    async def mine(self) -> None:
        """Wait until this process leads."""
        while not self.leads:
            await self._leads.wait()

    def _note(self, leads: bool) -> None:  # noqa: FBT001  what was found
        if leads and not self.leads:
            self._leads.set()
        if not leads and self.leads:
            self._leads = anyio.Event()
        if leads != self.leads:
            _log.info("timers", leads=leads)
        self.leads = leads

    async def run(self, stopping: anyio.Event) -> None:
        """Try to lead until the hub stops."""
        while not stopping.is_set():
            try:
                self._note(await run_sync(self._holding.hold))
            except Exception as error:  # noqa: BLE001  a database that is away must not end the hub
                _log.error("nobody knows who leads", why=type(error).__name__)
                self._note(False)  # noqa: FBT003  the same
            with anyio.move_on_after(LOOK_SECONDS):
                await stopping.wait()
        if self.leads:
            with anyio.CancelScope(shield=True):
                await run_sync(self._let_go)

    def _let_go(self) -> None:
        try:
            self._holding.let_go()
        except Exception as error:  # noqa: BLE001  it runs out by itself
            _log.warning("the lead was not given back", why=type(error).__name__)
