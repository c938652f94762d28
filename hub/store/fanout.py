"""Telling the hub's other processes that something is new: PostgreSQL's NOTIFY, an id and never a content.

The writer says so inside its transaction (`Writer`), so that nobody hears of what is not there yet. Who was cut off
looks for itself when it is back. On SQLite there is one process, and nothing to tell.
"""

from collections.abc import Callable
from typing import Final

import anyio
import psycopg
import structlog
from psycopg.pq.abc import PGconn
from sqlalchemy import Engine

_log = structlog.get_logger()
CHANNEL: Final = "kiosk_hub"
_PAUSE_SECONDS: Final = 2.0
_TOGETHER_SECONDS: Final = 0.02
"""News are taken together: each commit is told, our own as well, hundreds a second under load."""


async def listen(engine: Engine, me: str, heard: Callable[[], None], stopping: anyio.Event) -> None:
    """Call `heard` whenever another process has written, until the hub stops.

    Args:
        engine: The database; anything but PostgreSQL has nothing to say.
        me: What this process signs with; its own news are left out.
        heard: Called on the event loop.
        stopping: The hub's.
    """
    if engine.dialect.name != "postgresql":
        return
    address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    async with anyio.create_task_group() as group:
        group.start_soon(_listen_again, address, me, heard)
        await stopping.wait()
        group.cancel_scope.cancel()


async def _listen_again(address: str, me: str, heard: Callable[[], None]) -> None:
    while True:
        try:
            connection = await psycopg.AsyncConnection.connect(address, autocommit=True)
            try:
                await connection.execute(f"LISTEN {CHANNEL}")
                heard()  # whatever was said while nobody listened
                while True:
                    await anyio.wait_readable(connection.fileno())
                    await anyio.sleep(_TOGETHER_SECONDS)
                    if _from_others(connection.pgconn, me):
                        heard()
            finally:
                await connection.close()  # also when cancelled: it waits for nothing
        except (psycopg.Error, OSError) as error:
            _log.warning("other processes are not heard", why=type(error).__name__)
        await anyio.sleep(_PAUSE_SECONDS)


def _from_others(connection: PGconn, me: str) -> bool:
    """Take what was said; whether anybody else said anything. The driver's own way costs ten times as much.

    Raises:
        psycopg.OperationalError: The server has gone.
    """
    connection.consume_input()
    ours, others = me.encode(), False
    while (notify := connection.notifies()) is not None:
        others = others or notify.extra != ours
    return others
