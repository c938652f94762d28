"""The terminal port's enrolment by serial number: asked again and again until somebody has admitted the machine."""

import msgspec
from fastapi import APIRouter, Depends, FastAPI, Request
from starlette.responses import Response

from hub.api.fast_lane import MAX_SMALL_BYTES, limited_body
from hub.api.problems import Problem
from hub.api.terminals import ThisHub, check_wire, enrolled_answer
from hub.ca import BadRequest, public_key_of
from hub.fleet.enrolment import key_digest
from hub.fleet.serials import Patience, SerialRefusal, ask
from hub.rules.publish import publish_shipped
from kiosk.wire.serials import ROUTE, SerialRequest, SerialWaiting, short

_router = APIRouter(dependencies=[Depends(check_wire)])
_LIST = "On the hub's console: Terminals, Machines by serial number."
_REFUSALS = {
    SerialRefusal.UNKNOWN: ("This serial number is not on the list", f"An administrator lists it. {_LIST}"),
    SerialRefusal.USED: (
        "A machine with this serial number has enrolled already",
        f"If this is that machine, list it anew. {_LIST}",
    ),
    SerialRefusal.EXPIRED: ("The last day for this serial number is over", f"List it anew. {_LIST}"),
    SerialRefusal.OTHER_KEY: (
        "Another key has asked with this serial number",
        f"Compare the fingerprints; turn the other away. {_LIST}",
    ),
}


@_router.post(ROUTE)
async def post_serial(request: Request, hub: ThisHub) -> Response:
    """Take a machine's wish to enrol by its serial number: its certificate, or 202 while somebody has to compare it."""
    body = await limited_body(request, MAX_SMALL_BYTES)
    patience: Patience = request.app.state.patience
    address, now = request.client.host if request.client is not None else "", hub.now()
    if patience.over(address, now):
        raise Problem(
            429,
            "too-many-tries",
            "This address was refused too often",
            "Wait a quarter of an hour.",
            {"Retry-After": "900"},
        )
    try:
        asked = msgspec.json.decode(body, type=SerialRequest)
        key = public_key_of(asked.csr)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, BadRequest) as error:
        raise Problem(422, "invalid", str(error)[:400], "Send serial and csr.") from error
    outcome = await hub.writer.do(lambda connection: ask(connection, hub.authority, asked.serial, key, address, now))
    if isinstance(outcome, SerialRefusal):
        patience.note(address, now)
        raise Problem(403, outcome.value, *_REFUSALS[outcome])
    if outcome is None:
        hub.fleet.changed.fire()
        waiting = SerialWaiting(fingerprint=short(key_digest(key)))
        return Response(msgspec.json.encode(waiting), status_code=202, media_type="application/json")
    await hub.writer.do(lambda connection: publish_shipped(connection, hub.signing, outcome.hall, now))
    return await enrolled_answer(hub, outcome)


def add_serials(app: FastAPI) -> FastAPI:
    """Add the route to the terminal port."""
    app.state.patience = Patience()
    app.include_router(_router)
    return app
