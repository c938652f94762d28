"""What an invented person sees of a terminal, and the finger they touch it with: the other end of its view socket."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
from anyio.abc import SocketStream
from anyio.streams.buffered import BufferedByteReceiveStream

from kiosk.view.screen import Intent, Screen, State, Touch, screen_from_json, touch_to_json

MAX_SCREEN_BYTES = 4 * 1024 * 1024


class TerminalGone(Exception):
    """The terminal went away in the middle: it was restarted, or killed."""


class Eyes:
    """Looks at one terminal's screen for as long as the demonstration lasts.

    A terminal that is killed and comes back is looked at again; `generation` counts how often that happened.
    """

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._stream: SocketStream | None = None
        self._changed = anyio.Event()
        self.screen: Screen | None = None
        self.generation = 0

    async def look(self) -> None:
        """Keep looking until cancelled."""
        while True:
            try:
                stream = await anyio.connect_unix(self._socket)
            except OSError:
                await anyio.sleep(0.1)
                continue
            async with stream:
                self._stream = stream
                await self._read(stream)
            self._stream = None
            self.generation += 1
            self._show(None)

    async def _read(self, stream: SocketStream) -> None:
        lines = BufferedByteReceiveStream(stream)
        try:
            while True:
                self._show(screen_from_json(await lines.receive_until(b"\n", MAX_SCREEN_BYTES)))
        except (anyio.EndOfStream, anyio.BrokenResourceError, anyio.IncompleteRead):
            return

    def _show(self, screen: Screen | None) -> None:
        self.screen = screen
        self._changed.set()
        self._changed = anyio.Event()

    @property
    def state(self) -> State | None:
        """What is shown now; None while there is no terminal."""
        return self.screen.state if self.screen is not None else None

    async def until(self, wanted: Callable[[State], bool], generation: int | None = None) -> State:
        """Wait until something is on the screen.

        Args:
            wanted: whether this is it.
            generation: when given, the terminal must not have gone away since.

        Raises:
            TerminalGone: it has.
        """
        while True:
            if generation is not None and self.generation != generation:
                raise TerminalGone
            changed, state = self._changed, self.state
            if state is not None and wanted(state):
                return state
            await changed.wait()

    async def after(self, state: State | None, generation: int) -> State:
        """Wait until something else than `state` is on the screen.

        Raises:
            TerminalGone: the terminal went away.
        """
        return await self.until(lambda shown: shown != state, generation)

    async def touch(self, intent: Intent) -> None:
        """Touch the screen as it is now. A terminal that has gone feels nothing."""
        if self.screen is None or self._stream is None:
            return
        try:
            await self._stream.send(touch_to_json(Touch(intent, self.screen.number)) + b"\n")
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            return


@asynccontextmanager
async def looking(socket: Path) -> AsyncIterator[Eyes]:
    """Eyes that look from now on."""
    eyes = Eyes(socket)
    async with anyio.create_task_group() as group:
        group.start_soon(eyes.look)
        yield eyes
        group.cancel_scope.cancel()
