"""The process for pictures and sound: started with a call, started again when it dies, ended with the call."""

import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

import anyio
import anyio.abc
import anyio.to_thread
import msgspec

from kiosk.help import messages
from kiosk.log import logger
from kiosk.vision.children import environment
from kiosk.vision.frames import Ring

_log = logger("help")
STAFF_SIZE = (480, 640)
"""Height and width of the staff's picture at the most; larger ones are made smaller."""
_RESTARTS = 5
"""In one call; then it goes on without pictures and sound."""


class Media(Protocol):
    """Pictures and sound of one call, as the call sees them."""

    @property
    def session(self) -> int:
        """Counts the processes: what one was told is not known to the next; 0 while there is none."""
        ...

    def tell(self, order: messages.Order) -> None:
        """Have something done; dropped while there is no process."""
        ...


Starts = Callable[[Callable[[messages.Report], None]], AbstractAsyncContextManager[Media]]
"""Starts a process that reports to a function, for as long as the context lasts."""


class MediaProcess:
    """One process after the other, for one call.

    Args:
        rings: camera, screen, and the staff's picture.
        sound: where microphone and earpiece are.
        report: called on the event loop with what the process says.
    """

    def __init__(self, rings: tuple[Ring, Ring, Ring], sound: str, report: Callable[[messages.Report], None]) -> None:
        self._rings, self._sound, self._report = rings, sound, report
        self._orders: list[bytes] = []
        self._wake = anyio.Event()
        self._count = 0
        self._up = False

    @property
    def session(self) -> int:
        """Counts the processes; 0 while there is none."""
        return self._count if self._up else 0

    def tell(self, order: messages.Order) -> None:
        """Have something done."""
        if self._up:
            self._orders.append(messages.pack(order))
            self._wake.set()

    async def run(self) -> None:
        """Keep a process until cancelled, or until it has died too often."""
        for _ in range(_RESTARTS):
            self._count += 1
            why = await self._live()
            _log.warning("the process for pictures and sound is gone", why=why, restarts=self._count)
            await anyio.sleep(1.0)
        _log.error("there are no pictures and no sound", restarts=self._count)

    async def _live(self) -> str:
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                # Here, not in a worker thread: the kernel ends the process with the thread that started it.
                process = self._spawn(theirs)
            except OSError as error:
                ours.close()
                return f"cannot start: {error.strerror}"
        try:
            ours.setblocking(False)  # noqa: FBT003  the socket module's own way
            async with await anyio.abc.UNIXSocketStream.from_socket(ours) as stream:
                return await self._converse(stream)
        finally:
            self._up = False
            self._orders.clear()
            process.kill()
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(_reap, process)

    def _spawn(self, theirs: socket.socket) -> subprocess.Popen[bytes]:
        fds = (theirs.fileno(), *(ring.fd for ring in self._rings))
        words = (str(os.getpid()), *map(str, fds), self._sound)
        return subprocess.Popen(  # noqa: S603  our own module
            [sys.executable, "-m", "kiosk.help.worker", *words],
            pass_fds=fds,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # native libraries talk
            stderr=subprocess.DEVNULL,
            env=environment(),
        )

    async def _converse(self, stream: anyio.abc.ByteStream) -> str:
        why = ""
        async with anyio.create_task_group() as group:
            group.start_soon(self._send, stream)
            try:
                await self._listen(stream)
            except (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError):
                why = "it died"
            except (ValueError, msgspec.MsgspecError):
                why = "a report that is none"
            group.cancel_scope.cancel()
        return why

    async def _send(self, stream: anyio.abc.ByteStream) -> None:
        try:
            while True:
                self._wake = anyio.Event()
                while self._orders:
                    await stream.send(self._orders.pop(0))
                await self._wake.wait()
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            return  # whoever listens notices

    async def _listen(self, stream: anyio.abc.ByteStream) -> None:
        got = bytearray()
        while True:
            while len(got) < messages.LENGTH.size:
                got += await stream.receive(1 << 16)
            length = messages.LENGTH.unpack(got[: messages.LENGTH.size])[0]
            if length > messages.MOST:
                raise ValueError("too long")
            end = messages.LENGTH.size + length
            while len(got) < end:
                got += await stream.receive(1 << 16)
            said = messages.report_of(bytes(got[messages.LENGTH.size : end]))
            del got[:end]
            self._up = True
            self._report(said)


def starts(rings: tuple[Ring, Ring, Ring], sound: str) -> Starts:
    """What starts processes for these rings and this handset."""

    @asynccontextmanager
    async def start(report: Callable[[messages.Report], None]) -> AsyncIterator[Media]:
        media = MediaProcess(rings, sound, report)
        async with anyio.create_task_group() as group:
            group.start_soon(media.run)
            try:
                yield media
            finally:
                group.cancel_scope.cancel()

    return start


def _reap(process: subprocess.Popen[bytes]) -> None:
    """Take the exit status of a killed process; one that the kernel cannot end is left to it."""
    try:
        process.wait(5.0)
    except subprocess.TimeoutExpired:
        _log.error("the process for pictures and sound cannot be killed", why=str(process.pid))
