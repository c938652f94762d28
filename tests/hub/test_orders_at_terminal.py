"""Orders from the hub to a terminal's own code over TLS: locked, told, unlocked and bundled, also over a restart."""

import io
import logging
import tarfile
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest
import structlog

from hub.fleet import bundles, orders
from hub.fleet.live import TerminalKey
from kiosk.clock import WallClock
from kiosk.link.client import HubClient
from kiosk.link.identity import load
from kiosk.lock import Lock
from kiosk.log import logger, set_up
from kiosk.notice import Notice
from kiosk.order_acts import order_desk
from kiosk.session import Stage
from kiosk.store.database import Database
from kiosk.store.order_book import OrderBook
from kiosk.view.common import Language
from kiosk.view.desk import Start
from kiosk.view.screen import Screen
from kiosk.wire.orders import OrderFate, OrderKind
from tests.provisioning.test_service import TEXT as SITE

pytestmark = pytest.mark.timeout(300)


class Uplink:
    """What the orders touch of the real one."""

    def __init__(self) -> None:
        self.told = self.fetched = 0

    def tell_health(self) -> None:
        self.told += 1

    def fetch_signed_again(self) -> None:
        self.fetched += 1


class Machine:
    """A terminal's parts that orders act upon."""

    def __init__(self, folder: Path, terminal: Any) -> None:
        self.folder, self.terminal = folder, terminal
        self.site = folder / "site.toml"
        self.site.write_text(SITE)
        self.screens: list[Screen] = []
        self.uplink, self.lock = Uplink(), Lock()

    @asynccontextmanager
    async def running(self) -> Any:
        """As `kiosk.run` puts them together."""
        database = await Database.open(self.folder / "terminal.db")
        book = OrderBook(database)
        words = await book.locked()
        self.lock = Lock()
        self.lock.set(on=words is not None, words=words or "")
        stage = Stage("desk", self.screens.append, Language.ZH_HANS)
        stage.show(Start("示例市政务服务中心", ()))
        notice = Notice(stage, book, WallClock())
        async with HubClient(load(self.terminal.folder)) as hub, anyio.create_task_group() as group:
            group.start_soon(notice.run)
            yield order_desk(
                hub,
                self.uplink,
                book,
                stage,
                WallClock(),
                lock=self.lock,
                notice=notice,
                site=self.site,  # type: ignore[arg-type]
            )
            group.cancel_scope.cancel()
        await database.close()


@pytest.fixture
def logging_on() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    set_up()
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


async def until(seen: Callable[[], bool]) -> None:
    with anyio.fail_after(60):
        while not seen():
            await anyio.sleep(0.02)


@pytest.mark.usefixtures("logging_on")
def test_each_order_is_carried_out_and_what_lasts_lasts(running: Any, tmp_path: Path) -> None:
    terminal = running.terminal("desk")
    key = TerminalKey(terminal.enrolled.hall, terminal.enrolled.terminal)
    machine = Machine(tmp_path, terminal)

    def give(kind: OrderKind, text: str = "", seconds: float = 3600) -> int:
        with running.hub.engine.execution_options(writes=True).begin() as connection:
            now, life = running.hub.now(), timedelta(seconds=seconds)
            return orders.give(connection, [key], kind, by="t1", now=now, text=text, life=life)[0]

    def fate(number: int) -> tuple[OrderFate, str]:
        with running.hub.engine.connect() as connection:
            (found,) = [each for each in orders.history(connection, key) if each.number == number]
            return found.fate, found.detail

    async def main() -> None:
        logger("test").warning("somebody called", detail="call 13912345678 about 110101199003070011")
        async with machine.running() as desk:
            locked, told, again = (
                give(OrderKind.LOCK, "设备检修"),
                give(OrderKind.MESSAGE, "今天 16:30 停止取号"),
                give(OrderKind.RELOAD),
            )
            assert await desk.once() == 3
            assert [fate(number)[0] for number in (locked, told, again)] == [OrderFate.DONE] * 3
            assert (machine.lock.on, machine.lock.words, machine.uplink.told) == (True, "设备检修", 1)
            assert machine.uplink.fetched == 1
            await until(lambda: machine.screens[-1].notice == "今天 16:30 停止取号")
        async with machine.running() as desk:  # after a restart
            assert (machine.lock.on, machine.lock.words) == (True, "设备检修")
            await until(lambda: machine.screens[-1].notice == "今天 16:30 停止取号")
            unlocked, brief = give(OrderKind.UNLOCK), give(OrderKind.MESSAGE, "马上恢复", 3)
            assert await desk.once() == 2
            assert not machine.lock.on
            await until(lambda: machine.screens[-1].notice == "马上恢复")
            await until(lambda: machine.screens[-1].notice == "")  # its time is over
            assert fate(unlocked) == fate(brief) == (OrderFate.DONE, "")
            asked = give(OrderKind.BUNDLE)
            assert await desk.once() == 1
            assert fate(asked) == (OrderFate.DONE, "")
        async with machine.running():
            assert not machine.lock.on
        file = bundles.file_of(running.data.bundles, key, asked)
        with tarfile.open(fileobj=io.BytesIO(file.read_bytes())) as archive:
            parts = {member.name: archive.extractfile(member) for member in archive.getmembers()}
            whole = b"".join(part.read() for part in parts.values() if part is not None)
        assert {"kiosk-bundle/versions.json", "kiosk-bundle/site.json", "kiosk-bundle/contents.txt"} <= parts.keys()
        assert any(name.startswith("kiosk-bundle/logs/") for name in parts)
        assert b"somebody called" in whole
        for secret in (b"13912345678", b"110101199003070011", b"very-secret-password"):
            assert secret not in whole

    anyio.run(main)


def test_a_bundle_that_cannot_be_made_is_said(running: Any, tmp_path: Path) -> None:
    terminal = running.terminal("desk")
    key = TerminalKey(terminal.enrolled.hall, terminal.enrolled.terminal)
    machine = Machine(tmp_path, terminal)
    machine.site.write_text("no site file")

    async def main() -> None:
        with running.hub.engine.execution_options(writes=True).begin() as connection:
            (number,) = orders.give(connection, [key], OrderKind.BUNDLE, by="t1", now=running.hub.now())
        async with machine.running() as desk:
            await desk.once()
        with running.hub.engine.connect() as connection:
            (found,) = orders.history(connection, key)
        assert (found.number, found.fate) == (number, OrderFate.FAILED)
        assert "exit code 2" in found.detail

    anyio.run(main)
