"""What runs beside the listeners for as long as the hub serves: telling others, and removing what is past its time."""

from datetime import timedelta
from functools import partial
from typing import Final

import anyio
import structlog
from anyio.to_thread import run_sync
from sqlalchemy import Connection

from hub.app import Hub
from hub.gate.notify import FILE, Notifier
from hub.people.forgetting import sweep_kept
from hub.people.retention import expire_with_proof
from hub.supervision.measure import EVERY as LOOK_EVERY
from hub.supervision.measure import Measure, terminals
from hub.watch.decided import dealt_today, note_dealt, sweep_watch

_log = structlog.get_logger()
_EVERY: Final = timedelta(hours=1)
_AFTER_A_FAULT_SECONDS: Final = 10.0
_DEALT_SECONDS: Final = 15.0
_AT_ONCE: Final = 100


async def run_beside(hub: Hub) -> None:
    """Run until the hub stops. Whatever fails here is told, tried again, and stops nobody from passing a gate."""
    async with anyio.create_task_group() as group:
        group.start_soon(_tell, hub)
        group.start_soon(_expire, hub)
        group.start_soon(_measure, hub)
        group.start_soon(_tell_other_lanes, hub)
        await hub.stopping.wait()
        group.cancel_scope.cancel()


async def _tell(hub: Hub) -> None:
    notifier = Notifier(hub, hub.writer.do, hub.data.path / FILE)
    while True:
        await hub.leader.mine()
        try:
            await notifier.run()
        except Exception as error:  # noqa: BLE001  a full disk or a bug here must not end the hub
            _log.error("notices wait", why=_kind(error))
        await anyio.sleep(_AFTER_A_FAULT_SECONDS)


async def _expire(hub: Hub) -> None:
    while True:
        await hub.leader.mine()
        try:
            removed = await hub.writer.do(lambda connection: expire_with_proof(connection, hub.now()))
            await hub.writer.do(partial(_sweep_watch, hub))
            await _forget(hub)
        except Exception as error:  # noqa: BLE001  a full disk or a bug here must not end the hub
            _log.error("nothing was removed", why=_kind(error))
            await anyio.sleep(_AFTER_A_FAULT_SECONDS)
            continue
        if removed:
            _log.info("past its time", passages=removed.passages, readings=removed.case_readings)
        await anyio.sleep(_EVERY.total_seconds())


async def _tell_other_lanes(hub: Hub) -> None:
    """What staff have dealt with at one lane calls nobody out at the next."""
    while True:
        await anyio.sleep(_DEALT_SECONDS)
        if not hub.leader.leads:
            continue
        try:
            if await hub.read(lambda connection: dealt_today(connection, hub.now())):
                await hub.writer.do(lambda connection: note_dealt(connection, hub.signing, hub.now()))
        except Exception as error:  # noqa: BLE001  a full disk or a bug here must not end the hub
            _log.error("other lanes are told later", why=_kind(error))


def _sweep_watch(hub: Hub, connection: Connection) -> None:
    gone = sweep_watch(connection, hub.signing, hub.unsealing, hub.data.hall_key, hub.now())
    if gone:
        _log.info("watch list entries ended", count=gone)


async def _measure(hub: Hub) -> None:
    measure = Measure()
    while True:
        await anyio.sleep(LOOK_EVERY.total_seconds())
        if not hub.leader.leads:
            continue  # of several processes one counts
        try:
            await _look_at_all(hub, measure)
        except Exception as error:  # noqa: BLE001  figures are not worth the hub
            _log.error("figures wait", why=_kind(error))


async def _look_at_all(hub: Hub, measure: Measure) -> None:
    """A part at a time: nobody's passage waits for a whole city's figures."""
    here, now = await hub.read(terminals), hub.now()
    heard = [(key, newest) for key, newest in hub.fleet.heard.items() if key in here]
    for first in range(0, len(heard), _AT_ONCE):
        part = dict(heard[first : first + _AT_ONCE])
        await hub.writer.do(lambda connection, part=part: measure.take(connection, part, now))  # type: ignore[misc]  # mypy cannot type a lambda's default


async def _forget(hub: Hub) -> None:
    """Empty what is past its time, a part at a time; files of papers go when nothing names them any more."""
    while True:
        done, papers = await hub.writer.do(lambda connection: sweep_kept(connection, hub.now()))
        await run_sync(hub.papers.forget, papers)  # also without any: what an object store did not take the last time
        if not done:
            return
        _log.info("past its time", **done)


def _kind(error: BaseException) -> str:
    """Its type only: a database's message repeats the values."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return type(error).__name__
