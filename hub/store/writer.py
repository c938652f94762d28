"""One writer with group commit: what waits is written in one transaction, and only then is anybody answered."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, Generic, NamedTuple, TypeVar, cast

import anyio
import structlog
from sqlalchemy import Connection, Engine

from hub.store.fanout import CHANNEL

_log = structlog.get_logger()
T = TypeVar("T")
K = TypeVar("K")
_TOGETHER = 256
_IDLE_SECONDS = 10.0
_PAGES_KIB = 16_000
_PAGES_KIB_OF_OTHERS = 2_000
WRITERS_LOCK = 0x6B696F736B
"""The advisory lock that PostgreSQL's writers hold for a transaction."""


class Stopped(Exception):
    """The hub is stopping; nothing was written."""


class Opening(NamedTuple):
    """What comes first in each transaction of a database that has several writers."""

    statement: str
    parameters: tuple[object, ...]


Together = Callable[[Connection, Sequence[Any]], Sequence[object]]
AtOnce = Callable[[str, Any, Opening | None, Sequence[Any]], Sequence[object] | None]
"""The same in a transaction of its own, without SQLAlchemy: the dialect's name, the driver's connection, what comes
first, and the items. None: nothing was done, it has to go the other way. What it raises is the driver's."""


@dataclass(eq=False, slots=True)
class _Job:
    """One piece of work that waits for the writer: work of its own, or an item for work that many have in common."""

    work: Callable[[Connection], object] | None = None
    together: Together | None = None
    item: object = None
    at_once: AtOnce | None = None
    done: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    result: object = None
    error: BaseException | None = None

    def run(self, connection: Connection) -> None:
        """Do it alone."""
        if self.work is not None:
            self.work(connection)
        elif self.together is not None:
            self.result = self.together(connection, [self.item])[0]


class _Outcome(Generic[T]):
    """Carries a typed result out of an untyped queue."""

    value: T


class Writer:
    """Does all writing of this process, one transaction at a time.

    Args:
        engine: The database.
        committed: Called after each commit, on the event loop: something may be new.
        sign: What this process signs its news to others with; empty: there are no others.
    """

    def __init__(self, engine: Engine, committed: Callable[[], None], sign: str = "") -> None:
        self._opening = _opening(sign) if engine.dialect.name == "postgresql" else None
        self._engine = engine.execution_options(writes=True)
        self._committed = committed
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._closed = False
        self._connection: Connection | None = None
        self._used = 0.0

    async def do(self, work: Callable[[Connection], T]) -> T:
        """Do work in a transaction; returns when it is durable.

        Args:
            work: Runs in a thread with the connection. If it raises, its own changes are undone and nobody else's.

        Raises:
            Stopped: The writer has ended.
            Exception: What `work` raised.
        """
        outcome = _Outcome[T]()

        def run(connection: Connection) -> None:
            outcome.value = work(connection)

        await self._put(_Job(run))
        return outcome.value

    async def do_together(
        self,
        work: Callable[[Connection, Sequence[K]], Sequence[T]],
        item: K,
        at_once: Callable[[str, Any, Opening | None, Sequence[K]], Sequence[T] | None] | None = None,
    ) -> T:
        """Have an item done with all others that wait for the same work, in one call; returns when it is durable.

        Args:
            work: Takes the items, and gives a result for each. Compared with `==`.
            item: Ours.
            at_once: Tried first where nothing else waits (`AtOnce`).

        Raises:
            Stopped: The writer has ended.
            Exception: What `work` raised for this item alone.
        """
        job = _Job(together=work, item=item, at_once=at_once)
        await self._put(job)
        return cast("T", job.result)

    async def _put(self, job: _Job) -> None:
        if self._closed:
            raise Stopped
        self._jobs.put(job)
        await job.done
        if job.error is not None:
            raise job.error

    @property
    def waiting(self) -> int:
        """How much work waits."""
        return self._jobs.qsize()

    def close(self) -> None:
        """Take no more work. What waits is still written."""
        if not self._closed:
            self._closed = True
            self._jobs.put(None)

    async def run(self) -> None:
        """Write until closed. Where this is cancelled no more is taken, and what waits is still written."""
        loop, ended = asyncio.get_running_loop(), anyio.Event()
        thread = threading.Thread(target=self._work, args=(loop, ended), name="writer", daemon=True)
        thread.start()
        try:
            await ended.wait()
        finally:
            self.close()
            with anyio.CancelScope(shield=True):
                await ended.wait()

    def _work(self, loop: asyncio.AbstractEventLoop, ended: anyio.Event) -> None:
        """The writer's own thread: from one commit to the next without waiting for the event loop."""
        try:
            while jobs := self._take():
                self._write(jobs)
                loop.call_soon_threadsafe(self._tell, jobs)
        finally:
            self._let_go()
            loop.call_soon_threadsafe(ended.set)

    def _take(self) -> list[_Job]:
        """All that waits, at least one; nothing at the end."""
        first = self._jobs.get()
        if first is None:
            return []
        jobs = [first]
        while len(jobs) < _TOGETHER:
            try:
                more = self._jobs.get_nowait()
            except Empty:
                break
            if more is None:
                self._jobs.put(None)  # it is the last: taken again when these are written
                break
            jobs.append(more)
        return jobs

    def _tell(self, jobs: list[_Job]) -> None:
        for job in jobs:
            if not job.done.done():  # nobody waits any more
                job.done.set_result(None)
        self._committed()

    def _write(self, jobs: list[_Job]) -> None:
        try:
            groups = _groups(jobs)
            if len(groups) == 1 and self._do_group(groups[0]):
                return
            with self._transaction() as connection:
                for group in groups:
                    if len(group) == 1 or not self._do_together(connection, group):
                        for job in group:
                            self._do_one(connection, job)
        except Exception as error:  # noqa: BLE001  the commit failed: nothing is stored, all are told
            for job in jobs:
                job.error = job.error or error

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        """A transaction on the writer's own connection.

        SQLite's pages are remembered by connection, and forgotten where another one wrote. After a fault, and after a
        pause in which the server may have gone, another connection is taken, which the pool tries first.
        """
        connection = self._connected()
        try:
            with connection.begin():
                self._open(connection)
                yield connection
        except BaseException:
            self._let_go()
            raise
        self._used = time.monotonic()

    def _connected(self) -> Connection:
        """The writer's own connection, in no transaction."""
        if self._connection is not None and time.monotonic() - self._used > _IDLE_SECONDS:
            self._let_go()
        if self._connection is None:
            self._connection = self._engine.connect()
            _remember(self._connection, _PAGES_KIB)
        return self._connection

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            _remember(connection, _PAGES_KIB_OF_OTHERS)
            connection.close()
        except Exception as error:  # noqa: BLE001  it was of no use any more
            _log.warning("a connection could not be closed", why=type(error).__name__)

    def _open(self, connection: Connection) -> None:
        """What comes first in each transaction.

        On PostgreSQL writers of all processes go one after the other: positions become visible in their order, so that
        a stream that goes on after a position misses nothing, and counting up is safe everywhere.
        """
        if self._opening is not None:
            connection.exec_driver_sql(self._opening.statement, self._opening.parameters)

    def _do_group(self, group: list[_Job]) -> bool:
        """Do what all that wait have in common, without savepoints; False where it has to be done one by one."""
        try:
            if self._do_at_once(group):
                return True
        except Exception as error:  # noqa: BLE001  the ordinary way says what is wrong, or finds the server back
            _log.warning("not done at once", why=type(error).__name__)
            self._let_go()
            return False
        return self._do_alone(group)

    def _do_at_once(self, group: list[_Job]) -> bool:
        """Through the driver; False where nothing was done."""
        at_once = group[0].at_once
        if at_once is None:
            return False
        raw = self._connected().connection.driver_connection
        results = at_once(self._engine.dialect.name, raw, self._opening, [job.item for job in group])
        if results is None:
            return False
        self._used = time.monotonic()
        for job, result in zip(group, results, strict=True):
            job.result = result
        return True

    def _do_alone(self, group: list[_Job]) -> bool:
        """In a transaction without savepoints; False where nothing was done."""
        work = group[0].together
        if work is None:
            return False
        try:
            with self._transaction() as connection:
                results = work(connection, [job.item for job in group])
        except Exception:  # noqa: BLE001  whose fault it is shows one by one
            return False
        for job, result in zip(group, results, strict=True):
            job.result = result
        return True

    @staticmethod
    def _do_together(connection: Connection, group: list[_Job]) -> bool:
        """Do what several have in common; False where it has to be done one by one."""
        work = group[0].together
        assert work is not None
        connection.exec_driver_sql("SAVEPOINT together")
        try:
            results = work(connection, [job.item for job in group])
        except Exception:  # noqa: BLE001  whose fault it is shows one by one
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT together")
            connection.exec_driver_sql("RELEASE SAVEPOINT together")
            return False
        connection.exec_driver_sql("RELEASE SAVEPOINT together")
        for job, result in zip(group, results, strict=True):
            job.result = result
        return True

    @staticmethod
    def _do_one(connection: Connection, job: _Job) -> None:
        connection.exec_driver_sql("SAVEPOINT job")
        try:
            job.run(connection)
        except Exception as error:  # noqa: BLE001  each job's error is its own caller's
            job.error = error
            # Where the database itself failed this fails, too, and with it the whole: then nobody's work is stored.
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT job")
        connection.exec_driver_sql("RELEASE SAVEPOINT job")


def _opening(sign: str) -> Opening:
    if sign:
        return Opening("SELECT pg_advisory_xact_lock(%s), pg_notify(%s, %s)", (WRITERS_LOCK, CHANNEL, sign))
    return Opening("SELECT pg_advisory_xact_lock(%s)", (WRITERS_LOCK,))


def _remember(connection: Connection, kibibytes: int) -> None:
    """So much of SQLite's pages. Only the writer's connection has many: there are a dozen that read."""
    if connection.dialect.name == "sqlite" and not connection.invalidated:
        connection.connection.cursor().execute(f"PRAGMA cache_size=-{kibibytes}")


def _groups(jobs: list[_Job]) -> list[list[_Job]]:
    """Jobs in their order; those of a common work with the first of them."""
    groups: list[list[_Job]] = []
    for job in jobs:
        like = None if job.together is None else next((g for g in groups if g[0].together == job.together), None)
        if like is None:
            groups.append([job])
        else:
            like.append(job)
    return groups
