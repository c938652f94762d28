"""A network device's end of a TCP connection, at a port that stays the same through unplug and replug."""

import contextlib
import os
import random
import selectors
import socket
import struct
import threading
from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from drivers.simulate.wire import Spoiler, WireEnd

_STUCK_S = 0.5
_PORTS = range(20000, 32000)  # below those that Linux gives away by itself, so that nobody takes ours meanwhile
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


def listen(port: int) -> socket.socket:
    """Listen on the loopback address.

    Args:
        port: where; 0 for any that is free and that Linux will not give away to somebody else meanwhile.
    """
    for one in [port] if port else random.SystemRandom().sample(_PORTS, 50):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", one))
            listener.listen(4)
        except OSError:
            listener.close()
            continue
        return listener
    raise OSError("no port is free for a simulated network device")


class TcpSimulator(WireEnd):
    """A simulated device on the network, on the loopback address. It serves one host at a time, as printers do.

    A subclass sets its own state before it calls `super().__init__()`: the device is on the line from then on.

    Args:
        spoiler: spoils the answers when told to.
    """

    driver: ClassVar[str]

    def __init__(self, spoiler: Spoiler) -> None:
        super().__init__(spoiler)
        self._sending = threading.Lock()
        self._port = 0
        self._wake = -1
        self._listener: socket.socket | None = None
        self._host: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self.replug()

    @abstractmethod
    def hung_up(self) -> None:
        """The host closed its connection."""

    @property
    def options(self) -> Mapping[str, str | int | float | bool]:
        """The keys of the driver's options."""
        return {"host": "127.0.0.1", "port": self._port}

    def unplug(self) -> None:
        """Reset the connection and stop listening."""
        with self._plug:
            thread, self._thread = self._thread, None
            if thread is None:
                return
            self._gone.set()
            os.eventfd_write(self._wake, 1)
            thread.join()
            with self._sending:
                if self._host is not None:
                    with contextlib.suppress(OSError):
                        self._host.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
                    self._host.close()
                    self._host = None
            if self._listener is not None:
                self._listener.close()
            os.close(self._wake)

    def replug(self) -> None:
        """Listen again at the old port."""
        with self._plug:
            if self._thread is not None:
                return
            self._listener = listen(self._port)
            self._port = self._listener.getsockname()[1]
            self._wake = os.eventfd(0)
            self._powered()
            self._thread = threading.Thread(target=self._run, name=f"simulated {self.driver}", daemon=True)
            self._thread.start()

    def put(self, piece: bytes) -> None:
        """Send it to the host that is connected, if there is one."""
        with self._sending, contextlib.suppress(OSError):
            if self._host is not None:
                self._host.sendall(piece)

    def _run(self) -> None:
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._wake, selectors.EVENT_READ)
            while not self._gone.is_set():
                heard_by = self._host or self._listener
                if heard_by is None:
                    return
                waiting.register(heard_by, selectors.EVENT_READ)
                waiting.select()
                waiting.unregister(heard_by)
                if not self._gone.is_set():
                    self._serve()

    def _serve(self) -> None:
        """Take a host, or what it sent."""
        if self._host is None:
            if self._listener is not None:
                host, _ = self._listener.accept()
                host.settimeout(_STUCK_S)
                host.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._host = host
            return
        try:
            received = self._host.recv(65536)
        except OSError:
            received = b""
        if not received:
            with self._sending:
                self._host.close()
                self._host = None
            self.hung_up()
        elif not self._hanging:
            self.heard(received)
