"""The terminal port's part for edges: whose certificates are in force in their hall."""

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import APIRouter, Depends, FastAPI, Request
from sqlalchemy import Connection, select
from starlette.responses import Response

from hub.api.fast_lane import MAX_SMALL_BYTES, limited_body
from hub.api.on_behalf import edge_of
from hub.api.problems import Problem
from hub.api.terminals import ThisHub, check_wire
from hub.audit.chain import Actor, Who, append
from hub.ca import BadRequest, public_key_of
from hub.store import schema
from kiosk.wire.edge import ROLE, SERVER, TERMINALS, EdgeTerminal, ServerIssued, ServerWanted

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


@_router.post(SERVER)
async def post_edge_server(request: Request, hub: ThisHub) -> Response:
    """The next certificate of the edge's port for terminals, for the names that the present one has."""
    edge = await edge_of(hub, request.scope)
    body = await limited_body(request, MAX_SMALL_BYTES)
    try:
        asked = msgspec.json.decode(body, type=ServerWanted)
        key = public_key_of(asked.csr)
        present = x509.load_pem_x509_certificate(asked.certificate.encode())
        its_key = present.public_key()
        if not isinstance(its_key, ec.EllipticCurvePublicKey):
            raise BadRequest("the present certificate has no P-256 key")  # noqa: TRY301  one way out
        its_key.verify(asked.proof, asked.csr.encode(), ec.ECDSA(hashes.SHA256()))
        made = hub.authority.renew_server(present, key, hub.now())
    except InvalidSignature as error:
        raise Problem(
            403, "no-proof", "The proof is not by the present certificate's key", "Make the edge anew."
        ) from error
    except (msgspec.DecodeError, ValueError, RecursionError, BadRequest) as error:
        raise Problem(422, "invalid", str(error)[:400], "Send a ServerWanted.") from error
    who = Who(Actor.HUB, edge.hall, edge.terminal)
    await hub.writer.do(lambda connection: append(connection, who, "edge_certificate", edge.terminal, hub.now()))
    issued = ServerIssued(certificate=made.public_bytes(serialization.Encoding.PEM).decode())
    return Response(msgspec.json.encode(issued), media_type="application/json")


def add_edge(app: FastAPI) -> FastAPI:
    """Add the route to the terminal port."""
    app.include_router(_router)
    return app
