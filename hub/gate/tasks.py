"""What runs beside the listeners for as long as the hub serves: telling others, and removing what is past its time."""

from datetime import timedelta
from typing import Final

import anyio
import structlog
from anyio.to_thread import run_sync

from hub.app import Hub
from hub.gate.notify import FILE, Notifier
from hub.people.forgetting import sweep_kept
from hub.people.retention import expire_with_proof
from hub.supervision.measure import EVERY as LOOK_EVERY
from hub.supervision.measure import Measure

_log = structlog.get_logger()
_EVERY: Final = timedelta(hours=1)
_AFTER_A_FAULT_SECONDS: Final = 10.0


async def run_beside(hub: Hub) -> None:
    """Run until the hub stops. Whatever fails here is told, tried again, and stops nobody from passing a gate."""
    async with anyio.create_task_group() as group:
        group.start_soon(_tell, hub)
        group.start_soon(_expire, hub)
        group.start_soon(_measure, hub)
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
            await _forget(hub)
        except Exception as error:  # noqa: BLE001  a full disk or a bug here must not end the hub
            _log.error("nothing was removed", why=_kind(error))
            await anyio.sleep(_AFTER_A_FAULT_SECONDS)
            continue
        if removed:
            _log.info("past its time", passages=removed.passages, readings=removed.case_readings)
        await anyio.sleep(_EVERY.total_seconds())


async def _measure(hub: Hub) -> None:
    measure = Measure()
    while True:
        await anyio.sleep(LOOK_EVERY.total_seconds())
        try:
            await hub.writer.do(lambda connection: measure.take(connection, hub.fleet.heard, hub.now()))
        except Exception as error:  # noqa: BLE001  figures are not worth the hub
            _log.error("figures wait", why=_kind(error))


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
