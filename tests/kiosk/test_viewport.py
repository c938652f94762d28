import stat
from contextlib import suppress
from pathlib import Path

import anyio
import anyio.abc
import pytest

from kiosk.demo.eyes import looking
from kiosk.session import Stage
from kiosk.view import gate
from kiosk.view.common import CallStaff, Language
from kiosk.viewport import Viewport

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_the_screen_is_seen_and_touched_from_another_process(tmp_path: Path) -> None:
    viewport = Viewport()
    stage = Stage("gate", viewport.draw, Language.ZH_HANS)
    socket = tmp_path / "view.sock"
    with anyio.fail_after(20):
        async with anyio.create_task_group() as group:
            group.start_soon(viewport.serve, socket, stage)
            stage.show(gate.Welcome("h", "l"))
            async with looking(socket) as eyes:
                await eyes.until(lambda state: isinstance(state, gate.Welcome))
                assert stat.S_IMODE(socket.stat().st_mode) == 0o600
                await eyes.touch(CallStaff())
                assert await stage.intent() == CallStaff()
                stage.show(gate.Deciding())
                await eyes.until(lambda state: isinstance(state, gate.Deciding))
            group.cancel_scope.cancel()
    assert not socket.exists()


async def closed(stream: anyio.abc.SocketStream) -> None:
    """Read on until the other side has closed."""
    with suppress(anyio.EndOfStream, anyio.BrokenResourceError):
        while True:
            await stream.receive()


async def test_something_that_is_no_touch_ends_that_connection_only(tmp_path: Path) -> None:
    viewport = Viewport()
    stage = Stage("gate", viewport.draw, Language.ZH_HANS)
    socket = tmp_path / "view.sock"
    with anyio.fail_after(20):
        async with anyio.create_task_group() as group:
            group.start_soon(viewport.serve, socket, stage)
            stage.show(gate.Deciding())
            async with looking(socket) as eyes:
                await eyes.until(lambda state: isinstance(state, gate.Deciding))
                for garbage in (b"no json\n", b"{}\n", b"x" * 10_000):
                    async with await anyio.connect_unix(socket) as stranger:
                        await stranger.send(garbage)
                        await closed(stranger)
                await eyes.touch(CallStaff())
                assert await stage.intent() == CallStaff()
            group.cancel_scope.cancel()
