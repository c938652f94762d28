"""A TCP connection to a device."""

import contextlib
import errno
import os
import select
import socket

from drivers.errors import Effect, NotPresent
from drivers.transport.line import Line

IN_PROGRESS = {errno.EINPROGRESS, errno.EWOULDBLOCK}


class TcpLine(Line):
    """A TCP connection. The other end is given as an address or as a name in the hall's network.

    Args:
        host: IPv4 or IPv6 address, or name.
        port: TCP port.
    """

    def __init__(self, host: str, port: int) -> None:
        super().__init__(f"{host}:{port}")
        self._where = (host, port)
        self._socket: socket.socket | None = None

    def _connect(self, deadline: float) -> int:
        try:
            family, kind, protocol, _, where = socket.getaddrinfo(*self._where, type=socket.SOCK_STREAM)[0]
            self._socket = socket.socket(family, kind, protocol)
            self._socket.settimeout(0)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # a device that lost power says nothing: find out within a minute even while nobody writes
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 20)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)
            failure = self._socket.connect_ex(where)
            if failure in IN_PROGRESS:
                if not self._wait_for(self._socket.fileno(), select.POLLOUT, deadline, Effect.NO):
                    raise NotPresent(f"{self.address}: no connection in time")
                failure = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        except OSError as error:
            raise NotPresent(f"{self.address}: {error}") from error
        if failure:
            raise NotPresent(f"{self.address}: {os.strerror(failure)}")
        return self._socket.fileno()

    def _disconnect(self) -> None:
        gone, self._socket = self._socket, None
        if gone is not None:
            with contextlib.suppress(OSError):
                gone.close()
