"""A stream of bytes to one device, and what a serial port and a TCP connection have in common.

Deadlines are moments of `time.monotonic()`, so that one deadline can span several calls. Nothing is tried again here,
nothing sleeps, and every failure of the operating system leaves as a `DriverError`.
"""

import os
import select
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TypeVar

from drivers.errors import BadFrame, Effect, LinkError, NoAnswer
from drivers.transport import recorder

Found = TypeVar("Found")

MOST_WAITING = 1 << 16
"""Bytes after which an answer without a frame is given up, and after which draining stops."""


class ByteStream(ABC):
    """Bytes to and from one device, whatever carries them. Used by one thread; only `close` may be called from another.

    Attributes:
        address: where it leads, for error texts.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._recorder = recorder.attached()

    @property
    @abstractmethod
    def is_open(self) -> bool:
        """Whether `open` succeeded and `close` was not called since."""

    @abstractmethod
    def open(self, deadline: float) -> None:
        """Connect, and throw away what waited.

        Raises:
            NotPresent: nothing is there, or another program holds it.
        """

    @abstractmethod
    def close(self) -> None:
        """Disconnect. Twice is safe; from another thread it ends a waiting call with `LinkError`."""

    @abstractmethod
    def write(self, data: bytes, deadline: float) -> None:
        """Write all of `data`.

        Raises:
            NoAnswer: the device took no more bytes until the deadline.
            LinkError: the link broke. `effect` is NO when no byte had left, UNKNOWN otherwise.
        """

    @abstractmethod
    def read_some(self, deadline: float, limit: int = 4096) -> bytes:
        """Wait for bytes, and return at least one and at most `limit` of them.

        Raises:
            NoAnswer: none came until the deadline.
            LinkError: the link broke, or was closed from another thread.
        """

    @abstractmethod
    def drain(self) -> None:
        """Throw away what has arrived and was not read.

        Raises:
            LinkError: the link broke.
        """

    def read_exactly(self, size: int, deadline: float) -> bytes:
        """Wait for `size` bytes.

        Raises:
            NoAnswer: none came until the deadline.
            BadFrame: some came, but not all.
            LinkError: the line broke, or was closed from another thread.
        """
        received = bytearray()
        while len(received) < size:
            try:
                received += self.read_some(deadline, size - len(received))
            except NoAnswer:
                if received:
                    raise BadFrame("the answer was cut short", bytes(received), effect=Effect.UNKNOWN) from None
                raise
        return bytes(received)

    def read_frame(self, find: Callable[[bytes], Found | None], deadline: float) -> Found:
        """Collect bytes until `find` recognises a frame in them.

        Args:
            find: a pure function of everything received so far; None means more bytes are needed.
            deadline: until when.

        Raises:
            NoAnswer: not one byte came.
            BadFrame: bytes came, but no frame; or what `find` raised.
            LinkError: the line broke, or was closed from another thread.
        """
        received = b""
        while True:
            try:
                received += self.read_some(deadline)
            except NoAnswer:
                if received:
                    raise BadFrame("no whole frame in the answer", received, effect=Effect.UNKNOWN) from None
                raise
            found = find(received)
            if found is not None:
                return found
            if len(received) > MOST_WAITING:
                raise BadFrame("no end of bytes and no frame in them", received, effect=Effect.UNKNOWN)

    def _note_opened(self) -> None:
        if self._recorder is not None:
            self._recorder.opened()

    def _note_closed(self) -> None:
        if self._recorder is not None:
            self._recorder.closed()

    def _note_sent(self, data: bytes) -> None:
        if self._recorder is not None:
            self._recorder.sent(data)

    def _note_received(self, data: bytes) -> None:
        if self._recorder is not None:
            self._recorder.received(data)


class Line(ByteStream):
    """One open or closed line with a file descriptor: a serial port, a connection."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self._fd = -1
        self._wake = -1
        self._polls: dict[int, select.poll] = {}  # of the open descriptors, by event: made once, waited on often
        self._closing = False
        self._in_use = threading.RLock()  # held by whoever waits on the descriptors, so that close() cannot pull them
        self._state = threading.Lock()  # guards `_wake` and `_closing`; never held while waiting

    @abstractmethod
    def _connect(self, deadline: float) -> int:
        """Open the line.

        Returns:
            A non-blocking file descriptor that stays open until `_disconnect`.

        Raises:
            NotPresent: nothing is there.
        """

    @abstractmethod
    def _disconnect(self) -> None:
        """Let go of what `_connect` opened. Raises nothing."""

    @property
    def is_open(self) -> bool:
        """Whether `open` succeeded and `close` was not called since."""
        return self._fd >= 0

    def open(self, deadline: float) -> None:
        """Connect, and throw away what waited on the line.

        Raises:
            NotPresent: nothing is there, or another program holds it.
        """
        with self._in_use:
            if self._fd >= 0:
                return
            with self._state:
                self._closing = False
                self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
            try:
                self._fd = self._connect(deadline)
                self._note_opened()
            except BaseException:
                self._release()
                raise

    def close(self) -> None:
        """Disconnect. Twice is safe; from another thread it ends a waiting call with `LinkError`."""
        with self._state:
            self._closing = True
            if self._wake >= 0:
                os.eventfd_write(self._wake, 1)
        with self._in_use:
            self._release()

    def write(self, data: bytes, deadline: float) -> None:
        """Write all of `data`.

        Raises:
            NoAnswer: the line took no more bytes until the deadline.
            LinkError: the line broke. `effect` is NO when no byte had left, UNKNOWN otherwise.
        """
        rest = memoryview(data)
        with self._in_use:
            while rest:
                effect = Effect.NO if len(rest) == len(data) else Effect.UNKNOWN
                self._check_open(effect)
                try:
                    written = os.write(self._fd, rest)
                except BlockingIOError:
                    if not self._wait(select.POLLOUT, deadline, effect):
                        raise NoAnswer(f"{self.address} takes no bytes", effect=effect) from None
                    continue
                except OSError as error:
                    raise LinkError(f"{self.address}: {error}", effect=effect) from error
                if self._recorder is not None:
                    self._note_sent(bytes(rest[:written]))
                rest = rest[written:]

    def read_some(self, deadline: float, limit: int = 4096) -> bytes:
        """Wait for bytes, and return at least one and at most `limit` of them.

        Raises:
            NoAnswer: none came until the deadline.
            LinkError: the line broke, or was closed from another thread.
        """
        with self._in_use:
            while True:
                self._check_open(Effect.UNKNOWN)
                if not self._wait(select.POLLIN, deadline, Effect.UNKNOWN):
                    raise NoAnswer(f"{self.address} is silent", effect=Effect.UNKNOWN)
                received = self._receive(limit, Effect.UNKNOWN)
                if received:
                    return received

    def drain(self) -> None:
        """Throw away what has arrived and was not read.

        Raises:
            LinkError: the line broke.
        """
        thrown = 0
        now = time.monotonic()
        with self._in_use:
            self._check_open(Effect.NO)
            while thrown < MOST_WAITING and self._wait(select.POLLIN, now, Effect.NO):
                received = self._receive(4096, Effect.NO)
                if not received:
                    return
                thrown += len(received)

    def _receive(self, limit: int, effect: Effect) -> bytes:
        try:
            received = os.read(self._fd, limit)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise LinkError(f"{self.address}: {error}", effect=effect) from error
        if not received:
            raise LinkError(f"{self.address}: hung up", effect=effect)
        self._note_received(received)
        return received

    def _check_open(self, effect: Effect) -> None:
        if self._fd < 0 or self._closing:
            raise LinkError(f"{self.address} is closed", effect=effect)

    def _wait(self, event: int, deadline: float, effect: Effect) -> bool:
        """Wait until the descriptor is ready; False at the deadline."""
        poll = self._polls.get(event)
        if poll is None:
            poll = self._polls[event] = self._poll_for(self._fd, event)
        return self._wait_on(poll, deadline, effect)

    def _wait_for(self, fd: int, event: int, deadline: float, effect: Effect) -> bool:
        return self._wait_on(self._poll_for(fd, event), deadline, effect)

    def _poll_for(self, fd: int, event: int) -> "select.poll":
        poll = select.poll()
        poll.register(fd, event)
        poll.register(self._wake, select.POLLIN)
        return poll

    def _wait_on(self, poll: "select.poll", deadline: float, effect: Effect) -> bool:
        ready = poll.poll(max(0.0, deadline - time.monotonic()) * 1000)
        for of, _ in ready:
            if of == self._wake:
                raise LinkError(f"{self.address} was closed", effect=effect)
        return bool(ready)

    def _release(self) -> None:
        self._disconnect()
        self._note_closed()
        self._fd = -1
        self._polls.clear()
        with self._state:
            if self._wake >= 0:
                os.close(self._wake)
            self._wake = -1
