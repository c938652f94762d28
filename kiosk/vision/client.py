"""Camera ring and vision process together, as journeys see them: `VisionProcess` is a `Sight`."""

import os
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from types import TracebackType
from typing import Self

import anyio
import anyio.abc
import anyio.to_thread
import msgspec

from kiosk.log import logger
from kiosk.vision import messages
from kiosk.vision.children import environment
from kiosk.vision.engines import CARDS
from kiosk.vision.faces import verdict
from kiosk.vision.frames import Ring, View
from kiosk.vision.observation import (
    CodeSeen,
    FaceBand,
    FaceVerdict,
    Observation,
    PaperPage,
    PaperSeen,
    PassiveFiles,
    Reference,
    SightLost,
)

_log = logger("vision")

_POLL_SECONDS = 0.005


class VisionState(StrEnum):
    """Where the vision process is."""

    STARTING = "starting"
    READY = "ready"
    BACKING_OFF = "backing_off"
    """It died too often and is left alone for a while."""
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class VisionHealth:
    """How the vision process is.

    Attributes:
        restarts: how often it had to be started again.
        last_error: why the last time, or what does not work in it; no personal data.
    """

    state: VisionState
    restarts: int
    last_error: str


@dataclass(frozen=True, slots=True)
class Limits:
    """Deadlines and the restart budget, in seconds.

    Attributes:
        picture: longest wait for a new picture; an older one than that is no new one.
        answer: longest time a request may take; then the process counts as silent and is replaced.
        start: longest time from start to ready.
        wait: how long a request waits for a process that is starting.
        idle: how often an idle process is asked for a sign of life.
        restarts: so many in `window`, then nothing for `pause`.
    """

    picture: float = 2.0
    answer: float = 5.0
    start: float = 30.0
    wait: float = 4.0
    idle: float = 5.0
    restarts: int = 5
    window: float = 60.0
    pause: float = 30.0


class _Lost(Exception):
    """The process died, or is to be replaced."""


class _Waiting:
    """A request on its way."""

    def __init__(self) -> None:
        self.answered = anyio.Event()
        self.reply: messages.Reply | None = None


class VisionProcess:
    """The vision process, watched and replaced when it dies or falls silent.

    `async with VisionProcess(ring) as sight:` starts it; calls made while it starts wait for it. Use on one event loop.

    Args:
        ring: where the camera's pictures are put.
        engine: name of the face engine.
        decoder: `none`, `simulated`, or `vendor-library:` and the library's path.
        liveness: where the liveness networks are, if anywhere.
    """

    def __init__(
        self,
        ring: Ring,
        *,
        engine: str = "sface",
        decoder: str = "none",
        liveness: PassiveFiles | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._ring, self._card, self._decoder = ring, CARDS[engine], decoder
        self._liveness = liveness or PassiveFiles()
        self._limits = limits or Limits()
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
        self._session = 0
        self._reference_session: int | None = None
        self._not_before = 0.0

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

    # Sight ----------------------------------------------------------------------------------------------------------

    async def remember(self, photo: bytes) -> Reference:
        """Decode a card's photo block and keep its face as the reference, in the vision process's memory only.

        Raises:
            SightLost: the process died or is restarting.
        """
        self._reference_session = None
        reply = await self._ask(partial(messages.Remember, photo=photo))
        if not isinstance(reply, messages.Remembered):
            raise self._failed(reply)
        if reply.why:
            _log.warning("the card's photo does not serve", kind=reply.reference.value, why=reply.why)
        if reply.reference is Reference.READY:
            self._reference_session = self._session
            # What was taken before the card was read may show somebody else.
            self._not_before = time.monotonic()
        return reply.reference

    async def observe(self, after: int) -> Observation:
        """Look for faces in the first picture with a number greater than `after`; wait at most 2 s for one.

        Raises:
            SightLost: no picture came, the process died, or it lost the reference by a restart.
        """
        self._same_process()
        await self._picture(after)
        reply = await self._ask(messages.Observe)
        if not isinstance(reply, messages.Observed):
            raise self._failed(reply)
        self._same_process()
        return reply.observation

    async def challenge(self) -> None:
        """Begin a new active challenge; observations carry its state from now on, until `forget`.

        Raises:
            SightLost: the process died or is restarting.
        """
        reply = await self._ask(messages.Begin)
        if not isinstance(reply, messages.Done):
            raise self._failed(reply)

    def judge(self, similarities: tuple[float, ...]) -> FaceVerdict:
        """Turn similarities (at least one) into a verdict by the engine's table."""
        return verdict(similarities, self._card)

    def rejects(self, similarity: float) -> bool:
        """Whether one comparison by itself says that it is somebody else."""
        return self._card.bands.of(similarity) is FaceBand.REJECT

    async def forget(self) -> None:
        """Drop the reference face and the kept page. Never raises."""
        self._reference_session = None
        self._not_before = 0.0
        if self._state is not VisionState.READY:
            return  # they went with the process
        try:
            await self._ask(messages.Forget)
        except SightLost:
            return  # the same

    async def look_for_paper(self, after: int) -> PaperSeen:
        """Look for a page in the first picture with a number greater than `after`; wait at most 2 s for one.

        Raises:
            SightLost: no picture came, or the process died.
        """
        await self._picture(after)
        reply = await self._ask(messages.LookForPaper)
        if not isinstance(reply, messages.PaperFound):
            raise self._failed(reply)
        return reply.seen

    async def look_for_code(self, after: int) -> CodeSeen:
        """Look for a code in the first picture with a number greater than `after`; wait at most 2 s for one.

        Raises:
            SightLost: no picture came, or the process died.
        """
        await self._picture(after)
        reply = await self._ask(messages.LookForCode)
        if not isinstance(reply, messages.CodeFound):
            raise self._failed(reply)
        return reply.seen

    async def take_page(self) -> PaperPage:
        """Crop the page last seen by `look_for_paper` from that very picture.

        Raises:
            SightLost: there is none any more, or the process died.
        """
        reply = await self._ask(messages.TakePage)
        if not isinstance(reply, messages.PageTaken) or reply.page is None:
            raise self._failed(reply)
        return reply.page

    async def _picture(self, after: int) -> None:
        """Wait until the ring holds a fresh picture with a greater number."""
        with anyio.move_on_after(self._limits.picture):
            while not self._fresh(self._ring.look(), after):  # noqa: ASYNC110  another thread puts it
                await anyio.sleep(_POLL_SECONDS)
            return
        raise SightLost("camera")

    def _fresh(self, view: View | None, after: int) -> bool:
        if view is None or view.number <= after:
            return False
        return view.taken >= max(self._not_before, time.monotonic() - self._limits.picture)

    def _same_process(self) -> None:
        """A new process knows no reference: say so, once, rather than compare with nothing for ever."""
        if self._reference_session is not None and self._reference_session != self._session:
            self._reference_session = None
            raise SightLost("vision")

    def _failed(self, reply: messages.Reply) -> SightLost:
        match reply:
            case messages.NoPicture():
                return SightLost("camera")
            case messages.Failed():
                self._last_error = reply.why
                _log.error("the vision process could not do what it was asked", why=reply.why)
        return SightLost("vision")

    # Requests -------------------------------------------------------------------------------------------------------

    async def _ask(self, make: Callable[[int], messages.Request]) -> messages.Reply:
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
                self._session += 1
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
        line, ring = theirs.fileno(), self._ring.fd
        files = msgspec.json.encode(self._liveness).decode()
        words = (os.getpid(), line, ring, self._card.name, self._decoder, files)
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
        """Ask an idle process for a sign of life; `_ask` replaces a silent one."""
        while True:
            asked = self._number
            await anyio.sleep(self._limits.idle)
            if self._number == asked:
                try:
                    await self._ask(messages.Ping)
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
