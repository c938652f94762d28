"""What keeps the fleet's records: what was heard, alarms, orders that run out, certificates that others changed."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import anyio
import structlog
from anyio.to_thread import run_sync
from sqlalchemy import Connection

from hub.app import Hub
from hub.collector import collect_seldom
from hub.fleet import alarms, behind, bundles, orders, renewal, seen
from hub.fleet.live import Heard, TerminalKey
from hub.fleet.seen import Seen
from hub.store.fanout import listen

_log = structlog.get_logger()
KEEP_SECONDS: Final = 3.0
LOOK_SECONDS: Final = 10.0
COMPARE_SECONDS: Final = 10.0
ORDERS_SECONDS: Final = 0.5
FORGET_SECONDS: Final = 3600.0
_AFTER_A_FAULT_SECONDS: Final = 5.0
_PART: Final = 0.02
_LONGEST_REST_SECONDS: Final = 20.0
_AT_ONCE: Final = 100
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
        for names in (
            list(news)[at : at + _AT_ONCE] for at in range(0, len(news), _AT_ONCE)
        ):  # nobody's passage waits for a whole city's heartbeats
            part = {name: news[name] for name in names}
            await hub.writer.do(lambda connection, part=part: seen.keep(connection, part))  # type: ignore[misc]  # mypy cannot type a lambda's default
        self._kept.update({key: each.at for key, each in news.items()})
        self.seen.update(news)
        if self._looked is not None and hub.engine.dialect.name == "sqlite":
            return  # there are no others
        began = hub.now()
        others = await hub.read(lambda connection: seen.since(connection, self._looked, self.seen))
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
    record = FleetRecord(hub)

    async def old_bundles() -> None:
        if hub.leader.leads:
            await run_sync(bundles.forget_old, hub.data.bundles, hub.now())

    newest = 0

    async def wake() -> None:
        """Whoever gave it, a command or another process: those who wait for orders are not asked at every commit."""
        nonlocal newest
        found = await hub.read(orders.newest)
        if found != newest:
            newest = found
            hub.ordered.fire()

    async def certificates() -> None:
        used = hub.certificates.take_used()
        if used:
            await hub.writer.do(lambda connection: renewal.note_used(connection, used))
        await hub.read(hub.certificates.load_if_changed)

    async with anyio.create_task_group() as group:
        group.start_soon(hub.leader.run, hub.stopping)
        group.start_soon(listen, hub.engine, hub.sign, hub.stored.fire, hub.stopping)
        group.start_soon(_again_and_again, ORDERS_SECONDS, wake)
        group.start_soon(_again_and_again, KEEP_SECONDS, record.exchange)
        group.start_soon(_again_and_again, KEEP_SECONDS, certificates)
        group.start_soon(_again_and_again, LOOK_SECONDS, partial(look, hub, alarms.Watch(), record.seen), _PART)
        group.start_soon(_again_and_again, COMPARE_SECONDS, partial(compare, hub, record.seen), _PART)
        group.start_soon(_again_and_again, FORGET_SECONDS, old_bundles)
        group.start_soon(collect_seldom)
        await hub.stopping.wait()
        group.cancel_scope.cancel()


async def look(hub: Hub, watch: alarms.Watch, heard: Mapping[TerminalKey, Seen]) -> None:
    """Raise and clear alarms; orders that nobody fetched run out."""
    if not hub.leader.leads:
        return
    now, heard = hub.now(), dict(heard)

    def found(connection: Connection) -> list[alarms.Change]:
        ends = seen.certificate_ends(connection, before=now + watch.limits.certificate_raised)
        return watch.look(connection, heard, ends, now, behind.since(connection), seen.retired(connection))

    changed = await hub.read(found)
    for at in range(0, len(changed), _AT_ONCE):
        await hub.writer.do(partial(alarms.keep, changes=changed[at : at + _AT_ONCE], now=now))
    gone = await hub.writer.do(lambda connection: orders.expire(connection, now))
    if changed or gone:
        hub.fleet.changed.fire()


async def compare(hub: Hub, heard: Mapping[TerminalKey, Seen]) -> None:
    """What is desired with what is reported; only what changed is written. A roll-out that fails is halted."""
    if not hub.leader.leads:
        return
    now, heard = hub.now(), dict(heard)
    found, news, failed = await hub.read(lambda connection: behind.compared(connection, heard))
    if news:
        await hub.writer.do(lambda connection: behind.keep(connection, found, now))
        hub.fleet.changed.fire()
    halted = await hub.writer.do(lambda connection: behind.halt_failed(connection, failed, now)) if failed else 0
    if halted:
        hub.fleet.changed.fire()


async def _again_and_again(seconds: float, work: Callable[[], Awaitable[None]], part: float = 1.0) -> None:
    """Do work for ever.

    Args:
        seconds: The pause between.
        work: What.
        part: It takes at most so much of the time: what looks at every terminal rests longer in a city.
    """
    while True:
        began = anyio.current_time()
        try:
            await work()
        except Exception as error:  # noqa: BLE001  a full disk or a bug here must not end the hub
            _log.error("fleet work waits", work=getattr(work, "__name__", "compare"), why=type(error).__name__)
            await anyio.sleep(_AFTER_A_FAULT_SECONDS)
        took = anyio.current_time() - began
        await anyio.sleep(max(seconds, min(_LONGEST_REST_SECONDS, took / part)))
