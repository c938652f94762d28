"""The vision process: started, watched, asked, and replaced when it dies or falls silent."""

import os
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Self

import anyio
import anyio.abc
import anyio.to_thread
import msgspec

from kiosk.log import logger
from kiosk.vision import messages
from kiosk.vision.children import environment
from kiosk.vision.observation import SightLost
from kiosk.vision.process_state import Limits, VisionHealth, VisionState

_log = logger("vision")


class _Lost(Exception):
    """The process died, or is to be replaced."""


class _Waiting:
    """A request on its way."""

    def __init__(self) -> None:
        self.answered = anyio.Event()
        self.reply: messages.Reply | None = None


class WatchedProcess:
    """One vision process after the other. Use on one event loop, with `async with`.

    Args:
        ring: the descriptor of the ring of pictures.
        words: what the process is told besides: engine, decoder, liveness files as JSON.
        limits: deadlines and the restart budget.

    Attributes:
        session: counts the processes: what one was told is not known to the next.
    """

    def __init__(self, ring: int, words: tuple[str, ...], limits: Limits) -> None:
        self._ring, self._words, self._limits = ring, words, limits
        self._turn = anyio.Lock()
        self._ready = anyio.Event()
        self._state = VisionState.STOPPED
        self._restarts = 0
        self._last_error = ""
        self._deaths: deque[float] = deque()
        self._stream: anyio.abc.ByteStream | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._life: anyio.CancelScope | None = None
        self._verdict = ""
        self._waiting: dict[int, _Waiting] = {}
        self._number = 0
        self._long: _Waiting | None = None
        self.session = 0

    async def __aenter__(self) -> Self:
        self._group = await anyio.create_task_group().__aenter__()
        self._group.start_soon(self._keep_alive)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        self._group.cancel_scope.cancel()
        try:
            return await self._group.__aexit__(kind, error, trace)
        except BaseExceptionGroup as group:
            if error is not None and group.exceptions == (error,):
                return False  # the caller's own, and no group to him
            raise

    @property
    def health(self) -> VisionHealth:
        """How the process is now."""
        return VisionHealth(self._state, self._restarts, self._last_error)

    @property
    def pid(self) -> int | None:
        """The process's id, while there is one."""
        return self._process.pid if self._process is not None else None

    async def until_ready(self) -> None:
        """Wait until the process answers."""
        while self._state is not VisionState.READY:
            await self._ready.wait()

    # Requests -------------------------------------------------------------------------------------------------------

    def failed(self, reply: messages.Reply) -> SightLost:
        """What to raise for a reply that is not the one that was asked for."""
        match reply:
            case messages.NoPicture():
                return SightLost("camera")
            case messages.Failed():
                self._last_error = reply.why
                _log.error("the vision process could not do what it was asked", why=reply.why)
        return SightLost("vision")

    async def ask(self, make: Callable[[int], messages.Request]) -> messages.Reply:
        """Ask, and wait for the answer; a process that gives none in time is replaced.

        Raises:
            SightLost: the process died or is restarting.
        """
        async with self._turn:
            if self._state is not VisionState.READY:
                await self._started()
            self._number += 1
            number, waiting = self._number, _Waiting()
            self._waiting[number] = waiting
            try:
                with anyio.move_on_after(self._limits.answer) as scope:
                    await self._send(messages.pack(make(number)))
                    await waiting.answered.wait()
                if scope.cancelled_caught and waiting.reply is None:
                    self._replace(f"silent for {self._limits.answer:g} s")
            finally:
                del self._waiting[number]
            if waiting.reply is None:
                raise SightLost("vision")
            return waiting.reply

    async def ask_long(self, make: Callable[[int], messages.Request]) -> messages.Reply:
        """Ask what may take longer than the others, which go on meanwhile; one such request at a time.

        It is the caller's part to set a deadline. When he leaves, the process is told to stop; one that does not stop
        is replaced.

        Raises:
            SightLost: the process died or is restarting.
        """
        while self._long is not None:
            await self._long.answered.wait()
        waiting = self._long = _Waiting()
        number = 0
        try:
            async with self._turn:
                if self._state is not VisionState.READY:
                    await self._started()
                self._number += 1
                number = self._number
                self._waiting[number] = waiting
                await self._send(messages.pack(make(number)))
            await waiting.answered.wait()
        finally:
            if waiting.answered.is_set() or number == 0 or self._state is not VisionState.READY:
                self._ended(number, waiting)
            else:
                self._group.start_soon(self._stop, number, waiting)
        if waiting.reply is None:
            raise SightLost("vision")
        return waiting.reply

    async def _stop(self, number: int, waiting: _Waiting) -> None:
        """Tell the process that nobody waits for an answer any more, and wait until it has stopped."""
        try:
            with anyio.move_on_after(self._limits.answer):
                async with self._turn:
                    if self._state is VisionState.READY:
                        await self._send(messages.pack(messages.Stop(number)))
                await waiting.answered.wait()
            if not waiting.answered.is_set():
                self._replace(f"does not stop within {self._limits.answer:g} s")
        except SightLost:
            pass  # it went with the process
        finally:
            self._ended(number, waiting)

    def _ended(self, number: int, waiting: _Waiting) -> None:
        self._waiting.pop(number, None)
        self._long = None
        waiting.answered.set()

    async def _started(self) -> None:
        if self._state is not VisionState.STARTING:
            raise SightLost("vision")
        with anyio.move_on_after(self._limits.wait):
            await self._ready.wait()
        if self.health.state is not VisionState.READY:
            raise SightLost("vision")

    async def _send(self, data: bytes) -> None:
        if self._stream is None:
            raise SightLost("vision")
        try:
            with anyio.CancelScope(shield=True):  # half a request would garble all that follow
                await self._stream.send(data)
        except (anyio.BrokenResourceError, anyio.ClosedResourceError) as error:
            raise SightLost("vision") from error

    def _replace(self, why: str) -> None:
        self._verdict, self._state = why, VisionState.STARTING
        if self._process is not None:
            self._process.kill()
        if self._life is not None:
            self._life.cancel()

    # The process ----------------------------------------------------------------------------------------------------

    async def _keep_alive(self) -> None:
        try:
            while True:
                self._state = VisionState.STARTING
                self.session += 1
                self._verdict = ""
                try:
                    await self._live()
                except _Lost as error:
                    self._last_error = self._verdict or str(error)
                self._restarts += 1
                now = time.monotonic()
                self._deaths.append(now)
                while self._deaths[0] < now - self._limits.window:
                    self._deaths.popleft()
                if len(self._deaths) > self._limits.restarts:
                    self._state = VisionState.BACKING_OFF
                    self._ready.set()
                    self._ready = anyio.Event()
                    _log.error("the vision process dies again and again", restarts=self._restarts, why=self._last_error)
                    await anyio.sleep(self._limits.pause)
                else:
                    _log.warning("the vision process starts again", restarts=self._restarts, why=self._last_error)
        finally:
            self._state = VisionState.STOPPED

    async def _live(self) -> None:
        """Start a process and read its answers until it is lost; nothing of it is left when this returns.

        Raises:
            _Lost: always, unless cancelled.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                # Here, not in a worker thread: the kernel ends the process with the thread that started it.
                process = self._process = self._spawn(theirs)
            except OSError as error:
                ours.close()
                await anyio.sleep(1.0)
                raise _Lost(f"cannot start: {error.strerror}") from error
        try:
            ours.setblocking(False)  # noqa: FBT003  the socket module's own way
            async with await anyio.abc.UNIXSocketStream.from_socket(ours) as stream:
                with anyio.CancelScope() as self._life:
                    await self._converse(stream)
            raise _Lost(self._verdict)
        finally:
            self._stream = self._life = self._process = None
            if self._state is VisionState.READY:
                self._state = VisionState.STARTING
            for waiting in self._waiting.values():
                waiting.answered.set()
            process.kill()
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(_reap, process)

    def _spawn(self, theirs: socket.socket) -> subprocess.Popen[bytes]:
        line, ring = theirs.fileno(), self._ring
        words = (os.getpid(), line, ring, *self._words)
        return subprocess.Popen(  # noqa: S603  our own module
            [sys.executable, "-m", "kiosk.vision.worker", *map(str, words)],
            pass_fds=(line, ring),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # native libraries talk
            env=environment(),
        )

    async def _converse(self, stream: anyio.abc.ByteStream) -> None:
        hello: messages.Answer | None = None
        got = bytearray()
        with anyio.move_on_after(self._limits.start):
            hello = await self._next(stream, got)
        match hello:
            case messages.Ready():
                self._last_error = hello.trouble or self._last_error
                if hello.trouble:
                    _log.error("the vision process lacks something", why=hello.trouble)
            case messages.Broken():
                raise _Lost(hello.why)
            case _:
                raise _Lost("not ready in time")
        self._stream, self._state = stream, VisionState.READY
        self._ready.set()
        self._ready = anyio.Event()
        async with anyio.create_task_group() as group:
            group.start_soon(self._watch)
            try:
                await self._listen(stream, got)
            except _Lost as error:
                self._verdict = self._verdict or str(error)
            group.cancel_scope.cancel()

    async def _listen(self, stream: anyio.abc.ByteStream, got: bytearray) -> None:
        while True:
            answer = await self._next(stream, got)
            if isinstance(answer, messages.Ready | messages.Broken):
                raise _Lost("an answer out of turn")
            waiting = self._waiting.get(answer.number)
            if waiting is not None:  # else its caller was cancelled
                waiting.reply = answer
                waiting.answered.set()

    async def _watch(self) -> None:
        """Ask an idle process for a sign of life; `ask` replaces a silent one."""
        while True:
            asked = self._number
            await anyio.sleep(self._limits.idle)
            if self._number == asked:
                try:
                    await self.ask(messages.Ping)
                except SightLost:
                    return

    @staticmethod
    async def _next(stream: anyio.abc.ByteStream, got: bytearray) -> messages.Answer:
        """The next answer; `got` holds what came of the one after it."""
        try:
            while len(got) < messages.LENGTH_BYTES:
                got += await stream.receive(1 << 20)
            end = messages.LENGTH_BYTES + messages.length_of(bytes(got[: messages.LENGTH_BYTES]))
            while len(got) < end:
                got += await stream.receive(1 << 20)
            body = bytes(got[messages.LENGTH_BYTES : end])
            del got[:end]
            return messages.answer_of(body)
        except (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError) as error:
            raise _Lost("it died") from error
        except (ValueError, msgspec.MsgspecError) as error:
            raise _Lost("an answer that is none") from error


def _reap(process: subprocess.Popen[bytes]) -> None:
    """Take the exit status of a killed process; one that the kernel cannot end is left to it."""
    try:
        process.wait(5.0)
    except subprocess.TimeoutExpired:
        _log.error("the vision process cannot be killed", why=str(process.pid))
