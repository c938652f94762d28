"""A small web server for devices that call us: no threads, it serves while somebody waits for a request."""

import contextlib
import os
import select
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import Final

from drivers.errors import BadFrame, DeviceFault, LinkError, Remedy
from drivers.transport.http_wire import Request, find_request

MOST_CALLERS: Final = 8
CALL_S: Final = 5.0
"""How long a request may take to arrive. Bodies are small."""
_MOST: Final = 1 << 20


@dataclass
class _Call:
    """One caller's connection."""

    caller: socket.socket
    since: float
    received: bytes = field(default=b"")
    hung_up: bool = False


class HttpListener:
    """Listens on one address. Used by one thread; only `close` may be called from another.

    Args:
        host: address of ours to listen on; never all of them.
        port: TCP port.
        only: address that may call; others are hung up on. Empty for any.
    """

    def __init__(self, host: str, port: int, only: str) -> None:
        self.address = f"{host}:{port}"
        self._where = (host, port)
        self._only = only
        self._listener: socket.socket | None = None
        self._calls: dict[int, _Call] = {}
        self._waiting: _Call | None = None  # its request was handed out and not answered yet
        self._wake = -1
        self._in_use = threading.RLock()
        self._state = threading.Lock()  # guards `_wake` and `_closing`; never held while waiting
        self._closing = False

    @property
    def is_open(self) -> bool:
        """Whether it listens."""
        return self._listener is not None and not self._closing

    def open(self) -> None:
        """Listen.

        Raises:
            DeviceFault: `address_in_use`: the address is not ours, or another program has it.
        """
        with self._in_use:
            if self._listener is not None:
                return
            listener = socket.socket()
            try:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind(self._where)
                listener.listen(MOST_CALLERS)
            except OSError as error:
                listener.close()
                text = f"{self.address}: {error.strerror}"
                raise DeviceFault("address_in_use", text, remedy=Remedy.TECHNICIAN) from error
            listener.settimeout(0)
            with self._state:
                self._closing = False
                self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
            self._listener = listener

    def close(self) -> None:
        """Hang up on everybody. Twice is safe; from another thread it ends a waiting call with `LinkError`."""
        with self._state:
            self._closing = True
            if self._wake >= 0:
                os.eventfd_write(self._wake, 1)
        with self._in_use:
            for call in tuple(self._calls.values()):
                self._drop(call)
            if self._listener is not None:
                self._listener.close()
            self._listener = self._waiting = None
            with self._state:
                if self._wake >= 0:
                    os.close(self._wake)
                self._wake = -1

    def next_request(self, deadline: float) -> Request | None:
        """Wait for a request, which has to be answered before the next one is asked for.

        A request whose caller has hung up already is dropped: without an answer it is sent again.

        Returns:
            None when none came.

        Raises:
            LinkError: it is closed.
        """
        with self._in_use:
            if self._waiting is not None:
                self._drop(self._waiting)
                self._waiting = None
            while True:
                for call in tuple(self._calls.values()):
                    request = self._take(call)
                    if request is not None:
                        self._waiting = call
                        return request
                if not self._wait(deadline):
                    return None

    def answer(self, body: bytes) -> bool:
        """Answer the request that was handed out last; False when the caller did not wait for it."""
        with self._in_use:
            call, self._waiting = self._waiting, None
            if call is None:
                return False
            head = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n"
            try:
                call.caller.sendall(head.encode() + body)
            except OSError:
                self._drop(call)
                return False
            call.since = time.monotonic()
            return True

    def _take(self, call: _Call) -> Request | None:
        try:
            found = find_request(call.received)
        except BadFrame:
            with contextlib.suppress(OSError):
                call.caller.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            self._drop(call)
            return None
        if call.hung_up or len(call.received) > _MOST:
            self._drop(call)
            return None
        if found is None:
            return None
        request, call.received = found
        return request

    def _wait(self, deadline: float) -> bool:
        """Wait for bytes or callers; False at the deadline."""
        if self._listener is None or self._closing:
            raise LinkError(f"{self.address} is closed")
        poll = select.poll()
        for fd in (self._wake, self._listener.fileno(), *self._calls):
            poll.register(fd, select.POLLIN)
        ready = poll.poll(max(0.0, min(deadline - time.monotonic(), 1.0)) * 1000)
        now = time.monotonic()
        for fd, _ in ready:
            if fd == self._wake:
                raise LinkError(f"{self.address} was closed")
            if fd in self._calls:
                self._hear(self._calls[fd])
            else:
                self._accept(now)
        for call in tuple(self._calls.values()):
            if now - call.since > CALL_S:
                self._drop(call)
        return bool(ready) or now < deadline

    def _accept(self, now: float) -> None:
        if self._listener is None:
            return
        try:
            caller, (host, *_) = self._listener.accept()
        except OSError:
            return
        if (self._only and host != self._only) or len(self._calls) >= MOST_CALLERS:
            caller.close()
            return
        caller.settimeout(0)
        self._calls[caller.fileno()] = _Call(caller, now)

    def _hear(self, call: _Call) -> None:
        # to the end of what has come: whether the caller has hung up stands behind it
        while len(call.received) <= _MOST:
            try:
                piece = call.caller.recv(65536)
            except BlockingIOError:
                return
            except OSError:
                piece = b""
            if not piece:
                call.hung_up = True
                return
            call.received += piece

    def _drop(self, call: _Call) -> None:
        self._calls.pop(call.caller.fileno(), None)
        call.caller.close()
