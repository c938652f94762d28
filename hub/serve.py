"""Two listeners in one process: the console on plain HTTP, the terminals on TLS 1.3."""

import ipaddress
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import anyio
import uvicorn
from fastapi import FastAPI

from hub.api.acceptance import add_acceptance
from hub.api.office import add_office
from hub.api.peer import PeerProtocol, tls_context
from hub.api.terminals import terminal_app
from hub.app import Hub, prepare
from hub.console.app import console_app
from hub.data import DataFolder, Serving
from hub.gate.tasks import run_beside
from hub.office.tasks import open_outside, run_office
from kiosk.clock import Clock

_GRACE_SECONDS = 3


class NotLoopback(Exception):
    """The console was to listen where strangers could reach it."""


class CannotListen(Exception):
    """A port cannot be listened on; says which and why."""


@dataclass(frozen=True)
class Listening:
    """Where the hub is to listen. Port 0 takes any free one."""

    host: str = "127.0.0.1"
    console_host: str = "127.0.0.1"
    console_port: int = 8080
    terminal_port: int = 8443


class _Server(uvicorn.Server):
    """Leaves the signals to us: two servers cannot both have them."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def check_loopback(host: str) -> None:
    """Refuse to show the console to other machines: it has no log-in yet.

    Raises:
        NotLoopback: The host is no loopback address.
    """
    if host == "localhost":
        return
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise NotLoopback(
            f"the console does not listen on {host}: it has no log-in yet, and whoever reached it would see who came. "
            "Use 127.0.0.1, and a tunnel (ssh -L) from elsewhere."
        )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(512)
    except OSError as error:
        listener.close()
        raise CannotListen(f"cannot listen on {host}:{port}: {error.strerror}") from error
    return listener


def _address(scheme: str, host: str, listener: socket.socket) -> str:
    name = {"0.0.0.0": "localhost", "::": "localhost", "127.0.0.1": "localhost"}.get(host, host)  # noqa: S104  compared
    return f"{scheme}://{f'[{name}]' if ':' in name else name}:{listener.getsockname()[1]}"


def _config(app: FastAPI) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        http=PeerProtocol,
    )


@asynccontextmanager
async def serving(
    data: DataFolder, listening: Listening, clock: Clock, database_url: str | None = None
) -> AsyncIterator[tuple[Hub, Serving]]:
    """Serve while the context lasts; what was taken in is durable when it ends.

    Args:
        data: The data folder. Nobody else may serve it.
        listening: Where to listen.
        clock: The time.
        database_url: The database, if another than the folder's own.

    Yields:
        The hub, and the addresses it listens on.

    Raises:
        NotLoopback: See `check_loopback`.
        CannotListen: A port is taken.
        AlreadyServed: Another hub serves this folder.
    """
    check_loopback(listening.console_host)
    with data.serving():
        engine, authority = prepare(data, database_url, clock)
        hub = Hub(data, engine, authority, clock)
        certificate, key = authority.serve_as({"localhost", "127.0.0.1", "::1", listening.host}, clock.now())
        console_socket = _listen(listening.console_host, listening.console_port)
        try:
            terminal_socket = _listen(listening.host, listening.terminal_port)
        except CannotListen:
            console_socket.close()
            raise
        addresses = Serving(
            console=_address("http", listening.console_host, console_socket),
            terminals=_address("https", listening.host, terminal_socket),
        )
        terminal_port = add_acceptance(add_office(terminal_app(hub)))
        secure = _config(terminal_port)
        secure.ssl_context_factory = lambda _config, _default: tls_context(
            certificate, key, authority.folder / "ca.pem"
        )
        console = _Server(_config(console_app(hub)))
        terminals = _Server(secure)
        servers = ((console, console_socket), (terminals, terminal_socket))
        try:
            async with open_outside(hub) as outside, anyio.create_task_group() as writing:
                terminal_port.state.outside = outside
                writing.start_soon(hub.writer.run)
                try:
                    async with anyio.create_task_group() as listeners:
                        listeners.start_soon(run_beside, hub)
                        listeners.start_soon(run_office, hub, outside)
                        for server, listener in servers:
                            listeners.start_soon(_serve, hub, server, listener)
                        while not all(server.started for server, _ in servers):  # noqa: ASYNC110  uvicorn has no event for it
                            await anyio.sleep(0.01)
                        data.announce(addresses)
                        try:
                            yield hub, addresses
                        finally:
                            hub.stop()
                            for server, _ in servers:
                                server.should_exit = True
                finally:
                    hub.writer.close()
        finally:
            engine.dispose()


async def _serve(hub: Hub, server: _Server, listener: socket.socket) -> None:
    await server.serve(sockets=[listener])
    if not hub.stopping.is_set():
        raise RuntimeError("a listener ended by itself")
