"""The terminal port's renewal: the next certificate, asked for with the one in force."""

import msgspec
from fastapi import APIRouter, Depends, FastAPI, Request
from starlette.responses import Response

from hub.api.fast_lane import MAX_SMALL_BYTES, limited_body
from hub.api.on_behalf import shown_at_edge
from hub.api.peer import fingerprint_of
from hub.api.problems import Problem
from hub.api.terminals import Sender, ThisHub, check_wire, known_terminal
from hub.ca import BadRequest, public_key_of
from hub.fleet.renewal import TooEarly, renew
from kiosk.wire import routes
from kiosk.wire.fleet import Renewed, RenewRequest

_router = APIRouter(dependencies=[Depends(known_terminal), Depends(check_wire)])


@_router.post(routes.RENEW)
async def post_renew(request: Request, hub: ThisHub, sender: Sender) -> Response:
    """Issue the terminal's next certificate. The old one is good until the new one is used."""
    body = await limited_body(request, MAX_SMALL_BYTES)
    try:
        asked = msgspec.json.decode(body, type=RenewRequest)
        key = public_key_of(asked.csr)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, BadRequest) as error:
        raise Problem(422, "invalid", str(error)[:400], "Send a RenewRequest.") from error
    # Through an edge, the terminal's own certificate is the one that it showed there.
    now, shown = hub.now(), shown_at_edge(request.scope) or fingerprint_of(request.scope)
    if hub.certificates.owner_of(shown) != sender:
        raise Problem(
            409, "not-shown", "The edge did not say which certificate the terminal showed", "Bring the edge up to date."
        )
    try:
        issued = await hub.writer.do(lambda connection: renew(connection, hub.authority, sender, shown, key, now))
    except TooEarly as error:
        raise Problem(409, "too-early", str(error), "Go on with the one there is.") from error
    hub.certificates.add_beside(issued.fingerprint, sender, issued.expires, shown)
    return Response(msgspec.json.encode(Renewed(certificate=issued.pem)), media_type="application/json")


def add_renewal(app: FastAPI) -> FastAPI:
    """Add the route to the terminal port."""
    app.include_router(_router)
    return app
