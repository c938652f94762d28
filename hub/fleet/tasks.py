"""What keeps the fleet's records: what was heard, alarms, orders that run out, certificates that others changed."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

import anyio
import structlog

from hub.app import Hub
from hub.fleet import alarms, orders, seen
from hub.fleet.live import Heard, TerminalKey
from hub.fleet.seen import Seen
from hub.store.fanout import listen

_log = structlog.get_logger()
KEEP_SECONDS: Final = 3.0
LOOK_SECONDS: Final = 10.0
_AFTER_A_FAULT_SECONDS: Final = 5.0
_CLOCKS_AGREE: Final = timedelta(seconds=30)
"""Between the hub's processes: so far back others' reports are looked for again."""


class FleetRecord:
    """Gathers what this process hears, and takes in what others heard.

    Args:
        hub: The hub.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._kept: dict[TerminalKey, datetime] = {}
        self._looked: datetime | None = None
        self.seen: dict[TerminalKey, Seen] = {}
        """The newest of each terminal, whoever heard it."""

    async def exchange(self) -> None:
        """Write what is new here, read what is new elsewhere."""
        hub = self._hub
        news = {key: seen.seen_of(heard) for key, heard in hub.fleet.heard.items() if self._kept.get(key) != heard.at}
        if news:
            await hub.writer.do(lambda connection: seen.keep(connection, news))
            self._kept.update({key: each.at for key, each in news.items()})
        began = hub.now()
        others = await hub.read(lambda connection: seen.since(connection, self._looked))
        self._looked = began - _CLOCKS_AGREE
        changed = False
        for key, each in others.items():
            here = hub.fleet.heard.get(key)
            if here is None or here.at < each.at:
                hub.fleet.heard[key] = Heard(each.health, each.at)
                self._kept[key] = each.at
                changed = True
            self.seen[key] = each
        if changed:
            hub.fleet.changed.fire()


async def run_fleet(hub: Hub) -> None:
    """Run until the hub stops. Whatever fails here is told, tried again, and stops nobody."""
    record, watch = FleetRecord(hub), alarms.Watch()

    async def look() -> None:
        if not hub.leader.leads:
            return
        now = hub.now()
        ends = await hub.read(seen.certificate_ends)
        changed = await hub.writer.do(lambda connection: watch.look(connection, record.seen, ends, now))
        gone = await hub.writer.do(lambda connection: orders.expire(connection, now))
        if changed or gone:
            hub.fleet.changed.fire()

    async def certificates() -> None:
        await hub.read(hub.certificates.load_if_changed)

    async with anyio.create_task_group() as group:
        group.start_soon(hub.leader.run, hub.stopping)
        group.start_soon(listen, hub.engine, hub.sign, hub.stored.fire, hub.stopping)
        group.start_soon(_again_and_again, KEEP_SECONDS, record.exchange)
        group.start_soon(_again_and_again, KEEP_SECONDS, certificates)
        group.start_soon(_again_and_again, LOOK_SECONDS, look)
        await hub.stopping.wait()
        group.cancel_scope.cancel()


async def _again_and_again(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await work()
        except Exception as error:  # noqa: BLE001  a full disk or a bug here must not end the hub
            _log.error("fleet work waits", work=work.__name__, why=type(error).__name__)
            await anyio.sleep(_AFTER_A_FAULT_SECONDS)
        await anyio.sleep(seconds)
