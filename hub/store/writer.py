"""One writer with group commit: what waits is written in one transaction, and only then is anybody answered."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import anyio
from anyio.to_thread import run_sync
from sqlalchemy import Connection, Engine

T = TypeVar("T")
_TOGETHER = 256


class Stopped(Exception):
    """The hub is stopping; nothing was written."""


@dataclass(eq=False)
class _Job:
    """One piece of work that waits for the writer."""

    work: Callable[[Connection], object]
    done: anyio.Event = field(default_factory=anyio.Event)
    result: object = None
    error: BaseException | None = None


class _Outcome(Generic[T]):
    """Carries a typed result out of an untyped queue."""

    value: T


class Writer:
    """Does all writing of this process, one transaction at a time.

    Args:
        engine: The database.
        committed: Called after each commit, on the event loop: something may be new.
    """

    def __init__(self, engine: Engine, committed: Callable[[], None]) -> None:
        self._engine = engine.execution_options(writes=True)
        self._committed = committed
        self._send, self._receive = anyio.create_memory_object_stream[_Job](4096)

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

        job = _Job(run)
        try:
            await self._send.send(job)
        except (anyio.ClosedResourceError, anyio.BrokenResourceError) as error:
            raise Stopped from error
        await job.done.wait()
        if job.error is not None:
            raise job.error
        return outcome.value

    def close(self) -> None:
        """Take no more work. What waits is still written."""
        self._send.close()

    async def run(self) -> None:
        """Write until closed."""
        with self._receive:
            async for first in self._receive:
                jobs = [first]
                while len(jobs) < _TOGETHER:
                    try:
                        jobs.append(self._receive.receive_nowait())
                    except (anyio.WouldBlock, anyio.EndOfStream):
                        break
                try:
                    # Shielded: work that was begun is finished, and those who wait are told.
                    with anyio.CancelScope(shield=True):
                        await run_sync(self._write, jobs)
                finally:
                    for job in jobs:
                        job.done.set()
                self._committed()

    def _write(self, jobs: list[_Job]) -> None:
        try:
            with self._engine.begin() as connection:
                for job in jobs:
                    try:
                        with connection.begin_nested():
                            job.work(connection)
                    except Exception as error:  # noqa: BLE001  each job's error is its own caller's
                        job.error = error
        except Exception as error:  # noqa: BLE001  the commit failed: nothing is stored, all are told
            for job in jobs:
                job.error = job.error or error
