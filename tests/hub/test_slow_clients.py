"""Who connects and says nothing, or too little, or too much, is hung up on; who works slowly is not."""

import itertools
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import pytest

from hub.api.connection import hung_up
from kiosk.wire import VERSION, routes

pytestmark = pytest.mark.timeout(240)


@contextmanager
def connected(running: Any, terminal: Any = None) -> Iterator[ssl.SSLSocket]:
    context = ssl.create_default_context(cadata=running.hub.authority.pem)
    if terminal is not None:
        context.load_cert_chain(terminal.folder / "certificate.pem", terminal.folder / "key.pem")
    port = int(running.at.terminals.rpartition(":")[2])
    with (
        socket.create_connection(("127.0.0.1", port), timeout=60) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secure,
    ):
        yield secure


def is_hung_up_on(sock: ssl.SSLSocket) -> bool:
    """Waits for it."""
    try:
        return sock.recv(100) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def goes_until_hung_up(sock: ssl.SSLSocket, parts: Iterable[bytes], pause: float) -> bool:
    """Send and send; whether that was broken off."""
    try:
        for part in parts:
            sock.sendall(part)
            time.sleep(pause)
    except OSError:
        return True
    return False


def patiently(ask: Callable[[], httpx.Response]) -> httpx.Response:
    """A machine that is busy with other things may itself say nothing for some seconds."""
    for _ in range(5):
        try:
            return ask()
        except httpx.TransportError:
            continue
    return ask()


def test_who_says_nothing_or_half_a_request(running: Any, terminal: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.api.connection.SILENT_SECONDS", 2.0)
    head, before = f"POST {routes.EVENTS} HTTP/1.1\r\nhost: x\r\nx-kiosk-wire: {VERSION}\r\n", hung_up["silent"]
    with ExitStack() as stack:
        socks = []
        for said in ("", "GET / HT", head, f"{head}content-length: 9999\r\n\r\n["):
            sock = stack.enter_context(connected(running, terminal))
            sock.sendall(said.encode())
            socks.append(sock)
        assert all(is_hung_up_on(sock) for sock in socks)
    assert hung_up["silent"] >= before + 4
    # Who has asked waits for the answer as long as it takes.
    assert patiently(lambda: terminal.http.get(routes.ORDERS, params={"wait": "3"})).status_code == 200


def test_who_drips(running: Any, terminal: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.api.connection.SLOW_SECONDS", 1.0)
    before = hung_up["slow"]
    with connected(running, terminal) as sock:
        sock.sendall(f"POST {routes.EVENTS} HTTP/1.1\r\nhost: x\r\ncontent-length: 9999\r\n\r\n".encode())
        assert goes_until_hung_up(sock, itertools.repeat(b" ", 300), pause=0.1)
    assert hung_up["slow"] == before + 1


def test_headers_without_end(running: Any) -> None:
    before = hung_up["large"]
    with connected(running) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n")
        lines = (f"x-{number}: {'a' * 8000}\r\n".encode() for number in range(1000))
        assert goes_until_hung_up(sock, lines, pause=0.001)
    assert hung_up["large"] == before + 1


def test_many_requests_on_one_connection_are_no_long_one(
    running: Any, terminal: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.api.connection.SLOW_SECONDS", 0.5)
    monkeypatch.setattr("hub.api.connection.SLOW_BYTES_A_SECOND", 10**9)
    client: httpx.Client = terminal.http
    for _ in range(4):
        assert client.get(routes.TIME).status_code == 200
        time.sleep(0.3)
