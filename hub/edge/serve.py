"""An edge's listener, and what runs beside it."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import structlog
import uvicorn

from hub.api.connection import PeerProtocol
from hub.api.peer import tls_context
from hub.edge.app import Edge
from hub.edge.city import City, CityAway, CityRefused
from hub.edge.folder import EdgeFolder
from hub.edge.renewal import EdgeRenewal
from hub.serve import KEPT_ALIVE_SECONDS, OurServer, listen
from kiosk.clock import Clock

_log = structlog.get_logger()
_LEARN_SECONDS = 15.0
"""A terminal that was revoked at the city is not heard here after this."""


@asynccontextmanager
async def serving_edge(folder: EdgeFolder, host: str, port: int, clock: Clock) -> AsyncIterator[tuple[Edge, str]]:
    """Serve while the context lasts; what was taken in is durable when it ends.

    Args:
        folder: The edge's.
        host: Address to listen on.
        port: 0 takes any free one.
        clock: The time.

    Yields:
        The edge, and its address.

    Raises:
        CannotListen: The port is taken.
    """
    city = City(folder)
    edge = Edge(folder, city, clock)
    listener = listen(host, port)
    config = uvicorn.Config(
        edge,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEPT_ALIVE_SECONDS,
        timeout_graceful_shutdown=3,
        http=PeerProtocol,
    )
    context = tls_context(folder.server, folder.server, folder.ca)
    config.ssl_context_factory = lambda _config, _default: context
    server = OurServer(config)
    try:
        async with anyio.create_task_group() as group:
            group.start_soon(edge.carrier.run)
            group.start_soon(edge.carrier.tell)
            group.start_soon(_learn, edge)
            group.start_soon(EdgeRenewal(folder, city, clock, context).run)
            async with anyio.create_task_group() as listening:
                listening.start_soon(_serve, server, listener)
                while not server.started:  # noqa: ASYNC110  uvicorn has no event for it
                    await anyio.sleep(0.01)
                name = "localhost" if host in {"0.0.0.0", "::", "127.0.0.1"} else host  # noqa: S104  compared
                try:
                    yield edge, f"https://{name}:{listener.getsockname()[1]}"
                finally:
                    server.should_exit = True
            group.cancel_scope.cancel()
    finally:
        with anyio.CancelScope(shield=True):
            await city.close()
        edge.spool.close()


async def _serve(server: OurServer, listener: socket.socket) -> None:
    await server.serve(sockets=[listener])


async def _learn(edge: Edge) -> None:
    """Keep up with whose certificates are in force."""
    while True:
        try:
            await edge.learn()
        except (CityAway, CityRefused) as error:
            _log.debug("terminals not learnt", why=str(error))
        await anyio.sleep(_LEARN_SECONDS)
