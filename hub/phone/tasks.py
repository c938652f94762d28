"""What runs beside the telephones' page: tickets that ran out, and pages that nobody names."""

from functools import partial
from typing import Final

import anyio
import structlog
from anyio.to_thread import run_sync

from hub.app import Hub
from hub.phone import tickets
from hub.phone.files import PhoneFiles

_log = structlog.get_logger()
_SECONDS: Final = 15.0


async def run_phone(hub: Hub, files: PhoneFiles) -> None:
    """Run until the hub stops. Whatever fails here is told and tried again."""
    known = await hub.read(tickets.known_files)
    await run_sync(files.keep_only, known)
    async with anyio.create_task_group() as group:
        group.start_soon(_again_and_again, hub, files)
        await hub.stopping.wait()
        group.cancel_scope.cancel()


async def _again_and_again(hub: Hub, files: PhoneFiles) -> None:
    while True:
        try:
            await sweep(hub, files)
        except Exception as error:  # noqa: BLE001  a full disk or a bug here must not end the hub
            _log.error("tickets of telephones wait", why=type(error).__name__)
        await anyio.sleep(_SECONDS)


async def sweep(hub: Hub, files: PhoneFiles) -> int:
    """Delete what has run out; returns how many pages."""
    gone = await hub.writer.do(partial(tickets.sweep, now=hub.now()))
    if gone:
        await run_sync(files.delete, gone)
        _log.info("pages of telephones deleted", count=len(gone))
    return len(gone)
