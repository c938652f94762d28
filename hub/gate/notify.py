"""Telling others: what was written down is sent, and sent again until it was taken or is a day old.

Ingest never waits for any of this: it writes a notice in its own transaction, and a task of its own sends. What was
sent, to whom, how often, and what went wrong stays in the database.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Protocol, TypeVar

import anyio
import httpx
import structlog
from anyio.to_thread import run_sync
from sqlalchemy import Connection, insert, select, update

from hub.files import WatchedFile
from hub.fleet.live import Signal
from hub.gate.notices import NoticeKind
from hub.gate.receivers import BadReceivers, Notice, Receivers, Request, load
from hub.store import schema
from kiosk.clock import Clock

_log = structlog.get_logger()
T = TypeVar("T")
FILE: Final = "notify.toml"
GIVEN_UP_AFTER: Final = timedelta(days=1)
"""News older than that helps nobody."""
FIRST_PAUSE: Final = timedelta(seconds=5)
LONGEST_PAUSE: Final = timedelta(minutes=15)
_AT_ONCE: Final = 20
_LOOK_SECONDS: Final = 5.0
_TOGETHER_SECONDS: Final = 0.3
"""A busy hub commits a hundred times a second; it is looked for what is to be told less often."""
_ANSWER_MOST: Final = 16 * 1024


@dataclass(frozen=True, slots=True)
class Due:
    """One message that is to be sent now."""

    number: int
    receiver: str
    address: str
    tries: int
    made: datetime
    notice: Notice


class Store(Protocol):
    """The hub, as far as it is needed here."""

    stored: Signal
    clock: Clock

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Read from the database."""
        ...


def spread(connection: Connection, receivers: Receivers, now: datetime) -> int:
    """Write a message for each who wants to know of what is new.

    Returns:
        How many notices were new.
    """
    notice, delivery = schema.notice, schema.delivery
    rows = connection.execute(select(notice).where(notice.c.spread.is_(None)).order_by(notice.c.number)).all()
    for row in rows:
        wanting = receivers.wanting(NoticeKind(row.kind), row.hall)
        if wanting and now - row.made < GIVEN_UP_AFTER:
            connection.execute(
                insert(delivery),
                [
                    {
                        "notice": row.number,
                        "receiver": receiver.name,
                        "address": address,
                        "tries": 0,
                        "next_try": now,
                        "error": "",
                    }
                    for receiver, address in wanting
                ],
            )
        connection.execute(update(notice).where(notice.c.number == row.number).values(spread=now))
    return len(rows)


def due(connection: Connection, now: datetime) -> list[Due]:
    """What is to be sent now, the oldest first."""
    notice, delivery = schema.notice, schema.delivery
    rows = connection.execute(
        select(notice, delivery.c.receiver, delivery.c.address, delivery.c.tries)
        .join_from(delivery, notice, delivery.c.notice == notice.c.number)
        .where(delivery.c.next_try <= now)
        .order_by(delivery.c.next_try, notice.c.number)
        .limit(_AT_ONCE)
    )
    return [
        Due(
            number=row.number,
            receiver=row.receiver,
            address=row.address,
            tries=row.tries,
            made=row.made,
            notice=Notice(
                id=row.id,
                kind=NoticeKind(row.kind),
                hall=row.hall,
                terminal=row.terminal,
                lane=row.lane,
                case=row.case_number,
                detail=tuple(row.detail.split()),
                at=row.at,
            ),
        )
        for row in rows
    ]


def note(connection: Connection, sent: Due, error: str, now: datetime) -> None:
    """Note how a try went, and when the next is.

    Args:
        connection: Inside a writing transaction.
        sent: What was tried.
        error: Why it failed; empty where it was taken.
        now: The time.
    """
    tries = sent.tries + 1
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(sent.tries, 20))
    again = now + pause if error and now + pause - sent.made < GIVEN_UP_AFTER else None
    table = schema.delivery
    connection.execute(
        update(table)
        .where(table.c.notice == sent.number, table.c.receiver == sent.receiver, table.c.address == sent.address)
        .values(tries=tries, next_try=again, delivered=None if error else now, error=error[:200])
    )


async def send(client: httpx.AsyncClient, request: Request) -> str:
    """Make a request; why it failed, or nothing where it was taken. The answer's words are not kept."""
    try:
        with anyio.fail_after(request.timeout_seconds):
            async with client.stream("POST", request.url, content=request.body, headers=request.headers) as answer:
                if not answer.is_success:
                    return f"HTTP {answer.status_code}"
                if not request.success:
                    return ""
                body = b""
                async for part in answer.aiter_bytes():
                    body += part
                    if len(body) > _ANSWER_MOST:
                        break
                return "" if request.success.encode() in body else "the gateway did not say that it was sent"
    except TimeoutError:
        return f"no answer within {request.timeout_seconds:g} s"
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return type(error).__name__


class Notifier:
    """Sends for as long as it runs.

    Args:
        store: The hub.
        write: Does work in a writing transaction.
        path: `notify.toml`; read again when it changes.
    """

    def __init__(
        self, store: Store, write: Callable[[Callable[[Connection], object]], Awaitable[object]], path: Path
    ) -> None:
        self._store, self._write, self._file = store, write, WatchedFile(path)
        self._receivers: Receivers | None = None

    async def run(self) -> None:
        """Send until cancelled."""
        async with httpx.AsyncClient(trust_env=False, follow_redirects=False) as client:
            while True:
                pulse = self._store.stored.pulse
                if not await self.once(client):
                    with anyio.move_on_after(_LOOK_SECONDS):
                        await pulse.wait()
                        await anyio.sleep(_TOGETHER_SECONDS)

    async def once(self, client: httpx.AsyncClient) -> bool:
        """Send what is due; whether there was anything."""
        receivers = await self._current()
        if receivers is None:
            return False
        now = self._store.clock.now()
        if await self._store.read(_anything_new):
            await self._write(lambda connection: spread(connection, receivers, now))
        waiting = await self._store.read(lambda connection: due(connection, self._store.clock.now()))
        async with anyio.create_task_group() as group:
            for each in waiting:
                group.start_soon(self._deliver, client, receivers, each)
        return bool(waiting)

    async def _deliver(self, client: httpx.AsyncClient, receivers: Receivers, each: Due) -> None:
        request = receivers.request(each.receiver, each.address, each.notice, self._store.clock.now())
        error = "this receiver is no longer in notify.toml" if request is None else await send(client, request)
        if error:
            _log.warning("notice not delivered", notice=each.number, receiver=each.receiver, why=error)
        await self._write(lambda connection: note(connection, each, error, self._store.clock.now()))

    async def _current(self) -> Receivers | None:
        """The receivers as the file has them now; None while it cannot be used, so that nothing is lost meanwhile."""
        if await self._file.changed():
            try:
                self._receivers = await run_sync(load, self._file.path)
            except BadReceivers as error:
                self._receivers = None
                _log.error("nobody is told until this is mended", why=str(error))
        return self._receivers


def _anything_new(connection: Connection) -> bool:
    table = schema.notice
    return connection.execute(select(table.c.number).where(table.c.spread.is_(None)).limit(1)).first() is not None
