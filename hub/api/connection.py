"""A connection: whose certificate it was made with, and how long somebody may take to say something.

uvicorn hands the peer's certificate to nobody, waits for ever for a request that was begun, and takes headers of any
size. `PeerProtocol` overrides a few methods of its HTTP protocol; those are private to uvicorn, so
`tests/hub/test_mtls.py` and `tests/hub/test_slow_clients.py` pin them.
"""

import asyncio
import hashlib
from collections import Counter
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

SILENT_SECONDS: Final = 60.0
"""So long may nothing come of a request that was begun, or before the first one."""
SLOW_SECONDS: Final = 60.0
SLOW_BYTES_A_SECOND: Final = 1024
"""A request takes at most `SLOW_SECONDS`, and a second more for so many bytes: slower than any line that a hall has."""
MOST_HEAD: Final = 64 * 1024
"""Bytes of a request's first line and headers."""

hung_up: Final[Counter[str]] = Counter()
"""How often this process hung up on somebody, by why: `silent`, `slow`, `large`."""


class PeerProtocol(HttpToolsProtocol):
    """Puts the client's certificate (DER, or None) into the scope as `extensions.tls.client_der`, with its SHA-256.

    TLS 1.3 knows no second handshake: a connection's certificate stays the same. Who keeps a connection busy with
    nothing is hung up on: there are only so many, and terminals need them.
    """

    _peer: dict[object, object] | None = None
    _unfinished = True
    """Of the present request not all is here."""
    _head = True
    _began = 0.0
    _taken = 0
    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Somebody has connected, and is to say what they want."""
        super().connection_made(transport)
        self._began = self.loop.time()
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """It has ended."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Some of a request has come, or all of it."""
        super().data_received(data)
        if not self._unfinished:
            self._stop_waiting()
            return
        self._taken += len(data)
        if self._head and self._taken > MOST_HEAD:
            self._hang_up("large")
        elif self.loop.time() - self._began > SLOW_SECONDS + self._taken / SLOW_BYTES_A_SECOND:
            self._hang_up("slow")
        else:
            self._wait()

    def on_message_begin(self) -> None:
        """A request begins on this connection."""
        super().on_message_begin()
        self._unfinished = self._head = True
        self._began, self._taken = self.loop.time(), 0
        if self._peer is None:
            tls = self.transport.get_extra_info("ssl_object")
            der = tls.getpeercert(binary_form=True) if tls is not None else None
            self._peer = {"client_der": der, "sha256": hashlib.sha256(der).hexdigest() if der else ""}
        self.scope["extensions"] = {"tls": self._peer}

    def on_headers_complete(self) -> None:
        """It is known what is wanted."""
        self._head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """All of it is here."""
        self._unfinished = False
        super().on_message_complete()

    def _wait(self) -> None:
        self._stop_waiting()
        self._patience = self.loop.call_later(SILENT_SECONDS, self._silent)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _silent(self) -> None:
        if self.flow.read_paused:  # it is we who do not listen at present
            self._wait()
        else:
            self._hang_up("silent")

    def _hang_up(self, why: str) -> None:
        self._stop_waiting()
        if not self.transport.is_closing():
            hung_up[why] += 1
            self.transport.abort()
