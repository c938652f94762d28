"""Two listeners in one process: the console on plain HTTP, the terminals on TLS 1.3."""

import ipaddress
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass

import anyio
import uvicorn
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError
from starlette.types import ASGIApp

from hub.api.acceptance import add_acceptance
from hub.api.connection import PeerProtocol
from hub.api.described import add_description
from hub.api.earlier import add_earlier
from hub.api.edge import add_edge
from hub.api.fast_lane import FastLane
from hub.api.help import add_help
from hub.api.office import add_office
from hub.api.orders import add_orders
from hub.api.phone import PhonePort, add_phone
from hub.api.releases import add_releases
from hub.api.renewal import add_renewal
from hub.api.serials import add_serials
from hub.api.terminals import terminal_app
from hub.app import CannotOpen, Hub, prepare
from hub.certificate import OwnCertificate, names_of
from hub.console.app import console_app
from hub.data import DataFolder, Serving
from hub.fleet.release_watch import watch as watch_releases
from hub.fleet.tasks import run_fleet
from hub.gate.tasks import run_beside
from hub.metrics import metrics_app
from hub.office.tasks import open_outside, run_office
from hub.phone.files import PhoneFiles
from hub.phone.page import phone_app
from hub.phone.tasks import run_phone
from kiosk.clock import Clock

_GRACE_SECONDS = 3
KEPT_ALIVE_SECONDS = 75
"""Longer than a heartbeat: a new TLS connection costs more than all else that a heartbeat does."""
_RECEIVED_AT_ONCE = 16 * 1024
"""A connection under TLS keeps the memory of the most that it ever received at once, twice: with the system's own
buffers a terminal's first paper took 300 kB for as long as it stayed connected, and 5,000 terminals 1.5 GB. The window
is still 32 kB: 3 MB a second over a city's network."""


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
    phone_host: str = "127.0.0.1"
    phone_port: int | None = None
    """The page that takes papers from telephones, plain HTTP for a proxy before it; None: there is none."""
    phone_url: str = ""
    """Its address as telephones see it, through the proxy; empty: as it listens."""
    metrics_port: int | None = None
    """Figures for Prometheus, plain HTTP on the console's address; None: there are none."""
    names: tuple[str, ...] = ()
    """What terminals call their port by, beside `host`: the first is told to others."""
    console_name: str = ""
    """What browsers call the console by: then it speaks TLS, on any address, and takes staff certificates."""


class OurServer(uvicorn.Server):
    """Leaves the signals to us: two servers cannot both have them."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """None."""
        yield


def check_loopback(host: str) -> None:
    """Refuse to show the console to other machines: it is plain HTTP, and what people type would be read on the way.

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
            f"the console does not listen on {host}: it is plain HTTP, and passwords would be read on the way. "
            "Use 127.0.0.1, with a proxy that speaks TLS or a tunnel (ssh -L) before it."
        )


def _console_at(listening: Listening) -> tuple[str, str]:
    """How the console is called: its scheme and host."""
    return ("https", listening.console_name) if listening.console_name else ("http", listening.console_host)


def _console(hub: Hub, listening: Listening, secure: uvicorn.Config) -> OurServer:
    """The console's server, over TLS where it has a name."""
    config = _config(hub.streams.watched(console_app(hub, listening.console_name)))
    if listening.console_name:
        config.ssl_context_factory = secure.ssl_context_factory
    return OurServer(config)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens.

    Args:
        host: Address.
        port: 0 takes any free one.

    Raises:
        CannotListen: Says which and why.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVED_AT_ONCE)
    try:
        listener.bind((host, port))
        listener.listen(512)
    except OSError as error:
        listener.close()
        raise CannotListen(f"cannot listen on {host}:{port}: {error.strerror}") from error
    return listener


def _sockets(listening: Listening) -> tuple[socket.socket, socket.socket, socket.socket | None]:
    """Console, terminals, telephones; all of them or none."""
    with ExitStack() as stack:
        console = stack.enter_context(listen(listening.console_host, listening.console_port))
        terminals = stack.enter_context(listen(listening.host, listening.terminal_port))
        phones = None
        if listening.phone_port is not None:
            phones = stack.enter_context(listen(listening.phone_host, listening.phone_port))
        stack.pop_all()
        return console, terminals, phones


def _address(scheme: str, host: str, listener: socket.socket) -> str:
    name = {"0.0.0.0": "localhost", "::": "localhost", "127.0.0.1": "localhost"}.get(host, host)  # noqa: S104  compared
    return f"{scheme}://{f'[{name}]' if ':' in name else name}:{listener.getsockname()[1]}"


def _phone_address(listening: Listening, listener: socket.socket | None) -> str:
    if listener is None:
        return ""
    return listening.phone_url.rstrip("/") or _address("http", listening.phone_host, listener)


def _held(data: DataFolder, database_url: str | None) -> AbstractContextManager[None]:
    """The folder: alone on SQLite, together with others on PostgreSQL."""
    try:
        alone = database_url is None or make_url(database_url).get_backend_name() == "sqlite"
    except ArgumentError as error:
        raise CannotOpen(f"{error}: --database is a URL, e.g. postgresql+psycopg://kiosk@db/kiosk") from error
    return data.serving() if alone else data.shared()


def _config(app: ASGIApp) -> uvicorn.Config:
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


def _secure(app: ASGIApp, certificate: OwnCertificate) -> uvicorn.Config:
    """The terminals' port."""
    config = _config(app)
    config.timeout_keep_alive = KEPT_ALIVE_SECONDS
    config.proxy_headers = False  # nobody speaks for a terminal but its certificate
    config.ssl_context_factory = lambda _config, _default: certificate.context
    return config


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
    check_loopback("localhost" if listening.console_name else listening.console_host)
    with _held(data, database_url):
        engine, authority = prepare(data, database_url, clock)
        hub = Hub(data, engine, authority, clock)
        called = names_of(listening.host, {*listening.names, listening.console_name} - {""})
        certificate = OwnCertificate(authority, called, clock)
        console_socket, terminal_socket, phone_socket = _sockets(listening)
        phones = PhoneFiles(data.path / "phone")
        addresses = Serving(
            console=_address(*_console_at(listening), console_socket),
            terminals=_address("https", next(iter(listening.names), listening.host), terminal_socket),
            phones=_phone_address(listening, phone_socket),
        )
        terminal_port = add_releases(add_help(add_earlier(add_phone(add_acceptance(add_office(terminal_app(hub)))))))
        add_serials(add_edge(terminal_port))
        add_description(add_renewal(add_orders(terminal_port)))
        terminal_port.state.phone_port = PhonePort(addresses.phones, phones)
        secure = _secure(FastLane(terminal_port, hub), certificate)
        console = _console(hub, listening, secure)
        terminals = OurServer(secure)
        servers = [(console, console_socket), (terminals, terminal_socket)]
        if listening.metrics_port is not None:
            figures = listen("127.0.0.1" if listening.console_name else listening.console_host, listening.metrics_port)
            servers.append((OurServer(_config(metrics_app(hub))), figures))
        servers += [(OurServer(_config(phone_app(hub, phones))), each) for each in (phone_socket,) if each is not None]
        try:
            async with open_outside(hub) as outside, anyio.create_task_group() as writing:
                terminal_port.state.outside = outside
                writing.start_soon(hub.writer.run)
                try:
                    async with anyio.create_task_group() as listeners:
                        for work in (certificate.run, hub.streams.run, hub.help.run):
                            listeners.start_soon(work, hub.stopping)
                        for looks_after in (run_fleet, run_beside, watch_releases):
                            listeners.start_soon(looks_after, hub)
                        listeners.start_soon(run_office, hub, outside)
                        listeners.start_soon(run_phone, hub, phones)
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


async def _serve(hub: Hub, server: OurServer, listener: socket.socket) -> None:
    await server.serve(sockets=[listener])
    if not hub.stopping.is_set():
        raise RuntimeError("a listener ended by itself")
