"""The screen over a Unix socket: what is shown, one line of JSON a change; touches come back the same way.

For the invented crowd, and later for a helper elsewhere. The socket is the owner's alone (0600). A slow reader misses
states in between, and always gets the newest.
"""

from pathlib import Path

import anyio
import msgspec
from anyio.abc import SocketStream
from anyio.streams.buffered import BufferedByteReceiveStream

from kiosk.log import logger
from kiosk.session import Stage
from kiosk.view.screen import Screen, screen_to_json, touch_from_json

_log = logger("viewport")

MAX_TOUCH_BYTES = 4096


class Viewport:
    """Serves one stage to whoever connects."""

    def __init__(self) -> None:
        self._newest: Screen | None = None
        self._changed = anyio.Event()

    def draw(self, screen: Screen) -> None:
        """A new screen. Call on the event loop."""
        self._newest = screen
        self._changed.set()
        self._changed = anyio.Event()

    async def serve(self, path: Path, stage: Stage) -> None:
        """Serve until cancelled."""
        path.parent.mkdir(parents=True, exist_ok=True)
        await anyio.Path(path).unlink(missing_ok=True)
        listener = await anyio.create_unix_listener(path, mode=0o600)
        try:
            async with listener:
                await listener.serve(lambda stream: self._one(stream, stage))
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.Path(path).unlink(missing_ok=True)

    async def _one(self, stream: SocketStream, stage: Stage) -> None:
        async with stream:
            try:
                async with anyio.create_task_group() as group:
                    group.start_soon(self._tell, stream)
                    await self._listen(stream, stage)
                    group.cancel_scope.cancel()
            except* (anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream, anyio.IncompleteRead):
                pass  # it has gone
            except* (anyio.DelimiterNotFound, msgspec.MsgspecError) as error:
                _log.warning("something that is no touch came in", why=str(error.exceptions[0])[:100])

    async def _tell(self, stream: SocketStream) -> None:
        told: Screen | None = None
        while True:
            changed = self._changed
            if self._newest is not None and self._newest is not told:
                told = self._newest
                await stream.send(screen_to_json(told) + b"\n")
            else:
                await changed.wait()

    @staticmethod
    async def _listen(stream: SocketStream, stage: Stage) -> None:
        lines = BufferedByteReceiveStream(stream)
        while True:
            line = await lines.receive_until(b"\n", MAX_TOUCH_BYTES)
            stage.touch(touch_from_json(line))
