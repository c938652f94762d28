"""The terminal port's part for edges: whose certificates are in force in their hall."""

import msgspec
from fastapi import APIRouter, Depends, FastAPI, Request
from sqlalchemy import Connection, select
from starlette.responses import Response

from hub.api.on_behalf import edge_of
from hub.api.terminals import ThisHub, check_wire
from hub.store import schema
from kiosk.wire.edge import ROLE, TERMINALS, EdgeTerminal

_router = APIRouter(dependencies=[Depends(check_wire)])


def _in_force(connection: Connection, hall: str) -> list[EdgeTerminal]:
    certificate, terminal = schema.certificate, schema.terminal
    rows = connection.execute(
        select(certificate.c.terminal, certificate.c.fingerprint, certificate.c.expires)
        .join_from(
            certificate,
            terminal,
            (terminal.c.hall == certificate.c.hall) & (terminal.c.terminal == certificate.c.terminal),
        )
        .where(certificate.c.hall == hall, certificate.c.replaced.is_(False), terminal.c.role != ROLE)
        .order_by(certificate.c.terminal, certificate.c.issued)
    )
    return [EdgeTerminal(terminal=row.terminal, sha256=row.fingerprint, expires=row.expires) for row in rows]


@_router.get(TERMINALS)
async def get_edge_terminals(request: Request, hub: ThisHub) -> Response:
    """The certificates in force in the edge's hall: with them it knows its terminals while there is no line."""
    edge = await edge_of(hub, request.scope)
    found = await hub.read(lambda connection: _in_force(connection, edge.hall))
    return Response(msgspec.json.encode(found), media_type="application/json")


def add_edge(app: FastAPI) -> FastAPI:
    """Add the route to the terminal port."""
    app.include_router(_router)
    return app
