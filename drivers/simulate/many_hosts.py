"""A network device that serves several hosts at once, at a port that stays the same through unplug and replug."""

import contextlib
import hashlib
import random
import re
import socket
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final
from urllib.parse import parse_qsl, urlsplit

import httptools

from drivers.simulate.contract import Garble
from drivers.simulate.tcp_wire import listen
from drivers.simulate.wire import Spoiler

_PIECE_PAUSE_S: Final = 0.02
_STUCK_S: Final = 2.0


class HungUp(Exception):
    """The host has gone, or the plug was pulled."""


class Connection:
    """One host's connection, as the device sees it. Used by its own thread."""

    def __init__(self, host: socket.socket, device: "ManyHostsSimulator") -> None:
        self._host = host
        self._device = device

    def say(self, answer: bytes, *, spoilable: bool = True) -> None:
        """Send an answer, spoilt if a fault is armed; nothing while the device hangs.

        Raises:
            HungUp: the host has gone; also after an answer that was cut short, as a device does that restarts.
        """
        if self._device.hanging:
            return
        if self._left():
            raise HungUp  # before it takes a fault that is meant for somebody else
        pieces = self._device.spoiler.pieces(answer) if spoilable else [answer]
        for number, piece in enumerate(pieces):
            if number:
                self._device.pause(_PIECE_PAUSE_S)
            try:
                self._host.sendall(piece)
            except OSError as error:
                raise HungUp from error
        if sum(len(piece) for piece in pieces) < len(answer):
            raise HungUp

    def _left(self) -> bool:
        try:
            return not self._host.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def hear(self) -> bytes:
        """Wait for bytes.

        Raises:
            HungUp: the host has gone.
        """
        try:
            received = self._host.recv(65536)
        except OSError as error:
            raise HungUp from error
        if not received:
            raise HungUp
        return received


class ManyHostsSimulator(ABC):
    """A simulated device on the loopback address, with a thread for each host.

    A subclass sets its own state before it calls `super().__init__()`: the device is on the line from then on.

    Args:
        seed: of the faults.
    """

    driver: ClassVar[str]

    def __init__(self, *, seed: int = 0) -> None:
        self.spoiler = Spoiler(seed)
        self._plug = threading.RLock()
        self._gone = threading.Event()
        self._silent_until = 0.0
        self._port = 0
        self._listener: socket.socket | None = None
        self._hosts: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self.replug()

    @abstractmethod
    def serve(self, host: Connection) -> None:
        """Serve one host until it hangs up. Runs in a thread of its own."""

    @property
    def options(self) -> Mapping[str, str | int | float | bool]:
        """The keys of the driver's options."""
        return {"host": "127.0.0.1", "port": self._port}

    @property
    def hanging(self) -> bool:
        """Whether it says nothing now."""
        return time.monotonic() < self._silent_until

    @property
    def gone(self) -> bool:
        """Whether the plug is pulled."""
        return self._gone.is_set()

    def pause(self, seconds: float) -> None:
        """Take time, as the device does; ends early when the plug is pulled."""
        self._gone.wait(max(0.0, seconds))

    def unplug(self) -> None:
        """Hang up on everybody and stop listening."""
        with self._plug:
            if self._listener is None:
                return
            self._gone.set()
            for one in (self._listener, *tuple(self._hosts)):
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits on it
            for thread in self._threads:
                thread.join()
            self._threads.clear()
            self._listener.close()
            self._listener = None

    def replug(self) -> None:
        """Listen again at the old port."""
        with self._plug:
            if self._listener is not None:
                return
            self._listener = listen(self._port)
            self._port = self._listener.getsockname()[1]
            self._gone = threading.Event()
            self._silent_until = 0.0
            self.spoiler.arm(None)
            thread = threading.Thread(target=self._accept, name=f"simulated {self.driver}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def garble(self, how: Garble) -> None:
        """Spoil the next answer."""
        self.spoiler.arm(how)

    def hang(self, seconds: float) -> None:
        """Say nothing for a while."""
        self._silent_until = time.monotonic() + seconds

    def close(self) -> None:
        """Stop for good."""
        self.unplug()

    def _accept(self) -> None:
        listener = self._listener
        assert listener is not None  # set before this thread was started
        while True:
            try:
                host, _ = listener.accept()
            except OSError:
                return
            host.settimeout(None)
            host.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # a host that takes nothing more is dropped, not waited for
            host.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, int(_STUCK_S).to_bytes(8, "little") + bytes(8))
            self._hosts.add(host)
            thread = threading.Thread(target=self._serve, args=(host,), name=f"simulated {self.driver}", daemon=True)
            self._threads = [one for one in self._threads if one.is_alive() or one is threading.current_thread()]
            self._threads.append(thread)
            thread.start()
            if self._gone.is_set():
                with contextlib.suppress(OSError):
                    host.shutdown(socket.SHUT_RDWR)

    def _serve(self, host: socket.socket) -> None:
        with contextlib.suppress(HungUp):
            self.serve(Connection(host, self))
        self._hosts.discard(host)
        host.close()


@dataclass
class Heard:
    """A request as httptools (llhttp) reads it. Names of headers are in lower case."""

    method: str = ""
    path: str = ""
    target: str = ""
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    whole: bool = False


class _Reader:
    """Collects what httptools finds in one request."""

    def __init__(self) -> None:
        self.heard = Heard()

    def on_url(self, url: bytes) -> None:
        self.heard.target += url.decode("latin-1")

    def on_header(self, name: bytes, value: bytes) -> None:
        self.heard.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self.heard.body += body

    def on_message_complete(self) -> None:
        where = urlsplit(self.heard.target)
        self.heard.path, self.heard.query = where.path, dict(parse_qsl(where.query, keep_blank_values=True))
        self.heard.whole = True


def answer(status: str, body: bytes = b"", kind: str = "text/plain", more: str = "") -> bytes:
    """Write an answer."""
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}Connection: close\r\n\r\n"
    )
    return head.encode() + body


class HttpSimulator(ManyHostsSimulator):
    """A simulated device that is a web server with Digest (MD5, qop auth), one request a connection.

    Args:
        user: name; empty for a server that wants none.
        password: to it.
        seed: of the faults and the challenges.
    """

    def __init__(self, user: str, password: str, *, seed: int = 0) -> None:
        self._user, self._password = user, password
        self._random = random.Random(seed)
        self._nonces: list[str] = []
        super().__init__(seed=seed)

    @abstractmethod
    def respond(self, heard: Heard, host: Connection) -> None:
        """Answer a request that was allowed, with `host.say`."""

    @property
    def options(self) -> Mapping[str, str | int | float | bool]:
        """The keys of the driver's options."""
        who = {"user": self._user, "password": self._password} if self._user else {}
        return {**super().options, **who}

    def serve(self, host: Connection) -> None:
        """Hear one request and answer it."""
        reader = _Reader()
        parser = httptools.HttpRequestParser(reader)
        while not reader.heard.whole:
            try:
                parser.feed_data(host.hear())
            except httptools.HttpParserError:
                host.say(answer("400 Bad Request"))
                return
        reader.heard.method = parser.get_method().decode()
        while self.hanging:
            host.hear()  # raises when the host has had enough
        refusal = self._refusal(reader.heard)
        if refusal is None:
            self.respond(reader.heard, host)
        else:
            host.say(refusal)

    def _refusal(self, heard: Heard) -> bytes | None:
        if not self._user:
            return None
        given = dict(re.findall(r'(\w+)="?([^",]*)"?', heard.headers.get("authorization", "")))
        if given.get("nonce") in self._nonces and given.get("uri") == heard.target:
            secret = _md5(f"{self._user}:simulated:{self._password}")
            what = _md5(f"{heard.method}:{heard.target}")
            right = _md5(f"{secret}:{given['nonce']}:{given.get('nc')}:{given.get('cnonce')}:auth:{what}")
            if given.get("username") == self._user and given.get("response") == right:
                return None
        stale = "true" if given and given.get("nonce") not in self._nonces else "false"
        nonce = self._random.randbytes(12).hex()
        self._nonces = [*self._nonces[-20:], nonce]
        challenge = f'Digest realm="simulated", qop="auth", nonce="{nonce}", stale={stale}'
        return answer("401 Unauthorized", more=f"WWW-Authenticate: {challenge}\r\n")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
