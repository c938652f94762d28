"""What runs beside the listeners for as long as the hub serves: telling others, and removing what is past its time."""

from datetime import timedelta
from typing import Final

import anyio
import structlog

from hub.app import Hub
from hub.gate.notify import FILE, Notifier
from hub.gate.retention import expire

_log = structlog.get_logger()
_EVERY: Final = timedelta(hours=1)
_AFTER_A_FAULT_SECONDS: Final = 10.0


async def run_beside(hub: Hub) -> None:
    """Run until the hub stops. Whatever fails here is told, tried again, and stops nobody from passing a gate."""
    async with anyio.create_task_group() as group:
        group.start_soon(_tell, hub)
        group.start_soon(_expire, hub)
        await hub.stopping.wait()
        group.cancel_scope.cancel()


async def _tell(hub: Hub) -> None:
    notifier = Notifier(hub, hub.writer.do, hub.data.path / FILE)
    while True:
        try:
            await notifier.run()
        except Exception as error:  # noqa: BLE001  a full disk or a bug here must not end the hub
            _log.error("notices wait", why=_kind(error))
        await anyio.sleep(_AFTER_A_FAULT_SECONDS)


async def _expire(hub: Hub) -> None:
    while True:
        try:
            removed = await hub.writer.do(lambda connection: expire(connection, hub.now()))
        except Exception as error:  # noqa: BLE001  a full disk or a bug here must not end the hub
            _log.error("nothing was removed", why=_kind(error))
            await anyio.sleep(_AFTER_A_FAULT_SECONDS)
            continue
        if removed:
            _log.info("past its time", passages=removed.passages, readings=removed.case_readings)
        await anyio.sleep(_EVERY.total_seconds())


def _kind(error: BaseException) -> str:
    """Its type only: a database's message repeats the values."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return type(error).__name__
